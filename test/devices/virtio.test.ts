/** Virtio devices against QEMU's: their registers with random accesses, and disk requests through a queue. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DmaMemory } from '../../emulator/devices/dma.ts';
import { Block, type DiskMemory } from '../../emulator/devices/virtio/block.ts';
import { Console } from '../../emulator/devices/virtio/console.ts';
import { virtioVersions } from '../../emulator/devices/virtio/empty-slot.ts';
import { Entropy } from '../../emulator/devices/virtio/entropy.ts';
import type { VirtioFunction } from '../../emulator/devices/virtio/function.ts';
import { VirtioMmio } from '../../emulator/devices/virtio/mmio.ts';
import { Network } from '../../emulator/devices/virtio/network.ts';
import { compare, expectSavedState, read, runOurs, write, type Ours } from './compare.ts';
import { QtestBoard, type Bytes, type Operation } from './qtest.ts';

const base = 0x0a00_3e00;
const ram = 0x4000_0000;
const SECTOR = 512;
const contents = Uint8Array.from({ length: 64 * SECTOR }, (_, i) => (i * 7 + (i >> 9)) & 0xff);

const folder = mkdtempSync(join(tmpdir(), 'virtio-'));
const image = join(folder, 'disk.img');
writeFileSync(image, contents);
afterAll(() => rmSync(folder, { recursive: true }));

/** Of QEMU's features ours has not: resetting a single queue. */
const RING_RESET = 1 << 8;

class Guest {
  readonly bytes = new Uint8Array(1 << 20);
  readonly memory: DmaMemory = {
    read: (pa, length) => (this.isInside(pa, length) ? this.bytes.slice(pa - ram, pa - ram + length) : undefined),
    isWritable: (pa, length) => this.isInside(pa, length),
    write: (pa, bytes) => this.bytes.set(bytes, pa - ram),
  };
  private isInside(pa: number, length: number): boolean {
    return pa >= ram && pa + length <= ram + this.bytes.length;
  }
}

function blockDevice(
  version: keyof typeof virtioVersions,
  isReadOnly = false,
): { slot: VirtioMmio; ours: Ours; guest: Guest; disk: Uint8Array } {
  const guest = new Guest();
  const disk = contents.slice();
  const storage: DiskMemory = { bytes: disk, write: (offset, bytes) => disk.set(bytes, offset) };
  const device = new Block(guest.memory, storage, isReadOnly);
  const slot = new VirtioMmio('virtio-mmio.31', device, virtioVersions[version], { setLevel: () => undefined }, guest.memory);
  return { slot, ours: { devices: [{ device: slot, base }] }, guest, disk };
}

