/** A register of the processor or of a device by the name that a person types: a value of it, or the one that it holds, field by field. */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { findRegisterTyped, hasRegister, peekRegister, type SystemRegister } from '../cpu/index.ts';
import { placesOf, type Device } from '../devices/device.ts';
import { defaultMachineOptions, Machine } from '../machine/machine.ts';
import { decodedRegister, fieldLines } from './decoded-register.ts';
import { decodedDeviceRegister, peekPlace } from './device-registers.ts';
import type { DecodedRegister } from './views.ts';

type OfMachine = Pick<Machine, 'cpu' | 'environment' | 'board'>;

/** A board after reset, without a program: of the GIC version that has the register, where none is asked for. */
export function boardWith(typed: string, gic?: 2 | 3): Machine | undefined {
  const versions = gic === undefined ? ([2, 3] as const) : [gic];
  for (const version of versions) {
    const machine = new Machine({ ...defaultMachineOptions, memoryBytes: LEAST_MEMORY, gic: version });
    if (hasNamed(machine, typed)) return machine;
  }
  return undefined;
}
const LEAST_MEMORY = 16 << 20;

const hasNamed = (machine: OfMachine, typed: string): boolean =>
  systemNamed(machine, typed) !== undefined || devicePlace(machine, typed) !== undefined;

/**
 * Undefined where the machine has no such register. `value`: in place of the one that it holds. Throws InputError where the value has too many
 * bits, or is missing although the register can only be written.
 */
export function namedRegister(machine: OfMachine, typed: string, value?: bigint): DecodedRegister | undefined {
  const system = systemNamed(machine, typed);
  if (system) return systemRegister(machine, system, value);
  const place = devicePlace(machine, typed);
  if (!place) return undefined;
  const { device, register, name, offset, bytes } = place;
  if (value === undefined && register.access === 'w') throw writeOnly(name);
  return decodedDeviceRegister(register, name, Number(fitting(name, value, 8 * bytes) ?? peekPlace(device, offset, bytes)));
}

const systemNamed = ({ environment }: OfMachine, typed: string): SystemRegister | undefined => {
  const register = findRegisterTyped(typed);
  return register && hasRegister(environment, register) ? register : undefined;
};
function systemRegister({ cpu, environment }: OfMachine, { name }: SystemRegister, value: bigint | undefined): DecodedRegister {
  if (value !== undefined) return decodedRegister(name, fitting(name, value, 64)!);
  const now = peekRegister(cpu, environment, name);
  if (now === undefined) throw writeOnly(name);
  return decodedRegister(name, now, (other) => cpu.get(other));
}

interface DevicePlace {
  readonly device: Device;
  readonly register: Device['registers'][number];
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}
function devicePlace({ board }: OfMachine, typed: string): DevicePlace | undefined {
  const wanted = typed.toUpperCase();
  for (const device of board.devices)
    for (const register of device.registers)
      for (const place of placesOf(register)) if (place.name.toUpperCase() === wanted) return { device, register, ...place };
  return undefined;
}

const writeOnly = (name: string): InputError =>
  new InputError(`${name} can only be written`, {}, `${name}=VALUE tells what a value written to it means`);
function fitting(name: string, value: bigint | undefined, bits: number): bigint | undefined {
  if (value !== undefined && value >> BigInt(bits))
    throw new InputError(`${hex(value)} does not fit into ${name}`, {}, `it has ${bits} bits`);
  return value;
}

export const registerText = ({ name, value, text, fields }: DecodedRegister): string =>
  [`${name} = ${value}${text && `: ${text}`}`, ...fieldLines(fields)].join('\n');
