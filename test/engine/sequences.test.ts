import { VA } from '../../emulator/base/addresses.ts';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CPU_BLOCK } from '../../emulator/cpu/layout.ts';
import type { Tuning } from '../../emulator/engine/index.ts';
import { chooseSequences, linksOf, LONGEST, SequenceTree, type Instruction } from '../../emulator/engine/sequences.ts';
import { assemble } from '../../emulator/isa/index.ts';
import { Driver } from '../isa/driver.ts';
import { eager, noLoop } from './tunings.ts';

const CODE = 0x10000,
  ALIAS = 0x20000,
  DATA = 0x40000,
  DEVICE = 0x80000;
const make = (tuning: Tuning): Driver =>
  new Driver(
    [
      { va: CODE, bytes: 0x2000, writable: true, executable: true },
      { va: ALIAS, bytes: 0x2000, writable: true, sameAs: CODE },
      { va: DATA, bytes: 0x2000, writable: true },
      { va: DEVICE, bytes: 0x1000, kind: 'device', writable: true },
    ],
    tuning,
  );

/** All that a program can see, and where it is. */
function stateOf(d: Driver): object {
  const { offset, bytes } = d.memory.regions.get('ram')!;
  d.cpu.settle();
  const hash = (from: number, length: number): string =>
    createHash('sha1')
      .update(d.memory.u8.subarray(from, from + length))
      .digest('hex');
  const registers = Array.from({ length: 32 }, (_, n) => d.cpu.u64[n]);
  return {
    registers,
    pc: d.cpu.pc,
    nzcv: d.cpu.nzcv,
    cpu: hash(0, CPU_BLOCK),
    memory: hash(offset, bytes),
    stores: d.stores.length,
    stop: d.stop,
  };
}
/** Two engines do the same things to the same program: one has put its sequences into the loop before, the other has no loop. */
function both(
  lines: readonly (string | number)[],
  registers: Record<number, number>,
  at = CODE,
): { do(act: (d: Driver) => unknown): void } {
  const drivers = [eager, noLoop].map((tuning) => {
    const d = make(tuning);
    d.load(at, lines);
    for (const [number, value] of Object.entries(registers)) d.cpu.setX(Number(number), BigInt(value));
    for (let steps = 0; steps < 30_000;) steps += d.run(30_000 - steps);
    return d;
  });
  expect(drivers[0].engine.statistics.sequences).toBeGreaterThan(0);
  expect(drivers[1].engine.statistics.inLoop).toBe(0);
  const compare = (): void => expect(stateOf(drivers[0])).toEqual(stateOf(drivers[1]));
  compare();
  return {
    do: (act) => {
      const [first, second] = drivers.map(act);
      expect(first).toEqual(second);
      compare();
    },
  };
}

