/** The bits of a register or descriptor, cut into its fields, in rows of 64, 32 or 16. */
import { group, rect, text, type GroupNode, type Scene, type SceneNode } from './scene.ts';
import { fit, textWidth } from './text.ts';

export interface BitField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
}

const ROW = 52;
const CELL_TOP = 16;
const CELL = 22;

export interface BitsOptions {
  readonly bits: 32 | 64;
  readonly width: number;
  /** Colour of the fields. */
  readonly el: 0 | 1 | 2 | 3;
  /** Name of the field that is chosen. */
  readonly chosen: string | null;
}

export function bitStrip(value: bigint, fields: readonly BitField[], options: BitsOptions): Scene {
  const { bits, width, el, chosen } = options;
  const perRow = [64, 32].find((count) => count <= bits && width / count >= 9) ?? 16;
  const rows = bits / perRow;
  const cell = width / perRow;
  const nodes: SceneNode[] = [];
  for (let row = 0; row < rows; row++) {
    const top = bits - 1 - row * perRow;
    const bottom = top - perRow + 1;
    const covered = new Set<number>();
    for (const field of fields) {
      const high = Math.min(field.high, top);
      const low = Math.max(field.low, bottom);
      if (high < low) continue;
      for (let bit = low; bit <= high; bit++) covered.add(bit);
      nodes.push(part(value, field, high, low, top, row, cell, el, chosen));
    }
    // Bits that belong to no field.
    for (let bit = top; bit >= bottom; bit--)
      if (!covered.has(bit)) {
        let low = bit;
        while (low - 1 >= bottom && !covered.has(low - 1)) low--;
        nodes.push(part(value, { name: '', high: bit, low }, bit, low, top, row, cell, el, chosen));
        bit = low;
      }
  }
  return { width, height: rows * ROW + 3, label: `${bits} bits`, nodes, table: [] };
}

function part(
  value: bigint,
  field: BitField,
  high: number,
  low: number,
  top: number,
  row: number,
  cell: number,
  el: number,
  chosen: string | null,
): GroupNode {
  const x = (top - high) * cell;
  const w = (high - low + 1) * cell;
  const y = row * ROW;
  const known = field.name !== '';
  const on = known && field.name === chosen;
  const fill = on ? 'f-ink' : known ? `f-el${el}-tint s-el${el}-line` : 'f-sunken s-line';
  const ink = on ? 'f-onink bold' : known ? '' : 'f-ink3';
  const nodes: SceneNode[] = [rect(x + 0.5, y + CELL_TOP, w - 1, CELL, fill, 2)];
  const size = cell < 10 ? 'micro' : 'small';
  for (let bit = high; bit >= low; bit--) {
    const digit = ((value >> BigInt(bit)) & 1n).toString();
    nodes.push(text(x + (high - bit + 0.5) * cell, y + CELL_TOP + 15, digit, `mono ${size} ${ink} middle`));
  }
  const edge = String(high);
  if (textWidth(edge, 'mono micro') < w + 1) nodes.push(text(x + 1, y + 11, edge, 'mono micro f-ink3'));
  const below = on ? 'small bold' : 'small f-ink2';
  if (known) {
    const name = fit(field.name, w + 4, below);
    if (!name.endsWith('…') || name.length > 4) nodes.push(text(x + w / 2, y + CELL_TOP + CELL + 12, name, `${below} middle`));
  }
  return group(nodes, known ? { key: `${field.name}${row}`, id: `field:${field.name}`, label: field.name } : { key: `${high}:${low}` });
}
