/** What is watched: reported exactly, and without a trace in the run. */
import { PA } from '../../emulator/base/addresses.ts';
import { describe, expect, test } from 'vitest';
import { accessKind } from '../../emulator/engine/index.ts';
import { assemble, decode } from '../../emulator/isa/index.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import {
  nothingWatched,
  watchableRegister,
  type Watched,
  type WatchedAccess,
  type WatchedWrite,
  type WatchReport,
} from '../../emulator/machine/watches.ts';
import { randomNumbers, randomWords } from '../isa/random-words.ts';

const RAM = 0x4000_0000;
const CODE = RAM + 0x10_0000;
const DATA = RAM + 0x20_0000;
const TABLE = RAM + 0x30_0000;
/** VAs from here on lead to the same RAM once the MMU is on. */
const ALIAS = 0x4000_0000;
const VECTORS = RAM + 0x40_0000;

/** A machine at EL2 whose MMU maps RAM twice, one VA after the other. */
function machineWith(lines: readonly (string | number)[]): Machine {
  const machine = new Machine({ memoryBytes: 16 << 20, gic: 2, el2: true });
  const { cpu, mmu } = machine;
  const words = lines.map((line, i) => (typeof line === 'number' ? line : assemble(line, BigInt(CODE + 4 * i))));
  machine.writePhysical(PA(CODE), new Uint8Array(Uint32Array.from(words).buffer));
  // Level 1: devices, RAM, RAM again, in blocks of 1 GiB with AF; MAIR attribute 0 is Device, 1 Normal.
  const table = BigUint64Array.of(0x401n, 0x4000_0705n, 0x4000_0705n);
  machine.writePhysical(PA(TABLE), new Uint8Array(table.buffer));
  cpu.set('MAIR_EL2', 0xff00n);
  cpu.set('TCR_EL2', 0x8080_0019n | (2n << 16n) | 0x3500n);
  cpu.set('TTBR0_EL2', BigInt(TABLE));
  cpu.set('SCTLR_EL2', 0x30c5_0831n & ~0xan);
  cpu.set('VBAR_EL2', BigInt(VECTORS));
  mmu.contextChanged();
  cpu.pc = BigInt(CODE);
  return machine;
}
function reportsOf(machine: Machine): WatchReport[] {
  const reports: WatchReport[] = [];
  machine.watches.onReport.on((report) => reports.push(report));
  return reports;
}
const watchData = (bytes: number, access: 'r' | 'w' | 'rw', offset = 0): Watched => ({
  memory: [{ pa: PA(DATA + offset), bytes, access }],
  registers: [],
});
const registers = (...names: string[]): Watched => ({ memory: [], registers: names });
const number = (bytes: Uint8Array | undefined): number => [...bytes!].reduceRight((value, byte) => value * 256 + byte, 0);

/** Runs the lines with X1 = the watched data and X2 = the same by its other VA. */
function run(watched: Watched, lines: readonly string[], steps = lines.length): { machine: Machine; reports: WatchReport[] } {
  const machine = machineWith(lines);
  const reports = reportsOf(machine);
  machine.cpu.setX(1, BigInt(DATA));
  machine.cpu.setX(2, BigInt(DATA + ALIAS));
  machine.cpu.setX(3, 0x1234n);
  machine.run({ ...forSteps(steps), watched });
  return { machine, reports };
}
const accesses = (reports: readonly WatchReport[]): [number, string, number, number][] =>
  (reports as WatchedAccess[]).map(({ n, access, pa, after }) => [n, access, pa - DATA, after.length]);

