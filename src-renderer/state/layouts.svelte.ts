/** Which panels stand together in each tab, and how the room is shared: ready-made arrangements, chosen and resized per person. */
import type { PanelName, Tab } from './panels.ts';
import { recall, remember } from './remembered.ts';

export interface Place {
  /** More than one: as tabs. */
  readonly panels: readonly PanelName[];
  /** Share of the height, in hundredths. */
  readonly share: number;
}
export interface Column {
  readonly places: readonly Place[];
  /** Share of the width, in hundredths. */
  readonly share: number;
}
export interface Layout {
  readonly id: string;
  readonly tab: Tab;
  readonly title: string;
  readonly sentence: string;
  /** The first is the main one. */
  readonly columns: readonly Column[];
  /** In a narrow window the side shows only when asked for. */
  readonly yields?: true;
}

const place = (share: number, ...panels: PanelName[]): Place => ({ share, panels });
const column = (share: number, ...places: Place[]): Column => ({ share, places });
const alone = (panel: PanelName): readonly Column[] => [column(100, place(100, panel))];

/** The first of each tab is what a person sees who has chosen nothing. */
export const layouts: readonly Layout[] = [
  {
    id: 'levels',
    tab: 'levels',
    title: 'Levels, code and console',
    sentence: 'The tower with the next instruction, the six steps to EL1 and the console.',
    columns: [column(62.5, place(100, 'levels')), column(37.5, place(29, 'nextCode'), place(41, 'entering'), place(30, 'console'))],
  },
  {
    id: 'levels-console',
    tab: 'levels',
    title: 'Levels and console',
    sentence: 'The tower and the output of the program.',
    columns: [column(66, place(100, 'levels')), column(34, place(100, 'console'))],
  },
  { id: 'levels-wide', tab: 'levels', title: 'Levels wide', sentence: 'The tower alone, for a lecture.', columns: alone('levels') },
  {
    id: 'walk',
    tab: 'walk',
    title: 'Walk with its result',
    sentence: 'The walk, its result, and the descriptor of the current read.',
    columns: [column(74, place(100, 'walk')), column(26, place(50, 'walkResult'), place(50, 'descriptor'))],
    yields: true,
  },
  { id: 'walk-wide', tab: 'walk', title: 'Walk wide', sentence: 'The whole width for the reads of both stages.', columns: alone('walk') },
  {
    id: 'tables',
    tab: 'tables',
    title: 'Tables',
    sentence: 'The tree of tables, the selected entry, and what maps an address.',
    columns: [column(75, place(100, 'tables')), column(25, place(66, 'tableEntry'), place(34, 'tableLookup'))],
    yields: true,
  },
  {
    id: 'maps',
    tab: 'maps',
    title: 'Maps',
    sentence: 'VA, IPA and PA, and the selected region.',
    columns: [column(76, place(100, 'maps')), column(24, place(100, 'region'))],
    yields: true,
  },
  { id: 'traps', tab: 'traps', title: 'Traps', sentence: 'All traps over time, and the story of one of them.', columns: alone('traps') },
  {
    id: 'futures',
    tab: 'futures',
    title: 'Futures',
    sentence: 'The run as it was and another future of it, side by side.',
    columns: alone('futures'),
  },
  {
    id: 'traps-code',
    tab: 'traps',
    title: 'Traps and code',
    sentence: 'The traps, the instructions around each, and the console.',
    columns: [column(66, place(100, 'traps')), column(34, place(60, 'nextCode'), place(40, 'console'))],
  },
  {
    id: 'code',
    tab: 'code',
    title: 'Code and registers',
    sentence: 'The code, the call stack or registers, breakpoints and the console.',
    columns: [
      column(60, place(100, 'code')),
      column(40, place(43, 'callStack', 'generalRegisters', 'functions'), place(33, 'breakpoints', 'encoding'), place(24, 'console')),
    ],
  },
  {
    id: 'code-levels',
    tab: 'code',
    title: 'Code and levels',
    sentence: 'The code beside the tower, to step through a trap.',
    columns: [column(48, place(100, 'code')), column(52, place(100, 'levels'))],
  },
  { id: 'code-wide', tab: 'code', title: 'Code wide', sentence: 'Source and disassembly across the whole width.', columns: alone('code') },
  {
    id: 'source',
    tab: 'source',
    title: 'Source, encoding and console',
    sentence: 'The editor, the bits of the instruction, and the output of the program.',
    columns: [column(62.5, place(100, 'source')), column(37.5, place(52, 'encoding'), place(48, 'console'))],
  },
  {
    id: 'source-levels',
    tab: 'source',
    title: 'Source and levels',
    sentence: 'The editor beside the tower, to watch what a change does.',
    columns: [column(48, place(100, 'source')), column(52, place(65, 'levels'), place(35, 'console'))],
  },
  { id: 'source-wide', tab: 'source', title: 'Source wide', sentence: 'The editor alone.', columns: alone('source') },
  {
    id: 'registers',
    tab: 'registers',
    title: 'Registers',
    sentence: 'All registers, and the fields of one of them.',
    columns: [column(62, place(100, 'registers')), column(38, place(100, 'registerDetail'))],
  },
  {
    id: 'interrupts',
    tab: 'interrupts',
    title: 'Interrupts',
    sentence: 'The way of an interrupt and the timers, its history, and the registers of the GIC.',
    columns: [column(73, place(100, 'interrupts')), column(27, place(100, 'interruptDetail'))],
    yields: true,
  },
  {
    id: 'interrupts-code',
    tab: 'interrupts',
    title: 'Interrupts and code',
    sentence: 'The way of an interrupt beside the next instructions and the console.',
    columns: [column(70, place(100, 'interrupts')), column(30, place(60, 'nextCode'), place(40, 'console'))],
  },
  {
    id: 'memory',
    tab: 'memory',
    title: 'Memory',
    sentence: 'Bytes, words and text of memory, and details of the selection.',
    columns: [column(74, place(100, 'memory')), column(26, place(100, 'memoryDetail'))],
  },
  {
    id: 'memory-code',
    tab: 'memory',
    title: 'Code, memory and registers',
    sentence: 'The next instructions and the registers beside the memory they use.',
    columns: [
      column(58, place(100, 'memory')),
      column(42, place(40, 'nextCode'), place(30, 'memoryDetail'), place(30, 'generalRegisters')),
    ],
  },
];

