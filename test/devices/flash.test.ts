/** The flash banks against QEMU's. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Flash, flashSectorBytes } from '../../emulator/devices/flash.ts';
import { compare, expectSavedState, read, write, type Ours } from './compare.ts';
import { QtestBoard, type Bytes, type Operation } from './qtest.ts';

const bankBytes = 64 << 20;
let board: QtestBoard;
beforeAll(() => void (board = new QtestBoard()));
afterAll(() => board.close());

interface Bank {
  readonly flash: Flash;
  readonly ours: Ours;
  readonly changes: [number, number][];
  readonly isMapped: () => boolean;
}
function bank(bytes = new Uint8Array(bankBytes)): Bank {
  const changes: [number, number][] = [];
  let mapped = true;
  const memory = {
    bytes,
    write: (offset: number, written: Uint8Array): void => {
      bytes.set(written, offset);
      changes.push([offset, written.length]);
    },
    setMapped: (value: boolean): void => void (mapped = value),
  };
  const flash = new Flash('flash0', memory);
  return { flash, ours: { devices: [{ device: flash, base: 0 }] }, changes, isMapped: () => mapped };
}

const commands = [0x00, 0x01, 0x10, 0x20, 0x40, 0x50, 0x60, 0x70, 0x90, 0x98, 0xd0, 0xe8, 0xf0, 0xff, 0x02];
/** Offsets in two sectors, and where queries and identification look. */
const place = fc.oneof(
  fc.nat(0x60).map((word) => 4 * word),
  fc.nat(15).map((word) => flashSectorBytes + 4 * word),
  fc.constant(4),
);
const both = (value: number): number => value | (value << 16);
const size = fc.constantFrom<Bytes>(4, 4, 2, 1);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), pa: place, bytes: size }),
  fc.record({ kind: fc.constant('write' as const), pa: place, bytes: size, value: fc.constantFrom(...commands).map(both) }),
  fc.record({
    kind: fc.constant('write' as const),
    pa: place,
    bytes: size,
    value: fc.integer({ min: 0, max: 0xffffffff }).map((value) => (value & 0xffff00ff) >>> 0),
  }),
  fc.record({ kind: fc.constant('write' as const), pa: place, bytes: fc.constant<Bytes>(4), value: fc.nat(3).map(both) }),
);
/** Ends whatever is under way: a buffered program of up to 256 words takes that many writes, which go to a sector that nobody looks at. */
const leave = [...Array.from({ length: 300 }, () => write(flashSectorBytes * 2, both(0xd0))), write(0, both(0xff)), write(0, both(0xff))];
/** Out of any command, with an erased and zeroed start that both have. */
const start: Operation[] = [
  ...Array.from({ length: 3 }, () => write(0, both(0xff))),
  write(0, both(0x20)),
  write(0, both(0xd0)),
  write(flashSectorBytes, both(0x20)),
  write(flashSectorBytes, both(0xd0)),
  write(0, both(0x50)),
];

// The random commands of a test before may have ended anywhere.
beforeEach(async () => void (await board.run(leave)));

describe('flash', () => {
  it('answers as QEMU does to random commands', { timeout: 600_000 }, async () => {
    const property = fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 150 }), async (list) => {
      await board.run(leave);
      await compare(board, bank().ours, [...start, ...list]);
    });
    await fc.assert(property, { numRuns: 20 * Math.max(1, Number(process.env['PROVE'] ?? 0)) });
  });

  it('is erased and programmed as U-Boot and Linux do', async () => {
    const { ours, changes, isMapped } = bank();
    const sector = 3 * flashSectorBytes;
    const erase = [write(sector, both(0x20)), write(sector, both(0xd0)), read(sector), write(sector, both(0x50)), read(sector)];
    const program = [
      write(sector + 8, both(0x40)),
      write(sector + 8, 0x12345678),
      read(sector + 8),
      write(sector, both(0xff)),
      read(sector + 8),
    ];
    const words = Array.from({ length: 4 }, (_, i) => write(sector + 16 + 4 * i, 0x1111 * (i + 1)));
    const buffered = [
      write(sector + 16, both(0xe8)),
      read(sector + 16),
      write(sector + 16, both(3)),
      ...words,
      write(sector + 16, both(0xd0)),
      read(sector),
    ];
    const back = [write(sector, both(0xff)), ...[0, 8, 16, 20, 28, 32].map((offset) => read(sector + offset))];
    await compare(board, ours, [...start, ...erase, ...program, ...buffered, ...back]);
    expect(isMapped()).toBe(true);
    expect(changes.slice(-3)).toEqual([
      [sector, flashSectorBytes],
      [sector + 8, 4],
      [sector, 2048],
    ]);
  });

  it('identifies itself', async () => {
    const query = Array.from({ length: 0x60 }, (_, word) => read(4 * word));
    await compare(board, bank().ours, [
      write(0, both(0xff)),
      write(0x154, both(0x98)),
      ...query,
      read(0x42, 2),
      read(0x43, 1),
      write(0, both(0xff)),
      write(0, both(0x90)),
      read(0),
      read(4),
      read(8),
      write(0, both(0xf0)),
      read(0x100_0000),
    ]);
  });

  it('saves and loads a command under way', () => {
    const bytes = new Uint8Array(bankBytes);
    const { flash, isMapped } = bank(bytes);
    flash.write(0, 4, both(0x90));
    expect(isMapped()).toBe(false);
    const other = bank(bytes);
    expectSavedState(flash, other.flash, [0, 4, 8]);
    expect(other.isMapped()).toBe(false);
    other.flash.write(0, 4, both(0xff));
    expect(other.isMapped()).toBe(true);
  });
});