describe('a watched range', () => {
  test('tells each store with its value before and after, through any VA', () => {
    const { reports } = run(watchData(8, 'w'), ['str w3, [x1]', 'ldr x4, [x1]', 'strb wzr, [x2, #1]', 'str x3, [x1, #8]', 'str x3, [x1]']);
    expect(accesses(reports)).toEqual([
      [0, 'w', 0, 4],
      [2, 'w', 1, 1],
      [4, 'w', 0, 8],
    ]);
    const [first, second] = reports as WatchedAccess[];
    expect([number(first.before), number(first.after), first.pc, first.va]).toEqual([0, 0x1234, BigInt(CODE), BigInt(DATA)]);
    expect([number(second.before), number(second.after), second.pc, second.va]).toEqual([
      0x12,
      0,
      BigInt(CODE + 8),
      BigInt(DATA + ALIAS + 1),
    ]);
  });

  test('tells loads, pairs, and only the part in the page of what crosses it', () => {
    const { reports } = run(watchData(16, 'rw', 0xff8), [
      'add x1, x1, #0xff8',
      'ldp x4, x5, [x1, #-8]',
      'stp x3, x3, [x1]',
      'ldur x6, [x1, #5]',
      'stur x3, [x1, #6]',
      'ldr x7, [x1, #16]',
    ]);
    expect(accesses(reports)).toEqual([
      [1, 'r', 0xff8, 8],
      [2, 'w', 0xff8, 8],
      [2, 'w', 0x1000, 8],
      [3, 'r', 0xffd, 3],
      [3, 'r', 0x1000, 5],
      [4, 'w', 0xffe, 2],
      [4, 'w', 0x1000, 6],
    ]);
    expect((reports as WatchedAccess[]).map(({ va }) => Number(va) - DATA)).toEqual(accesses(reports).map(([, , pa]) => pa));
  });

  test('sees exclusive stores only where they store, and DC ZVA', () => {
    const { machine, reports } = run(watchData(4, 'w', 0x20), [
      'add x1, x1, #0x20',
      'stxr w4, w3, [x1]',
      'ldxr w5, [x1]',
      'stxr w6, w3, [x1]',
      'dc zva, x2',
    ]);
    expect([machine.cpu.x(4), machine.cpu.x(6)]).toEqual([1n, 0n]);
    expect(accesses(reports)).toEqual([
      [3, 'w', 0x20, 4],
      [4, 'w', 0, 64],
    ]);
    expect(number((reports[1] as WatchedAccess).before!.subarray(0x20, 0x24))).toBe(0x1234);
  });

  test('tells which device wrote, and what a store sent to a device register', () => {
    const FW_CFG = 0x0902_0000;
    const machine = machineWith(['str x4, [x5]', 'movz x6, #0x900, lsl #16', 'strb w3, [x6]']);
    const reports = reportsOf(machine);
    // A request in memory, big-endian: select and read the signature, 4 bytes, to DATA.
    const request = new DataView(new ArrayBuffer(16));
    request.setUint32(0, 0x0000_000a);
    request.setUint32(4, 4);
    request.setBigUint64(8, BigInt(DATA));
    machine.writePhysical(PA(DATA + 0x100), new Uint8Array(request.buffer));
    const swapped = new DataView(new ArrayBuffer(8));
    swapped.setBigUint64(0, BigInt(DATA + 0x100));
    machine.cpu.setX(4, swapped.getBigUint64(0, true));
    machine.cpu.setX(5, BigInt(FW_CFG + 16));
    machine.cpu.setX(3, 0x41n);
    const memory = [
      { pa: PA(DATA), bytes: 4, access: 'w' },
      { pa: PA(0x0900_0000), bytes: 4, access: 'w' },
    ] as const;
    machine.run({ ...forSteps(3), watched: { memory, registers: [] } });
    const [dma, store] = reports as WatchedAccess[];
    expect(dma).toMatchObject({ n: 0, pc: BigInt(CODE), device: 'fw-cfg', va: undefined });
    expect(new TextDecoder().decode(dma.after)).toBe('QEMU');
    expect(store).toMatchObject({ n: 2, pa: 0x0900_0000, before: undefined, device: undefined });
    expect(reports).toHaveLength(2);
  });

  test('ends the run after the step when asked, and is forgotten when it is no longer given', () => {
    const machine = machineWith(['str w3, [x1]', 'nop', 'ldr w4, [x1]', 'nop', 'nop']);
    machine.cpu.setX(1, BigInt(DATA));
    const reports = reportsOf(machine);
    machine.watches.onReport.on(() => machine.pause());
    const limit = { ...forSteps(5), watched: watchData(1, 'rw') };
    expect([machine.run(limit), machine.steps, machine.cpu.pc]).toEqual(['event', 1, BigInt(CODE + 4)]);
    expect([machine.run(limit), machine.steps]).toEqual(['event', 3]);
    machine.cpu.pc = BigInt(CODE);
    expect(machine.run({ ...limit, watched: nothingWatched })).toBe('budget');
    expect(reports).toHaveLength(2);
  });
});

