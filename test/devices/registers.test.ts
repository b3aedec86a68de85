/** What holds for every device of the board, since it follows from how its registers are defined. */
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../emulator/base/bytes.ts';
import { InputError } from '../../emulator/base/errors.ts';
import { placesOf, unconnected, type AccessBytes, type Device } from '../../emulator/devices/device.ts';
import { bit, field, maskOf } from '../../emulator/devices/fields.ts';
import { GicV2 } from '../../emulator/devices/gic-v2/index.ts';
import { GicV3 } from '../../emulator/devices/gic-v3/index.ts';
import { RegisterDevice, registersOf } from '../../emulator/devices/registers.ts';
import { queue, words } from '../../emulator/devices/state.ts';
import type { BoardRow } from '../../emulator/machine/board-row.ts';
import { boardRows } from '../../emulator/machine/board-table.ts';

const FLASH_BYTES = 1 << 19;
const virtio = [
  { kind: 'block', bytes: FLASH_BYTES, readOnly: false },
  { kind: 'entropy', seed: 1 },
  { kind: 'console' },
  { kind: 'network' },
] as const;

/** One device of each row, as the board makes them, with memory of their own. */
function makeDevices(): readonly { readonly device: Device; readonly bytes: number }[] {
  const options = { outputs: [{ irq: false, fiq: false, virq: false, vfiq: false }], maintenanceIntid: 25 };
  const v2 = new GicV2(options);
  let control = 0;
  const v3 = new GicV3({ ...options, hcr: [{ read: () => control, write: (value) => void (control = value) }] });
  const rowsOf = (gic: 2 | 3): readonly BoardRow[] => boardRows({ memoryBytes: 1 << 24, gic, el2: true, virtio });
  const ofGic3 = rowsOf(3).filter(({ family }) => family === 'GIC');
  const rows = [...rowsOf(2).filter(({ name }) => !/^virtio-mmio\.(1|2[0-7]|[2-9]$)/.test(name)), ...ofGic3];
  return rows.flatMap((row) => {
    const memory = new Uint8Array(FLASH_BYTES);
    const device = row.make?.({
      cpus: 1,
      lines: (row.spis ?? []).map((spi) => v2.line(32 + spi)),
      time: { ns: 5e9 },
      onTransmit: () => undefined,
      dma: { read: () => undefined, isWritable: () => false, write: () => undefined },
      v2,
      v3,
      diskOf: () => ({ bytes: memory, write: (at, bytes) => memory.set(bytes, at) }),
      flash: { bytes: memory, write: (at, bytes) => memory.set(bytes, at), setMapped: () => undefined },
    });
    return device ? [{ device, bytes: Math.min(row.bytes, FLASH_BYTES) }] : [];
  });
}
const names = makeDevices().map(({ device: { name } }) => name);

const savedBytes = (device: Device): Uint8Array => {
  const writer = new ByteWriter();
  device.save(writer);
  return writer.finish();
};
/** As text, which is quick to compare. */
const saved = (device: Device): string => Buffer.from(savedBytes(device)).toString('hex');

