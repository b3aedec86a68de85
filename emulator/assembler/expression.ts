/** Expressions as the GNU assembler reads them (gas manual, 6.2): 64 bits, signed where it matters, and addresses that stay addresses. */
import { SourceError } from './source.ts';

/** A number, or an address, in the section of that name. */
export interface Value {
  readonly number: bigint;
  readonly section?: string | undefined;
}

/** What names mean at this place of the source. */
export interface Names {
  /** `.` is the place itself; `1f` and `1b` are numeric labels. Throws SourceError for what is not defined. */
  valueOf(name: string): Value;
  /** The section being written: a distance to a place in it is a number, wherever the other end lies. */
  readonly section: string;
}

const token =
  /\s*(0x[\da-f]+|0b[01]+|\d+[fb](?![\w.$])|\d[\d_]*|[A-Za-z_.$][\w.$]*|'(?:\\.|[^\\])'?|<<|>>|<>|<=|>=|==|!=|&&|\|\||[-+*/%&|^!~()<>])/iy;

/** Binary operators by rank: those of one rank group from the left (op_rank in the manual's order). */
const ranks: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '<>', '!=', '<', '<=', '>=', '>'],
  ['+', '-'],
  ['|', '!', '^', '&'],
  ['*', '/', '%', '<<', '>>'],
];
const truth = (value: boolean): bigint => (value ? -1n : 0n);
const compute: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '||': (a, b) => (a || b ? 1n : 0n),
  '&&': (a, b) => (a && b ? 1n : 0n),
  '==': (a, b) => truth(a === b),
  '<>': (a, b) => truth(a !== b),
  '!=': (a, b) => truth(a !== b),
  '<': (a, b) => truth(a < b),
  '<=': (a, b) => truth(a <= b),
  '>=': (a, b) => truth(a >= b),
  '>': (a, b) => truth(a > b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '|': (a, b) => a | b,
  '!': (a, b) => a | ~b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / divisor(b),
  '%': (a, b) => a % divisor(b),
  '<<': (a, b) => (inWord(b) ? a << b : 0n),
  '>>': (a, b) => (inWord(b) ? BigInt.asUintN(64, a) >> b : 0n),
};
const inWord = (by: bigint): boolean => by >= 0n && by < 64n;
function divisor(value: bigint): bigint {
  if (value === 0n) throw new SourceError('this divides by zero');
  return value;
}

/** The value of an expression that is the whole text. Throws SourceError. */
export function evaluate(text: string, names: Names): Value {
  const parser = new Parser(text, names);
  const value = parser.binary(0);
  parser.end();
  return value;
}

/** The same, where only a number will do. `what` begins the sentence: "the alignment". */
export function evaluateNumber(text: string, names: Names, what: string): bigint {
  const { number, section } = evaluate(text, names);
  if (section) throw new SourceError(`${what} must be a number: ${text.trim()} is an address`);
  return number;
}

/** Nested deeper, an expression is not what a person writes. */
const DEEPEST = 200;

