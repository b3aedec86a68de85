import { describe, expect, test } from 'vitest';
import { Column } from '../../emulator/time/columns.ts';
import { OutputLog } from '../../emulator/time/output-log.ts';

describe('a column', () => {
  test('grows and finds the first element not below a value', () => {
    const column = new Column(Float64Array);
    for (let i = 0; i < 5000; i++) column.push(i * 2);
    expect(column.length).toBe(5000);
    expect(column.lowerBound(0)).toBe(0);
    expect(column.lowerBound(7)).toBe(4);
    expect(column.lowerBound(8)).toBe(4);
    expect(column.lowerBound(1e9)).toBe(5000);
  });

  test('keeps its places when it forgets its first elements', () => {
    const column = new Column(Uint16Array, 10);
    for (let i = 10; i < 60_000; i++) column.push(i);
    column.forgetBefore(59_000);
    column.forgetBefore(58_000);
    for (let i = 60_000; i < 65_000; i++) column.push(i);
    expect([column.first, column.length]).toEqual([59_000, 65_000]);
    for (const place of [59_000, 59_999, 60_000, 64_999]) expect(column.get(place)).toBe(place);
    expect([0, 59_000, 63_000, 70_000].map((value) => column.lowerBound(value))).toEqual([59_000, 59_000, 63_000, 65_000]);
  });
});

describe('the output log', () => {
  test('knows what had been sent at an instant, and which step sent a byte', () => {
    const log = new OutputLog();
    for (const [n, letter] of [
      [10, 'a'],
      [10, 'b'],
      [25, 'c'],
    ] as const)
      log.push(n, letter.charCodeAt(0));
    expect(log.lengthAt(10)).toBe(0);
    expect(log.lengthAt(11)).toBe(2);
    expect(log.lengthAt(26)).toBe(3);
    expect(log.stepOf(2)).toBe(25);
    expect(log.stepOf(3)).toBeUndefined();
    expect(String.fromCharCode(...log.slice(1, 3))).toBe('bc');
  });

  /** Bytes at steps of all distances, some larger than 32 bits. */
  const filled = (count: number): { log: OutputLog; steps: number[] } => {
    const log = new OutputLog();
    const steps: number[] = [];
    let n = 0;
    for (let i = 0; i < count; i++) {
      n += [0, 1, 20, 127, 128, 300, 70_000, 2 ** 33 + 5][(i * 7 + (i >> 3)) % (i % 500 === 0 ? 8 : 6)];
      steps.push(n);
      log.push(n, i % 251);
    }
    return { log, steps };
  };

  test('takes little more than two bytes for each, and finds them all', () => {
    const { log, steps } = filled(50_000);
    expect(log.held).toBeLessThan(2.5 * 50_000);
    expect([...log.stepsOf(0, 50_000)]).toEqual(steps);
    for (const offset of [0, 4095, 4096, 4097, 30_000, 49_999]) {
      expect(log.stepOf(offset)).toBe(steps[offset]);
      expect(log.lengthAt(steps[offset])).toBe(steps.indexOf(steps[offset]));
      expect(log.lengthAt(steps[offset] + 1)).toBe(steps.lastIndexOf(steps[offset]) + 1);
    }
    const slice = log.slice(4000, 9000);
    expect(slice.every((byte, i) => byte === (4000 + i) % 251) && slice.length).toBe(5000);
    const before = log.before(steps[9000]);
    expect(before.length).toBe(log.lengthAt(steps[9000]));
    expect([...before.stepsOf(0, 9000)]).toEqual(steps.slice(0, before.length));
  });

  test('forgets the oldest, and goes on', () => {
    const { log, steps } = filled(50_000);
    const { held } = log;
    log.forget(held / 2);
    expect(log.held).toBeLessThan(held / 2);
    expect(log.first).toBe(7 * 4096);
    expect(log.length).toBe(50_000);
    expect(log.stepOf(log.first - 1)).toBeUndefined();
    expect(log.stepOf(log.first)).toBe(steps[log.first]);
    expect(log.lengthAt(0)).toBe(log.first);
    expect(log.lengthAt(steps[40_000])).toBe(steps.indexOf(steps[40_000]));
    expect([...log.slice(0, log.first + 2)]).toEqual([log.first % 251, (log.first + 1) % 251]);
    log.forget(1e9);
    expect(log.stepOf(49_999)).toBe(steps[49_999]);
    const cut = log.before(steps[49_990]);
    cut.push(steps[49_999], 7);
    expect([...cut.slice(49_000, 60_000)].at(-1)).toBe(7);
  });
});
