/**
 * What a person types for an address, a value or a condition: numbers, registers and their fields, symbols and memory, with others added
 * or subtracted, compared and joined. One language for address fields, changes by hand and breakpoints.
 */
import { VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { describeRegister, findRegisterTyped } from '../cpu/index.ts';
import { changeableRegister, registerValue } from '../machine/changeable.ts';
import { reach } from '../mmu/index.ts';
import { functions, type FunctionName, type Value } from './expression-functions.ts';
import { addressBits } from './schemas.ts';
import type { CommandParams } from './contract.ts';
import type { Program } from './program.ts';
import { findSymbols } from './symbols.ts';
import type { Hex } from './views.ts';

export type { Value };

export interface ExpressionOptions {
  /** It may look at other instants of the recording: `after(...)`, `next(...)` and the like. */
  readonly travels?: boolean;
}

/**
 * An expression ready to be asked again and again. Operators from the loosest on: `||`, `&&`, comparisons (of unsigned numbers of 64 bits),
 * `<<` and `>>`, `+` and `-`, `&`, then `!` and `-` of one operand. `ESR_EL2.EC` is a field of a register; `[sp + 8]` are the 8 bytes at a VA of the level
 * that runs, `[sp + 8, 4]` are 4. `walk(va, el1, w).result.pa` is a part of a walk, as the view of that name has it. Throws InputError, which
 * says where the text makes no sense.
 */
export function compileExpression(program: Program, text: string, { travels = false }: ExpressionOptions = {}): Value {
  const parser = new Parser(program, text, travels);
  const value = parser.either();
  parser.end();
  return value;
}

/**
 * The value of "0x40080000", "42", "-1", "0b101", "sp", "x0 + 8", "ELR_EL2" or "main+0x10", not cut to any width; undefined for anything else.
 * Registers are read at the instant of the machine.
 */
export function evaluate(program: Program, text: string): bigint | undefined {
  try {
    return compileExpression(program, text)();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/**
 * The address that a person means in a space: as `evaluate`, but a number by itself is hexadecimal even without 0x, and with `similar` a part
 * of a symbol's name will do. What names a VA is translated to the space asked for, as the current level would. Throws InputError.
 */
export function locate(program: Program, { text, space, similar }: CommandParams<'locate'>): Hex {
  const typed = text.trim();
  const number =
    /^(0x)?[0-9a-f]+$/i.test(typed) && program.names.find(typed) === undefined ? BigInt(typed.replace(/^(0x)?/i, '0x')) : undefined;
  const value =
    number ?? evaluate(program, typed) ?? (similar ? findSymbols(program, { text: typed, count: 1 }).symbols[0]?.address : undefined);
  if (value === undefined || typed === '')
    throw new InputError(
      `${JSON.stringify(typed)} is neither an address nor a register or symbol of ${program.name}`,
      {},
      '0x40080000, sp, x0 or main+0x10',
    );
  const bits = number === undefined ? addressBits.va : addressBits[space];
  if (BigInt(value) < 0n || BigInt(value) >> BigInt(bits))
    throw new InputError(
      `${typed} is out of range`,
      {},
      `${space === 'ipa' ? 'an' : 'a'} ${space.toUpperCase()} has at most ${bits / 4} hexadecimal digits`,
    );
  return number === undefined ? translated(program, BigInt(value), space, typed) : hex(number);
}

function translated({ machine }: Program, va: bigint, space: CommandParams<'locate'>['space'], typed: string): Hex {
  if (space === 'va') return hex(va);
  const { el } = machine.cpu;
  const reached = reach(machine.mmu, 'va', va, el);
  const address = reached.ok ? (space === 'pa' ? reached.pa : (reached.ipa ?? reached.pa)) : undefined;
  if (address === undefined)
    throw new InputError(`${typed} is VA ${hex(va)}, which EL${el} cannot reach now: ${reached.ok ? '' : reached.text}`);
  return hex(address);
}

/** Expressions within expressions. */
const MOST_DEPTH = 64;
const NUMBER = /^(0x[0-9a-f_]+|0b[01_]+|[0-9][0-9_]*)(?![\w$.])/i;
const NAME = /^[a-z_$.][\w$.@]*(?:::~?[\w$.@]+)*/i;
/** Names joined by signs: the name of a symbol may hold a sign itself. */
const JOINED = /^[a-z_$.][\w$.@]*(?:::~?[\w$.@]+|\s*[+-]\s*[\w$.@]+)*/i;
const QUOTED = /^"([^"]*)"/;
const PATH = /^(?:\.[a-z]\w*|\[\d+\])+/i;
const example = 'x0 == 3 && [sp + 8] != 0, for example';

const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
/** Of unsigned numbers. */
export const comparisons: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
};
const truth = (holds: boolean): bigint => (holds ? 1n : 0n);
const both =
  (a: Value, b: Value, join: (a: bigint, b: bigint) => bigint): Value =>
  () => {
    const [left, right] = [a(), b()];
    return left === undefined || right === undefined ? undefined : join(left, right);
  };

