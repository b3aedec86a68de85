import { beforeEach, describe, expect, test } from 'vitest';
import { cpuLayout } from '../../emulator/cpu/layout.ts';
import { Driver } from './driver.ts';

const CODE = 0x10000,
  DATA = 0x40000,
  DEVICE = 0x80000;
let d: Driver;
beforeEach(() => {
  d = new Driver([
    { va: CODE, bytes: 0x1000, executable: true },
    { va: DATA, bytes: 0x1000, writable: true },
    { va: DEVICE, bytes: 0x1000, kind: 'device', writable: true },
  ]);
  d.cpu.setX(1, BigInt(DATA));
  d.cpu.setX(2, 0x1122_3344_5566_7788n);
  d.cpu.setX(3, 0x99aa_bbcc_ddee_ff00n);
  d.cpu.setX(9, 0xffn);
  d.write64(DATA, 5n);
  d.write64(DATA + 8, 6n);
});
/** Runs the lines; X9 is the status register, 0xff before. */
function run(...lines: string[]): { status: bigint; low: bigint; high: bigint } {
  d.load(CODE, lines);
  d.run(lines.length);
  expect(d.stop).toBeUndefined();
  return { status: d.cpu.x(9), low: d.read64(DATA), high: d.read64(DATA + 8) };
}

describe('store-exclusive', () => {
  test('fails without a load-exclusive, and touches nothing', () => {
    expect(run('stxr w9, x2, [x1]')).toEqual({ status: 1n, low: 5n, high: 6n });
    d.cpu.setX(1, 0xf000_0000n); // where nothing is: no fault either
    expect(run('stlxr w9, x2, [x1]').status).toBe(1n);
  });

  test('passes after one, once', () => {
    expect(run('ldxr x0, [x1]', 'stxr w9, x2, [x1]')).toEqual({ status: 0n, low: 0x1122_3344_5566_7788n, high: 6n });
    expect(d.cpu.x(0)).toBe(5n);
    expect(run('stxr w9, x3, [x1]')).toEqual({ status: 1n, low: 0x1122_3344_5566_7788n, high: 6n });
  });

  test('of each size', () => {
    expect(run('ldaxrb w0, [x1]', 'stlxrb w9, w2, [x1]')).toEqual({ status: 0n, low: 0x88n, high: 6n });
    expect(run('ldxrh w0, [x1]', 'stxrh w9, w2, [x1]')).toEqual({ status: 0n, low: 0x7788n, high: 6n });
    expect(run('ldaxr w0, [x1]', 'stlxr w9, w2, [x1]')).toEqual({ status: 0n, low: 0x5566_7788n, high: 6n });
    expect(run('ldxp w0, w4, [x1]', 'stxp w9, w2, w3, [x1]')).toEqual({ status: 0n, low: 0xddee_ff00_5566_7788n, high: 6n });
    expect(run('ldaxp x0, x4, [x1]', 'stlxp w9, x2, x3, [x1]')).toEqual({
      status: 0n,
      low: 0x1122_3344_5566_7788n,
      high: 0x99aa_bbcc_ddee_ff00n,
    });
    expect([d.cpu.x(0), d.cpu.x(4)]).toEqual([0xddee_ff00_5566_7788n, 6n]);
  });

  test('fails at another address, with another size, after CLREX, and when the monitor was cleared', () => {
    expect(run('ldxr x0, [x1]', 'add x5, x1, #8', 'stxr w9, x2, [x5]')).toMatchObject({ status: 1n, high: 6n });
    expect(run('ldxr x0, [x1]', 'stxr w9, w2, [x1]')).toMatchObject({ status: 1n, low: 5n });
    expect(run('ldxr x0, [x1]', 'clrex', 'stxr w9, x2, [x1]')).toMatchObject({ status: 1n, low: 5n });
    run('ldxr x0, [x1]');
    d.cpu.u32[cpuLayout.exclusiveBytes >> 2] = 0; // as an exception or ERET does
    expect(run('stxr w9, x2, [x1]')).toMatchObject({ status: 1n, low: 5n });
  });

  test('passes although the program stored there in between', () => {
    expect(run('ldxr x0, [x1]', 'str x3, [x1]', 'stxr w9, x2, [x1]').status).toBe(0n);
  });

  test('that faults has not used up the monitor', () => {
    d.load(CODE, ['ldxr x0, [x1]', 'stxr w9, x2, [x1]']);
    d.run(1);
    expect(d.cpu.u32[cpuLayout.exclusiveBytes >> 2]).toBe(8);
    expect(d.cpu.u64[cpuLayout.exclusiveAddress >> 3]).toBe(BigInt(DATA));
    d.cpu.setX(1, BigInt(DATA + 4));
    d.cpu.u64[cpuLayout.exclusiveAddress >> 3] = BigInt(DATA + 4);
    d.run(1);
    expect(d.stop).toMatchObject({ kind: 'fault', access: 'write', alignment: true });
    expect([d.cpu.u32[cpuLayout.exclusiveBytes >> 2], d.cpu.x(9)]).toEqual([8, 0xffn]);
  });

  test('to a device goes to the device, with its status and monitor written once', () => {
    d.cpu.setX(1, BigInt(DEVICE));
    run('ldxr w0, [x1]', 'stxr w9, w2, [x1]');
    expect(d.cpu.x(9)).toBe(0n);
    expect(d.stores).toEqual([[DEVICE, 0x88, 0x77, 0x66, 0x55]]);
    expect(d.cpu.u32[cpuLayout.exclusiveBytes >> 2]).toBe(0);
  });

  test('whose status register is the one stored writes the old value first', () => {
    expect(run('ldxr x0, [x1]', 'stxr w2, x2, [x1]').low).toBe(0x1122_3344_5566_7788n);
    expect(d.cpu.x(2)).toBe(0n);
  });
});

test('load-acquire and store-release', () => {
  expect(run('stlr x2, [x1]', 'stlrb w3, [x1]', 'stlrh w3, [x1]', 'ldar w5, [x1]', 'ldarb w6, [x1]', 'ldarh w7, [x1]').low).toBe(
    0x1122_3344_5566_ff00n,
  );
  expect([d.cpu.x(5), d.cpu.x(6), d.cpu.x(7)]).toEqual([0x5566_ff00n, 0n, 0xff00n]);
});