const sizes = fc.constantFrom<Bytes>(4, 4, 4, 4, 2, 1);
const readable = [
  ...[0x00, 0x04, 0x08, 0x0c, 0x34, 0x40, 0x44, 0x60, 0x70, 0xb0, 0xb4, 0xb8, 0xfc, 0x14, 0x30, 0x50, 0x80],
  ...Array.from({ length: 18 }, (_, i) => 0x100 + 4 * i),
  ...[0x120, 0x121, 0x13c, 0x1fc],
];
const small = fc.constantFrom(0, 1, 2, 3, 4, 8, 16, 100, 1023, 1024, 1025, 4096, 0xffff_ffff);
const writable: readonly (readonly [offset: number, value: fc.Arbitrary<number>])[] = [
  [0x14, fc.constantFrom(0, 1, 2)],
  [0x20, fc.integer({ min: 0, max: 0xffff_ffff })],
  [0x24, fc.constantFrom(0, 1, 2)],
  [0x28, fc.constantFrom(4096, 0x1000_0000, 12, 1)],
  [0x30, fc.constantFrom(0, 0, 0, 1, 2, 1023, 1024)],
  [0x38, small],
  [0x3c, fc.constantFrom(4096, 64, 4)],
  [0x40, fc.constantFrom(0x40010, 0x40020, 0)],
  [0x44, fc.constantFrom(0, 1)],
  [0x50, fc.constantFrom(0, 1, 5)],
  [0x60, small],
  [0x64, small],
  [0x70, fc.constantFrom(0, 1, 3, 7, 11, 15, 0x80)],
  [0x80, fc.constantFrom(ram + 0x8000, ram + 0x9000)],
  [0x90, fc.constantFrom(ram + 0xa000)],
  [0xa0, fc.constantFrom(ram + 0xb000)],
  // Not to what can only be read: QEMU takes over old values of the rest with it.
  [0x120, fc.constantFrom(0, 1)],
];
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), pa: fc.constantFrom(...readable).map((at) => base + at), bytes: sizes }),
  fc.oneof(
    ...writable.map(([offset, value]) =>
      fc.record({ kind: fc.constant('write' as const), pa: fc.constant(base + offset), bytes: fc.constant<Bytes>(4), value }),
    ),
  ),
);
/** Out of any state. Selectors and page size survive a reset. */
const start = [
  write(base + 0x70, 0),
  write(base + 0x14, 0),
  write(base + 0x24, 0),
  write(base + 0x28, 4096),
  write(base + 0x20, 0),
  write(base + 0x120, 1, 1),
];

interface Request {
  readonly kind: number;
  readonly sector: number;
  /** Bytes after the header, and room before the status. */
  readonly given: Uint8Array;
  readonly room: number;
  readonly indirect?: boolean;
}
const places = { table: ram + 0x1_0000, requests: ram + 0x2_0000 };
const ENTRIES = 8;
const le = (...cells: readonly (readonly [bytes: number, value: number])[]): Uint8Array =>
  Uint8Array.from(cells.flatMap(([bytes, value]) => Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256)));

/** Where the three parts lie: as the legacy interface has it, which the modern one may have, too. */
const available = places.table + 16 * ENTRIES;
const used = places.table + 4096;
const setUp = (version: keyof typeof virtioVersions, features: number): Operation[] => [
  ...start,
  write(base + 0x70, 1),
  write(base + 0x70, 3),
  write(base + 0x20, features),
  ...(version === 'modern' ? [write(base + 0x24, 1), write(base + 0x20, 1), write(base + 0x70, 11)] : []),
  write(base + 0x30, 0),
  write(base + 0x38, ENTRIES),
  ...(version === 'modern'
    ? [
        ...[places.table, available, used].flatMap((pa, i) => [write(base + 0x80 + 16 * i, pa), write(base + 0x84 + 16 * i, 0)]),
        write(base + 0x44, 1),
      ]
    : [write(base + 0x3c, 4096), write(base + 0x40, places.table / 4096)]),
  write(base + 0x70, version === 'modern' ? 15 : 7),
];