class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly program: Program,
    private readonly text: string,
    private readonly travels: boolean,
  ) {}

  either(): Value {
    let value = this.all();
    while (this.take('||')) {
      const [left, right] = [value, this.all()];
      value = () => truth((left() ?? 0n) !== 0n || (right() ?? 0n) !== 0n);
    }
    return value;
  }
  private all(): Value {
    let value = this.comparison();
    while (this.take('&&')) {
      const [left, right] = [value, this.comparison()];
      value = () => truth((left() ?? 0n) !== 0n && (right() ?? 0n) !== 0n);
    }
    return value;
  }
  private comparison(): Value {
    const left = this.shift();
    const operator = Object.keys(comparisons).find((one) => this.take(one));
    if (operator === undefined) return left;
    const compare = comparisons[operator];
    return both(left, this.shift(), (a, b) => truth(compare(unsigned(a), unsigned(b))));
  }
  private shift(): Value {
    let value = this.sum();
    for (;;) {
      // A register has 64 bits: shifted further than that, nothing is left.
      if (this.take('<<')) value = both(value, this.sum(), (a, by) => (by >= 0n && by < 64n ? unsigned(a << by) : 0n));
      else if (this.take('>>')) value = both(value, this.sum(), (a, by) => (by >= 0n && by < 64n ? unsigned(a) >> by : 0n));
      else return value;
    }
  }
  private sum(): Value {
    let value = this.masked();
    for (;;) {
      if (this.take('+')) value = both(value, this.masked(), (a, b) => a + b);
      else if (this.take('-')) value = both(value, this.masked(), (a, b) => a - b);
      else return value;
    }
  }
  private masked(): Value {
    let value = this.single();
    while (!this.rest().startsWith('&&') && this.take('&')) value = both(value, this.single(), (a, b) => unsigned(a) & unsigned(b));
    return value;
  }
  private single(): Value {
    if (++this.depth > MOST_DEPTH) throw this.error('is nested too deeply');
    try {
      return this.operand();
    } finally {
      this.depth--;
    }
  }
  private operand(): Value {
    if (!this.rest().startsWith('!=') && this.take('!')) {
      const value = this.single();
      return () => truth((value() ?? 0n) === 0n);
    }
    if (this.take('-')) {
      const value = this.single();
      return both(
        value,
        () => 0n,
        (a) => -a,
      );
    }
    if (this.take('(')) {
      const value = this.either();
      this.need(')');
      return value;
    }
    if (this.take('[')) return this.memory();
    const digits = NUMBER.exec(this.rest())?.[0];
    const number = digits === undefined ? undefined : numberOf(digits);
    if (number !== undefined) {
      this.at += digits!.length;
      return () => number;
    }
    return this.called() ?? this.named();
  }

  /** A function and its arguments; undefined where the text goes on with something else. */
  private called(): Value | undefined {
    const [head, name] = /^([a-z]+)\s*\(/.exec(this.rest()) ?? [];
    if (head === undefined || !Object.hasOwn(functions, name)) return undefined;
    const { travels, parse } = functions[name as FunctionName];
    if (travels && !this.travels) throw this.error('asks about another instant, which is not possible here');
    this.at += head.length;
    return parse(this.program, {
      value: () => this.either(),
      word: (words) => this.word(words),
      quoted: () => this.pattern(QUOTED)?.[1],
      path: () => this.pattern(PATH)?.[0],
      take: (operator) => this.take(operator),
      need: (operator) => this.need(operator),
      error: (problem) => this.error(problem),
    });
  }
  private word<W extends string>(words: readonly W[]): W {
    const found = this.pattern(/^\w+/)?.[0];
    const word = words.find((one) => one === found);
    if (word === undefined) throw this.error(`should follow one of ${words.join(', ')}`);
    return word;
  }
  private pattern(pattern: RegExp): RegExpExecArray | undefined {
    const found = pattern.exec(this.rest()) ?? undefined;
    this.at += found?.[0].length ?? 0;
    return found;
  }

  private memory(): Value {
    const address = this.sum();
    let bytes = 8;
    if (this.take(',')) {
      const size = /^[1248](?!\w)/.exec(this.rest())?.[0];
      if (size === undefined) throw this.error('is no number of bytes to read: 1, 2, 4 or 8 are');
      this.at++;
      bytes = Number(size);
    }
    this.need(']');
    const { machine } = this.program;
    return () => {
      const va = address();
      return va === undefined ? undefined : read(machine, VA(unsigned(va)), bytes);
    };
  }

  /** A register, a symbol, or a field of a register. */
  private named(): Value {
    const { program } = this;
    const joined = JOINED.exec(this.rest())?.[0] ?? '';
    const name = NAME.exec(this.rest())?.[0];
    if (name === undefined) throw this.error(this.rest() === '' ? 'ends where a value is missing' : 'is no value');
    const register = registerNamed(program, name);
    if (register !== undefined) {
      this.at += name.length;
      return () => registerValue(program.machine, register);
    }
    if (name === 'instant') {
      this.at += name.length;
      return () => BigInt(program.machine.steps);
    }
    const symbol = symbolAt(program, joined) ?? field(program, name, this.travels);
    if (!symbol) throw this.error('is neither a number nor a register, a field or a symbol');
    this.at += symbol.length;
    return symbol.value;
  }

  // ---- the text

  /** What comes next, without the spaces before it. */
  private rest(): string {
    this.skip();
    return this.text.slice(this.at);
  }
  private skip(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }
  private take(operator: string): boolean {
    this.skip();
    if (!this.text.startsWith(operator, this.at)) return false;
    this.at += operator.length;
    return true;
  }
  private need(operator: string): void {
    if (!this.take(operator)) throw this.error(`should be ${operator}`);
  }
  end(): void {
    if (this.rest() !== '') throw this.error('is more than an expression');
  }
  /** About what comes next. */
  private error(problem: string): InputError {
    const word = /^([\w$.@]+|\S)/.exec(this.rest())?.[0];
    const place = `character ${this.at + 1}`;
    return new InputError(
      word === undefined
        ? `the expression ${problem.replace(/^should be/, 'lacks a')} at ${place}`
        : `${JSON.stringify(word)} at ${place} ${problem}`,
      {},
      example,
    );
  }
}