type Sizes = Readonly<Record<string, readonly number[]>>;
type Choices = Readonly<Partial<Record<Tab, string>>>;
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isSizes = (value: unknown): value is Sizes =>
  isRecord(value) &&
  Object.values(value).every((sizes) => Array.isArray(sizes) && sizes.every((size) => typeof size === 'number' && size > 0 && size <= 100));
const isChoices = (value: unknown): value is Choices => isRecord(value) && Object.values(value).every((id) => typeof id === 'string');

export class Layouts {
  private chosen = $state.raw<Choices>(recall('layout', {}, isChoices));
  private sizes = recall('sizes', {}, isSizes);
  /** Another number: all sizes are as they were at first. */
  version = $state(0);

  of(tab: Tab): Layout {
    const ofTab = layouts.filter((layout) => layout.tab === tab);
    return ofTab.find(({ id }) => id === this.chosen[tab]) ?? ofTab[0];
  }
  choose({ tab, id }: Layout): void {
    this.chosen = { ...this.chosen, [tab]: id };
    remember('layout', this.chosen);
  }

  /** Shares of the parts of a group, in hundredths: those that the person gave them, else `usual`. */
  sizesOf(group: string, usual: readonly number[]): readonly number[] {
    const sizes = this.sizes[group];
    return sizes?.length === usual.length ? sizes : usual;
  }
  resized(group: string, sizes: readonly number[]): void {
    this.sizes = { ...this.sizes, [group]: sizes };
    remember('sizes', this.sizes);
  }

  reset(): void {
    this.chosen = {};
    this.sizes = {};
    remember('layout', {});
    remember('sizes', {});
    this.version++;
  }
}
