/**
 * One instruction of the source: its operands are brought into the shape of isa's forms (names in lower case, expressions as numbers, labels as
 * VAs), and isa makes the word. What the GNU assembler accepts beyond the manual's forms is turned into one of them here.
 */
import { InputError } from '../base/errors.ts';
import { assemble, hints, mnemonics, systemOperations, systemRegisters } from '../isa/index.ts';
import { evaluate, type Names, type Value } from './expression.ts';
import type { LiteralSize } from './literal-pool.ts';
import { adviceFor, unknownMnemonic, unknownOperation, unknownRegister } from './repair.ts';
import { operandsOf, SourceError, type Statement } from './source.ts';

export interface InstructionContext extends Names {
  /** The VA of the instruction. */
  readonly here: bigint;
  /** `.req`: other names of registers, in lower case. */
  readonly registers: ReadonlyMap<string, string>;
  /** Places a literal in the pool; gives its VA. */
  literal(value: Value, size: LiteralSize): bigint;
}

/** The word of an instruction. Throws SourceError. */
export function wordOf(statement: Statement, context: InstructionContext): number {
  const written = statement.name.toLowerCase();
  const mnemonic = /^b(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al|nv)$/.test(written) ? `b.${written.slice(1)}` : written;
  const list = operandsOf(statement.operands);
  const operands = list.map(({ text, offset }, i) => {
    try {
      return operandText(text, { mnemonic, i, last: i === list.length - 1, first: list[0].text }, context);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      throw new SourceError(error.message, error.column ?? statement.operandsColumn + offset, error.repair);
    }
  });
  if (!mnemonics().has(mnemonic) && !others.has(mnemonic)) throw unknownMnemonic(statement.name);
  let reason: unknown;
  for (const attempt of spellings(mnemonic, operands)) {
    try {
      return assemble(attempt, context.here);
    } catch (error) {
      reason ??= error;
    }
  }
  if (!(reason instanceof InputError)) throw reason;
  const advice = adviceFor(mnemonic, operands);
  throw new SourceError(advice === undefined ? reason.message : `cannot assemble '${statement.name} ${statement.operands}': ${advice}`);
}

interface Position {
  readonly mnemonic: string;
  readonly i: number;
  readonly last: boolean;
  /** The first operand, as written. */
  readonly first: string;
}

