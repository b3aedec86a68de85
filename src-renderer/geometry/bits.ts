/** The bits of a register or descriptor, cut into its fields, in rows of 64, 32 or 16; or field by field where bits have no room. */
import type { Level } from '../../emulator/session/views.ts';
import { group, rect, text, type GroupNode, type Scene, type SceneNode } from './scene.ts';
import { textWidth } from './text.ts';

export interface BitField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  /** As its table says it. */
  readonly value?: string;
  /** Without effect; or set to what is likely to be a mistake. */
  readonly note?: 'ignored' | 'warning' | undefined;
}

const ROW = 52;
const CELL_TOP = 16;
const CELL = 22;
/** Bits narrower than this cannot be told apart. */
const LEAST = 9;
/** Bits this wide have no room for the names of most fields. */
const CRAMPED = 13;
/** Of more fields, the places of the bits tell more than their values. */
const MOST = 12;
const DIGITS = 'mono micro';
const NAME = 'small f-ink2';

export interface BitsOptions {
  readonly bits: 32 | 64;
  readonly width: number;
  /** Colour of the fields. */
  readonly el: Level | 3;
  /** Name of the field that is chosen. */
  readonly chosen: string | null;
}

/** A field, or bits that belong to none (`field` is null), as far as it lies in one row. */
interface Part {
  readonly field: BitField | null;
  readonly high: number;
  readonly low: number;
  readonly row: number;
  readonly x: number;
  readonly w: number;
  /** What it holds where that is written as one. */
  readonly whole?: string;
}

export function bitStrip(value: bigint, fields: readonly BitField[], options: BitsOptions): Scene {
  const { bits, width, el, chosen } = options;
  const parts =
    (bits === 64 && width / 64 < CRAMPED && fields.length <= MOST ? inOneRow(value, fields, bits, width) : undefined) ??
    inRows(value, fields, bits, width);
  const rows = parts.at(-1)!.row + 1;
  const edges = placed(parts, (part) => {
    const wide = textWidth(String(part.high), `${DIGITS} f-ink3`);
    return wide < part.w + 1 ? { x: part.x + 1, wide } : undefined;
  });
  const first = (part: Part): number => (part.field?.name === chosen ? Infinity : part.w);
  const names = placed(
    [...parts].sort((a, b) => first(b) - first(a)),
    (part) => {
      if (!part.field) return undefined;
      const wide = textWidth(part.field.name, part.field.name === chosen ? 'small bold' : NAME);
      const x = Math.min(width - wide, Math.max(0, part.x + (part.w - wide) / 2));
      return wide < part.w + 16 ? { x, wide } : undefined;
    },
  );
  const nodes = parts.map((part) => draw(value, part, el, chosen, edges.get(part), names.get(part)));
  return { width, height: rows * ROW + 3, label: `${bits} bits`, nodes, table: [] };
}

/** Where the texts begin that find room beside those before them in the list. */
function placed(parts: readonly Part[], place: (part: Part) => { x: number; wide: number } | undefined): Map<Part, number> {
  const taken: { row: number; from: number; to: number }[] = [];
  const out = new Map<Part, number>();
  for (const part of parts) {
    const found = place(part);
    if (!found) continue;
    const [from, to] = [found.x, found.x + found.wide];
    if (taken.some((other) => other.row === part.row && from < other.to + 4 && to > other.from - 4)) continue;
    taken.push({ row: part.row, from, to });
    out.set(part, found.x);
  }
  return out;
}

/** From the highest bit to the lowest, the bits between fields too. */
function segments(fields: readonly BitField[], top: number, bottom: number): { field: BitField | null; high: number; low: number }[] {
  const out: { field: BitField | null; high: number; low: number }[] = [];
  let next = top;
  for (const field of [...fields].sort((a, b) => b.high - a.high)) {
    const high = Math.min(field.high, next);
    const low = Math.max(field.low, bottom);
    if (high < low) continue;
    if (high < next) out.push({ field: null, high: next, low: high + 1 });
    out.push({ field, high, low });
    next = low - 1;
  }
  if (next >= bottom) out.push({ field: null, high: next, low: bottom });
  return out;
}

function inRows(value: bigint, fields: readonly BitField[], bits: number, width: number): Part[] {
  const perRow = bits === 64 && width / 64 >= CRAMPED ? 64 : width / 32 >= LEAST ? 32 : 16;
  const cell = width / perRow;
  const rows = Array.from({ length: bits / perRow }, (_, i) => segments(fields, bits - 1 - i * perRow, bits - (i + 1) * perRow));
  // Zeros that belong to nothing, above all fields, need no row.
  const first = rows.findIndex((parts) => parts.some(({ field }) => field !== null) || value >> BigInt(parts.at(-1)!.low) !== 0n);
  return rows
    .slice(Math.max(0, first))
    .flatMap((parts, row) =>
      parts.map((part) => ({ ...part, row, x: (parts[0].high - part.high) * cell, w: (part.high - part.low + 1) * cell })),
    );
}

/** Every field as wide as its value needs, and the rest shared out; undefined where there are too many. */
function inOneRow(value: bigint, fields: readonly BitField[], bits: number, width: number): Part[] | undefined {
  const all = segments(fields, bits - 1, 0).map((part) => {
    const digits = ((value >> BigInt(part.low)) & ((1n << BigInt(part.high - part.low + 1)) - 1n)).toString(2);
    const whole = part.field ? (part.field.value ?? digits.padStart(part.high - part.low + 1, '0')) : '';
    return { ...part, whole, need: part.field ? Math.max(14, textWidth(whole, `${DIGITS} bold`) + 8) : 10 };
  });
  const sum = all.reduce((total, { need }) => total + need, 0);
  if (sum > width) return undefined;
  let x = 0;
  return all.map(({ need, ...part }) => {
    const w = (need * width) / sum;
    x += w;
    return { ...part, row: 0, x: x - w, w };
  });
}

function draw(
  value: bigint,
  { field, high, low, row, x, w, whole }: Part,
  el: number,
  chosen: string | null,
  edgeX: number | undefined,
  nameX: number | undefined,
): GroupNode {
  const y = row * ROW;
  const on = field !== null && field.name === chosen;
  const inert = field === null || field.note === 'ignored';
  const fill = on ? 'f-ink' : inert ? 'f-sunken s-line' : field.note === 'warning' ? 'f-mark s-ink' : `f-el${el}-tint s-el${el}-line`;
  const ink = on ? 'f-onink bold' : inert ? 'f-ink3' : '';
  const nodes: SceneNode[] = [rect(x + 0.5, y + CELL_TOP, w - 1, CELL, fill, 2)];
  const cell = w / (high - low + 1);
  if (whole !== undefined) nodes.push(text(x + w / 2, y + CELL_TOP + 15, whole, `${DIGITS} ${ink} middle`));
  else
    for (let bit = high; bit >= low; bit--) {
      const digit = ((value >> BigInt(bit)) & 1n).toString();
      nodes.push(
        text(x + (high - bit + 0.5) * cell, y + CELL_TOP + 15, digit, `mono ${cell < CRAMPED - 3 ? 'micro' : 'small'} ${ink} middle`),
      );
    }
  if (edgeX !== undefined) nodes.push(text(edgeX, y + 11, String(high), `${DIGITS} f-ink3`));
  if (field && nameX !== undefined) nodes.push(text(nameX, y + CELL_TOP + CELL + 12, field.name, on ? 'small bold' : NAME));
  return group(nodes, field ? { key: `${field.name}${row}`, id: `field:${field.name}`, label: field.name } : { key: `${high}:${low}` });
}
