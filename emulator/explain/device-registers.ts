/** Registers of devices with their fields in words, from the tables of the devices. */
import { hex } from '../base/hex.ts';
import { placesOf, type AccessBytes, type Device, type RegisterDescription } from '../devices/device.ts';
import type { DecodedRegister, FieldValue } from './views.ts';

const binary = (value: number, bits: number): string => (bits <= 8 ? value.toString(2).padStart(bits, '0') : hex(value));

/** A value of a register; of an array of registers `name` has the index. */
export function decodedDeviceRegister({ fields = [], width, title }: RegisterDescription, name: string, value: number): DecodedRegister {
  return {
    name,
    value: hex(value),
    width: width === 64 ? 64 : 32,
    text: title,
    fields: [...fields]
      .sort((a, b) => b.high - a.high)
      .map(({ name: field, high, low, meaning, values }): FieldValue => {
        const bits = Math.floor(value / 2 ** low) % 2 ** (high - low + 1);
        return { name: field, high, low, value: binary(bits, high - low + 1), meaning, text: values?.[bits] ?? '' };
      }),
  };
}

/** Whether reading it tells something; the rest only identifies the device. */
const isTelling = ({ access, name }: RegisterDescription): boolean => access !== 'w' && !/_(PIDR|CIDR|IIDR|.*ID)\d*$/.test(name);

/** All registers of a device that can be read, as they are now; of those in arrays only those that are meant. */
export const deviceRegisters = (device: Device, isMeant: (register: RegisterDescription, index: number) => boolean): DecodedRegister[] =>
  device.registers.filter(isTelling).flatMap((register) =>
    placesOf(register)
      .filter((_, index) => (register.count ?? 1) === 1 || isMeant(register, index))
      .map(({ name, offset, bytes }) => decodedDeviceRegister(register, name, peekPlace(device, offset, bytes))),
  );

/** The bus has no accesses of 64 bits: both halves, of which a number holds 53 bits exactly. */
export const peekPlace = (device: Device, offset: number, bytes: number): number =>
  bytes === 8 ? device.peek(offset + 4, 4) * 2 ** 32 + device.peek(offset, 4) : device.peek(offset, bytes as AccessBytes);
