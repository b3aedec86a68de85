import { describe, expect, test } from 'vitest';
import { assemble } from '../../emulator/isa/index.ts';
import { Driver } from '../isa/driver.ts';

const CODE = 0x10000,
  ALIAS = 0x20000,
  DATA = 0x40000;
const make = (bytes = 0x2000): Driver =>
  new Driver([
    { va: CODE, bytes, writable: true, executable: true },
    { va: ALIAS, bytes, writable: true, executable: true, sameAs: CODE },
    { va: DATA, bytes: 0x1000, writable: true },
  ]);
/** Loads W0 with the word of an instruction. */
const word = (text: string): string[] => {
  const value = assemble(text, 0n);
  return [`movz w0, #0x${(value & 0xffff).toString(16)}`, `movk w0, #0x${(value >>> 16).toString(16)}, lsl #16`];
};

describe('code that changes itself', () => {
  test('the very next instruction, already decoded', () => {
    const d = make();
    d.load(CODE, [...word('mov x5, #2'), 'adr x1, 0x10010', 'str w0, [x1]', 'mov x5, #1', 'nop']);
    d.run(6);
    expect(d.cpu.x(5)).toBe(2n);
  });

  test('a store to its own word still writes its base back to the right register', () => {
    const d = make();
    d.load(CODE, [...word('mov x5, #2'), 'adr x9, 0x1000c', 'str w0, [x9], #4']);
    d.run(4);
    expect(d.cpu.x(9)).toBe(0x10010n);
    expect(d.cpu.x(0)).toBe(BigInt(assemble('mov x5, #2', 0n)));
    d.cpu.pc = 0x1000cn;
    d.run(1);
    expect(d.cpu.x(5)).toBe(2n);
  });

  test('thousands of times, between runs of the page', () => {
    const d = make();
    // x2 counts down; the instruction at 0x10018 alternates between adding 1 and 256 to x3.
    d.load(CODE, [...word('add x3, x3, #1'), 'mov w4, w0', ...word('add x3, x3, #256'), 'adr x1, 0x10018', 'nop']);
    d.load(CODE + 0x1c, ['tst x2, #1', 'csel w6, w4, w0, ne', 'str w6, [x1]', 'subs x2, x2, #1', 'b.ne 0x10018', 'svc #0']);
    d.cpu.pc = BigInt(CODE);
    d.cpu.setX(2, 6001n);
    d.run(6 + 6001 * 6);
    expect(d.stop).toBeUndefined();
    expect(d.cpu.x(2)).toBe(0n);
    // The patch made in round n runs in round n + 1: 6000 rounds, odd counters (ne) first.
    expect(d.cpu.x(3)).toBe(3000n * 1n + 3000n * 256n);
  });

  test('through another VA, in steps of one as well', () => {
    for (const steps of [1, 100]) {
      const d = make();
      d.load(CODE, [...word('mov x5, #2'), 'mov x1, #0x20000', 'str w0, [x1, #0x10]', 'mov x5, #1', 'svc #0']);
      d.cpu.pc = BigInt(CODE);
      for (let i = 0; i < 6 && d.stop?.kind !== 'system';) i += d.run(steps);
      expect(d.cpu.x(5)).toBe(2n);
    }
  });

  test('with a store across the edge of the page', () => {
    const d = make();
    d.load(CODE + 0xff8, ['mov x5, #1', 'mov x6, #1', 'mov x7, #1', 'svc #0']);
    d.run(10);
    const [six, seven] = ['mov x6, #2', 'mov x7, #2'].map((text) => BigInt(assemble(text, 0n)));
    d.load(CODE, ['str x0, [x1]']);
    d.cpu.setX(0, six | (seven << 32n));
    d.cpu.setX(1, BigInt(CODE + 0xffc));
    d.run(1);
    d.cpu.pc = BigInt(CODE + 0xff8);
    d.run(10);
    expect([d.cpu.x(5), d.cpu.x(6), d.cpu.x(7)]).toEqual([1n, 2n, 2n]);
  });

  test('by a device or debugger, when the engine is told', () => {
    const d = make();
    d.load(CODE, ['mov x5, #1', 'svc #0']);
    d.run(10);
    d.load(CODE, ['mov x5, #2']);
    d.run(10);
    expect(d.cpu.x(5)).toBe(2n);
  });

  test('a page that becomes data again is stored to without asking', () => {
    const d = make();
    d.load(CODE, ['mov x5, #1', 'svc #0']);
    d.run(10);
    d.load(CODE + 0x1000, ['str xzr, [x1], #8', 'subs x2, x2, #1', 'b.ne 0x11000', 'svc #0']);
    d.cpu.setX(1, BigInt(CODE + 0x400));
    d.cpu.setX(2, 300n);
    d.misses = 0;
    d.run(10_000);
    expect(d.stop).toMatchObject({ name: 'SVC' });
    expect(d.misses).toBeLessThan(100);
    expect(d.engine.code.holdsCode(d.hostOf(CODE))).toBe(false);
    expect(d.engine.code.holdsCode(d.hostOf(CODE + 0x1000))).toBe(true);
  });
});

describe('records', () => {
  test('serve every VA of a page', () => {
    const d = make();
    d.load(CODE, ['adr x1, 0x10000', 'bl 0x10010', 'svc #0', 'nop', 'mov x2, x30', 'ret']);
    d.run(10);
    expect([d.cpu.x(1), d.cpu.x(2)]).toEqual([0x10000n, 0x10008n]);
    d.cpu.pc = BigInt(ALIAS);
    d.run(10);
    expect([d.cpu.x(1), d.cpu.x(2)]).toEqual([0x20000n, 0x20008n]);
  });

  test('pages are asked for once, and again when forgotten or under another bank', () => {
    const d = make();
    d.load(CODE, ['nop', 'b 0x11000']);
    d.load(CODE + 0x1000, ['nop', 'b 0x10000']);
    d.cpu.pc = BigInt(CODE);
    d.run(10_000);
    expect(d.fetches).toBe(2);
    d.engine.code.forgetPages();
    d.run(10_000);
    expect(d.fetches).toBe(4);
    d.engine.setBank(1, 1);
    d.run(10_000);
    expect(d.fetches).toBe(6);
    d.run(10_000);
    expect(d.fetches).toBe(6);
    d.engine.code.clear();
    d.run(10_000);
    expect(d.fetches).toBe(8);
  });

  test('start anew when there is no more room', () => {
    // 4 MiB of records hold 128 pages; this goes through 200 pages, twice.
    const pages = 200,
      d = make(pages * 0x1000);
    for (let page = 0; page < pages; page++) d.load(CODE + page * 0x1000, ['add x0, x0, #1', `add x1, x1, #${page}`, 'b 0x0', 'svc #0']);
    for (let page = 0; page < pages; page++) {
      const to = CODE + ((page + 1) % pages) * 0x1000,
        at = CODE + page * 0x1000 + 8;
      d.load(at, [(0x14000000 | (((to - at) >> 2) & 0x3ffffff)) >>> 0]);
    }
    d.cpu.pc = BigInt(CODE);
    d.run(pages * 3 * 2);
    expect(d.cpu.x(0)).toBe(BigInt(pages * 2));
    expect(d.cpu.x(1)).toBe(BigInt(pages * (pages - 1)));
  });
});
