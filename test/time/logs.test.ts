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
    expect([...column.slice(4998, 9999)]).toEqual([9996, 9998]);
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
});
