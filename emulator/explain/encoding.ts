/** The 32 bits of an instruction by field, as its definition has them (Arm ARM C4 and C6). */
import type { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { decode, fields, registerOf, type Decoded, type FieldName } from '../isa/index.ts';
import { fieldLines } from './decoded-register.ts';
import { describeInstruction } from './instruction.ts';
import { disassembled } from './instruction-text.ts';
import type { Encoding, FieldValue } from './views.ts';
import { plain } from './words.ts';

/** `word` at the VA `pc`. */
export function encodingOf(word: number, pc: VA): Encoding {
  const decoded = decode(word);
  return {
    word: hex(BigInt(word >>> 0)),
    name: decoded?.definition.name ?? 'UNDEFINED',
    text: disassembled(word, pc),
    says: describeInstruction(word, pc),
    fields: decoded ? fieldsOf(decoded) : [],
    names: decoded && isSystemMove(decoded) ? { register: registerOf(decoded), high: 20, low: 5 } : null,
  };
}

const isSystemMove = ({ definition }: Decoded): boolean => /^(MRS|MSR \(register\))$/.test(definition.name);

/** From bit 31 down; the fixed bits, which say what instruction it is, are left out. */
const fieldsOf = ({ definition, word, fields: values }: Decoded): FieldValue[] =>
  definition.pattern.slots
    .toSorted((a, b) => b.lsb - a.lsb)
    .map(({ name, lsb: low, width }) => {
      const high = low + width - 1;
      return { name, high, low, value: bitsOf(word, high, low), meaning: '', text: meaning(name, values[name]) };
    });

const bitsOf = (word: number, high: number, low: number): string =>
  (BigInt(word >>> 0) >> BigInt(low))
    .toString(2)
    .padStart(32, '0')
    .slice(-(high - low + 1));

/** Which part of the instruction a register is. */
const roles: Readonly<Record<string, string>> = {
  d: 'the destination',
  n: 'the first operand, or the base of an address',
  m: 'the second operand',
  a: 'the addend',
  t: 'the register that is moved',
  t2: 'the second register that is moved',
  s: 'what tells whether the store passed, or the value compared',
};
const sentences: Partial<Record<FieldName, (value: number) => string>> = {
  sf: (value) => (value ? '64-bit registers' : '32-bit registers'),
  imm14: distance,
  imm19: distance,
  imm26: distance,
  hw: (value) => `shifted left by ${16 * value}`,
  sh: (value) => (value ? 'shifted left by 12' : 'not shifted'),
  S: (value) => (value ? '1' : '0'),
  cond: (value) => `condition ${value}`,
  o0: (value) => `op0 is ${value + 2}`,
  op1: (value) => `op1 is ${value}`,
  CRn: (value) => `CRn is ${value}`,
  CRm: (value) => `CRm is ${value}`,
  op2: (value) => `op2 is ${value}`,
};
function distance(value: number): string {
  return value === 0
    ? 'this instruction'
    : `${Math.abs(value)} instruction${Math.abs(value) === 1 ? '' : 's'} ${value < 0 ? 'back' : 'on'}`;
}

function meaning(name: FieldName, value: number): string {
  const sentence = sentences[name];
  if (sentence) return sentence(value);
  const [, binding] = fields[name];
  if (binding === 'register' || binding === 'vector') {
    const number = value === 31 && binding === 'register' ? '31: sp or zr' : `${binding === 'vector' ? 'v' : 'x'}${value}`;
    return `${number}, ${roles[name.slice(1)] ?? 'a register'}`;
  }
  return value < 10 && value > -10 ? String(value) : `${value}, ${value < 0 ? '-' : ''}${hex(BigInt(Math.abs(value)))}`;
}

/** The instruction with its bits, for a terminal. */
export const encodingText = (encoding: Encoding): string =>
  [`${encoding.text}  ${plain(encoding.says)}`.trimEnd(), ...encodingLines(encoding)].join('\n');

/** The fields, and what the other bits are. */
export function encodingLines({ word, name, fields: shown, names }: Encoding): string[] {
  const bits = `0x${word.slice(2).padStart(8, '0')}`;
  if (shown.length === 0) return [`  ${bits}: ${name}, by all 32 bits`];
  return [
    `  ${bits}: ${name}, by the bits that belong to no field`,
    ...fieldLines(shown),
    ...(names ? [`  bits ${names.high}:${names.low} name ${names.register}`] : []),
  ];
}