/** The longest symbol that the text begins with. */
function symbolAt({ names }: Program, text: string): { readonly length: number; readonly value: Value } | undefined {
  for (let length = text.length; length > 0; length = Math.max(text.lastIndexOf('+', length - 1), text.lastIndexOf('-', length - 1))) {
    const name = text.slice(0, length).trimEnd();
    const found = names.find(name);
    if (found !== undefined) return { length: name.length, value: () => found };
  }
  return undefined;
}

/** "ESR_EL2.EC". */
function field(program: Program, text: string, travels: boolean): { readonly length: number; readonly value: Value } | undefined {
  const dot = text.lastIndexOf('.');
  const { machine } = program;
  const wholeName = text.slice(0, dot);
  const register = /^pstate$/i.test(wholeName) ? pstateRegister(text.slice(dot + 1)) : registerNamed(program, wholeName);
  const wanted = text.slice(dot + 1).toLowerCase();
  if (dot < 0 || register === undefined) return undefined;
  const find = (): { readonly high: number; readonly low: number; readonly value: bigint } | undefined => {
    const value = registerValue(machine, register);
    const found = describeRegister(register, value, (other) => machine.cpu.get(other))?.fields.find(
      ({ name }) => name.toLowerCase() === wanted,
    );
    return found && { high: found.high, low: found.low, value };
  };
  // Which fields ISS has depends on EC: one that is not there now may be there later, which matters where other instants are asked about.
  if (!find() && !(travels && /^ESR_EL/.test(register))) return undefined;
  const value = (): bigint | undefined => {
    const found = find();
    return found && (found.value >> BigInt(found.low)) & ((1n << BigInt(found.high - found.low + 1)) - 1n);
  };
  return { length: text.length, value };
}

/** The register through which software reads a field of PSTATE (Arm ARM C5.2). */
function pstateRegister(field: string): string | undefined {
  const name = field.toUpperCase();
  if (name === 'EL') return 'CurrentEL';
  if (name === 'SP') return 'SPSel';
  return /^[DAIF]$/.test(name) ? 'DAIF' : /^[NZCV]$/.test(name) ? 'NZCV' : undefined;
}

/** Memory as a load by the level that runs would read it, in little endian; undefined where it would fault. */
function read({ mmu, cpu, board }: Program['machine'], va: VA, bytes: number): bigint | undefined {
  let value = 0n;
  for (let i = 0; i < bytes; i++) {
    const found = mmu.probe(VA(unsigned(va + BigInt(i))), 'read', cpu.el);
    const byte = found.ok ? board.bus.peekBytes(found.pa, 1)?.[0] : undefined;
    if (byte === undefined) return undefined;
    value |= BigInt(byte) << BigInt(8 * i);
  }
  return value;
}

function numberOf(digits: string): bigint | undefined {
  const plain = digits.replaceAll('_', '').toLowerCase();
  return plain === '0x' || plain === '0b' ? undefined : BigInt(plain);
}

/** Any register of 64 bits or fewer, by the name that the Arm ARM or a debugger gives it. */
function registerNamed({ machine }: Program, text: string): string | undefined {
  const name = text.toLowerCase().replace(/^lr$/, 'x30');
  if (/^v\d/.test(name)) return undefined;
  return (changeableRegister(machine, name) ?? findRegisterTyped(name))?.name;
}
