/** Memory as lines of 16 bytes: words, text, and what stands in the margin. Pure: from a view to what is written on the screen. */
import type { Level, MemorySpan, MemoryView } from '../../emulator/session/views.ts';

export type WordBytes = 1 | 2 | 4 | 8;
export const LINE_BYTES = 16;

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
  readonly labels: readonly { readonly name: string; readonly text: string }[];
}

export function memoryLines(view: MemoryView, width: WordBytes): MemoryLine[] {
  const changed = new Set(view.changed);
  const spanAt = (offset: number): MemorySpan | undefined =>
    view.spans.find((span) => offset >= span.offset && offset < span.offset + span.bytes);
  const isAbsent = (offset: number): boolean => !/^(memory|device)$/.test(spanAt(offset)?.kind ?? '');
  const start = BigInt(view.start);
  let shown = '';
  return Array.from({ length: view.bytes.length / LINE_BYTES }, (_, line): MemoryLine => {
    const offset = line * LINE_BYTES;
    const span = spanAt(offset);
    const permissions = span ? permissionsText(span, view.el) : '';
    const region = span?.name ?? '';
    const isNew = `${permissions}/${region}` !== shown;
    shown = `${permissions}/${region}`;
    const inLine = <T>(count: number, make: (at: number) => T): T[] =>
      Array.from({ length: count }, (_unused, i) => make(offset + (i * LINE_BYTES) / count));
    return {
      offset,
      address: `0x${(start + BigInt(offset)).toString(16)}`,
      cells: inLine(LINE_BYTES / width, (at) => {
        const bytes = view.bytes.subarray(at, at + width);
        const absent = isAbsent(at);
        return {
          offset: at,
          text: absent ? '·'.repeat(2 * width) : hexDigits(bytes),
          changed: Array.from(bytes.keys()).some((i) => changed.has(at + i)),
          faint: absent || bytes.every((byte) => byte === 0),
        };
      }),
      text: inLine(LINE_BYTES, (at) => ({ offset: at, char: isAbsent(at) ? ' ' : character(view.bytes[at]), changed: changed.has(at) })),
      permissions: isNew ? permissions : '',
      region: isNew ? region : '',
      absent: isAbsent(offset),
      labels: view.labels.filter((label) => label.offset >= offset && label.offset < offset + LINE_BYTES),
    };
  });
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
export function memoryCsv(view: MemoryView, width: WordBytes): string {
  const quote = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const words = Array.from({ length: LINE_BYTES / width }, (_, i) => `+${(i * width).toString(16)}`);
  const rows = memoryLines(view, width).map(({ address, cells, text, absent, labels }) => [
    address,
    ...cells.map((cell) => (absent ? '' : `0x${cell.text}`)),
    text.map(({ char }) => char).join(''),
    labels.map(({ name }) => name).join(' '),
  ]);
  return [['address', ...words, 'text', 'label'], ...rows].map((row) => row.map(quote).join(',')).join('\n') + '\n';
}
