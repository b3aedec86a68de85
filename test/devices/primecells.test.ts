/** The small devices of the board against QEMU's: random registers, sizes, values and inputs. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device, InterruptLine } from '../../emulator/devices/device.ts';
import { EmptyVirtioSlot } from '../../emulator/devices/virtio/empty-slot.ts';
import { PcieConfiguration, PcieWindow } from '../../emulator/devices/pcie.ts';
import { Pl011 } from '../../emulator/devices/pl011.ts';
import { Pl031 } from '../../emulator/devices/pl031.ts';
import { Pl061 } from '../../emulator/devices/pl061.ts';
import { compare, expectSavedState, read, readSpiLevels, SpiLevels, write, type Ours } from './compare.ts';
import { QtestBoard, type Bytes, type Operation } from './qtest.ts';

let board: QtestBoard;
beforeAll(() => void (board = new QtestBoard(['-serial', 'null', '-rtc', 'base=2020-01-01T00:00:00,clock=vm'])));
afterAll(() => board.close());

const sizes = fc.constantFrom<Bytes>(4, 4, 4, 2, 1);
const values = fc.oneof(fc.nat(0xff), fc.nat(0xffff), fc.integer({ min: 0, max: 0xffffffff }), fc.constant(0), fc.constant(0xffffffff));
const offsets = (all: readonly number[]): fc.Arbitrary<number> => fc.constantFrom(...all);
const every4 = (from: number, to: number): number[] => Array.from({ length: (to - from) / 4 }, (_, i) => from + 4 * i);

/** Reads and writes at the offsets of a device. */
const traffic = (base: number, reads: readonly number[], writes: readonly number[]): fc.Arbitrary<Operation> =>
  fc.oneof(
    fc.record({ kind: fc.constant('read' as const), pa: offsets(reads).map((offset) => base + offset), bytes: sizes }),
    fc.record({ kind: fc.constant('write' as const), pa: offsets(writes).map((offset) => base + offset), bytes: sizes, value: values }),
  );

/**
 * The same start for every run: both devices are brought there by writes. Interrupt lines are looked at between other operations; at the end
 * QEMU's is let go, for the devices that share the board.
 */
async function check(operations: fc.Arbitrary<Operation>, make: () => Ours, prepare: readonly Operation[], runs = 40): Promise<void> {
  const all = fc.oneof({ weight: 5, arbitrary: operations }, fc.constant(readSpiLevels));
  const property = fc.asyncProperty(fc.array(all, { minLength: 20, maxLength: 120 }), (list) =>
    compare(board, make(), [...prepare, ...list]),
  );
  await fc.assert(property, { numRuns: runs });
  await board.run(prepare);
}

/** A device with its interrupt line, as the board has it on an SPI. */
function onSpi(spi: number, base: number, make: (line: InterruptLine) => Device): Ours {
  const levels = new SpiLevels();
  return {
    devices: [
      { device: make(levels.line(spi)), base },
      { device: levels, base: SpiLevels.base },
    ],
  };
}
const alone = (device: Device, base: number): Ours => onSpi(0, base, () => device);