describe('in the middle of a sequence', () => {
  // X1: data; X2: counts down from far away; X3: where each round stores.
  const LOOP = [
    'ldr x0, [x1]',
    'add x0, x0, #1',
    'str x0, [x3]',
    'add x4, x4, x0',
    'cmp x4, x0',
    'csel x5, x4, x0, hi',
    'subs x2, x2, #1',
    'b.ne 0x10000',
    'svc #0',
  ];
  const registers = { 1: DATA, 2: 1_000_000, 3: DATA + 8 };

  test('a budget ends exactly', () => {
    const pair = both(LOOP, registers);
    for (let more = 0; more < 20; more++) pair.do((d) => [d.engine.run(1500 + more), d.cpu.pc]);
    for (let i = 0; i < 20; i++) pair.do((d) => [d.engine.run(1), d.cpu.pc]);
  });

  test('a fault leaves what came before it done', () => {
    const pair = both(LOOP, registers);
    pair.do((d) => {
      d.cpu.setX(3, 0xf000_0000n);
      return [d.run(5000), d.stop, d.cpu.pc, d.engine.elapsed];
    });
    pair.do((d) => {
      expect([d.stop?.kind, d.cpu.pc]).toEqual(['fault', BigInt(CODE + 8)]);
      d.cpu.setX(3, BigInt(DATA + 16));
      return d.run(5000);
    });
  });

  test('a load and a store to a device are done by the machine', () => {
    const pair = both(LOOP, registers);
    pair.do((d) => {
      d.cpu.setX(3, BigInt(DEVICE + 8));
      return [d.run(2000), d.stores.length];
    });
    pair.do((d) => {
      d.cpu.setX(1, BigInt(DEVICE));
      return d.run(2000);
    });
  });

  test('there may be a stop', () => {
    const pair = both(LOOP, registers);
    for (let line = 0; line < 8; line++) {
      const va = CODE + line * 4;
      for (let i = 0; i < 3; i++)
        pair.do((d) => {
          d.engine.setStops(new Set([VA(BigInt(va))]));
          let done = 0;
          do done += d.engine.run(5000);
          while (d.cpu.pc !== BigInt(va) && done < 5000);
          expect(done).toBeLessThanOrEqual(8);
          return done;
        });
    }
    pair.do((d) => {
      d.engine.setStops(new Set());
      return d.engine.run(5000);
    });
  });

  test('one may come in from elsewhere', () => {
    const pair = both(LOOP, registers);
    for (let line = 1; line < 8; line++)
      pair.do((d) => {
        d.load(CODE + 0x800, ['br x6']);
        d.cpu.setX(6, BigInt(CODE + line * 4));
        return d.run(3000);
      });
  });

  test('an instruction may be replaced, from outside and by an earlier one of the same sequence', () => {
    const pair = both(LOOP, registers);
    const [five, seven] = ['add x4, x4, #5', 'add x4, x4, #7'].map((text) => assemble(text, 0n));
    pair.do((d) => {
      const at = d.cpu.pc;
      d.load(CODE + 12, [five]);
      d.cpu.pc = at;
      return d.run(3000);
    });
    // 64 bits are stored: both words change.
    pair.do((d) => {
      d.cpu.setX(3, BigInt(ALIAS + 8));
      d.write64(DATA, (BigInt(seven) << 32n) + BigInt(assemble('str x0, [x3]', 0n)) - 1n);
      return [d.run(8 * 100), d.cpu.x(4)];
    });
    pair.do((d) => {
      d.cpu.setX(3, BigInt(DATA + 8));
      return d.run(3000);
    });
  });

  test('the page may end', () => {
    const at = CODE + 0xff0;
    const pair = both(
      LOOP.map((line) => line.replace('0x10000', `0x${at.toString(16)}`)),
      registers,
      at,
    );
    pair.do((d) => d.run(5003));
    for (let i = 0; i < 10; i++) pair.do((d) => [d.run(1), d.cpu.pc]);
  });
});

describe('random loops give the same state with sequences and without', () => {
  const register = fc.nat(7).map((n) => `x${n}`),
    small = fc.nat(63),
    condition = fc.constantFrom('eq', 'ne', 'hs', 'lo', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le');
  const word = (x: string): string => x.replace('x', 'w');
  /** X8: data; X9: data near the end of a page; X10: a device. */
  const three = fc.tuple(register, register, register);
  const instruction = fc.oneof(
    fc
      .tuple(
        fc.constantFrom(
          'add',
          'sub',
          'and',
          'orr',
          'eor',
          'adds',
          'subs',
          'ands',
          'bic',
          'lsl',
          'asr',
          'mul',
          'udiv',
          'sdiv',
          'umulh',
          'smulh',
          'adcs',
          'sbc',
        ),
        three,
      )
      .map(([op, [d, n, m]]) => `${op} ${d}, ${n}, ${m}`),
    fc
      .tuple(fc.constantFrom('add', 'sub', 'and', 'eor', 'adds', 'subs', 'ands', 'lsr', 'sdiv'), three)
      .map(([op, [d, n, m]]) => `${op} ${word(d)}, ${word(n)}, ${word(m)}`),
    fc.tuple(fc.constantFrom('add', 'sub', 'adds', 'subs'), register, register, small).map(([op, d, n, i]) => `${op} ${d}, ${n}, #${i}`),
    fc.tuple(register, small).map(([d, i]) => `movk ${d}, #${i}, lsl #16`),
    fc.tuple(register, register, small).map(([d, n, i]) => `ror ${d}, ${n}, #${i}`),
    fc.tuple(fc.constantFrom('csel', 'csinc', 'csneg'), three, condition).map(([op, [d, n, m], c]) => `${op} ${d}, ${n}, ${m}, ${c}`),
    fc
      .tuple(fc.constantFrom('ccmp', 'ccmn'), register, register, fc.nat(15), condition)
      .map(([op, n, m, nzcv, c]) => `${op} ${n}, ${m}, #${nzcv}, ${c}`),
    fc.tuple(fc.constantFrom('ldr', 'str'), register, fc.nat(30)).map(([op, t, i]) => `${op} ${t}, [x8, #${i * 8}]`),
    fc
      .tuple(fc.constantFrom('ldur', 'stur', 'ldrb', 'strh', 'ldrsb'), register, fc.nat(30))
      .map(([op, t, i]) => `${op} ${word(t)}, [x8, #${i * 2}]`),
    fc
      .tuple(fc.constantFrom('ldp', 'stp'), register, register, fc.nat(7))
      .filter(([, t, u]) => t !== u)
      .map(([op, t, u, i]) => `${op} ${t}, ${u}, [x8, #${i * 8}]`),
    fc.tuple(fc.constantFrom('ldr', 'str'), register).map(([op, t]) => `${op} ${t}, [x9]`),
    register.map((t) => `strb ${word(t)}, [x10]`),
    fc.tuple(fc.constantFrom('cbz', 'cbnz'), register).map(([op, t]) => `${op} ${t}, skip`),
    fc.tuple(fc.constantFrom('tbz', 'tbnz'), register, small).map(([op, t, bit]) => `${op} ${t}, #${bit}, skip`),
    condition.map((c) => `b.${c} skip`),
  );

  test('whatever the instructions', { timeout: 120_000 }, () => {
    const body = fc.array(fc.tuple(instruction, fc.integer({ min: 1, max: 4 })), { minLength: 2, maxLength: 24 });
    fc.assert(
      fc.property(body, fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { minLength: 8, maxLength: 8 }), (instructions, values) => {
        const end = CODE + instructions.length * 4;
        const lines = instructions.map(([text, skip], i) =>
          text.replace('skip', `0x${Math.min(CODE + (i + 1 + skip) * 4, end).toString(16)}`),
        );
        const states = [eager, noLoop].map((tuning) => {
          const d = make(tuning);
          d.load(CODE, [...lines, 'sub x20, x20, #1', `cbnz x20, 0x${CODE.toString(16)}`, 'svc #0']);
          values.forEach((value, n) => d.cpu.setX(n, value));
          for (const [n, value] of [
            [8, DATA],
            [9, DATA + 0xffc],
            [10, DEVICE],
            [20, 1_000_000],
          ] as const)
            d.cpu.setX(n, BigInt(value));
          for (let steps = 0; steps < 40_000;) steps += d.run(40_000 - steps);
          return stateOf(d);
        });
        expect(states[0]).toEqual(states[1]);
      }),
      { numRuns: 25 },
    );
  });
});