describe('the definitions of the registers are complete', () => {
  test.each(makeDevices().map(({ device, bytes }) => [device.name, device, bytes] as const))('%s', (_, { registers }, bytes) => {
    expect(new Set(registers.map(({ name }) => name)).size).toBe(registers.length);
    const places = registers.flatMap((register) => placesOf(register)).sort((a, b) => a.offset - b.offset);
    places.forEach(({ name, offset, bytes: size }, i) => expect(offset + size, name).toBeLessThanOrEqual(places[i + 1]?.offset ?? bytes));
    for (const { name, title, width, fields = [] } of registers) {
      expect(title, name).toMatch(/^["A-Z]/);
      expect(fields.length > 0 || title.includes('unused'), `${name} has fields`).toBe(true);
      let above: number = width;
      for (const { name: part, high, low, meaning, values } of fields) {
        expect(above > high && high >= low && low >= 0, `${name}.${part} lies below the one before it`).toBe(true);
        expect(meaning, `${name}.${part}`).toMatch(/\S/);
        for (const value of Object.keys(values ?? {})) expect(Number(value), `${name}.${part}`).toBeLessThan(2 ** (high - low + 1));
        above = low;
      }
    }
  });

  test('after reset a register holds nothing beyond its width', () => {
    for (const { device } of makeDevices()) {
      device.reset();
      for (const register of device.registers)
        if (register.width < 32 && register.offset % 4 === 0 && device.name !== 'pcie-ecam' && !device.name.startsWith('flash'))
          for (const { name, offset } of placesOf(register)) expect(device.peek(offset, 4), name).toBeLessThan(2 ** register.width);
    }
  });
});

const access = fc.record({
  device: fc.nat(names.length - 1),
  /** A register that is described, or any place. */
  register: fc.option(fc.nat()),
  at: fc.nat(),
  bytes: fc.constantFrom<AccessBytes>(1, 2, 4, 4, 4),
  value: fc.oneof(fc.constantFrom(0, 1, 0xff, 0xffff_ffff), fc.integer({ min: 0, max: 0xffff_ffff })),
  isWrite: fc.boolean(),
});
type Access = typeof access extends fc.Arbitrary<infer T> ? T : never;

function place({ register, at, bytes }: Access, { device, bytes: size }: { device: Device; bytes: number }): number {
  const { registers } = device;
  const described = register === null || registers.length === 0 ? undefined : placesOf(registers[register % registers.length]);
  return (described ? described[at % described.length].offset : at % size) & -bytes;
}

/** Devices with any state that accesses can bring them to. */
function afterTraffic(accesses: readonly Access[]): ReturnType<typeof makeDevices> {
  const devices = makeDevices();
  for (const one of accesses) {
    const target = devices[one.device];
    const offset = place(one, target);
    if (!(target.device.accepts?.(offset, one.bytes, one.isWrite) ?? true)) continue;
    if (one.isWrite) target.device.write(offset, one.bytes, one.bytes === 4 ? one.value : one.value & (2 ** (8 * one.bytes) - 1));
    else target.device.read(offset, one.bytes);
  }
  return devices;
}

/** The registers that are described, and some places beside them. */
const lookedAt = ({ device, bytes }: { device: Device; bytes: number }): number[] => [
  ...device.registers.flatMap((register) =>
    placesOf(register)
      .slice(0, 9)
      .map(({ offset }) => offset & ~3),
  ),
  ...Array.from({ length: 16 }, (_, i) => (i * 0x3fc) % bytes),
];

describe('whatever was done to the devices', () => {
  const traffic = fc.array(access, { minLength: 20, maxLength: 80 });

  it('a peek changes nothing that is saved', () => {
    fc.assert(
      fc.property(traffic, (accesses) => {
        const devices = afterTraffic(accesses);
        const before = devices.map(({ device }) => saved(device));
        for (const one of devices)
          for (const offset of lookedAt(one)) for (const bytes of [1, 2, 4] as const) one.device.peek(offset, bytes);
        expect(devices.map(({ device }) => saved(device))).toEqual(before);
      }),
      { numRuns: 8 },
    );
  });

  it('what is loaded reads as before and is saved as the same bytes', () => {
    fc.assert(
      fc.property(traffic, (accesses) => {
        const devices = afterTraffic(accesses);
        const copies = makeDevices();
        // The GIC, which the others tell the levels of their lines, comes first on the board.
        devices.forEach(({ device }, i) => {
          const reader = new ByteReader(savedBytes(device));
          copies[i].device.load(reader);
          expect(reader.remaining, device.name).toBe(0);
        });
        devices.forEach((one, i) => {
          expect(saved(copies[i].device), one.device.name).toEqual(saved(one.device));
          // The array of flash belongs to the machine's memory.
          if (one.device.name.startsWith('flash')) return;
          const values = (device: Device): number[] => lookedAt(one).map((offset) => device.peek(offset, 4));
          expect(values(copies[i].device), one.device.name).toEqual(values(one.device));
        });
      }),
      { numRuns: 8 },
    );
  });

  it('reset brings back the state after power-on', () => {
    const fresh = makeDevices().map(({ device }) => saved(device));
    fc.assert(
      fc.property(traffic, (accesses) => {
        const devices = afterTraffic(accesses);
        for (const { device } of devices.toReversed()) device.reset();
        // Edges that messages made are forgotten; the lines are low again.
        expect(devices.map(({ device }) => saved(device))).toEqual(fresh);
      }),
      { numRuns: 8 },
    );
  });

  it('a damaged state is bounded: loaded, it is saved as one that loads to the same', () => {
    fc.assert(
      fc.property(fc.nat(names.length - 1), fc.uint8Array({ minLength: 64, maxLength: 64 }), (which, noise) => {
        const { device } = makeDevices()[which];
        const size = savedBytes(device).length;
        const damaged = Uint8Array.from({ length: size + 4096 }, (_, i) => noise[i % noise.length] & (i % 4 === 3 && i > 8 ? 0 : 0xff));
        try {
          device.load(new ByteReader(damaged, 'state'));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          return;
        }
        const bounded = savedBytes(device);
        const { device: again } = makeDevices()[which];
        again.load(new ByteReader(bounded));
        expect(saved(again)).toBe(saved(device));
        again.write(0, 4, 0);
        again.read(0, 4);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a definition', () => {
  const table = registersOf<Example>({ prefix: 'EX_' })(
    {
      PLAIN: { offset: 0, width: 32, access: 'rw', title: 'Plain' },
      FIELDS: {
        offset: 4,
        width: 32,
        access: 'rw',
        reset: 0x10,
        title: 'Fields',
        fields: [field('HIGH', 7, 4, 'high'), bit('LOW', 0, 'low')],
      },
      FIXED: { offset: 8, width: 32, access: 'r', value: 0x1234, title: 'Constant' },
      SET: { offset: 12, width: 32, access: 'w', title: 'Sets', write: (device, value): void => void (device.state.PLAIN |= value) },
      BYTES: { offset: 16, width: 32, access: 'rw', inside: 'bytes', count: 2, title: 'Bytes' },
      TAKE: {
        offset: 32,
        width: 32,
        access: 'r',
        title: 'Takes',
        peek: (device): number => device.state.waiting[0] ?? 0,
        read: (device): number => device.state.waiting.shift() ?? 0,
      },
    },
    { waiting: queue({ max: 9 }), levels: words(1, { survivesReset: true }) },
  );
  class Example extends RegisterDevice<typeof table> {
    changes = 0;
    protected override changed(): void {
      this.changes++;
    }
  }
  const make = (): Example => new Example('example', table);

  it('of a plain register stores what is written, of one with fields what is theirs', () => {
    const device = make();
    expect([device.peek(0, 4), device.peek(4, 4)]).toEqual([0, 0x10]);
    device.write(0, 4, 0xffff_ffff);
    device.write(4, 4, 0xffff_ffff);
    expect([device.read(0, 4), device.read(4, 4), device.read(4, 1)]).toEqual([0xffff_ffff, 0xf1, 0xf1]);
    expect([table.bits.FIELDS.HIGH, table.bits.FIELDS.LOW, maskOf(field('ALL', 31, 0, ''))]).toEqual([0xf0, 1, 0xffff_ffff]);
    expect(device.changes).toBe(2);
  });

  it('with a value cannot be written; without peek it reads as zero where it can only be written', () => {
    const device = make();
    device.write(8, 4, 0);
    device.write(12, 4, 6);
    expect([device.read(8, 4), device.read(12, 4), device.read(0, 4)]).toEqual([0x1234, 0, 6]);
  });

  it('says whether its bytes can be reached one by one', () => {
    const device = make();
    device.write(16, 4, 0x1122_3344);
    device.write(20, 4, 0x5566_7788);
    device.write(17, 1, 0xaa);
    device.write(22, 2, 0xbbcc);
    expect([device.read(16, 4), device.read(20, 4), device.read(18, 2)]).toEqual([0x1122_aa44, 0xbbcc_7788, 0x1122]);
    device.write(0, 4, 0x1122_3344);
    device.write(1, 1, 0xff);
    expect([device.read(1, 1), device.read(0, 4), device.read(24, 4)]).toEqual([0, 0x1122_3344, 0]);
  });

  it('reads with an effect where it says so, and peeks without', () => {
    const device = make();
    device.state.waiting.push(3, 4);
    expect([device.peek(32, 4), device.peek(32, 4), device.read(32, 4), device.read(32, 4), device.read(32, 4)]).toEqual([3, 3, 3, 4, 0]);
  });

  it('is reset but for what comes from outside, and loads nothing that is out of range', () => {
    const device = make();
    device.state.waiting.push(3);
    device.state.levels[0] = 5;
    device.write(4, 4, 0);
    device.reset();
    expect([device.state.waiting.length, device.state.levels[0], device.read(4, 4)]).toEqual([0, 5, 0x10]);
    const writer = new ByteWriter();
    for (const word of [7, 0xffff_ffff, 1, 2]) writer.u32(word);
    device.load(new ByteReader(writer.u32(1).u16(1000).u32(6).finish()));
    expect([device.state.FIELDS, device.state.BYTES[1], device.state.waiting, device.state.levels[0]]).toEqual([0xf1, 2, [9], 6]);
  });

  it('names every register of an array', () => {
    expect(make().registers.flatMap((register) => placesOf(register).map(({ name, offset }) => `${name} ${offset}`))).toEqual([
      'EX_PLAIN 0',
      'EX_FIELDS 4',
      'EX_FIXED 8',
      'EX_SET 12',
      'EX_BYTES0 16',
      'EX_BYTES1 20',
      'EX_TAKE 32',
    ]);
    expect(unconnected.setLevel(true)).toBeUndefined();
  });
});
