import { VA } from '../../emulator/base/addresses.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { Driver } from '../isa/driver.ts';

const CODE = 0x10000,
  ALIAS = 0x20000,
  DATA = 0x40000,
  DEVICE = 0x80000;
let d: Driver;
beforeEach(() => {
  d = new Driver([
    { va: CODE, bytes: 0x2000, writable: true, executable: true },
    { va: ALIAS, bytes: 0x2000, executable: true, sameAs: CODE },
    { va: DATA, bytes: 0x1000, writable: true },
    { va: DEVICE, bytes: 0x1000, kind: 'device', writable: true },
  ]);
  // A loop of four instructions, the second of which counts.
  d.load(CODE, ['nop', 'add x0, x0, #1', 'nop', 'b 0x10000']);
});
const stopAt = (...vas: number[]): void => d.engine.setStops(new Set(vas.map((va) => VA(BigInt(va)))));

describe('a stop', () => {
  test('ends the run in front of its instruction, each time round', () => {
    stopAt(CODE + 4);
    expect([d.engine.run(1000), d.cpu.pc, d.cpu.x(0)]).toEqual([1, BigInt(CODE + 4), 0n]);
    let steps = 0;
    while (d.cpu.x(0) < 5n) steps += d.engine.run(1000);
    while (d.cpu.pc !== BigInt(CODE + 4)) steps += d.engine.run(1000);
    expect(steps).toBe(20);
    expect(d.cpu.x(0)).toBe(5n);
  });

  test('does not change how many steps are done', () => {
    stopAt(CODE + 4, CODE + 12);
    let steps = 0;
    while (steps < 4000) steps += d.engine.run(4000 - steps);
    expect([d.cpu.x(0), d.cpu.pc]).toEqual([1000n, BigInt(CODE)]);
  });

  test('is forgotten when it is taken away, and seen in code that has run before', () => {
    stopAt(CODE + 8);
    d.engine.run(1000);
    stopAt();
    expect(d.engine.run(1000)).toBe(1000);
    stopAt(CODE + 4);
    expect(d.engine.run(1000)).toBeLessThan(5);
    expect(d.cpu.pc).toBe(BigInt(CODE + 4));
  });

  test('counts at its VA only', () => {
    stopAt(CODE + 4);
    d.cpu.pc = BigInt(ALIAS);
    d.load(CODE + 0xc, ['nop', 'nop', 'br x5']);
    d.cpu.pc = BigInt(ALIAS);
    d.cpu.setX(5, BigInt(ALIAS));
    for (let steps = 0; steps < 600;) steps += d.engine.run(600 - steps);
    expect(d.cpu.x(0)).toBe(100n);
    d.cpu.setX(5, BigInt(CODE));
    for (let i = 0; i < 20 && d.cpu.pc !== BigInt(CODE + 4); i++) d.engine.run(600);
    expect(d.cpu.pc).toBe(BigInt(CODE + 4));
  });

  test('in front of a store to a device, a fault and the machine’s own instruction', () => {
    d.load(CODE, ['str x0, [x1]', 'svc #0', 'ldr x0, [x2]']);
    d.cpu.setX(1, BigInt(DEVICE));
    d.cpu.setX(2, 0xf000_0000n);
    stopAt(CODE, CODE + 4, CODE + 8);
    d.cpu.pc = BigInt(CODE);
    expect([d.engine.run(10), d.stores.length, d.cpu.pc]).toEqual([1, 1, BigInt(CODE + 4)]);
    expect([d.engine.run(10), d.stop]).toEqual([1, { kind: 'system', name: 'SVC' }]);
    d.cpu.pc += 4n;
    expect([d.engine.run(10), d.stop]).toMatchObject([1, { kind: 'fault', access: 'read' }]);
    // Each is still armed.
    d.stop = undefined;
    d.load(CODE, ['nop']);
    for (const stop of [CODE + 4, CODE + 8]) {
      while (d.cpu.pc !== BigInt(stop)) d.engine.run(10);
      expect(d.stop).toBeUndefined();
      d.cpu.pc = BigInt(stop - 4);
      d.load(stop - 4, ['nop']);
      d.engine.run(10);
      expect(d.cpu.pc).toBe(BigInt(stop));
      d.load(stop, ['nop']);
      d.cpu.pc = BigInt(stop);
    }
  });

  test('stays when its instruction is rewritten', () => {
    stopAt(CODE + 4);
    d.engine.run(1000);
    d.load(CODE + 4, ['add x0, x0, #100']);
    d.cpu.pc = BigInt(CODE);
    expect([d.engine.run(1000), d.cpu.x(0)]).toEqual([1, 0n]);
    d.engine.run(1000);
    expect(d.cpu.x(0)).toBe(100n);
    for (let i = 0; i < 5; i++) d.engine.run(1000);
    expect(d.cpu.pc).toBe(BigInt(CODE + 4));
  });
});
