/** MRS and MSR: who may use a system register, what traps, what is read and what a write does (Arm ARM C5.1.2, D17.1). */
import { encodingKey } from '../isa/index.ts';
import { controls, traps, type Control } from './controls.ts';
import type { Environment } from './environment.ts';
import type { Rule } from './events.ts';
import type { Exception } from './exceptions.ts';
import { belowLevel, registerTrapException, trapException, undefinedException, undefinedReasons } from './traps.ts';
import { systemOffset } from './layout.ts';
import { identificationFor } from './registers/identification.ts';
import { findRegister, findRegisterTyped, systemRegisterTable } from './registers/index.ts';
import type { SystemRegister } from './registers/types.ts';
import type { CpuState } from './state.ts';
import { systemAccessSyndrome } from './syndrome.ts';

/** A register as MRS and MSR need it. */
interface Accessor {
  readonly register: SystemRegister;
  /** Lowest level; 3 where there is none. */
  readonly readLevel: number;
  readonly writeLevel: number;
  readonly readTraps: readonly Control[];
  readonly writeTraps: readonly Control[];
  /** Index of its storage among the 32-bit words of the CPU's block, or -1. */
  readonly word: number;
  readonly maskLow: number;
  readonly maskHigh: number;
}

const accessors: (Accessor | undefined)[] = new Array<Accessor | undefined>(0x10000);
for (const register of systemRegisterTable) {
  const on = (direction: 'read' | 'write'): Control[] =>
    register.traps.filter((trap) => trap.on === 'both' || trap.on === direction).map((trap) => controls[trap.control]);
  accessors[encodingKey(...register.encoding)] = {
    register,
    readLevel: register.readableFrom ?? 3,
    writeLevel: register.writableFrom ?? 3,
    readTraps: on('read'),
    writeTraps: on('write'),
    word: register.stored ? systemOffset(register.stored) >> 2 : -1,
    maskLow: Number(register.writable & 0xffff_ffffn) | 0,
    maskHigh: Number(register.writable >> 32n) | 0,
  };
}

/** Whether this machine has the register. */
export const hasRegister = ({ hasEl2, gic }: Pick<Environment, 'hasEl2' | 'gic'>, { only }: SystemRegister): boolean =>
  only.every((variant) => (variant === 'with GICv3' ? gic !== undefined : hasEl2 === (variant === 'with EL2')));

/** op0:op1:CRn:CRm:op2 of an MRS or MSR are in bits 20..5. */
const named = (word: number): Accessor | undefined => accessors[(word >>> 5) & 0xffff];
const find = (word: number, environment: Environment): Accessor | undefined => {
  const accessor = named(word);
  return accessor && hasRegister(environment, accessor.register) ? accessor : undefined;
};

/** Encodings for IMPLEMENTATION DEFINED registers (CRn = 11 or 15): HCR_EL2.TIDCP traps them at EL1 whether they exist or not. */
const isImplementationDefined = (word: number): boolean => (word & 0xb000) === 0xb000;

/** The exception that an MRS takes instead of reading; undefined where it may read. */
export function judgeMrs(cpu: CpuState, environment: Environment, word: number): Exception | undefined {
  const accessor = find(word, environment);
  return accessor && mayAccess(cpu, accessor, accessor.readLevel)
    ? judgeTraps(cpu, accessor.readTraps, word)
    : refusal(cpu, word, reasonOf(cpu, environment, word, true));
}

/** The exception that an MSR (register) takes instead of writing; undefined where it may write. */
export function judgeMsr(cpu: CpuState, environment: Environment, word: number): Exception | undefined {
  const accessor = find(word, environment);
  return accessor && mayAccess(cpu, accessor, accessor.writeLevel)
    ? judgeTraps(cpu, accessor.writeTraps, word)
    : refusal(cpu, word, reasonOf(cpu, environment, word, false));
}

function judgeTraps(cpu: CpuState, list: readonly Control[], word: number): Exception | undefined {
  for (const control of list) {
    if (traps(cpu, control, cpu.el)) return registerTrapException(cpu, control, systemAccessSyndrome(word));
  }
  return undefined;
}

/** MRS that `judgeMrs` has allowed: reads into Xt and moves pc on. */
export function executeMrs(cpu: CpuState, environment: Environment, word: number): void {
  const { register, word: at } = find(word, environment)!;
  const Rt = word & 31;
  if (register.compute) {
    const value = register.compute(cpu, environment);
    if (typeof value === 'number') cpu.setXHalves(Rt, value >>> 0, Math.floor(value / 2 ** 32));
    else cpu.setX(Rt, value);
  } else if (at >= 0) cpu.setXHalves(Rt, cpu.u32[at], cpu.u32[at + 1]);
  else cpu.setX(Rt, constantValue(register, environment));
  cpu.advance();
}

