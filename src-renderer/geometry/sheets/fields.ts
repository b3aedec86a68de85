/** A register or syndrome: its bits, then its fields in words. */
import type { DecodedRegister, Level } from '../../../emulator/session/views.ts';
import { bitStrip } from '../bits.ts';
import { bitRange } from '../numbers.ts';
import { sceneBlock, tableBlocks, type Block, type TableRow } from './sheet.ts';

type Field = DecodedRegister['fields'][number];

/** What a field is for, and what its value means. */
export const fieldWords = ({ meaning, text }: { readonly meaning?: string; readonly text: string }): string =>
  [meaning, text].filter(Boolean).join(': ');

export function fieldBlocks({ value, width: bits, fields }: DecodedRegister, el: Level | 3, width: number): Block[] {
  return [sceneBlock(bitStrip(BigInt(value), fields, { bits, width, el, chosen: null })), ...tableBlocks(fields.map(row), { width })];
}

const row = (field: Field): TableRow => ({
  cells: [
    { text: bitRange(field), class: 'mono small f-ink3' },
    { text: field.name, class: 'mono small' },
    { text: field.value, class: 'mono small bold' },
    { text: `${field.note === 'warning' ? 'Look at this: ' : ''}${fieldWords(field)}`, class: `f-ink${field.note ? '' : '2'}` },
  ],
  ground: field.note === 'warning' ? 'f-mark' : undefined,
});
