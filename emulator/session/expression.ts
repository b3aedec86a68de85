/** What a person types for an address or a value: a number, a register or a symbol, with others added or subtracted. */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { findRegisterTyped } from '../cpu/index.ts';
import { changeableRegister, registerValue } from '../machine/changeable.ts';
import { reach } from '../mmu/index.ts';
import { addressBits } from './schemas.ts';
import type { CommandParams } from './contract.ts';
import type { Program } from './program.ts';
import { findSymbols } from './symbols.ts';
import type { Hex } from './views.ts';

/**
 * The value of "0x40080000", "42", "-1", "0b101", "sp", "x0 + 8", "ELR_EL2" or "main+0x10", not cut to any width; undefined for anything else.
 * Registers are read at the instant of the machine.
 */
export function evaluate(program: Program, text: string): bigint | undefined {
  const whole = numberOf(text) ?? registerOf(program, text) ?? program.names.find(text.trim());
  if (whole !== undefined) return whole;
  // From the right, because the name of a symbol may hold a sign itself.
  const [, left, sign, right] = /^(.*[^\s+-])\s*([+-])\s*([^+-]+)$/s.exec(text) ?? [];
  const base = left === undefined ? undefined : evaluate(program, left);
  const offset = base === undefined ? undefined : evaluate(program, right);
  return base === undefined || offset === undefined ? undefined : sign === '-' ? base - offset : base + offset;
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

function numberOf(text: string): bigint | undefined {
  const [, sign, digits] = /^\s*(-?)(0x[0-9a-f_]+|0b[01_]+|[0-9][0-9_]*)\s*$/i.exec(text) ?? [];
  const plain = digits?.replaceAll('_', '').toLowerCase();
  if (plain === undefined || plain === '0x' || plain === '0b') return undefined;
  return sign ? -BigInt(plain) : BigInt(plain);
}

/** Any register of 64 bits or fewer, by the name that the Arm ARM or a debugger gives it. */
function registerOf({ machine }: Program, text: string): bigint | undefined {
  const name = text.trim().toLowerCase().replace(/^lr$/, 'x30');
  if (/^v\d/.test(name)) return undefined;
  const register = changeableRegister(machine, name) ?? findRegisterTyped(name);
  return register && registerValue(machine, register.name);
}
