/** What each panel shows and how it is used, in words for somebody who meets it for the first time. */
import type { Tab } from '../../state/tabs.ts';

export interface Topic {
  readonly id: string;
  readonly title: string;
  /** The tab that it is about: Help can go there. */
  readonly tab?: Tab;
  /** One sentence: what it is for. */
  readonly sentence: string;
  /** What to look at and what to do: the thing, then what is to be said of it. */
  readonly points: readonly (readonly [what: string, text: string])[];
}

export const topics: readonly Topic[] = [
  {
    id: 'start',
    title: 'First steps',
    sentence:
      'ELscope runs a hypervisor on an exact model of an Arm Cortex-A53 and draws what the processor does, at any instant of the run.',
    points: [
      ['Top: where', 'The tabs choose what you look at. Every panel shows the same instant of the same machine.'],
      ['The sentence', 'Under the tabs one sentence says what is happening, with the exception level in front.'],
      ['Bottom: when', 'The dock is time. Pause, step, or drag the playhead; going back loses nothing.'],
      ['Colours', 'Green is EL0, blue EL1, orange EL2. Red is a fault. Nothing else has a colour.'],
      ['Find or run', 'Ctrl+K finds every command, and goes to any address or instant that you type.'],
    ],
  },
  {
    id: 'levels',
    title: 'Levels',
    tab: 'levels',
    sentence: 'The exception levels as a tower: the floor that is lit is running.',
    points: [
      ['Floors', 'Each floor has the registers that belong to its level, with what they hold at this instant.'],
      [
        'Arrow up',
        'An exception: from the instruction that caused it to the entry of the vector table. The pill on its way names the control bit that sent it there.',
      ],
      ['Arrow down', 'A return (ERET). While it is still to come it is dashed, and a list says what would go wrong.'],
      [
        'Numbers',
        'What the processor writes, shown one by one: play them, or step through them with the arrow keys. Software never sees some of them done and others not: architecturally they happen at once.',
      ],
      ['Entering EL1', 'The six steps from EL2 to EL1 as a check-list, filled with what the program wrote.'],
    ],
  },
  {
    id: 'walk',
    title: 'Walk',
    tab: 'walk',
    sentence: 'One virtual address on its way to a physical one, read by read.',
    points: [
      ['Address', 'Type one, or follow the PC, the stack pointer or the last fault. Choose the regime, the level and the kind of access.'],
      [
        'Rows',
        'A row is one table of the guest (stage 1). With stage 2 on, its address must be translated first: that is the part in the middle.',
      ],
      ['A read', 'Click it to see the descriptor, bit by bit. Left and right go from read to read.'],
      ['Result', 'The physical address with the rights that both stages leave, or the fault with what ESR, FAR and HPFAR would say.'],
    ],
  },
  {
    id: 'tables',
    title: 'Tables',
    tab: 'tables',
    sentence: 'All page tables that hang from one base register, as one picture.',
    points: [
      ['Columns', 'A column is a level of tables. Entries alike that follow each other are drawn as one.'],
      ['Kind', 'Colour and pattern say what the memory is: normal, read-only, executable or device.'],
      ['A run', 'Click it for its entries, its rights and the address where they lie.'],
      ['Look up', 'Beside the picture: who reaches a physical address, and which entries have changed since another instant.'],
    ],
  },
  {
    id: 'maps',
    title: 'Maps',
    tab: 'maps',
    sentence: 'Who sees which memory: the addresses of a program, what the guest takes for physical memory, and the memory there is.',
    points: [
      ['Columns', 'VA, IPA and PA. Where a stage is off, the addresses on both sides of it are the same.'],
      ['Ribbons', 'They lead from a region to where it is translated. Click a region to follow it both ways.'],
      ['Not mapped', 'An access there traps. For a hypervisor that is a way to supply memory, or to play a device.'],
    ],
  },
  {
    id: 'traps',
    title: 'Traps',
    tab: 'traps',
    sentence: 'Everything that changed the level, in order: exceptions, returns and calls to firmware.',
    points: [
      ['Timeline', 'Which level ran when, with one lane for each virtual machine.'],
      ['List', 'Filter it by kind. A click tells the story of a trap; a double click, or Enter, goes to its instant.'],
      [
        'Story',
        'One trap from its cause to its return: the instruction, the rule that routed it, the syndrome decoded, the handler, and the registers that it changed.',
      ],
    ],
  },
  {
    id: 'code',
    title: 'Code',
    tab: 'code',
    sentence: 'The instructions around the PC, with the names and source lines that the program’s file holds.',
    points: [
      ['The next instruction', 'It is marked, and said in words with the values of its operands.'],
      ['Breakpoints', 'Click beside a line, or press F9. The run stops in front of it.'],
      ['Came from', 'After a trap the panel also shows the instruction that caused it, as its level saw it.'],
    ],
  },
  {
    id: 'registers',
    title: 'Registers',
    tab: 'registers',
    sentence: 'All registers, general and system, with what changed marked.',
    points: [
      ['Decoded', 'Click a register: its bits and its fields, each with what it means. A click on one finds the other.'],
      ['Changed', 'A mark shows what the step before this instant wrote.'],
      [
        'What if',
        'Double-click a register, or press Enter on the chosen one, and give it another value: a number or a symbol. A field is changed the same way. The run goes on from there; what was recorded after this instant is replaced, which is said before it happens.',
      ],
    ],
  },
  {
    id: 'memory',
    title: 'Memory',
    tab: 'memory',
    sentence: 'Bytes, words and text at any address, as a level sees it (VA), as the guest takes it for physical (IPA), or as it is (PA).',
    points: [
      ['Address', 'Type an address or a symbol, or follow the PC, the stack pointer or a register.'],
      ['Margin', 'Who may read, write and execute there, and what lies there. Where nothing is mapped, the fault says why.'],
      ['Marked bytes', 'What has changed since the machine stood still before.'],
      ['Selected', 'Choose bytes to read them as numbers, to find the store that wrote them last, or to stop at the next one.'],
    ],
  },
  {
    id: 'console',
    title: 'Console',
    sentence: 'The UART of the machine as a terminal.',
    points: [
      [
        'Typing',
        'At the end of the run, click into it and type: the bytes go to the guest, and into the recording. So does Ctrl+S while you type there.',
      ],
      ['Any character', 'Alt+click it to go to the instruction that sent it.'],
    ],
  },
  {
    id: 'keep',
    title: 'Keep and show',
    sentence: 'What you see can leave the app.',
    points: [
      ['Pictures', 'Ctrl+E saves the picture as SVG or PNG, or the data behind it as JSON, tables as CSV too.'],
      [
        'Recording',
        'Ctrl+S saves the run. Opened again, here or elsewhere, it is repeated to the same state, and shows the instant that you were at.',
      ],
      ['Your own program', 'Drop an AArch64 ELF on the window, or start ELscope with it. When the file is built anew it is loaded again.'],
    ],
  },
];

/** Pictures by the id of their topic. */
const files = import.meta.glob<string>('./pictures/*.png', { eager: true, query: '?url', import: 'default' });
export const pictureOf = (id: string): string | undefined => files[`./pictures/${id}.png`];
