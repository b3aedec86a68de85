/** What a person wants of a register, checked against the machine and the program: which one, and its new value. */
import { InputError } from '../base/errors.ts';
import { wideHex } from '../base/hex.ts';
import { describeRegister, findRegisterTyped, peekRegister } from '../cpu/index.ts';
import { changeableRegister, type ChangeableRegister } from '../machine/changeable.ts';
import type { CommandParams } from './contract.ts';
import { evaluate } from './expression.ts';
import type { Program } from './program.ts';

/** Throws InputError for a register that cannot be changed, a field that it has not, and a value that does not fit. */
export function registerChange(
  program: Program,
  { register: name, field, value: text }: Pick<CommandParams<'setRegister'>, 'register' | 'field' | 'value'>,
): { readonly register: string; readonly value: bigint } {
  const { machine } = program;
  const register = changeableRegister(machine, name);
  if (!register) {
    if (name.startsWith('['))
      throw new InputError(`${name} is no doubleword of RAM or flash`, {}, '[0x40090000], with a PA that is a multiple of 8, for example');
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

/** What was typed, as the unsigned bits of a register or field of this width; a negative number in two's complement. */
function valueOf(program: Program, text: string, width: number, what: string): bigint {
  const value = evaluate(program, text);
  if (value === undefined)
    throw new InputError(
      `${JSON.stringify(text)} is neither a number nor a register or symbol of ${program.name}`,
      {},
      '0x80000000, 42, 0b101, x0 or main+0x10',
    );
  if (value >= 1n << BigInt(width) || value < -(1n << BigInt(width - 1))) {
    const room = width === 1 ? 'its one bit' : `its ${width} bits`;
    throw new InputError(`${text.trim()} does not fit into ${what}`, {}, `${room} hold at most ${wideHex((1n << BigInt(width)) - 1n)}`);
  }
  return BigInt.asUintN(width, value);
}