describe('choosing', () => {
  const instruction = (own: number, reads: number[] = [], writes: number[] = []): Instruction => ({ own, reads, writes });
  const straight = (count: number, ...code: Instruction[]): { code: Instruction[]; counts: number[] } => ({
    code,
    counts: code.map(() => count),
  });
  const counted = (...straights: { code: Instruction[]; counts: number[] }[]): Parameters<typeof chooseSequences>[0] => ({
    total: straights.reduce((sum, { counts }) => counts.reduce((n, count) => n + count, sum), 0),
    byHandler: new Map(),
    straights,
  });

  test('takes what runs often, as long as it may be', () => {
    const hot = Array.from({ length: LONGEST }, (_, i) => instruction(10 + i));
    const found = chooseSequences(counted(straight(1000, ...hot), straight(1, instruction(50), instruction(51))), 1 / 100, 20);
    expect(found.map((sequence) => sequence.map(({ own }) => own))).toEqual([hot.map(({ own }) => own)]);
    const longer = [...hot, ...hot.map(({ own }) => instruction(own + 20))];
    const pieces = chooseSequences(counted(straight(1000, ...longer)), 1 / 100, 40);
    expect(pieces.every((sequence) => sequence.length > 1 && sequence.length <= LONGEST)).toBe(true);
    expect(pieces.flat().length).toBe(longer.length);
  });

  test('tells apart which operands are the same register', () => {
    const add = (d: number, n: number): Instruction => instruction(5, [n], [d]);
    expect(linksOf([add(1, 2), add(3, 1)])).toEqual([-1, 1]);
    expect(linksOf([add(1, 2), add(3, 2)])).toEqual([-1, 0]);
    expect(linksOf([add(1, 2), add(3, 4)])).toEqual([-1, -1]);
    // The latest value counts.
    expect(linksOf([add(1, 2), add(2, 1), add(4, 2)])).toEqual([-1, 1, 3]);
    const tree = new SequenceTree();
    tree.add([add(1, 2), add(3, 1)], 100);
    tree.add([add(1, 2), add(3, 1), instruction(6)], 101);
    const longest = (code: Instruction[]): unknown => tree.longest((i) => code[i]);
    expect(longest([add(7, 8), add(9, 7), instruction(9)])).toEqual({ handler: 100, length: 2 });
    expect(longest([add(7, 8), add(9, 7), instruction(6)])).toEqual({ handler: 101, length: 3 });
    expect(longest([add(7, 8), add(9, 8), instruction(6)])).toBeUndefined();
  });
});
