/**
 * Traps as text for other programs: JSON lines, CSV, a Mermaid sequence diagram, a Perfetto trace, and a table for people. Each form is
 * made in pieces, so that a million traps can be written while they are made.
 */
import { csvLine } from '../base/csv.ts';
import type { TrapFields } from '../time/trap-line.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { trapRow, type RowSource } from './trap-story.ts';
import type { TrapFormat } from './trap-formats.ts';
import type { Level, TrapRow } from './views.ts';

/** Where the traps are, and what else a form tells. */
export type FormSource = RowSource & {
  /** File name of the image. */
  readonly name: string;
  readonly timeline: { readonly startLevel: Level; readonly at: number };
};
/** The traps that are meant, by their indices in order. */
export interface ChosenTraps {
  readonly length: number;
  get(place: number): number;
  /** Instants between which they were chosen. */
  readonly from: number;
  readonly to: number;
  /** Nothing between those instants was left out. */
  readonly isAll: boolean;
}

/** Which traps are in no list and no file any more, as a sentence; empty where all are there. */
export function missingTraps({ first, keptFrom, firstNumber }: TrapLog): string {
  if (first === 0) return '';
  const which = firstNumber > 1 ? `Traps 1 to ${firstNumber - 1}` : 'Returns';
  return `${which}, before step ${keptFrom}, are missing: the recording has forgotten them.`;
}

export const allTraps = ({ timeline: { traps, at } }: FormSource): ChosenTraps => ({
  length: traps.length - traps.first,
  get: (place) => traps.first + place,
  from: 0,
  to: at,
  isAll: true,
});

/** Characters in one piece: writing each line alone would cost more than making it. */
const PIECE = 1 << 16;