const registerName = /^(?:[xw](?:\d|[12]\d|3[01])|[bhsdqv](?:\d|[12]\d|3[01])(?:\.\w+)?|w?sp|[xw]zr|lr|fp|ip[01]|c\d+)$/;
const otherNames: Readonly<Record<string, string>> = { lr: 'x30', fp: 'x29', ip0: 'x16', ip1: 'x17' };
const modifier = /^(lsl|lsr|asr|ror|msl|[us]xt[bhwx])(?:\s+#?\s*(.+)|\s*#\s*(.+))?$/is;
const float = /^[-+]?\d+(?:\.\d*(?:e[-+]?\d+)?|e[-+]?\d+)$/i;
const takesCondition = /^(cs|ci|cn|ccm|fcsel|fccmp)/;
const takesWord = /^([dip]sb|dmb|tlbi|dc|ic|at|prfu?m|msr|bti|csync|tsb)$/;
/** Its last operand is a place in the program. */
const takesLabel = /^(b|bl|b\..*|cbn?z|tbn?z|adrp?)$/;

/** Whether a name stands for itself there: a condition, a system register, an option. */
const isWord = ({ mnemonic, i, last }: Position): boolean =>
  (i === 0 && takesWord.test(mnemonic)) || (i === 1 && mnemonic === 'mrs') || (last && takesCondition.test(mnemonic));

function operandText(text: string, position: Position, context: InstructionContext): string {
  const name = text.toLowerCase();
  // A label may be called as a register is.
  if (/^[\w.$]+$/.test(text) && position.last && isLabel(position, text)) return labelText(evaluate(text, context).number, position);
  const register = context.registers.get(name) ?? name;
  if (registerName.test(register)) return otherNames[register] ?? register;
  if (text[0] === '[') return addressText(text, context);
  if (text[0] === '{') return listText(name);
  if (text[0] === '=') return literalText(text.slice(1), position, context);
  const element = /^(v\d+\.\w+)\s*\[(.+)\]$/s.exec(name);
  if (element) return `${element[1]}[${number(element[2], context)}]`;
  const modified = modifier.exec(text);
  if (modified) {
    const amount = modified[2] ?? modified[3];
    return modified[1].toLowerCase() + (amount === undefined ? '' : ` #${number(amount, context)}`);
  }
  if (/^[a-z]\w*$/.test(name) && isWord(position)) return systemName(name, text, position);
  const value = text.replace(/^#\s*/, '');
  if (float.test(value)) return `#${value.toLowerCase()}`;
  const relocation = /^:(\w+):(.*)$/s.exec(value);
  if (relocation) return relocated(relocation[1].toLowerCase(), relocation[2], position, context);
  if (position.last && isLabel(position, text)) return labelText(evaluate(value, context).number, position);
  return `#${number(value, context)}`;
}

/** Written by GNU sources, and turned into others here. */
const others = new Set(['udf', 'uxtw', 'ins']);

/** What MRS and MSR, or TLBI and the like, name. */
function systemName(name: string, text: string, { mnemonic, i, last }: Position): string {
  const isRegister = mnemonic === 'mrs' ? i === 1 : mnemonic === 'msr' && i === 0 && !last;
  if (isRegister && !/^(s[0-3]_\d_c\d+_c\d+_\d|spsel|daifset|daifclr)$/.test(name) && !registerNames.has(name)) throw unknownRegister(text);
  if (i === 0 && /^(tlbi|dc|ic|at)$/.test(mnemonic) && !operationNames.has(`${mnemonic} ${name}`)) throw unknownOperation(mnemonic, text);
  return name;
}
const registerNames = new Set(Object.keys(systemRegisters).map((register) => register.toLowerCase()));
const operationNames = new Set(Object.keys(systemOperations).map((operation) => operation.toLowerCase()));

const isLabel = ({ mnemonic, i }: Position, text: string): boolean =>
  takesLabel.test(mnemonic) || (/^(ldr|ldrsw|prfm)$/.test(mnemonic) && i === 1 && text[0] !== '#');
const labelText = (to: bigint, { mnemonic }: Position): string =>
  `0x${BigInt.asUintN(64, mnemonic === 'adrp' ? to & ~0xfffn : to).toString(16)}`;

function number(text: string, context: InstructionContext): bigint {
  const value = evaluate(text, context);
  if (value.section !== undefined)
    throw new SourceError(`${text.trim()} is an address and no number: load it by ldr with =, by adr, or by adrp and :lo12:`);
  return value.number;
}

/** `[base, offset]`, with `!` or without. */
function addressText(text: string, context: InstructionContext): string {
  const inside = /^\[(.*)\](\s*!)?$/s.exec(text);
  if (!inside) throw new SourceError(`${text}: ']' is missing`);
  const parts = operandsOf(inside[1]).map(({ text: part }) => operandText(part, { mnemonic: '', i: 0, last: false, first: '' }, context));
  return `[${parts.join(', ')}]${inside[2] ? '!' : ''}`;
}

/** `{v0.4s - v3.4s}` and `{v0.4s, v1.4s}` as objdump writes them: a range from three registers on. */
function listText(text: string): string {
  const parts = /^\{(.*)\}(.*)$/s.exec(text);
  if (!parts) throw new SourceError(`${text}: '}' is missing`);
  const registers = parts[1].split(',').flatMap((part) => {
    const range = /^\s*v(\d+)(\.\w+)?\s*-\s*v(\d+)(\.\w+)?\s*$/.exec(part);
    if (!range) return [part.trim()];
    const count = ((Number(range[3]) - Number(range[1])) & 31) + 1;
    return Array.from({ length: Math.min(count, 4) }, (_, i) => `v${(Number(range[1]) + i) & 31}${range[2] ?? ''}`);
  });
  const inside = registers.length > 2 ? `${registers[0]}-${registers.at(-1)}` : registers.join(', ');
  return `{${inside}}${parts[2].replaceAll(' ', '')}`;
}

function literalText(text: string, { mnemonic, first }: Position, context: InstructionContext): string {
  const register = context.registers.get(first.toLowerCase()) ?? first.toLowerCase();
  const sizes: Readonly<Record<string, LiteralSize>> = { x: 8, w: 4, s: 4, d: 8, q: 16, l: 8, f: 8 };
  const size = mnemonic === 'ldrsw' ? 4 : mnemonic === 'ldr' ? sizes[register[0]] : undefined;
  if (!size) throw new SourceError(`=${text} can be loaded by ldr and ldrsw only`);
  const value = evaluate(text, context);
  const bits = 8n * BigInt(size);
  if (value.number >= 1n << bits || value.number < -(1n << (bits - 1n)))
    throw new SourceError(`${text.trim()} does not fit in ${bits} bits`);
  return `0x${context.literal(value, size).toString(16)}`;
}

/** Operators such as `:lo12:` (gas manual, AArch64 Relocations): part of an address, for an instruction that holds no more. */
function relocated(operator: string, text: string, position: Position, context: InstructionContext): string {
  const address = BigInt.asUintN(64, evaluate(text, context).number);
  if (operator === 'lo12') return `#${address & 0xfffn}`;
  if (operator === 'pg_hi21' || operator === 'pg_hi21_nc') return labelText(address, position);
  const part = /^abs_g([0-3])(?:_nc)?$/.exec(operator);
  if (!part) throw new SourceError(`:${operator}: is not supported: use :lo12:, :pg_hi21: or :abs_g0: to :abs_g3:`);
  const group = Number(part[1]);
  const bits = address >> BigInt(16 * group);
  if (bits > 0xffffn && !operator.endsWith('_nc') && group < 3)
    throw new SourceError(`${text.trim()} has more bits than :${operator}: holds`);
  return `#${bits & 0xffffn}, lsl #${16 * group}`;
}

/** Ways to write the same instruction, as written first. */
function* spellings(mnemonic: string, operands: readonly string[]): Generator<string> {
  const line = (name: string, list: readonly string[]): string => `${name} ${list.join(', ')}`.trim();
  yield line(mnemonic, operands);
  const rest = operands.slice(0, -1);
  const value = /^#(-?\d+)$/.exec(operands.at(-1) ?? '')?.[1];
  if (value !== undefined) {
    const n = BigInt(value);
    if (n < 0n) yield line(mnemonic, [...rest, `#0x${BigInt.asUintN(64, n).toString(16)}`]);
    const opposite = opposites[mnemonic];
    if (opposite !== undefined) {
      const name = n < 0n ? opposite : mnemonic;
      const size = n < 0n ? -n : n;
      yield line(name, [...rest, `#${size}`]);
      if (size % 4096n === 0n) yield line(name, [...rest, `#${size >> 12n}`, 'lsl #12']);
    }
    const inverted = inversions[mnemonic];
    if (inverted !== undefined) yield line(inverted, [...rest, `#${~n}`]);
  }
  if (/^(ldr|str)(b|h|sb|sh|sw)?$|^prfm$/.test(mnemonic)) yield line(mnemonic.replace(/^(ld|st|prf)/, '$1u'), operands);
  if (mnemonic === 'isb' && operands[0] === 'sy') yield 'isb';
  if (mnemonic === 'hint' && value !== undefined && Object.hasOwn(hints, value)) yield hints[Number(value)];
  if (mnemonic === 'ins') yield line('mov', operands);
  // Exclusive and ordered accesses have a base and no offset.
  if (operands.at(-1)?.endsWith(', #0]')) yield line(mnemonic, [...rest, operands.at(-1)!.replace(', #0]', ']')]);
  // Arm ARM C6.2.387: its word is its operand.
  if (mnemonic === 'udf' && value !== undefined && Number(value) >= 0 && Number(value) < 0x1_0000) yield `.inst ${value}`;
  if (mnemonic === 'uxtw' && operands.length === 2) yield line('mov', [operands[0].replace(/^x/, 'w'), operands[1]]);
}
/** Instructions that do with `-imm`, or with the inverted mask, what others do with it. */
const opposites: Readonly<Record<string, string>> = { add: 'sub', sub: 'add', adds: 'subs', subs: 'adds', cmp: 'cmn', cmn: 'cmp' };
const inversions: Readonly<Record<string, string>> = { bic: 'and', orn: 'orr', eon: 'eor', bics: 'ands' };
