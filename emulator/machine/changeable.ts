/**
 * What a person may change between two steps, by name: a doubleword of memory, as "[0x40090000]" by its PA, such as a descriptor; and which
 * registers between two steps, and how: the general registers, V0 to V31, SP and PC directly; a system register as MSR at
 * the highest exception level would write it, with all that follows from it; SP_EL2 too, which MSR has for EL3 alone.
 */
import { PA } from '../base/addresses.ts';
import { branchTo, peekRegister, pokeRegister, writableRegister } from '../cpu/index.ts';
import type { CpuState, Environment } from '../cpu/index.ts';

export interface ChangeableRegister {
  /** As the machine spells it. */
  readonly name: string;
  /** The bits that take another value; the others keep theirs. */
  readonly bits: bigint;
}

interface Changed {
  readonly cpu: CpuState;
  readonly environment: Environment;
  /** The word at a PA in RAM or flash. */
  peekWord(pa: PA): number | undefined;
}

/** The PA of a doubleword that is named so; undefined for what is no such name. */
export function memoryNamed(name: string): PA | undefined {
  const digits = /^\[0x([0-9a-f]{1,12})\]$/.exec(name)?.[1];
  const pa = digits === undefined ? undefined : Number.parseInt(digits, 16);
  return pa === undefined || pa % 8 !== 0 ? undefined : PA(pa);
}

const ALL = 0xffff_ffff_ffff_ffffn;
const LOW = 0xffff_ffffn;
const WIDE = 2n ** 128n - 1n;
const isVector = (name: string): boolean => name.startsWith('v');

const direct: ReadonlyMap<string, (cpu: CpuState, value: bigint) => void> = new Map([
  ...Array.from({ length: 31 }, (_, i) => [`x${i}`, (cpu: CpuState, value: bigint) => cpu.setX(i, value)] as const),
  ...Array.from({ length: 32 }, (_, i) => [`v${i}`, (cpu: CpuState, value: bigint) => cpu.setV(i, value)] as const),
  ['sp', (cpu: CpuState, value: bigint) => (cpu.sp = value)],
  [
    'pc',
    (cpu: CpuState, value: bigint) => {
      branchTo(cpu, Number(value & LOW), Number(value >> 32n));
      // A wait may end at any time (Arm ARM D1.6.2); who says where to go on means that it does.
      cpu.waiting = false;
    },
  ],
]);

/** The register of this name, however it is capitalised; undefined where this machine has none, or none that can be written and read. */
export function changeableRegister(machine: Changed, name: string): ChangeableRegister | undefined {
  const { cpu, environment } = machine;
  const lower = name.toLowerCase();
  const memory = memoryNamed(lower);
  if (memory !== undefined) return machine.peekWord(memory) === undefined ? undefined : { name: lower, bits: ALL };
  if (direct.has(lower)) return { name: lower, bits: isVector(lower) ? WIDE : ALL };
  const register = writableRegister(environment, name);
  return register && peekRegister(cpu, environment, register.name) !== undefined
    ? { name: register.name, bits: register.writable || ALL }
    : undefined;
}

/** What such a register holds. */
export function registerValue(machine: Changed, name: string): bigint {
  const { cpu, environment } = machine;
  const memory = memoryNamed(name);
  if (memory !== undefined) return (BigInt(machine.peekWord(PA(memory + 4)) ?? 0) << 32n) | BigInt(machine.peekWord(memory) ?? 0);
  if (name === 'pc') return cpu.pc;
  if (name === 'sp') return cpu.sp;
  if (!direct.has(name)) return peekRegister(cpu, environment, name) ?? 0n;
  const number = Number(name.slice(1));
  return isVector(name) ? cpu.v(number) : cpu.x(number);
}

/** Writes the unsigned bits, 128 for V0 to V31 and 64 for others, to a register that `changeableRegister` gives by this name. */
export function changeRegister({ cpu, environment }: Pick<Changed, 'cpu' | 'environment'>, name: string, value: bigint): void {
  const write = direct.get(name);
  if (write) write(cpu, value);
  else if (!pokeRegister(cpu, environment, name, value)) throw new RangeError(`${name} cannot be changed`);
}
