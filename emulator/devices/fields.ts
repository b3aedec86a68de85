/** Fields of registers: said once, in words, and used by the code as masks. */
import type { RegisterField } from './device.ts';

const yesOrNo = { 0: 'no', 1: 'yes' };

export const field = <const N extends string>(
  name: N,
  high: number,
  low: number,
  meaning: string,
  values?: RegisterField['values'],
): RegisterField<N> => ({ name, high, low, meaning, ...(values && { values }) });

/** A field of one bit, whose meaning holds if it is 1. */
export const bit = <const N extends string>(
  name: N,
  at: number,
  meaning: string,
  values: RegisterField['values'] = yesOrNo,
): RegisterField<N> => field(name, at, at, meaning, values);

export const maskOf = ({ high, low }: RegisterField): number => ((2 ** (high - low + 1) - 1) << low) >>> 0;

/** The bits that belong to any of the fields. */
export const maskOfAll = (fields: readonly RegisterField[]): number => fields.reduce((mask, field) => mask | maskOf(field), 0) >>> 0;

/** The value of the field with this mask in a register. */
export const extract = (register: number, mask: number): number => (register & mask) >>> lowestBit(mask);
/** `value` moved to where the field with this mask is. */
export const insert = (value: number, mask: number): number => ((value << lowestBit(mask)) & mask) >>> 0;

const lowestBit = (mask: number): number => 31 - Math.clz32(mask & -mask);
