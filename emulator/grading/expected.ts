/** Values that a task may expect, and whether what was found is one of them. */
import { hex } from '../base/hex.ts';
import { comparisons, evaluate } from '../session/expression.ts';
import type { Program } from '../session/program.ts';

/** What was found: a number of the machine, with the words that its field has for it. */
export interface FoundValue {
  readonly value: bigint;
  readonly words?: string;
}

/** As a task writes it: a value, or several of which one will do. */
export type ExpectedValue = Single | Single[];
type Single = bigint | boolean | string;
export type Expectations = Readonly<Record<string, ExpectedValue>>;

/** Whether it holds; as a text where the expectation makes no sense in this program. */
export function isExpected(program: Program, expected: ExpectedValue, found: FoundValue): boolean | string {
  if (!Array.isArray(expected)) return isOne(program, expected, found);
  const answers = expected.map((one) => isOne(program, one, found));
  return answers.includes(true) || (answers.find((answer) => typeof answer === 'string') ?? false);
}

function isOne(program: Program, expected: Single, found: FoundValue): boolean | string {
  if (typeof expected === 'boolean') return (found.value !== 0n) === expected;
  if (typeof expected === 'bigint') return found.value === BigInt.asUintN(64, expected);
  const text = expected.trim();
  if (found.words !== undefined && isSameWords(text, found.words)) return true;
  const aligned = /^multiple of\s+(.+)$/i.exec(text);
  if (aligned) return compared(program, aligned[1], (by) => by > 0n && found.value % by === 0n);
  const range = /^(\S+)\s*\.\.\s*(\S+)$/.exec(text);
  if (range) {
    const [from, to] = [range[1], range[2]].map((end) => valueOf(program, end));
    if (from === undefined || to === undefined) return unknown(program, text);
    return found.value >= from && found.value <= to;
  }
  const operator = /^(==|!=|<=|>=|<|>)\s*(.+)$/.exec(text);
  if (operator) return compared(program, operator[2], (other) => comparisons[operator[1]](found.value, other));
  const value = valueOf(program, text);
  if (value !== undefined) return found.value === value;
  // Words that the field has for other values.
  return found.words !== undefined && /^[\w ,-]+$/.test(text) && program.names.find(text) === undefined ? false : unknown(program, text);
}

function compared(program: Program, text: string, holds: (value: bigint) => boolean): boolean | string {
  const value = valueOf(program, text);
  return value === undefined ? unknown(program, text) : holds(value);
}

function valueOf(program: Program, text: string): bigint | undefined {
  const value = evaluate(program, text);
  return value === undefined ? undefined : BigInt.asUintN(64, value);
}
const unknown = ({ name }: Program, text: string): string =>
  `${JSON.stringify(text)} means nothing in ${name}: it has no symbol of that name`;

/** "EL1h" of "EL1h: EL1 with SP_EL1". */
function isSameWords(written: string, words: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, ' ').trim();
  const [a, b] = [plain(written), plain(words)];
  return a === b || b.split(/[:,(]| with | is /)[0].trim() === a || b.split(/[^\w]+/)[0] === a;
}

/** As a task's author wrote it. */
export function expectedText(expected: ExpectedValue): string {
  if (Array.isArray(expected)) return expected.map(expectedText).join(' or ');
  if (typeof expected !== 'bigint') return String(expected);
  return numberText(expected);
}
/** Small numbers as people say them. */
export const numberText = (value: bigint): string =>
  value >= -9n && value <= 9n ? String(value) : value < 0n ? `-${hex(-value)}` : hex(value);