/** The traps in a form, in pieces of text. */
export function* trapText(format: TrapFormat, source: FormSource, chosen: ChosenTraps): Generator<string> {
  let piece = '';
  for (const text of trapForms[format](source, chosen)) {
    piece += text;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

const trapForms: Readonly<Record<TrapFormat, (source: FormSource, chosen: ChosenTraps) => Generator<string>>> = {
  jsonl: jsonLines,
  csv,
  mermaid,
  perfetto,
  json: jsonDocument,
  text: table,
};
/** Endings of files. */
export const trapFileEndings: Readonly<Record<TrapFormat, string>> = {
  jsonl: 'jsonl',
  csv: 'csv',
  mermaid: 'mmd',
  perfetto: 'perfetto.json',
  json: 'json',
  text: 'txt',
};

function* indicesOf(chosen: ChosenTraps): Generator<number> {
  for (let place = 0; place < chosen.length; place++) yield chosen.get(place);
}

function* jsonLines(source: FormSource, chosen: ChosenTraps): Generator<string> {
  for (const index of indicesOf(chosen)) yield `${JSON.stringify(source.timeline.traps.line(index))}\n`;
}

function* jsonDocument(source: FormSource, chosen: ChosenTraps): Generator<string> {
  let before = '[';
  for (const index of indicesOf(chosen)) {
    yield before + JSON.stringify(source.timeline.traps.line(index));
    before = ',';
  }
  yield before === '[' ? '[]\n' : ']\n';
}

function* table(source: FormSource, chosen: ChosenTraps): Generator<string> {
  for (const index of indicesOf(chosen)) {
    const { n, type, from, to, text } = trapRow(source, index);
    const line = source.timeline.traps.line(index);
    const told = line.kind === 'exception' ? `${text}  (${line.why})` : text;
    const cpu = line.cpu === undefined ? [] : [`CPU ${line.cpu}`];
    yield `${[String(n).padStart(12), ...cpu, `EL${from} -> EL${to}`, type.padEnd(16), told].join('  ')}\n`;
  }
}

const columns = 'n kind type from to ec il iss esr far hpfar elr spsr pc vmid intid function result why'.split(' ');

function* csv(source: FormSource, chosen: ChosenTraps): Generator<string> {
  const { traps } = source.timeline;
  const shown = traps.hasSeveralCpus ? ['cpu', ...columns] : columns;
  yield csvLine(shown);
  for (const index of indicesOf(chosen)) {
    const line: TrapFields = { ...traps.line(index) };
    yield csvLine(shown.map((name) => String(line[name] ?? '')));
  }
}

/**
 * Mermaid refuses a text of more than 50,000 characters (`maxTextSize`) and, in other diagrams, more than 500 edges: what is longer is cut
 * into parts well below both.
 */
const MOST_OF_DIAGRAM = { characters: 45_000, messages: 400 };
/** Names come from the program's file and may have any length. */
const LONGEST_LABEL = 240;

/** One diagram, or a Markdown document with a numbered diagram for each part. */
function* mermaid(source: FormSource, chosen: ChosenTraps): Generator<string> {
  let number = 0;
  let held: Diagram | undefined;
  const part = ({ text, from, to }: Diagram): string => `\n## Part ${++number}: steps ${from} to ${to}\n\n\`\`\`mermaid\n${text}\`\`\`\n`;
  for (const diagram of diagrams(source, chosen)) {
    if (held) {
      if (number === 0) yield '# Exceptions and returns\n\nIn parts, because Mermaid draws no diagram of more than 50,000 characters.\n';
      yield part(held);
    }
    held = diagram;
  }
  if (held) yield number === 0 ? held.text : part(held);
}
/** What a text of the form `mermaid` is: a diagram, or a document with several. */
export const isOneDiagram = (text: string): boolean => text.startsWith(MERMAID_HEAD);
const MERMAID_HEAD = 'sequenceDiagram\n';

interface Diagram {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

function* diagrams(source: FormSource, chosen: ChosenTraps): Generator<Diagram> {
  const { traps } = source.timeline;
  const missing = chosen.from < traps.keptFrom ? missingTraps(traps) : '';
  let part = new DiagramPart(missing && `  %% ${missing}\n`);
  for (const index of indicesOf(chosen)) {
    if (!part.hasRoom()) {
      yield part.diagram();
      part = new DiagramPart();
    }
    part.add(trapRow(source, index));
  }
  yield part.diagram();
}

/** Messages with a participant for EL2, for EL1 and EL0 of each VM, and for the firmware that answers PSCI calls, as far as they take part. */
class DiagramPart {
  private readonly levels = new Map<string, readonly [el: Level, vmid: number]>();
  private hasFirmware = false;
  private readonly messages: string[] = [];
  private characters = 0;
  private from = 0;
  private to = 0;

  constructor(private readonly comment = '') {}

  hasRoom(): boolean {
    return this.messages.length < MOST_OF_DIAGRAM.messages && this.characters < MOST_OF_DIAGRAM.characters;
  }

  add({ kind, name, from, to, vmid, text, n }: TrapRow): void {
    const target = kind === 'psci' ? 'Firmware' : this.participant(to, vmid);
    const label = cutTo(LONGEST_LABEL, mermaidText(`${n}: ${name} ${text}`));
    const message = `  ${this.participant(from, vmid)}${kind === 'return' ? '-->>' : '->>'}${target}: ${label}\n`;
    this.hasFirmware ||= kind === 'psci';
    if (this.messages.length === 0) this.from = n;
    this.to = n;
    this.messages.push(message);
    this.characters += message.length;
  }

  private participant(el: Level, vmid: number): string {
    const key = participant(el, vmid);
    if (!this.levels.has(key)) {
      this.levels.set(key, [el, vmid]);
      this.characters += participantLine(el, vmid).length;
    }
    return key;
  }

  diagram(): Diagram {
    const levels = [...this.levels.values()].sort(([a, vm], [b, other]) => b - a || vm - other);
    const firmware = this.hasFirmware ? ['  participant Firmware\n'] : [];
    const text = [MERMAID_HEAD, this.comment, ...levels.map(([el, vmid]) => participantLine(el, vmid)), ...firmware, ...this.messages].join(
      '',
    );
    return { text, from: this.from, to: this.to };
  }
}
const participantLine = (el: Level, vmid: number): string => `  participant ${participant(el, vmid)} as ${laneTitle(el, vmid)}\n`;
const cutTo = (most: number, text: string): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/**
 * What means something in Mermaid, or in the HTML that it makes, becomes the same sign of another width: statements end with `;`, entities
 * begin with `#` or `&`, comments and directives with `%`.
 */
const mermaidText = (text: string): string =>
  text
    .replace(/[;#&%<>{}`"\\$]/g, (sign) => String.fromCodePoint(sign.codePointAt(0)! + FULL_WIDTH))
    .replace(/\s+/g, ' ')
    .trim();
/** From the signs of ASCII to those of the width of an ideograph (Unicode: Halfwidth and Fullwidth Forms). */
const FULL_WIDTH = 0xff01 - 0x21;

const participant = (el: Level, vmid: number): string => (el === 2 || vmid === 0 ? `EL${el}` : `EL${el}_VM${vmid}`);
const laneTitle = (el: Level, vmid: number): string => (el === 2 || vmid === 0 ? `EL${el}` : `EL${el} VM ${vmid}`);

/** The machine is one process of the trace; 0 would be the idle task. */
const PID = 1;
/** More than EL2 and the levels of all VMs can have. */
const TRACKS_OF_CPU = 2 ** 18;

/**
 * Chrome's trace event format, which Perfetto opens: a slice for each stay at a level, on a track for EL2 and for EL1 and EL0 of each VM;
 * PSCI calls are instants. Times are microseconds with three decimals: one step is a nanosecond.
 */
function* perfetto(source: FormSource, chosen: ChosenTraps): Generator<string> {
  const { name, timeline } = source;
  const { traps, startLevel, at } = timeline;
  const tracks = new Set<number>();
  const event = (data: object): string => `,\n${JSON.stringify(data)}`;
  const metadata = (what: string, tid: number, args: object): object => ({ ph: 'M', name: what, pid: PID, tid, args });
  const track = (el: Level, vmid: number, cpu: number): { tid: number; names: string } => {
    // Tracks are sorted by number; 0 is taken by Perfetto itself.
    const tid = cpu * TRACKS_OF_CPU + (el === 2 ? 1 : 2 + 2 * vmid + (el === 1 ? 0 : 1));
    if (tracks.has(tid)) return { tid, names: '' };
    tracks.add(tid);
    const names = event(metadata('thread_name', tid, { name: `${traps.hasSeveralCpus ? `CPU ${cpu}: ` : ''}${laneTitle(el, vmid)}` }));
    return { tid, names: names + event(metadata('thread_sort_index', tid, { sort_index: tid })) };
  };
  function* slice(label: string, el: Level, vmid: number, cpu: number, from: number, to: number, args: object): Generator<string> {
    if (to <= from) return;
    const { tid, names } = track(el, vmid, cpu);
    yield names + event({ ph: 'X', cat: 'level', name: label, pid: PID, tid, ts: from / 1000, dur: (to - from) / 1000, args });
  }
  const missing = chosen.from < traps.keptFrom ? missingTraps(traps) : '';
  const other = JSON.stringify({ program: name, time: '1 step of the machine is shown as 1 ns', ...(missing && { missing }) });
  yield `{"displayTimeUnit":"ns","otherData":${other},"traceEvents":[\n${JSON.stringify(metadata('process_name', 1, { name }))}`;

  /** What begins at an event lasts until the next one of the same CPU that is no PSCI call: that one changes no level. */
  const endOf = (index: number, cpu: number): number => {
    let next = index + 1;
    while (next < traps.length && (traps.kind(next) === 'psci' || traps.cpu(next) !== cpu)) next++;
    return Math.min(next < traps.length ? traps.step(next) + 1 : at, chosen.to);
  };
  const before = traps.firstAt(chosen.from);
  // What each of several CPUs was doing before is not known, but for the first one at the start.
  if (chosen.isAll && (before === 0 || !traps.hasSeveralCpus)) {
    const isFirst = before === traps.first;
    const level = !isFirst ? traps.levelAfter(before - 1) : before === 0 ? startLevel : traps.levelBefore(before);
    const vmid = !isFirst ? traps.vmidAfter(before - 1) : before === 0 ? 0 : traps.vmidAfter(before);
    yield* slice(`EL${level}`, level, vmid, 0, Math.max(chosen.from, traps.keptFrom), endOf(before - 1, 0), {});
  }
  for (const index of indicesOf(chosen)) {
    const { n, kind, from, to, vmid, name: label, text } = trapRow(source, index);
    const args = { index, ...source.timeline.traps.line(index) };
    const cpu = traps.cpu(index);
    if (kind === 'psci') {
      const { tid, names } = track(from, vmid, cpu);
      yield names + event({ ph: 'i', s: 't', cat: kind, name: `PSCI ${text}`, pid: PID, tid, ts: n / 1000, args });
    } else yield* slice(kind === 'return' ? `EL${to}` : `${label}: ${text}`, to, vmid, cpu, n + 1, endOf(index, cpu), args);
  }
  yield '\n]}\n';
}
