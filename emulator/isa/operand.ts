/** What a spelling of an operand is: see spelling.ts. */
import type { VA } from '../base/addresses.ts';

export type Values = Record<string, number>;

export interface Spelling {
  /** Text of the operand, for an instruction at `pc`. */
  print(f: Readonly<Values>, pc: VA): string;
  /** What the operand may look like, and what it says about the fields. Throws an Error with the reason where it cannot be. */
  readonly regex: string;
  parse(text: string, f: Values, pc: VA): void;
  /** Whether it is left out with the optional part that contains it; by default it is not. */
  omitted?(f: Readonly<Values>): boolean;
  /** Sets the fields when it was left out. */
  omit?(f: Values): void;
  /** The address that it names. */
  target?(f: Readonly<Values>, pc: VA): VA;
}