describe.each(['legacy', 'modern'] as const)('a virtio disk with the %s interface', (version) => {
  let board: QtestBoard;
  beforeAll(
    () =>
      void (board = new QtestBoard([
        ...['-serial', 'null', '-global', `virtio-mmio.force-legacy=${version === 'legacy'}`],
        ...['-drive', `if=none,id=d,file=${image},format=raw,snapshot=on`, '-device', 'virtio-blk-device,drive=d'],
      ])),
  );
  afterAll(() => board.close());

  it('answers as QEMU does to random accesses', { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(fc.array(operation, { minLength: 20, maxLength: 120 }), (list) =>
      compare(board, blockDevice(version).ours, [...start, ...list]),
    );
    await fc.assert(property, { numRuns: 60 * Math.max(1, Number(process.env['PROVE'] ?? 0)) });
  });

  it('offers the same features, and the same configuration', async () => {
    const { ours } = blockDevice(version);
    const features = [write(base + 0x14, 0), read(base + 0x10)];
    await compare(board, ours, [...start, ...features]);
    const high = [write(base + 0x14, 1), read(base + 0x10)];
    expect(runOurs(ours, high)).toEqual((await board.run(high)).map((value) => value & ~RING_RESET));
  });

  it('carries out requests as QEMU does', { timeout: 60_000 }, async () => {
    const given = Uint8Array.from({ length: 2 * SECTOR }, (_, i) => (i * 11) & 0xff);
    const range = (sector: number, sectors: number, flags = 0): Uint8Array => le([8, sector], [4, sectors], [4, flags]);
    const requests: Request[] = [
      { kind: 0, sector: 3, given: new Uint8Array(), room: 2 * SECTOR },
      { kind: 1, sector: 5, given, room: 0 },
      { kind: 0, sector: 5, given: new Uint8Array(), room: 2 * SECTOR, indirect: true },
      // Behind its end, and not whole sectors.
      { kind: 0, sector: 63, given: new Uint8Array(), room: 2 * SECTOR },
      { kind: 1, sector: 64, given, room: 0 },
      { kind: 4, sector: 0, given: new Uint8Array(), room: 0 },
      { kind: 8, sector: 0, given: new Uint8Array(), room: 20 },
      { kind: 77, sector: 0, given: new Uint8Array(), room: 0 },
      { kind: 13, sector: 0, given: range(6, 3), room: 0 },
      { kind: 13, sector: 0, given: range(60, 30), room: 0 },
      { kind: 13, sector: 0, given: range(6, 1, 2), room: 0 },
      { kind: 11, sector: 0, given: range(9, 1, 1), room: 0 },
      { kind: 0, sector: 5, given: new Uint8Array(), room: 5 * SECTOR },
    ];
    for (const features of [0, 1 << 28, (1 << 28) | (1 << 29)]) {
      const { ours, guest } = blockDevice(version);
      await board.command(`memset 0x${ram.toString(16)} 0x100000 0`);
      await board.command(`write 0x${(ram + 0x8_0000).toString(16)} 1 0x00`);
      await compare(board, ours, setUp(version, features));
      for (const [i, request] of requests.entries()) {
        const said = `${version}, features 0x${features.toString(16)}, request ${i}`;
        const parts = place(request, i);
        for (const [pa, bytes] of parts) {
          guest.bytes.set(bytes, pa - ram);
          await board.command(`write 0x${pa.toString(16)} ${bytes.length} 0x${Buffer.from(bytes).toString('hex')}`);
        }
        const notify = [write(base + 0x50, 0)];
        runOurs(ours, notify);
        await board.run(notify);
        // QEMU's disk answers later.
        for (let tries = 0; (await board.read(used + 2, 2)) !== i + 1 && tries < 2000; tries++)
          await new Promise((done) => setTimeout(done, 1));
        await compare(board, ours, [read(base + 0x60), write(base + 0x64, 3), read(base + 0x60), read(base + 0x70)]);
        for (const [what, pa, length] of [
          ['used ring', used, 4 + 8 * ENTRIES + 2],
          ['buffers', places.requests + 0x2000 * (i % 4), 0x2000],
        ] as const) {
          const theirs = Buffer.from((await board.command(`read 0x${pa.toString(16)} ${length}`)).slice(2), 'hex');
          expect(Buffer.compare(theirs, guest.bytes.subarray(pa - ram, pa - ram + length)), `${said}: ${what}`).toBe(0);
        }
      }
    }
  });

  it('is saved whole', () => {
    const { slot, ours } = blockDevice(version);
    runOurs(ours, setUp(version, 0));
    expectSavedState(slot, blockDevice(version).slot, [0x10, 0x34, 0x40, 0x44, 0x60, 0x70, 0x120]);
  });
});

