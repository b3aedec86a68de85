/** The registers of the GIC with their fields in words: those on the bus, and of a GICv3 those that the CPU reaches by MRS. */
import { systemRegisterTable } from '../cpu/registers/index.ts';
import type { GicRegister } from '../cpu/index.ts';
import { placesOf } from '../devices/device.ts';
import type { Gic } from '../devices/gic/index.ts';
import type { Board } from '../machine/board.ts';
import { decodedRegister } from './decoded-register.ts';
import { decodedDeviceRegister, deviceRegisters } from './device-registers.ts';
import type { DecodedRegister } from './views.ts';

/** Of the registers with something for each of many interrupts the one that has `intid`; and all the others. */
export function gicRegisters(board: Board, intid: number, hasEl2: boolean): DecodedRegister[] {
  const { gic, systemRegisters } = board;
  const onBus = onBusOf(gic, hasEl2).flatMap((device) =>
    deviceRegisters(device, ({ name }, index) => !/^GIC[DR]/.test(name) || index === Math.floor(intid / perRegister(name))),
  );
  if (!systemRegisters) return onBus;
  const inCpu = systemNames.filter((name) => hasEl2 || !name.endsWith('_EL2'));
  const virtual = hasEl2 ? inCpu.map((name) => name.replace('ICC', 'ICV') as GicRegister).filter((name) => name.startsWith('ICV')) : [];
  return [...onBus, ...[...inCpu, ...virtual].flatMap((name) => systemRegister(board, name) ?? [])];
}
const onBusOf = (gic: Gic, hasEl2: boolean): Gic['devices'] =>
  gic.version === 2 && !hasEl2 ? gic.devices.slice(0, 2) : gic.devices.filter((device) => !gic.inCpu.includes(device));
const perRegister = (name: string): number =>
  name.includes('IROUTER') ? 1 : /IPRIORITYR|ITARGETSR|SGIR/.test(name) ? 4 : name.includes('ICFGR') ? 16 : 32;

const systemNames = systemRegisterTable
  .filter(({ only, readableFrom }) => only.includes('with GICv3') && readableFrom !== undefined)
  .map(({ name }) => name as GicRegister);

/** A register of the CPU interface, whatever level runs; ICV_ are the guest's. */
function systemRegister({ systemRegisters }: Board, name: GicRegister): DecodedRegister | undefined {
  const value = systemRegisters?.peek(name);
  return value === undefined ? undefined : { ...decodedRegister(name.replace('ICV', 'ICC'), BigInt(value)), name };
}

/** One of 32 bits, or one that is in the CPU, by its name. */
export function gicRegister(board: Board, name: string): DecodedRegister | undefined {
  if (/^IC[CHV]/.test(name)) return systemRegister(board, name as GicRegister);
  for (const device of board.gic.devices)
    for (const register of device.registers) {
      const place = placesOf(register).find((one) => one.name === name);
      if (place) return decodedDeviceRegister(register, name, device.peek(place.offset, 4));
    }
  return undefined;
}
