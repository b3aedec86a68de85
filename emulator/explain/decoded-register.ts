/** A register with its fields in words, from the register table. */
import { fieldText } from '../base/field-text.ts';
import { hex } from '../base/hex.ts';
import { describeRegister, type OtherRegisters } from '../cpu/index.ts';
import type { DecodedRegister, FieldValue } from './views.ts';

/** Fields this wide or narrower are shown in binary. */
const BINARY_BITS = 8;
const shown = (value: bigint, high: number, low: number): string =>
  high - low < BINARY_BITS ? value.toString(2).padStart(high - low + 1, '0') : hex(value);

/** Registers that the table does not know are shown without fields. `others`: those beside it, where they are known. */
export function decodedRegister(name: string, value: bigint, others?: OtherRegisters): DecodedRegister {
  const described = describeRegister(name, value, others);
  const width = /^(ESR|SPSR)_|^FP[CS]R$/.test(name) ? 32 : 64;
  const fields = (described?.fields ?? []).map(({ name: field, high, low, value: bits, meaning, text }): FieldValue => ({
    name: field,
    high,
    low,
    value: shown(bits, high, low),
    meaning,
    text,
  }));
  const reserved = (described?.reserved ?? []).map(({ high, low, value: bits }): FieldValue => ({
    name: `RES0<${high === low ? high : `${high}:${low}`}>`,
    high,
    low,
    value: shown(bits, high, low),
    meaning: high === low ? `Bit ${high} is reserved` : `Bits ${high}:${low} are reserved`,
    text: `should be 0, but ${hex(bits)} is set`,
    note: 'warning',
  }));
  return {
    name,
    value: hex(value),
    width,
    text: described?.title ?? '',
    fields: [...fields, ...reserved].sort((a, b) => b.high - a.high),
  };
}

/** Fields as lines for a terminal: name, bits, value, and what both mean. */
export function fieldLines(fields: readonly FieldValue[]): string[] {
  const rows = fields.map((field) => [
    field.name,
    field.high === field.low ? `${field.high}` : `${field.high}:${field.low}`,
    field.value,
    fieldText(field),
  ]);
  const widths = [0, 1, 2].map((i) => Math.max(0, ...rows.map((row) => row[i].length)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
}
