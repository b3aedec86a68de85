/** Memory as lines of 16 or 32 bytes: words, text, and the margin. Pure: from a view to what is written on the screen. */
import { csvLines } from '../../emulator/session/csv.ts';
import type { Level, MemoryLabel, MemorySpan, MemoryView } from '../../emulator/session/views.ts';

export type WordBytes = 1 | 2 | 4 | 8;
/** Bytes of a line. */
export type LineBytes = 16 | 32;

export interface MemoryCell {
  /** Of its first byte, from the start of the view. */
  readonly offset: number;
  /** Digits without 0x; dots where nothing can be read. */
  readonly text: string;
  readonly changed: boolean;
  /** Zero, or nothing to read: it steps back behind what has a value. */
  readonly faint: boolean;
}

export interface MemoryLine {
  readonly offset: number;
  readonly address: string;
  readonly cells: readonly MemoryCell[];
  /** One for each byte: what is no character is a dot. */
  readonly text: readonly { readonly offset: number; readonly char: string; readonly changed: boolean }[];
  /** Where another translation or region begins: who may do what, and what lies there. */
  readonly permissions: string;
  readonly region: string;
  /** A fault, or nothing there: `region` says which. */
  readonly absent: boolean;
  readonly notes: readonly MemoryNote[];
}
/** What is known of the bytes of a line. */
export interface MemoryNote {
  readonly kind: MemoryLabel['kind'];
  readonly text: string;
  /** In full, where the text is short. */
  readonly title: string;
}

/** Widths that characters and margins take, in CSS pixels. */
export interface LineRoom {
  /** Of a line in all, and of one of its characters. */
  readonly width: number;
  readonly character: number;
  /** Beside words, text and notes: margin, address, gaps. */
  readonly rest: number;
}
/** Characters that notes should have beside the bytes. */
const NOTES = 30;

/** As many bytes as leave room for notes. */
export function lineBytes({ width, character, rest }: LineRoom, word: WordBytes): LineBytes {
  const characters = (bytes: number): number => (bytes / word) * (2 * word + 1) + bytes + NOTES;
  return rest + characters(32) * character <= width ? 32 : 16;
}

export function memoryLines(view: MemoryView, width: WordBytes, bytes: LineBytes = 16): MemoryLine[] {
  const changed = new Set(view.changed);
  const spanAt = (offset: number): MemorySpan | undefined =>
    view.spans.find((span) => offset >= span.offset && offset < span.offset + span.bytes);
  const isAbsent = (offset: number): boolean => !/^(memory|device)$/.test(spanAt(offset)?.kind ?? '');
  const start = BigInt(view.start);
  let shown = '';
  return Array.from({ length: Math.floor(view.bytes.length / bytes) }, (_, line): MemoryLine => {
    const offset = line * bytes;
    const span = spanAt(offset);
    const permissions = span ? permissionsText(span, view.el) : '';
    const region = span?.name ?? '';
    const isNew = `${permissions}/${region}` !== shown;
    shown = `${permissions}/${region}`;
    const inLine = <T>(count: number, make: (at: number) => T): T[] =>
      Array.from({ length: count }, (_unused, i) => make(offset + (i * bytes) / count));
    return {
      offset,
      address: `0x${(start + BigInt(offset)).toString(16)}`,
      cells: inLine(bytes / width, (at) => {
        const word = view.bytes.subarray(at, at + width);
        const absent = isAbsent(at);
        return {
          offset: at,
          text: absent ? '·'.repeat(2 * width) : hexDigits(word),
          changed: Array.from(word.keys()).some((i) => changed.has(at + i)),
          faint: absent || word.every((byte) => byte === 0),
        };
      }),
      text: inLine(bytes, (at) => ({ offset: at, char: isAbsent(at) ? ' ' : character(view.bytes[at]), changed: changed.has(at) })),
      permissions: isNew ? permissions : '',
      region: isNew ? region : '',
      absent: isAbsent(offset),
      notes: notesOf(view.labels.filter((label) => label.offset >= offset && label.offset < offset + bytes)),
    };
  });
}

/** Registers that point there, then what the place is, then what its words mean; registers that are the same in one note. */
function notesOf(labels: readonly MemoryLabel[]): MemoryNote[] {
  const of = (...kinds: MemoryLabel['kind'][]): MemoryLabel[] => labels.filter(({ kind }) => kinds.includes(kind));
  const registers = of('register').map(({ name }) => name);
  return [
    ...(registers.length
      ? [{ kind: 'register' as const, text: registers.join(', '), title: `${registers.join(', ')}: these point here` }]
      : []),
    ...of('section', 'symbol', 'device', 'table').map(({ kind, name, text }) => ({ kind, text: name, title: text || name })),
    ...of('value').map(({ kind, name, text }) => ({ kind, text: `→ ${name}`, title: `${text}: ${name}` })),
  ];
}

/** "EL1 rw-", and EL0's where it is another: "EL1 rw- EL0 r--". */
function permissionsText({ permissions }: MemorySpan, el: Level): string {
  const levels = ([2, 1, 0] as const).filter((level) => permissions[`${level}`] !== undefined);
  const same = new Set(levels.map((level) => permissions[`${level}`])).size === 1;
  const wanted = same ? levels.filter((level) => level === el || (el === 2 && level === 1)).slice(0, 1) : levels;
  return wanted.map((level) => `EL${level} ${permissions[`${level}`]}`).join(' ');
}

/** Bytes as a little-endian number, all its digits. */
const hexDigits = (bytes: Uint8Array): string => [...bytes].reverse().reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '');
const character = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·');

export interface Reading {
  readonly name: string;
  readonly value: string;
}

/** What a few bytes are as numbers of each width that fits, the first byte lowest, and as text. */
export function readings(bytes: Uint8Array): Reading[] {
  const list: Reading[] = [];
  for (const width of [1, 2, 4, 8] as const) {
    if (bytes.length < width) break;
    const value = BigInt(`0x${hexDigits(bytes.subarray(0, width))}`);
    const signed = BigInt.asIntN(width * 8, value);
    list.push({ name: `u${width * 8}`, value: `0x${value.toString(16)} = ${value}${signed < 0n ? `, signed ${signed}` : ''}` });
  }
  list.push({ name: 'Text', value: [...bytes].map(character).join('') });
  return list;
}

/** The lines as a table, one byte a row would be too many: address, words, text, label. */
export function memoryCsv(view: MemoryView, width: WordBytes, bytes: LineBytes = 16): string {
  const words = Array.from({ length: bytes / width }, (_, i) => `+${(i * width).toString(16)}`);
  const rows = memoryLines(view, width, bytes).map(({ address, cells, text, absent, notes }) => [
    address,
    ...cells.map((cell) => (absent ? '' : `0x${cell.text}`)),
    text.map(({ char }) => char).join(''),
    notes.map((note) => note.text).join(' '),
  ]);
  return csvLines([['address', ...words, 'text', 'notes'], ...rows]);
}