describe('other virtio devices', () => {
  /** A modern slot with two queues of eight entries, at 0x1000 and 0x2000 of the guest's memory. */
  function driven(make: (memory: DmaMemory) => VirtioFunction): {
    slot: VirtioMmio;
    guest: Guest;
    offer: (queue: number, chain: readonly Part[]) => void;
  } {
    const guest = new Guest();
    const slot = new VirtioMmio('virtio-mmio.31', make(guest.memory), virtioVersions.modern, { setLevel: () => undefined }, guest.memory);
    const put = (offset: number, value: number): void => slot.write(offset, 4, value);
    for (const status of [1, 3, 11]) put(0x70, status);
    for (const queue of [0, 1]) {
      const at = ram + 0x1000 * (queue + 1);
      put(0x30, queue);
      put(0x38, ENTRIES);
      [at, at + 0x400, at + 0x800].forEach((pa, i) => put(0x80 + 16 * i, pa));
      put(0x44, 1);
    }
    put(0x70, 15);
    const offered = [0, 0];
    const offer = (queue: number, chain: readonly Part[]): void => {
      const at = 0x1000 * (queue + 1);
      chain.forEach(({ pa, bytes, writable: isWritable = false }, i) =>
        guest.bytes.set(le([8, pa], [4, bytes], [2, (isWritable ? 2 : 0) | (i + 1 < chain.length ? 1 : 0)], [2, i + 1]), at + 16 * i),
      );
      guest.bytes.set(le([2, ++offered[queue]]), at + 0x402);
      put(0x50, queue);
    };
    return { slot, guest, offer };
  }
  interface Part {
    readonly pa: number;
    readonly bytes: number;
    readonly writable?: boolean;
  }
  const usedBytes = (guest: Guest, queue: number, entry: number): number =>
    new DataView(guest.bytes.buffer).getUint32(0x1000 * (queue + 1) + 0x804 + 8 * entry + 4, true);
  const buffer = { pa: ram + 0x4000, bytes: 100, writable: true };

  it('random numbers follow from the seed, and go on after a reset and from a saved state', () => {
    const numbers = (seed: number): string => {
      const { guest, offer } = driven((memory) => new Entropy(memory, seed));
      offer(0, [buffer]);
      expect(usedBytes(guest, 0, 0)).toBe(100);
      return Buffer.from(guest.bytes.subarray(0x4000, 0x4064)).toString('hex');
    };
    expect(numbers(1)).toBe(numbers(1));
    expect(numbers(1)).not.toBe(numbers(2));
    expect(new Set(numbers(1).match(/../g)).size).toBeGreaterThan(60);
    const { slot } = driven((memory) => new Entropy(memory, 3));
    expectSavedState(slot, driven((memory) => new Entropy(memory, 4)).slot, [0x70]);
  });

  it('a console sends what it is given, and keeps what comes in until there is room', () => {
    let sent = '';
    const { slot, guest, offer } = driven((memory) => new Console(memory, (byte) => (sent += String.fromCharCode(byte))));
    guest.bytes.set(new TextEncoder().encode('hello'), 0x5000);
    offer(1, [
      { pa: ram + 0x5000, bytes: 3 },
      { pa: ram + 0x5003, bytes: 2 },
    ]);
    slot.write(0x108, 4, 0x21);
    expect(sent).toBe('hello!');
    slot.receive(new TextEncoder().encode('abc'));
    expect(slot.peek(0x60, 4)).toBe(1);
    offer(0, [{ pa: ram + 0x6000, bytes: 2, writable: true }]);
    expect(usedBytes(guest, 0, 0)).toBe(2);
    offer(0, [{ pa: ram + 0x6010, bytes: 9, writable: true }]);
    expect(usedBytes(guest, 0, 1)).toBe(1);
    expect(new TextDecoder().decode(guest.bytes.subarray(0x6000, 0x6002))).toBe('ab');
    expect(guest.bytes[0x6010]).toBe(0x63);
  });

  it('a network card has an address and takes what is sent', () => {
    const { slot, guest, offer } = driven(() => new Network());
    expect([0, 1, 2, 3, 4, 5, 6].map((i) => slot.peek(0x100 + i, 1))).toEqual([0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 1]);
    offer(0, [buffer]);
    offer(1, [{ pa: ram + 0x4000, bytes: 60 }]);
    expect(slot.peek(0x60, 4)).toBe(1);
    expect(new DataView(guest.bytes.buffer).getUint16(0x1802, true)).toBe(0);
  });

  it('a driver that breaks the rules breaks its device, and nothing else', () => {
    const word = fc.oneof(
      fc.nat(8),
      fc.constantFrom(0xffff_ffff, ram, ram + 0x1000, ram + 0xf_fff0, 0x0900_0000),
      fc.integer({ min: 0, max: 0xffff_ffff }),
    );
    const descriptors = fc.array(fc.tuple(word, fc.constantFrom(0, 0, 0, 1), word, fc.nat(7), fc.nat(9)), {
      minLength: 1,
      maxLength: ENTRIES,
    });
    const kinds = [
      (memory: DmaMemory): VirtioFunction => new Block(memory, { bytes: new Uint8Array(4096), write: () => undefined }, false),
      (memory: DmaMemory): VirtioFunction => new Entropy(memory, 1),
      (memory: DmaMemory): VirtioFunction => new Console(memory, () => undefined),
    ];
    let broken = 0;
    const property = fc.property(fc.constantFrom(...kinds), descriptors, fc.nat(9), fc.nat(0xffff), (make, list, head, index) => {
      const { slot, guest } = driven(make);
      for (const queue of [0, 1]) {
        const at = 0x1000 * (queue + 1);
        list.forEach(([low, high, bytes, flags, next], i) =>
          guest.bytes.set(le([4, low], [4, high], [4, bytes], [2, flags], [2, next]), at + 16 * i),
        );
        guest.bytes.set(le([2, 0], [2, index % 12], [2, head]), at + 0x400);
        slot.write(0x50, 4, queue);
      }
      if (slot.peek(0x70, 4) & 0x40) broken++;
      slot.write(0x70, 4, 0);
      expect(slot.peek(0x70, 4)).toBe(0);
    });
    fc.assert(property, { numRuns: 300 * Math.max(1, Number(process.env['PROVE'] ?? 0)) });
    expect(broken).toBeGreaterThan(100);
  });
});