/** MSR (register) that `judgeMsr` has allowed: writes from Xt and moves pc on. */
export function executeMsr(cpu: CpuState, environment: Environment, word: number): void {
  const Rt = word & 31;
  write(cpu, environment, find(word, environment)!, cpu.xLow(Rt), cpu.xHigh(Rt));
  cpu.advance();
}

/** SP_EL0 is UNDEFINED while it is the stack pointer in use (D17.2.138). */
const mayAccess = (cpu: CpuState, accessor: Accessor, level: number): boolean =>
  cpu.el >= level && (accessor.register.stored !== 'SP_EL0' || cpu.spsel === 1);

/** Why there is no such access. */
function reasonOf(cpu: CpuState, environment: Environment, word: number, isRead: boolean): Rule {
  const register = named(word)?.register;
  if (register?.only.includes('with EL2') && !environment.hasEl2) return undefinedReasons.noEl2;
  if (!register || !hasRegister(environment, register)) return undefinedReasons.unallocatedRegister;
  const { readableFrom, writableFrom } = register;
  const level = isRead ? readableFrom : writableFrom;
  if (level === undefined) return isRead ? undefinedReasons.writeOnly : undefinedReasons.readOnly;
  return cpu.el < level ? belowLevel(cpu.el, level) : undefinedReasons.spInUse;
}

/** The exception for an access that nothing of this processor answers to: UNDEFINED, unless HCR_EL2.TIDCP wants it. */
export function refusal(cpu: CpuState, word: number, reason: Rule): Exception {
  const control = controls['HCR_EL2.TIDCP'];
  return isImplementationDefined(word) && traps(cpu, control, cpu.el)
    ? trapException(cpu, control, systemAccessSyndrome(word))
    : undefinedException(cpu, reason);
}

function write(cpu: CpuState, environment: Environment, accessor: Accessor, low: number, high: number): void {
  const { register, word, maskLow, maskHigh } = accessor;
  if (register.assign) register.assign(cpu, environment, low, high);
  else if (word >= 0) {
    const { u32 } = cpu;
    const newLow = ((u32[word] & ~maskLow) | (low & maskLow)) >>> 0;
    const newHigh = ((u32[word + 1] & ~maskHigh) | (high & maskHigh)) >>> 0;
    if (newLow === u32[word] && newHigh === u32[word + 1]) return;
    u32[word] = newLow;
    u32[word + 1] = newHigh;
  }
  switch (register.effect) {
    case 'translation':
      environment.translationChanged();
      break;
    case 'timers':
      environment.timersChanged();
      break;
    case 'interrupts':
      environment.interruptsChanged();
      break;
    case 'debug':
      environment.debugChanged();
      break;
    case 'translation and interrupts':
      environment.translationChanged();
      environment.interruptsChanged();
      break;
  }
}

const constantValue = ({ name, reset }: SystemRegister, environment: Environment): bigint =>
  identificationFor(name, reset, environment.hasEl2, environment.gic !== undefined);

/**
 * The value of a register as the current level would read it, without checks and without side effects, for those who look on.
 * Undefined where it cannot be read or this processor has no such register.
 */
export function peekRegister(cpu: CpuState, environment: Environment, name: string): bigint | undefined {
  const register = findRegister(name);
  if (!register || register.readableFrom === undefined || !hasRegister(environment, register)) return undefined;
  if (register.peek) return BigInt(register.peek(cpu, environment));
  if (!register.compute) return register.stored ? cpu.get(register.stored) : constantValue(register, environment);
  // Reading a counter brings it up to date: looking on must not.
  const before = cpu.bytes.slice();
  const value = BigInt(register.compute(cpu, environment));
  cpu.bytes.set(before);
  return value;
}

/**
 * The entry of a register that MSR can write at the highest level of this machine, however its name is capitalised; undefined for others.
 * EL2 has its stack pointer too, though MSR SP_EL2 is for EL3.
 */
export function writableRegister(environment: Environment, name: string): SystemRegister | undefined {
  const register = findRegisterTyped(name);
  if (register?.writableFrom === undefined) return undefined;
  const level = Math.min(register.writableFrom, 2);
  return level <= (environment.hasEl2 ? 2 : 1) && hasRegister(environment, register) ? register : undefined;
}

/** Writes such a register as MSR would, without traps: for what-if. False where this cannot be written. */
export function pokeRegister(cpu: CpuState, environment: Environment, name: string, value: bigint): boolean {
  const register = writableRegister(environment, name);
  const accessor = register && accessors[encodingKey(...register.encoding)];
  if (!accessor) return false;
  write(cpu, environment, accessor, Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn));
  return true;
}
