/**
 * A pattern line such as `sf 0 0 100010 sh imm12 Rn Rd`: bits and field names, most significant bit first. Spaces are only for the eye.
 * The same line is read twice: at run time (mask, value, slots) and by the type checker (operand names). A bit is
 *
 *   0 1   fixed
 *   +     (1) in the manual: should be one. Any value is accepted, as Cortex-A53 and QEMU do; the assembler writes one.
 *   x     any, without a name
 */
import { fields, type FieldName, type Fields } from './fields.ts';

type Words<S extends string> = S extends `${infer Head} ${infer Rest}` ? Head | Words<Rest> : S;
type Bits<W extends string> = W extends `${'0' | '1' | '+' | 'x'}${infer Rest}`
  ? Rest extends ''
    ? W
    : Bits<Rest> extends never
      ? never
      : W
  : never;

/** Names of the fields in pattern P. */
export type FieldNames<P extends string> = Extract<Words<P>, FieldName>;
/** P itself when every word is a field or bits, otherwise a type that names the stranger. */
export type Checked<P extends string> = UnknownWords<Words<P>> extends never ? P : `no field is called '${UnknownWords<Words<P>>}'`;
type UnknownWords<W extends string> = W extends FieldName | '' ? never : Bits<W> extends never ? W : never;

export interface Slot {
  readonly name: FieldName;
  readonly lsb: number;
  readonly width: number;
  readonly signed: boolean;
}

export interface Pattern {
  /** The fixed bits, and what they are. */
  readonly mask: number;
  readonly value: number;
  /** Bits that should be one. */
  readonly ones: number;
  readonly slots: readonly Slot[];
}

export function parsePattern(text: string): Pattern {
  let mask = 0,
    value = 0,
    ones = 0,
    lsb = 32;
  const slots: Slot[] = [];
  for (const word of text.trim().split(/\s+/)) {
    if (/^[01+x]+$/.test(word)) {
      for (const bit of word) {
        lsb--;
        if (bit === '0' || bit === '1') mask |= 1 << lsb;
        if (bit === '1') value |= 1 << lsb;
        if (bit === '+') ones |= 1 << lsb;
      }
    } else {
      const [width, binding] = fields[word as FieldName];
      lsb -= width;
      slots.push({ name: word as FieldName, lsb, width, signed: binding === 'signed' || binding === 'offset' });
    }
  }
  if (lsb !== 0) throw new Error(`pattern '${text}' has ${32 - lsb} bits`);
  return { mask: mask >>> 0, value: value >>> 0, ones: ones >>> 0, slots };
}

export function readFields(pattern: Pattern, word: number): Fields<FieldName> {
  const result: Partial<Record<FieldName, number>> = {};
  for (const { name, lsb, width, signed } of pattern.slots) {
    const above = 32 - lsb - width;
    result[name] = signed ? (word << above) >> (32 - width) : (word << above) >>> (32 - width);
  }
  return result as Fields<FieldName>;
}

export function writeFields(pattern: Pattern, values: Partial<Fields<FieldName>>): number {
  let word = pattern.value | pattern.ones;
  for (const { name, lsb, width } of pattern.slots) word |= ((values[name] ?? 0) & (2 ** width - 1)) << lsb;
  return word >>> 0;
}