/** What is written to memory for a request: its buffers, its descriptors, and that it is available. */
function place({ kind, sector, given, room, indirect = false }: Request, i: number): [pa: number, bytes: Uint8Array][] {
  const at = places.requests + 0x2000 * (i % 4);
  const status = at + 0x1ff0;
  const buffers = [
    { pa: at, bytes: 16, flags: 0 },
    ...(given.length ? [{ pa: at + 0x100, bytes: given.length, flags: 0 }] : []),
    ...(room ? [{ pa: at + 0x800, bytes: room, flags: 2 }] : []),
    { pa: status, bytes: 1, flags: 2 },
  ];
  const table = indirect ? at + 0x1e00 : places.table;
  const descriptors = buffers.flatMap(({ pa, bytes, flags }, index) => [
    ...le([8, pa], [4, bytes], [2, flags | (index + 1 < buffers.length ? 1 : 0)], [2, index + 1]),
  ]);
  return [
    [at, new Uint8Array(0x2000)],
    [at, le([4, kind], [4, 0], [8, sector])],
    ...(given.length ? [[at + 0x100, given] as [number, Uint8Array]] : []),
    [status, Uint8Array.of(0xff)],
    [table, Uint8Array.from(descriptors)],
    ...(indirect ? [[places.table, le([8, table], [4, descriptors.length], [2, 4], [2, 0])] as [number, Uint8Array]] : []),
    [available + 4 + 2 * (i % ENTRIES), le([2, 0])],
    [available + 2, le([2, i + 1])],
  ];
}
