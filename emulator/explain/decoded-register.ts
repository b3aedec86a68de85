/** A register with its fields in words, from the register table. */
import { hex } from '../base/hex.ts';
import { describeRegister } from '../cpu/index.ts';
import type { DecodedRegister } from './views.ts';

/** Fields this wide or narrower are shown in binary. */
const BINARY_BITS = 8;

/** Registers that the table does not know are shown without fields. */
export function decodedRegister(name: string, value: bigint): DecodedRegister {
  const described = describeRegister(name, value);
  const width = /^(ESR|SPSR)_/.test(name) ? 32 : 64;
  return {
    name,
    value: hex(value),
    width,
    text: described?.title ?? '',
    fields: (described?.fields ?? []).map(({ name: field, high, low, value: bits, meaning, text }) => ({
      name: field,
      high,
      low,
      value: high - low < BINARY_BITS ? bits.toString(2).padStart(high - low + 1, '0') : hex(bits),
      text: text || meaning,
    })),
  };
}