describe('a watched register', () => {
  test('tells each MSR that completes, also of the same value', () => {
    const { reports } = run(registers('TPIDR_EL2', 'HCR_EL2'), [
      'msr tpidr_el2, x3',
      'msr tpidr_el2, x3',
      'mrs x4, tpidr_el2',
      'msr hcr_el2, xzr',
    ]);
    expect((reports as WatchedWrite[]).map(({ n, register, before, after }) => [n, register, before, after])).toEqual([
      [0, 'TPIDR_EL2', 0n, 0x1234n],
      [1, 'TPIDR_EL2', 0x1234n, 0x1234n],
      [3, 'HCR_EL2', 0n, 0n],
    ]);
  });

  test('tells what the entry to an exception writes, and what another name of a register does', () => {
    const { reports } = run(
      registers('ELR_EL2', 'ESR_EL2', 'FAR_EL2', 'CNTP_CVAL_EL0', 'PAR_EL1'),
      ['msr cntp_tval_el0, x3', 'at s1e2r, x1', 'svc #5'],
      3,
    );
    expect((reports as WatchedWrite[]).map(({ n, register, by }) => [n, register, by])).toEqual([
      [0, 'CNTP_CVAL_EL0', 'instruction'],
      [1, 'PAR_EL1', 'instruction'],
      [2, 'ELR_EL2', { exception: 'SVC' }],
      [2, 'ESR_EL2', { exception: 'SVC' }],
    ]);
    expect((reports as WatchedWrite[]).at(-1)!.after).toBe(0x5600_0005n);
  });

  test('that generated code writes is found step by step, where its value changes', () => {
    const { reports } = run(registers('x4', 'sp', 'NZCV'), ['mov x4, #0', 'mov x4, #7', 'nop', 'mov sp, x1', 'cmp x4, x4']);
    expect((reports as WatchedWrite[]).map(({ n, pc, register, after }) => [n, Number(pc) - CODE, register, after])).toEqual([
      [1, 4, 'x4', 7n],
      [3, 12, 'sp', BigInt(DATA)],
      [4, 16, 'NZCV', 0x6000_0000n],
    ]);
  });

  test('has its name in whatever case, and nothing else has', () => {
    expect(['hcr_el2', 'HCR_EL2', 'X30', 'SP', 'currentel', 'cntvct_el0', 'midr_el1', 'x31', ''].map(watchableRegister)).toEqual([
      'HCR_EL2',
      'HCR_EL2',
      'x30',
      'sp',
      'CurrentEL',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

// ---- random programs, compared with the same ones single-stepped

const EPISODE = 15;
const excluded = /^(MSR|MRS|SYS|SYSL|ERET|DRPS|WFI|WFE|HVC|SMC)/;
const extras = ['dc zva, x2', 'dc zva, x4', 'msr tpidr_el2, x5', 'ldxr x7, [x2]', 'stxr w9, x3, [x2]', 'stp x3, x5, [x4, #-8]', 'svc #1'];

class RandomRun {
  readonly machine: Machine;
  constructor(private readonly seed: number) {
    const random = randomNumbers(seed);
    const words = randomWords(6, seed).filter((word) => !excluded.test(decode(word)?.definition.name ?? 'MSR'));
    const accessing = words.filter((word) => /^(LD|ST)/.test(decode(word)!.definition.name));
    const pools: readonly (readonly (string | number)[])[] = [extras, words, accessing, accessing];
    const lines = Array.from({ length: 2048 }, () => {
      const pool = pools[random() % pools.length];
      return pool[random() % pool.length];
    });
    this.machine = machineWith(lines);
  }
  /** Runs to an instant; every so often registers get pointers to the watched pages: random code soon has none. */
  runTo(end: number, slice: number, watched: Watched, beforeStep: () => void = () => undefined): void {
    const { machine } = this;
    const { cpu } = machine;
    while (machine.steps < end) {
      const { steps } = machine;
      if (steps % EPISODE === 0) {
        const random = randomNumbers(this.seed + steps + 1);
        cpu.pc = BigInt(CODE + (random() % 2000) * 4);
        cpu.setLevel(2, 1);
        for (let r = 0; r < 32; r++) {
          const place = DATA + 0x1000 + (random() % 0x28) - 0x14 + (random() & 1 ? ALIAS : 0);
          cpu.u64[r] = BigInt(r % 8 === 5 ? random() : place & ~(random() & 7));
        }
      }
      beforeStep();
      machine.run({ ...forSteps(Math.min(slice, EPISODE - (steps % EPISODE))), watched });
    }
  }
}

describe('a random program', () => {
  const STEPS = 250 * EPISODE;
  const range = { pa: PA(DATA + 0xff6), bytes: 0x14 };
  const bytesOf = (pa: number, length: number): number[] =>
    Array.from({ length }, (_, i) => pa + i).filter((at) => at >= range.pa && at < range.pa + range.bytes);
  const key = (n: number, access: 'r' | 'w', at: number): string => `${n} ${access} ${at - range.pa}`;

  test.each(process.env['PROVE'] ? [21, 22, 23] : [21])(
    'with seed %i has the same states, and reports every access that was and no other',
    (seed) => {
      // Alone, step by step, with no fast TLB: every access asks the machine, and its VA tells its PA.
      const alone = new RandomRun(seed);
      const { machine } = alone;
      const expected = new Set<string>();
      const { engineHost } = machine;
      const original = engineHost.dataMiss.bind(engineHost);
      engineHost.dataMiss = (vaLow, vaHigh, kind, storeAllowed) => {
        const result = original(vaLow, vaHigh, kind, storeAllowed);
        const pa = vaLow >= RAM + ALIAS ? vaLow - ALIAS : vaLow;
        if (result >= 0 && vaHigh === 0)
          for (const at of bytesOf(pa, kind & 0xff)) expected.add(key(machine.step, kind & accessKind.write ? 'w' : 'r', at));
        return result;
      };
      const look = (): Uint8Array => machine.board.bus.peekBytes(range.pa, range.bytes)!;
      const memory: Uint8Array[] = [];
      alone.runTo(STEPS, 1, nothingWatched, () => {
        machine.engine.fastTlb.clear();
        memory.push(look());
        const instruction = decode(machine.peekWord(PA(Number(machine.cpu.pc))) ?? 0);
        if (instruction?.definition.name !== 'SYS') return;
        const block = Number(machine.cpu.x(instruction.word & 31) & ~63n);
        for (const at of bytesOf(block >= RAM + ALIAS ? block - ALIAS : block, 64)) expected.add(key(machine.steps, 'w', at));
      });
      memory.push(look());
      const hash = machine.stateHash();

      for (const slice of [STEPS, 7]) {
        const watching = new RandomRun(seed);
        const reports = reportsOf(watching.machine);
        watching.runTo(STEPS, slice, { memory: [{ ...range, access: 'rw' }], registers: ['TPIDR_EL2', 'ELR_EL2'] });
        expect(watching.machine.stateHash()).toBe(hash);
        const seen = new Set<string>();
        for (const report of reports) {
          if (report.kind !== 'memory') continue;
          const { n, access, pa, before, after } = report;
          for (const at of bytesOf(pa, after.length)) {
            seen.add(key(n, access, at));
            expect(before![at - pa]).toBe(memory[n][at - range.pa]);
            expect(after[at - pa]).toBe(memory[n + 1][at - range.pa]);
          }
        }
        expect(seen).toEqual(expected);
        expect(expected.size).toBeGreaterThan(300);
        expect(reports.some(({ kind }) => kind === 'register')).toBe(true);
      }
      const free = new RandomRun(seed);
      free.runTo(STEPS, STEPS, nothingWatched);
      expect(free.machine.stateHash()).toBe(hash);
    },
  );
});