class Parser {
  private at = 0;
  private next: string | undefined;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly names: Names,
  ) {
    this.read();
  }

  private read(): string | undefined {
    const last = this.next;
    token.lastIndex = this.at;
    const found = token.exec(this.text);
    if (found) this.at = token.lastIndex;
    else if (this.text.slice(this.at).trim()) throw new SourceError(`'${this.text.slice(this.at).trim()}' is not part of an expression`);
    this.next = found?.[1];
    return last;
  }

  end(): void {
    if (this.next !== undefined) throw new SourceError(`'${this.next}' stands where the expression should end`);
  }

  binary(rank: number): Value {
    if (rank === ranks.length) return this.unary();
    let left = this.binary(rank + 1);
    while (this.next !== undefined && ranks[rank].includes(this.next)) {
      const operator = this.read()!;
      left = this.apply(operator, left, this.binary(rank + 1));
    }
    return left;
  }

  private unary(): Value {
    if (++this.depth > DEEPEST) throw new SourceError('this expression is nested too deeply');
    const word = this.read();
    try {
      switch (word) {
        case undefined:
          throw new SourceError(this.text.trim() ? 'the expression ends too early' : 'an expression is missing');
        case '(': {
          const value = this.binary(0);
          if (this.read() !== ')') throw new SourceError("')' is missing");
          return value;
        }
        case '+':
          return this.unary();
        case '-':
          return this.number(word, (n) => -n);
        case '~':
          return this.number(word, (n) => ~n);
        case '!':
          return this.number(word, (n) => (n ? 0n : 1n));
      }
      if (/^\d+[fb]$/i.test(word)) return this.names.valueOf(word.toLowerCase());
      if (/^\d/.test(word)) return { number: numberIn(word) };
      if (word.startsWith("'")) return { number: BigInt(characterIn(word.slice(1))) };
      if (/^[A-Za-z_.$]/.test(word)) return this.names.valueOf(word);
      throw new SourceError(`'${word}' stands where a value should`);
    } finally {
      this.depth--;
    }
  }

  private number(operator: string, of: (n: bigint) => bigint): Value {
    const { number, section } = this.unary();
    if (section) throw new SourceError(`${operator} does not apply to an address`);
    return { number: BigInt.asIntN(64, of(number)) };
  }

  private apply(operator: string, a: Value, b: Value): Value {
    const number = BigInt.asIntN(64, compute[operator](a.number, b.number));
    if (!a.section && !b.section) return { number };
    if (operator === '+' && !(a.section && b.section)) return { number, section: a.section ?? b.section };
    if (operator === '-' && !b.section) return { number, section: a.section };
    const isDistance = a.section && (a.section === b.section || b.section === this.names.section);
    if (isDistance && operator === '-') return { number };
    if (a.section === b.section && ranks[2].includes(operator)) return { number };
    throw new SourceError(
      `${operator} does not apply to ${a.section && b.section ? 'two addresses' : 'an address'}: only the linker would know the result`,
    );
  }
}

/** Decimal, 0x, 0b, or octal with a leading 0, as the GNU assembler reads numbers. */
function numberIn(text: string): bigint {
  const digits = text.replaceAll('_', '');
  if (/^0\d/.test(digits)) {
    if (/[89]/.test(digits)) throw new SourceError(`${text} begins with 0 and is therefore octal: 8 and 9 are no octal digits`);
    return BigInt(`0o${digits.slice(1)}`);
  }
  const value = BigInt(digits);
  if (value >> 64n) throw new SourceError(`${text} does not fit in 64 bits`);
  return BigInt.asIntN(64, value);
}

const escapes: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, '\\': 92, '"': 34, "'": 39 };

/** The code of a character as written, its quote and escape included or not. */
function characterIn(text: string): number {
  return text[0] === '\\' ? (escapes[text[1]] ?? text.charCodeAt(1)) : text.charCodeAt(0);
}

/** The bytes of a string in quotes: UTF-8, with the escapes of the gas manual, 3.6.1.1. Throws SourceError. */
export function stringBytes(text: string): Uint8Array {
  if (!/^"(?:[^"\\]|\\.)*"$/s.test(text)) throw new SourceError(`a string in quotes is expected, not ${text || 'nothing'}`);
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [piece] of text.slice(1, -1).matchAll(/\\(?:[0-7]{1,3}|x[\da-f]+|.)|[^\\]+/gis)) {
    if (piece[0] !== '\\') bytes.push(...encoder.encode(piece));
    else if (/^\\[0-7]/.test(piece)) bytes.push(parseInt(piece.slice(1), 8) & 255);
    else if (/^\\x[\da-f]/i.test(piece)) bytes.push(Number(BigInt(`0x${piece.slice(2)}`) & 255n));
    else bytes.push(...(piece[1] in escapes ? [escapes[piece[1]]] : encoder.encode(piece.slice(1))));
  }
  return Uint8Array.from(bytes);
}
