/** What a person wants of a register, checked against the machine and the program: which one, and its new value. */
import { InputError } from '../base/errors.ts';
import { wideHex } from '../base/hex.ts';
import { describeRegister, findRegisterTyped, peekRegister } from '../cpu/index.ts';
import { changeableRegister, type ChangeableRegister } from '../machine/changeable.ts';
import type { CommandParams } from './contract.ts';
import type { Program } from './program.ts';

/** Throws InputError for a register that cannot be changed, a field that it has not, and a value that does not fit. */
export function registerChange(
  program: Program,
  { register: name, field, value: text }: Pick<CommandParams<'setRegister'>, 'register' | 'field' | 'value'>,
): { readonly register: string; readonly value: bigint } {
  const { machine } = program;
  const register = changeableRegister(machine, name);
  if (!register) {
    if (findRegisterTyped(name)) throw new InputError(`${name} cannot be changed: it is read-only here`);
    throw new InputError(`there is no register ${JSON.stringify(name)} to change`, {}, 'HCR_EL2, x0, sp or pc, for example');
  }
  if (field === undefined)
    return { register: register.name, value: valueOf(program, text, register.bits >> 64n ? 128 : 64, register.name) };
  return { register: register.name, value: withField(program, register, field, text) };
}

/** The value of the register with another value in one of its fields. */
function withField(program: Program, { name, bits }: ChangeableRegister, field: string, text: string): bigint {
  const { cpu, environment } = program.machine;
  const now = peekRegister(cpu, environment, name) ?? 0n;
  const found = describeRegister(name, now)?.fields.find((one) => one.name === field);
  if (!found) throw new InputError(`${name} has no field ${JSON.stringify(field)}`);
  const width = found.high - found.low + 1;
  const mask = ((1n << BigInt(width)) - 1n) << BigInt(found.low);
  if ((mask & bits) === 0n) throw new InputError(`${name}.${field} cannot be changed: it is read-only`);
  return (now & ~mask) | (valueOf(program, text, width, `${name}.${field}`) << BigInt(found.low));
}

/** A number (hexadecimal, decimal, binary; a negative one in two's complement) or a symbol of the program, with an offset or without. */
function valueOf({ symbols, name: file }: Program, text: string, width: number, what: string): bigint {
  const value = numberOf(text) ?? addressOf(symbols, text);
  if (value === undefined)
    throw new InputError(`${JSON.stringify(text)} is neither a number nor a symbol of ${file}`, {}, '0x80000000, 42, 0b101 or main+0x10');
  if (value >= 1n << BigInt(width) || value < -(1n << BigInt(width - 1))) {
    const room = width === 1 ? 'its one bit' : `its ${width} bits`;
    throw new InputError(`${text.trim()} does not fit into ${what}`, {}, `${room} hold at most ${wideHex((1n << BigInt(width)) - 1n)}`);
  }
  return BigInt.asUintN(width, value);
}

function numberOf(text: string): bigint | undefined {
  const [, sign, digits] = /^\s*(-?)(0x[0-9a-f_]+|0b[01_]+|[0-9][0-9_]*)\s*$/i.exec(text) ?? [];
  const plain = digits?.replaceAll('_', '').toLowerCase();
  if (plain === undefined || plain === '0x' || plain === '0b') return undefined;
  return sign ? -BigInt(plain) : BigInt(plain);
}

function addressOf(symbols: Program['symbols'], text: string): bigint | undefined {
  const whole = symbols.find(text.trim());
  if (whole !== undefined) return whole;
  const [, name, offset] = /^\s*(.+?)\s*\+\s*(0x[0-9a-f]+|\d+)\s*$/i.exec(text) ?? [];
  const base = name === undefined ? undefined : symbols.find(name);
  return base === undefined ? undefined : base + BigInt(offset);
}
