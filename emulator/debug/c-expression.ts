/** Expressions of C, as a person types them about a frame: variables, members, elements, what is pointed to, and arithmetic. */
import { InputError } from '../base/errors.ts';
import { isMissing } from './dwarf-expression.ts';
import type { Type } from './dwarf-types.ts';
import { elementOf, littleEndian, memberNamed, numberOf, type TypedValue, type ValueSource } from './c-value.ts';

/** What names mean. */
export interface Scope extends ValueSource {
  /** A variable of the frame or of the program. */
  variable(name: string): TypedValue | undefined;
  /** A register or a symbol. */
  number(name: string): bigint | undefined;
}

const MOST_DEPTH = 64;
const LONG: Type = { kind: 'base', name: 'long', bytes: 8, encoding: 'integer', isSigned: true };
const ULONG: Type = { kind: 'base', name: 'unsigned long', bytes: 8, encoding: 'integer', isSigned: false };
const INT: Type = { kind: 'base', name: 'int', bytes: 4, encoding: 'integer', isSigned: true };

/** From the loosest on (C17, 6.5). */
const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const TOKEN = /\s*(0x[0-9a-f]+|0b[01]+|\d+|\$?[a-z_][\w$]*(?:::\w+)*|'(?:\\.|[^\\'])'|->|\|\||&&|==|!=|<=|>=|<<|>>|[-+*/%&|^!~<>()[\].])/iy;

/** Throws InputError where the text makes no sense in the scope. */
export function evaluateC(text: string, scope: Scope): TypedValue {
  const parser = new Parser(text, scope);
  const value = parser.binary(0);
  parser.end();
  return value;
}

