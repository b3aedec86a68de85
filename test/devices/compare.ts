/** Compares one of our devices with QEMU's, operation by operation. */
import { expect } from 'vitest';
import { ByteReader, ByteWriter } from '../../emulator/base/bytes.ts';
import { truncate, type Device, type InterruptLine } from '../../emulator/devices/device.ts';
import type { Bytes, Operation, QtestBoard } from './qtest.ts';

/** A device of ours at the PA where the board has it. */
export interface Placed {
  readonly device: Device;
  readonly base: number;
}

export interface Ours {
  readonly devices: readonly Placed[];
  /** An input of the device changes. */
  readonly input?: (number: number, high: boolean) => void;
}

const find = ({ devices }: Ours, pa: number): Placed => [...devices].sort((a, b) => a.base - b.base).findLast(({ base }) => pa >= base)!;

/** Carries out the operations on our devices. Before each read a peek must give the same value. */
export function runOurs(ours: Ours, operations: readonly Operation[]): number[] {
  const values: number[] = [];
  for (const operation of operations) {
    if (operation.kind === 'input') {
      ours.input!(operation.number, operation.high);
      continue;
    }
    const { device, base } = find(ours, operation.pa);
    const offset = operation.pa - base;
    if (operation.kind === 'write') device.write(offset, operation.bytes, truncate(operation.value, operation.bytes));
    else {
      const peeked = device.peek(offset, operation.bytes);
      const value = device.read(offset, operation.bytes);
      expect(peeked, `peek and read at ${describeOperation(operation)}`).toBe(value);
      values.push(value);
    }
  }
  return values;
}

/** Carries out the operations on both; the reads must agree. */
export async function compare(board: QtestBoard, ours: Ours, operations: readonly Operation[]): Promise<void> {
  const theirs = await board.run(operations);
  const values = runOurs(ours, operations);
  const reads = operations.filter(({ kind }) => kind === 'read');
  const differing = values.findIndex((value, i) => value !== theirs[i]);
  if (differing < 0) return;
  const last = operations.indexOf(reads[differing]);
  const story = operations.slice(Math.max(0, last - 30), last + 1).map(describeOperation);
  expect.fail(`ours 0x${values[differing].toString(16)}, QEMU 0x${theirs[differing].toString(16)} after\n${story.join('\n')}`);
}

export const describeOperation = (operation: Operation): string =>
  operation.kind === 'input'
    ? `input ${operation.number} ${operation.high ? 'high' : 'low'}`
    : `${operation.kind} ${operation.bytes} at 0x${operation.pa.toString(16)}${operation.kind === 'write' ? ` = 0x${operation.value.toString(16)}` : ''}`;

export const read = (pa: number, bytes: Bytes = 4): Operation => ({ kind: 'read', pa, bytes });
export const write = (pa: number, value: number, bytes: Bytes = 4): Operation => ({ kind: 'write', pa, bytes, value: value >>> 0 });

/** Saved and loaded into `other`, a device answers all reads (by peek) as before. */
export function expectSavedState(device: Device, other: Device, offsets: readonly number[]): void {
  const writer = new ByteWriter();
  device.save(writer);
  const bytes = writer.finish();
  const reader = new ByteReader(bytes);
  other.load(reader);
  expect(reader.remaining).toBe(0);
  expect(offsets.map((offset) => other.peek(offset, 4))).toEqual(offsets.map((offset) => device.peek(offset, 4)));
  const again = new ByteWriter();
  other.save(again);
  expect(again.finish()).toEqual(bytes);
}

/** Levels of the inputs of the first 32 SPIs, which GICD_ISPENDR1 shows: all are level-sensitive after reset. */
export class SpiLevels implements Device {
  static readonly base = 0x0800_0204;
  readonly name = 'levels';
  readonly registers = [];
  private levels = 0;

  line(spi: number): InterruptLine {
    return { setLevel: (high) => void (this.levels = high ? this.levels | (1 << spi) : this.levels & ~(1 << spi)) };
  }
  read(): number {
    return this.levels >>> 0;
  }
  peek(): number {
    return this.levels >>> 0;
  }
  write(): void {}
  reset(): void {}
  save(): void {}
  load(): void {}
}
export const readSpiLevels = read(SpiLevels.base);
