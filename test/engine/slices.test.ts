import { HostOffset } from '../../emulator/base/addresses.ts';
import { describe, expect, test } from 'vitest';
import { CPU_BLOCK } from '../../emulator/cpu/layout.ts';
import type { Tuning } from '../../emulator/engine/index.ts';
import { Driver } from '../isa/driver.ts';
import { eager, noLoop } from './tunings.ts';
import { randomNumbers, randomWords } from '../isa/random-words.ts';

const CODE = 0x10000,
  DATA = 0x40000,
  DEVICE = 0x80000,
  EPISODE = 3000;

/** Runs random words, over data, devices and themselves: when they stop or for long enough, they go on where only the step decides. */
class RandomProgram {
  readonly driver: Driver;
  steps = 0;

  constructor(seed: number, tuning: Tuning = eager) {
    this.driver = new Driver(
      [
        { va: CODE, bytes: 0x4000, writable: true, executable: true },
        { va: DATA, bytes: 0x4000, writable: true },
        { va: DEVICE, bytes: 0x1000, kind: 'device', writable: true },
      ],
      tuning,
    );
    const random = randomNumbers(seed),
      words = randomWords(40, seed),
      { cpu } = this.driver;
    this.driver.load(
      CODE,
      Array.from({ length: 0x1000 }, () => words[random() % words.length]),
    );
    for (let r = 0; r < 32; r++) cpu.u64[r] = (BigInt(random()) << 32n) | BigInt(random());
    this.shake();
  }

  run(steps: number, slice: number): void {
    const { driver } = this,
      end = this.steps + steps;
    while (this.steps < end) {
      const episode = EPISODE - (this.steps % EPISODE);
      this.steps += driver.run(Math.min(slice, end - this.steps, episode));
      if (driver.stop || this.steps % EPISODE === 0) this.shake();
    }
  }
  /** On to other code, with pointers in some registers: random code soon has neither. */
  private shake(): void {
    const { cpu } = this.driver,
      places = [CODE + 0x2000, DATA, DEVICE, DATA + 0xffc];
    cpu.pc = BigInt(CODE + ((this.steps * 52) & 0x3ffc));
    for (let r = 0; r < 32; r += 2) cpu.u64[r] = BigInt(places[(this.steps + r) % 4] + ((this.steps * 8) & 0x7ff));
  }

  /** Becomes the program that `other` is now. */
  take(other: RandomProgram): void {
    const { memory, engine, stores } = this.driver,
      { offset, bytes } = memory.regions.get('ram')!;
    memory.u8.set(other.driver.memory.u8.subarray(0, CPU_BLOCK), 0);
    memory.u8.set(other.driver.memory.u8.subarray(offset, offset + bytes), offset);
    engine.code.invalidate(HostOffset(offset), bytes);
    stores.length = 0;
    this.steps = other.steps;
  }

  state(): { cpu: Buffer; memory: Buffer; stores: number } {
    const { memory, cpu, stores } = this.driver,
      { offset, bytes } = memory.regions.get('ram')!;
    cpu.settle();
    return {
      cpu: Buffer.from(memory.u8.slice(0, CPU_BLOCK)),
      memory: Buffer.from(memory.u8.slice(offset, offset + bytes)),
      stores: stores.length,
    };
  }
}

describe('the same steps in slices of any size give the same state', () => {
  for (const seed of process.env['PROVE'] ? [11, 12, 13, 14] : [13])
    test(`random program ${seed}`, () => {
      const STEPS = process.env['PROVE'] ? 30_000 : 12_000;
      const states = [1, 7, 1500, STEPS].map((slice) => {
        const program = new RandomProgram(seed);
        program.run(STEPS, slice);
        expect(program.steps).toBe(STEPS);
        return program.state();
      });
      expect(states[0].stores).toBeGreaterThan(0);
      for (const state of states.slice(1)) expect(state).toEqual(states[0]);
    });

  test('whatever handlers are in the loop', { timeout: 60_000 }, () => {
    // Long enough for the loop to be remade, with more kinds of instructions than it can hold; then another program on the same engine.
    const warm = new RandomProgram(15),
      fresh = new RandomProgram(16, noLoop);
    warm.run(300_000, 100_000);
    expect(warm.driver.engine.statistics.loops).toBeGreaterThan(1);
    warm.take(fresh);
    for (const program of [warm, fresh]) program.run(100_000, 10_000);
    expect(fresh.driver.engine.statistics.loops).toBe(1);
    expect(warm.state()).toEqual(fresh.state());
  });
});

