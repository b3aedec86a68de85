/** The virtual address cut into its fields; the index that the current read uses is chosen. */
import type { Walk } from '../../../emulator/session/views.ts';
import { bitRange } from '../numbers.ts';
import { group, rect, text, type GroupNode, type SceneNode } from '../scene.ts';
import { fit, textWidth } from '../text.ts';
import { VA_HEIGHT, VA_TOP } from './layout.ts';

type Field = Walk['input'][number];

const binary = (field: Field): string =>
  BigInt(field.value)
    .toString(2)
    .padStart(field.high - field.low + 1, '0');

const grouped = (bits: string): string => bits.replace(/(.{4})(?=.)/g, '$1 ');

function fieldText(field: Field): { name: string; value: string; short: string } {
  if (field.level !== undefined) {
    const index = BigInt(field.value).toString();
    return { name: `L${field.level} index`, value: `${binary(field)} = ${index}`, short: `= ${index}` };
  }
  // What chooses the table is all zeros or all ones: its bits say more than a number.
  if (field.low > 31) return { name: field.name, value: grouped(binary(field)), short: field.value };
  return { name: field.name.charAt(0).toUpperCase() + field.name.slice(1), value: field.value, short: field.value };
}

export function vaBar(walk: Walk, x: number, width: number, el: 1 | 2, chosenLevel: number | null): GroupNode {
  const label = 66;
  const left = x + label;
  const room = width - label;
  // In proportion to the bits, but wide enough for their text.
  const smallest = walk.input.map((field) =>
    field.level === undefined ? 70 : Math.min(textWidth(fieldText(field).value, 'mono small') + 12, 116),
  );
  const bits = walk.input.map((field) => field.high - field.low + 1);
  const widths = shares(bits, smallest, room);
  const nodes: SceneNode[] = [
    text(x, VA_TOP + 16, walk.regime === 'el1' ? 'VA' : 'VA, EL2', 'lead bold'),
    text(x, VA_TOP + 32, '64 bits', 'small f-ink3'),
  ];
  let at = left;
  walk.input.forEach((field, i) => {
    const w = widths[i] - 3;
    const { name, value, short } = fieldText(field);
    const index = field.level !== undefined;
    const chosen = index && field.level === chosenLevel;
    const offset = i === walk.input.length - 1;
    const fill = chosen ? 'f-ink' : index || offset ? `f-el${el}-tint s-el${el}-line` : 'f-sunken s-line';
    const ink = chosen ? 'f-onink' : 'f-ink2';
    const content = textWidth(value, 'mono small') <= w - 8 ? value : short;
    nodes.push(
      text(at + w / 2, VA_TOP - 6, bitRange(field), 'mono micro f-ink3 middle'),
      rect(at, VA_TOP, w, VA_HEIGHT, fill, 4),
      text(at + w / 2, VA_TOP + 15.5, fit(name, w - 6, 'small bold'), `small bold ${ink} middle`),
      text(at + w / 2, VA_TOP + 30, fit(content, w - 6, 'mono small'), `mono small ${chosen ? 'f-onink' : 'f-ink3'} middle`),
    );
    at += widths[i];
  });
  return group(nodes, { key: 'va' });
}

/** Parts of `total` in proportion to `weights`, none below its smallest. */
function shares(weights: readonly number[], smallest: readonly number[], total: number): number[] {
  const fixed = new Set<number>();
  for (;;) {
    const rest = total - [...fixed].reduce((sum, i) => sum + smallest[i], 0);
    const weight = weights.reduce((sum, w, i) => (fixed.has(i) ? sum : sum + w), 0);
    const part = (i: number): number => (fixed.has(i) ? smallest[i] : (rest * weights[i]) / weight);
    const tooSmall = weights.findIndex((_, i) => !fixed.has(i) && part(i) < smallest[i]);
    if (tooSmall < 0) return weights.map((_, i) => part(i));
    fixed.add(tooSmall);
    if (fixed.size === weights.length) return smallest.map((s) => (s * total) / smallest.reduce((a, b) => a + b, 0));
  }
}