class Parser {
  private readonly tokens: string[] = [];
  private at = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly scope: Scope,
  ) {
    const token = new RegExp(TOKEN);
    const end = text.trimEnd().length;
    while (token.lastIndex < end) {
      const { lastIndex } = token;
      const found = token.exec(text);
      if (!found) throw new InputError(`${JSON.stringify(text.slice(lastIndex).trim().slice(0, 20))} in the expression makes no sense`);
      this.tokens.push(found[1]);
    }
  }

  end(): void {
    if (this.at < this.tokens.length) throw new InputError(`${JSON.stringify(this.tokens[this.at])} is more than an expression`);
  }
  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }
  private need(token: string): void {
    if (!this.take(token)) throw new InputError(`the expression lacks a ${token}`);
  }

  binary(level: number): TypedValue {
    if (level === levels.length) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const sign = levels[level].find((one) => this.take(one));
      if (sign === undefined) return left;
      left = this.joined(sign, left, this.binary(level + 1));
    }
  }
  private joined(sign: string, left: TypedValue, right: TypedValue): TypedValue {
    const pointer = (value: TypedValue): Type | undefined =>
      value.type.kind === 'pointer' ? value.type.to : value.type.kind === 'array' ? value.type.of : undefined;
    const [a, b] = [this.number(left), this.number(right)];
    const [to, other] = [pointer(left), pointer(right)];
    if (to && !other && (sign === '+' || sign === '-')) {
      const by = b * BigInt(to.bytes ?? 1);
      return { type: pointerTo(left.type, to), place: { kind: 'bytes', bytes: littleEndian(sign === '+' ? a + by : a - by, 8) } };
    }
    if (to && other && sign === '-') return computed((a - b) / BigInt(to.bytes ?? 1), LONG);
    const truth = (holds: boolean): TypedValue => computed(holds ? 1n : 0n, INT);
    switch (sign) {
      case '||':
        return truth(a !== 0n || b !== 0n);
      case '&&':
        return truth(a !== 0n && b !== 0n);
      case '==':
        return truth(a === b);
      case '!=':
        return truth(a !== b);
      case '<=':
        return truth(a <= b);
      case '>=':
        return truth(a >= b);
      case '<':
        return truth(a < b);
      case '>':
        return truth(a > b);
    }
    const type = commonType(left.type, right.type, a, b);
    if ((sign === '/' || sign === '%') && b === 0n) throw new InputError('a division by zero');
    if ((sign === '<<' || sign === '>>') && (b < 0n || b > 63n)) throw new InputError(`a shift by ${b}`, {}, 'from 0 to 63');
    const results: Readonly<Record<string, () => bigint>> = {
      '|': () => a | b,
      '^': () => a ^ b,
      '&': () => a & b,
      '<<': () => a << b,
      '>>': () => a >> b,
      '+': () => a + b,
      '-': () => a - b,
      '*': () => a * b,
      '/': () => a / b,
      '%': () => a % b,
    };
    return computed(results[sign](), sign === '<<' || sign === '>>' ? commonType(left.type, left.type, a, a) : type);
  }

  private unary(): TypedValue {
    if (++this.depth > MOST_DEPTH) throw new InputError('the expression is nested too deeply');
    try {
      if (this.take('*')) return this.pointedTo(this.unary());
      if (this.take('&')) return this.address(this.unary());
      if (this.take('-')) return this.signed((a) => -a);
      if (this.take('+')) return this.signed((a) => a);
      if (this.take('~')) return this.signed((a) => ~a);
      if (this.take('!')) return computed(this.number(this.unary()) === 0n ? 1n : 0n, INT);
      return this.postfix();
    } finally {
      this.depth--;
    }
  }
  private signed(change: (value: bigint) => bigint): TypedValue {
    const value = this.unary();
    const number = this.number(value);
    return computed(change(number), commonType(value.type, value.type, number, number));
  }
  private pointedTo(value: TypedValue): TypedValue {
    if (value.type.kind === 'function') return value;
    const found = elementOf(value, 0n, this.scope);
    if (found) return found;
    // A number is the address of 8 bytes.
    return { type: ULONG, place: { kind: 'memory', address: BigInt.asUintN(64, this.number(value)) } };
  }
  private address({ type, place, bits }: TypedValue): TypedValue {
    if (bits) throw new InputError('a bit field has no address');
    if (isMissing(place) || place.kind !== 'memory') throw new InputError('this is in no memory, so it has no address');
    const name = type.kind === 'function' ? `${type.name.replace(/ \(/, ' (*)(')}` : `${type.name}${type.name.endsWith('*') ? '' : ' '}*`;
    return { type: { kind: 'pointer', name, bytes: 8, to: type }, place: { kind: 'bytes', bytes: littleEndian(place.address, 8) } };
  }

  private postfix(): TypedValue {
    let value = this.primary();
    for (;;) {
      if (this.take('[')) {
        const index = this.number(this.binary(0));
        this.need(']');
        const element = elementOf(value, index, this.scope);
        if (!element) throw new InputError(`${value.type.name} has no element ${index}`);
        value = element;
      } else if (this.take('.')) value = this.member(value);
      else if (this.take('->')) value = this.member(elementOf(value, 0n, this.scope) ?? value);
      else return value;
    }
  }
  private member(value: TypedValue): TypedValue {
    const name = this.tokens[this.at++] as string | undefined;
    // C++ and Rust let a reference stand for what it refers to.
    const whole = value.type.kind === 'pointer' ? (elementOf(value, 0n, this.scope) ?? value) : value;
    const found = name === undefined ? undefined : memberNamed(whole, name, this.scope);
    if (!found) throw new InputError(`${value.type.name} has no member ${JSON.stringify(name ?? '')}`);
    return found;
  }

  private primary(): TypedValue {
    if (this.take('(')) {
      const value = this.binary(0);
      this.need(')');
      return value;
    }
    const token = this.tokens[this.at++] as string | undefined;
    if (token === undefined) throw new InputError('the expression ends where a value is missing');
    if (/^\d/.test(token)) {
      const number = BigInt(token);
      return computed(number, number >> 63n ? ULONG : number >> 31n ? LONG : INT);
    }
    if (token.startsWith("'")) return computed(BigInt(characterCode(token)), INT);
    if (!/^[$a-z_]/i.test(token)) throw new InputError(`${JSON.stringify(token)} is no value`);
    return this.scope.variable(token) ?? this.named(token);
  }
  private named(token: string): TypedValue {
    let name = token.replace(/^\$/, '');
    // "HCR_EL2.TWI" is a field of a register.
    if (this.scope.number(name) !== undefined && this.tokens[this.at] === '.' && this.tokens[this.at + 1] !== undefined) {
      const field = `${name}.${this.tokens[this.at + 1]}`;
      if (this.scope.number(field) !== undefined) {
        name = field;
        this.at += 2;
      }
    }
    const number = this.scope.number(name);
    if (number === undefined) throw new InputError(`there is no ${JSON.stringify(token)} here`);
    return computed(number, ULONG);
  }

  private number(value: TypedValue): bigint {
    const number = numberOf(value, this.scope);
    if (number !== undefined) return number;
    if (value.place === 'optimized out') throw new InputError('the value was optimized out');
    if (value.place === 'not saved') throw new InputError('the value was not saved by the function that was called');
    if (value.type.kind === 'struct' || value.type.kind === 'union') throw new InputError(`a ${value.type.name} is no number`);
    throw new InputError('the memory of the value cannot be read');
  }
}

const pointerTo = (type: Type, to: Type): Type =>
  type.kind === 'pointer' ? type : { kind: 'pointer', name: `${to.name}${to.name.endsWith('*') ? '' : ' '}*`, bytes: 8, to };
const characterCode = (token: string): number => {
  const known: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, '0': 0, a: 7, b: 8, v: 11, f: 12 };
  return token[1] === '\\' ? (known[token[2]] ?? token.charCodeAt(2)) : token.charCodeAt(1);
};

/** The usual arithmetic conversions (C17, 6.3.1.8), without floating point. */
function commonType(left: Type, right: Type, a: bigint, b: bigint): Type {
  const rank = (type: Type): Type => {
    if (type.kind === 'base' && type.encoding === 'float') throw new InputError('floating-point arithmetic is not possible here');
    if ((type.bytes ?? 8) < 4) return INT;
    return type.kind === 'base' || type.kind === 'enum' ? type : ULONG;
  };
  const [one, other] = [rank(left), rank(right)];
  const [wide, narrow] = (one.bytes ?? 8) >= (other.bytes ?? 8) ? [one, other] : [other, one];
  const isUnsigned = (type: Type): boolean => type.kind === 'base' && !type.isSigned;
  const type = wide.bytes === narrow.bytes && isUnsigned(narrow) ? narrow : wide;
  return type.kind === 'base' ? type : a >> 63n || b >> 63n ? ULONG : INT;
}
const computed = (value: bigint, type: Type): TypedValue => ({
  type,
  place: { kind: 'bytes', bytes: littleEndian(value, type.bytes ?? 8) },
});