describe('budgets', () => {
  const loop = ['add x0, x0, #1', `b 0x${CODE.toString(16)}`];
  const driver = (): Driver => {
    const d = new Driver([
      { va: CODE, bytes: 0x2000, writable: true, executable: true },
      { va: DATA, bytes: 0x1000, writable: true },
      { va: DEVICE, bytes: 0x1000, kind: 'device', writable: true },
    ]);
    d.load(CODE, loop);
    return d;
  };

  test('are exact', () => {
    const d = driver();
    let total = 0;
    for (const budget of [1, 2, 3, 10, 999, 1_000_000, 3_000_001]) {
      expect(d.engine.run(budget)).toBe(budget);
      total += budget;
      expect(d.cpu.x(0)).toBe(BigInt(Math.ceil(total / 2)));
      expect(d.cpu.pc).toBe(BigInt(CODE + (total % 2) * 4));
    }
    expect(d.engine.run(0)).toBe(0);
  });

  test('a branch to nowhere completes; the fault is the next step', () => {
    const d = driver();
    d.load(CODE, ['b 0x5000000']);
    expect(d.engine.run(1)).toBe(1);
    expect(d.cpu.pc).toBe(0x5000000n);
    expect(d.stop).toBeUndefined();
    expect(d.engine.run(100)).toBe(1);
    expect(d.stop).toEqual({ kind: 'fault', access: 'execute', alignment: false, va: 0x5000000n });
    expect(d.cpu.pc).toBe(0x5000000n);
  });

  test('a misaligned pc faults', () => {
    const d = driver();
    d.cpu.pc = BigInt(CODE + 2);
    expect(d.engine.run(5)).toBe(1);
    expect(d.stop).toMatchObject({ kind: 'fault', alignment: true });
    d.load(CODE, ['br x1']);
    d.cpu.setX(1, BigInt(CODE + 1));
    expect(d.engine.run(5)).toBe(2);
    expect(d.stop).toMatchObject({ kind: 'fault', alignment: true, va: BigInt(CODE + 1) });
  });

  test('every attempt is a step, and ends the run', () => {
    const d = driver();
    d.load(CODE, ['nop', 'svc #1', 'nop', 0x0000_0000, 'ldr x0, [x9]', 'str x0, [x8]', 'nop']);
    d.cpu.setX(8, BigInt(DEVICE));
    d.cpu.setX(9, 0xf000_0000n);
    expect(d.engine.run(100)).toBe(2);
    expect(d.stop).toEqual({ kind: 'system', name: 'SVC' });
    expect(d.elapsed).toBe(1);
    expect(d.cpu.pc).toBe(BigInt(CODE + 4));
    d.cpu.pc += 4n;
    expect(d.engine.run(100)).toBe(2);
    expect(d.stop).toEqual({ kind: 'undefined', word: 0 });
    d.cpu.pc += 4n;
    expect(d.engine.run(100)).toBe(1);
    expect(d.stop).toEqual({ kind: 'fault', access: 'read', alignment: false, va: 0xf000_0000n });
    expect(d.cpu.pc).toBe(BigInt(CODE + 16));
    d.cpu.pc += 4n;
    expect(d.engine.run(100)).toBe(1);
    expect(d.stores).toEqual([[DEVICE, ...new Array<number>(8).fill(0)]]);
    expect(d.cpu.pc).toBe(BigInt(CODE + 24));
  });

  test('straight on over the end of a page', () => {
    const d = driver();
    d.load(CODE + 0xff8, ['mov x1, #1', 'adr x2, 0x11000', 'add x1, x1, #2', 'adr x3, 0x11000']);
    expect(d.engine.run(4)).toBe(4);
    expect([d.cpu.x(1), d.cpu.x(2), d.cpu.x(3)]).toEqual([3n, 0x11000n, 0x11000n]);
    expect(d.cpu.pc).toBe(BigInt(CODE + 0x1008));
  });

  test('NZCV is up to date in system, also right after the comparison', () => {
    const d = driver();
    d.load(CODE, ['cmp x1, x2', 'svc #0', 'cmn w1, w1', 'svc #0']);
    d.cpu.setX(1, 0x8000_0000n);
    d.cpu.setX(2, 0x8000_0000n);
    d.engine.run(100);
    expect(d.nzcv).toBe(0b0110);
    d.cpu.pc += 4n;
    d.engine.run(100);
    expect(d.nzcv).toBe(0b0111);
  });

  test('an error of the machine ends the run with the state before the instruction', () => {
    const d = driver();
    d.cpu.setX(1, BigInt(DEVICE));
    d.cpu.setX(2, 5n);
    for (const line of ['ldr x2, [x1, #8]!', 'str x2, [x1, #8]!']) {
      d.load(CODE, ['cmp x2, #5', line, 'mov x3, #1']);
      d.throwAt = DEVICE + 8;
      expect(() => d.engine.run(100)).toThrow('not built');
      expect([d.engine.elapsed, d.cpu.pc, d.cpu.nzcv, d.cpu.x(1), d.stores.length]).toEqual([1, BigInt(CODE + 4), 6, BigInt(DEVICE), 0]);
      expect(d.nzcv).toBe(6);
    }
    d.throwInStore = true;
    expect(() => d.engine.run(100)).toThrow('not built');
    expect([d.engine.elapsed, d.cpu.pc, d.cpu.x(1), d.stores.length]).toEqual([0, BigInt(CODE + 4), BigInt(DEVICE), 0]);
    d.load(CODE, ['mov x4, #1']); // not the store any more
    expect([d.engine.run(1), d.cpu.x(4), d.stores.length]).toEqual([1, 1n, 0]);
    d.throwAt = undefined;
    expect([d.engine.run(1), d.stores.length]).toEqual([1, 1]);
    d.engine.run(1);
    expect(d.cpu.x(3)).toBe(1n);
  });
});
