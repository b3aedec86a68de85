import { HostOffset, PA } from '../../emulator/base/addresses.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessBytes, Device } from '../../emulator/devices/device.ts';
import { Bus } from '../../emulator/machine/bus.ts';
import { boardRegions } from '../../emulator/machine/board-table.ts';

const ramBase = 0x4000_0000;
const ramBytes = 0x1_0000;
const ramOffset = 0x2_0000;
const flashOffset = 0x4_0000;
const deviceBase = 0x0900_0000;

/** A device that notes what is asked of it; its registers hold their own offset, and a read counts. */
class Notes implements Device {
  readonly name = 'notes';
  readonly registers = [];
  readonly log: string[] = [];
  reads = 0;
  read(offset: number, bytes: AccessBytes): number {
    this.reads++;
    this.log.push(`read ${bytes} at ${offset}`);
    return this.peek(offset, bytes);
  }
  peek(offset: number, bytes: AccessBytes): number {
    return bytes === 4 ? 0x8000_0000 + offset : offset & 0xff;
  }
  write(offset: number, bytes: AccessBytes, value: number): void {
    this.log.push(`write ${bytes} at ${offset} = ${value}`);
  }
  accepts(offset: number): boolean {
    return offset < 0x800;
  }
  reset(): void {}
  save(): void {}
  load(): void {}
}

function makeBus(): { bus: Bus; memory: Uint8Array; device: Notes; flash: Notes } {
  const memory = new Uint8Array(0x6_0000);
  const device = new Notes();
  const flash = new Notes();
  const host = [
    { name: 'ram', base: PA(ramBase), bytes: ramBytes, hostOffset: HostOffset(ramOffset) },
    { name: 'flash', base: PA(0), bytes: 0x1000, hostOffset: HostOffset(flashOffset), device: flash },
  ];
  return { bus: new Bus(memory, host, [{ name: 'notes', base: PA(deviceBase), bytes: 0x1000, device }]), memory, device, flash };
}

describe('bus', () => {
  it('reads and writes RAM as the little-endian memory that it is, at any alignment', () => {
    const property = fc.property(
      fc.nat(ramBytes - 8),
      fc.integer({ min: 1, max: 8 }),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      (at, bytes, value) => {
        const { bus, memory } = makeBus();
        expect(bus.accepts(PA(ramBase + at), bytes, true)).toBe(true);
        expect(bus.write(PA(ramBase + at), bytes, Number(value & 0xffff_ffffn), Number(value >> 32n))).toBe(true);
        const wanted = value & ((1n << BigInt(8 * bytes)) - 1n);
        expect(new DataView(memory.buffer).getBigUint64(ramOffset + at, true)).toBe(wanted);
        expect(bus.read(PA(ramBase + at), bytes)).toBe(true);
        expect((BigInt(bus.high) << 32n) | BigInt(bus.low)).toBe(wanted);
        expect(bus.hostAddress(PA(ramBase + at))).toBe(ramOffset + at);
      },
    );
    fc.assert(property);
  });

  it('passes accesses on to devices; eight bytes are two registers, the lower first', () => {
    const { bus, device } = makeBus();
    bus.read(PA(deviceBase + 0x10), 8);
    expect([bus.low, bus.high]).toEqual([0x8000_0010, 0x8000_0014]);
    bus.write(PA(deviceBase + 0x20), 8, 1, 2);
    bus.write(PA(deviceBase + 0x30), 1, 0x1234, 0);
    expect(device.log).toEqual(['read 4 at 16', 'read 4 at 20', 'write 4 at 32 = 1', 'write 4 at 36 = 2', 'write 1 at 48 = 52']);
  });

  it('peeks without side effects', () => {
    const { bus, device } = makeBus();
    bus.peek(PA(deviceBase + 0x10), 4);
    expect(bus.low).toBe(0x8000_0010);
    expect(bus.peekBytes(PA(deviceBase), 4)).toEqual(Uint8Array.of(0, 1, 2, 3));
    expect(device.reads).toBe(0);
    expect(bus.peekBytes(PA(ramBase + ramBytes - 2), 4)).toBeUndefined();
    expect(bus.peekBytes(PA(ramBase + ramBytes - 2), 2)).toEqual(new Uint8Array(2));
  });

  it('refuses what nobody answers', () => {
    const { bus } = makeBus();
    expect(bus.accepts(PA(0x2000), 4, false)).toBe(false);
    expect(bus.read(PA(0x2000), 4)).toBe(false);
    expect(bus.write(PA(0x2000), 4, 0, 0)).toBe(false);
    expect(bus.accepts(PA(deviceBase + 2), 4, false)).toBe(false);
    expect(bus.accepts(PA(deviceBase), 3, false)).toBe(false);
    expect(bus.accepts(PA(deviceBase + 0x800), 4, false)).toBe(false);
    expect(bus.accepts(PA(deviceBase + 0x7f8), 8, true)).toBe(true);
    expect(bus.accepts(PA(ramBase + ramBytes - 2), 4, false)).toBe(false);
    expect(bus.hostAddress(PA(0xff_ffff_ffff))).toBe(-1);
    expect([bus.nameAt(PA(ramBase)), bus.nameAt(PA(0x2000))]).toEqual(['ram', undefined]);
  });

  it('reads flash from memory until its device takes over, and always gives it the writes', () => {
    const { bus, memory, flash } = makeBus();
    let remaps = 0;
    bus.onRemap = () => void remaps++;
    memory[flashOffset + 4] = 0x77;
    expect([bus.hostAddress(PA(4)), bus.isWritable(PA(4)), bus.isWritable(PA(ramBase))]).toEqual([flashOffset + 4, false, true]);
    bus.read(PA(4), 4);
    expect(bus.low).toBe(0x77);
    bus.write(PA(4), 4, 9, 0);
    expect([memory[flashOffset + 4], flash.log]).toEqual([0x77, ['write 4 at 4 = 9']]);
    bus.setMapped('flash', false);
    bus.setMapped('flash', false);
    expect([remaps, bus.hostAddress(PA(4))]).toEqual([1, -1]);
    bus.read(PA(4), 4);
    expect(bus.low).toBe(0x8000_0004);
  });

  it('has no place for two at one address', () => {
    const region = { name: 'a', base: PA(0), bytes: 0x1000, hostOffset: HostOffset(0) };
    expect(() => new Bus(new Uint8Array(1), [region, { ...region, name: 'b', base: PA(0xfff) }], [])).toThrow('overlaps');
  });
});

describe('memory map', () => {
  const maps = ([2, 3] as const).flatMap((gic) => [true, false].map((el2) => boardRegions({ memoryBytes: 2 ** 31, gic, el2 })));
  it.each(maps)('is in order and free of overlaps', (...regions) => {
    const list = regions.flat();
    list.forEach((region, i) => {
      const next = list[i + 1];
      if (next) expect(region.base + region.bytes, `${region.name} before ${next.name}`).toBeLessThanOrEqual(next.base);
      expect(region.base + region.bytes).toBeLessThanOrEqual(2 ** 40);
    });
    expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
  });
});