describe('devices answer as QEMU does', () => {
  it('PL011, without anything received', async () => {
    const base = 0x0900_0000;
    const registers = [...every4(0, 0x60), ...every4(0xfd0, 0x1000)];
    const clear = [0x04, 0x20, 0x24, 0x28, 0x2c, 0x38, 0x48].map((offset) => write(base + offset, 0));
    const prepare = [...clear, write(base + 0x30, 0x300), write(base + 0x34, 0x12), write(base + 0x44, 0xffff)];
    await check(traffic(base, registers, registers), () => onSpi(1, base, (line) => new Pl011(line)), prepare);
  });

  it('PL031, the clock standing still', async () => {
    const base = 0x0901_0000;
    const registers = [...every4(0, 0x24), ...every4(0xfe0, 0x1000)];
    const now = 1577836800;
    // The alarm is now, later, earlier, a multiple of 2^32 away.
    const times = fc.constantFrom(now, now + 1, now - 1, 0, 0xffffffff);
    const setting = fc.record({
      kind: fc.constant('write' as const),
      pa: fc.constantFrom(base + 4, base + 8),
      bytes: fc.constant<Bytes>(4),
      value: times,
    });
    const make = (): Ours => onSpi(2, base, (line) => new Pl031(line, { ns: 0 }));
    const prepare = [write(base + 0x10, 0), write(base + 8, now), write(base + 4, 0), write(base + 0x1c, 1)];
    await check(fc.oneof(traffic(base, registers, registers), setting), make, prepare);
    await compare(board, make(), [...prepare, readSpiLevels]);
  });

  it('PL061', async () => {
    const base = 0x0903_0000;
    const registers = [...every4(0, 0x400).filter((_, i) => i % 15 === 0), ...every4(0x400, 0x428), ...every4(0xfd0, 0x1000)];
    const path = '/machine/unattached/device[6]';
    const inputs = fc.record({ kind: fc.constant('input' as const), path: fc.constant(path), number: fc.nat(7), high: fc.boolean() });
    const prepare: Operation[] = [
      ...[0x410, 0x404, 0x408, 0x40c].map((offset) => write(base + offset, 0)),
      // As outputs the pins can be set to zero; then they are inputs that are low.
      write(base + 0x400, 0xff),
      write(base + 0x3fc, 0),
      write(base + 0x400, 0),
      ...Array.from({ length: 8 }, (_, number) => ({ kind: 'input' as const, path, number, high: false })),
      write(base + 0x420, 0),
      write(base + 0x41c, 0xff),
    ];
    const make = (): Ours => {
      let device!: Pl061;
      const ours = onSpi(7, base, (line) => (device = new Pl061(line)));
      return { ...ours, input: (pin, high) => device.setPin(pin, high) };
    };
    await check(fc.oneof({ weight: 3, arbitrary: traffic(base, registers, registers) }, inputs), make, prepare);
  });

  it('an empty virtio slot', async () => {
    const base = 0x0a00_0400;
    const registers = every4(0, 0x200);
    await check(traffic(base, registers, registers), () => alone(new EmptyVirtioSlot(), base), [], 10);
  });

  it('PCIe without devices', async () => {
    const ecam = 0x40_1000_0000;
    const device = new PcieConfiguration();
    const inHeader = every4(0, 0x100);
    const elsewhere = [0x100, 0x1000, 0x8000, 0xf_f000];
    const prepare = [...inHeader, ...inHeader].map((offset) => write(ecam + offset, 0));
    await check(traffic(ecam, [...inHeader, ...elsewhere], [...inHeader, ...elsewhere]), () => alone(device, ecam), prepare);
    for (const base of [0x1000_0000, 0x3eff_0000, 0x80_0000_0000])
      await compare(board, alone(new PcieWindow(), base), [read(base), read(base + 1, 1), write(base, 0), read(base, 2)]);
  });
});

describe('PL031 alarm', () => {
  it('goes off when its time has come, and interrupts if it may', () => {
    const time = { ns: 2.5e9 };
    const levels = new SpiLevels();
    const clock = new Pl031(levels.line(2), time, 1000);
    expect(clock.read(0, 4)).toBe(1002);
    clock.write(0x10, 4, 1);
    clock.write(4, 4, 1005);
    expect(clock.nextEvent).toBe(5.5e9);
    time.ns = 5.5e9 - 1;
    clock.elapse();
    expect([clock.peek(0x14, 4), levels.read()]).toEqual([0, 0]);
    time.ns = 5.5e9;
    clock.elapse();
    expect([clock.peek(0x14, 4), levels.read(), clock.nextEvent]).toEqual([1, 4, Infinity]);
    clock.write(0x1c, 4, 1);
    expect(levels.read()).toBe(0);
  });
});

describe('states are saved and loaded', () => {
  const line = { setLevel: (): void => undefined };
  it('PL011, with bytes received and waiting', () => {
    const uart = new Pl011(line);
    uart.write(0x2c, 4, 0x70);
    uart.write(0x38, 4, 0x30);
    uart.receive(Uint8Array.from({ length: 40 }, (_, i) => i));
    uart.read(0, 4);
    const other = new Pl011(line);
    expectSavedState(uart, other, every4(0, 0x60));
    expect(Array.from({ length: 39 }, () => other.read(0, 4))).toEqual(Array.from({ length: 39 }, (_, i) => i + 1));
  });
  it('PL031, with an alarm set', () => {
    const clock = new Pl031(line, { ns: 5e9 });
    clock.write(4, 4, 1577836810);
    const other = new Pl031(line, { ns: 5e9 });
    expectSavedState(clock, other, every4(0, 0x20));
    expect(other.nextEvent).toBe(10e9);
  });
  it('PL061 and PCIe', () => {
    const gpio = new Pl061(line);
    for (const [i, offset] of every4(0x400, 0x424).entries()) gpio.write(offset, 4, 0x11 * i);
    expectSavedState(gpio, new Pl061(line), every4(0x3fc, 0x424));
    const pcie = new PcieConfiguration();
    pcie.write(4, 4, 0xffffffff);
    expectSavedState(pcie, new PcieConfiguration(), every4(0, 0x100));
  });
});
