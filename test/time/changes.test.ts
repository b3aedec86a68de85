/** Registers that a person changes: the run goes on from there as if it had always been so, whatever is done with it afterwards. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openProgram, readRecording, replay, runStart, writeRecording, type Program } from '../../emulator/index.ts';
import { changeableRegister, registerValue } from '../../emulator/machine/changeable.ts';
import { findReports, previousStop } from '../../emulator/time/search.ts';
import type { TrapLog } from '../../emulator/time/trap-log.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');
const load = (name: string): Uint8Array => new Uint8Array(readFileSync(join(prebuilt, name)));
const [stage2, interrupts] = [load('04-stage2.elf'), load('05-interrupts.elf')];
const open = (): Program => openProgram('04-stage2.elf', stage2);

function run({ timeline }: Program, slice = 1_000_000): void {
  while (timeline.forward(slice) === 'budget');
}
/** What is known of a run: its end, its state there, its traps and its output. */
function facts({ timeline, machine }: Program): unknown {
  timeline.seek(timeline.end);
  const { traps, output } = timeline;
  return {
    end: timeline.end,
    hash: machine.stateHash(),
    traps: eventsOf(traps),
    output: new TextDecoder().decode(output.slice(0, output.length)),
  };
}
function eventsOf(traps: TrapLog): unknown[] {
  return Array.from({ length: traps.length }, (_, i) => [traps.get(i), traps.returnOf(i)]);
}
function answer<T>(search: Generator<unknown, T, void>): T {
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
}
const hashAt = ({ timeline, machine }: Program, at: number): string => {
  timeline.seek(at);
  return machine.stateHash();
};
const saved = async (program: Program): Promise<Uint8Array> => writeRecording(runStart(program), program.timeline);

describe('a change in the past', () => {
  let whole: Program;
  /** An instant in the guest, well before the end. */
  let at: number;
  beforeAll(() => {
    whole = open();
    run(whole);
    at = whole.timeline.traps.step(whole.timeline.traps.length >> 1) + 3;
  });

  test('is there at its instant and not before, and what was recorded after it is another run', () => {
    const program = open();
    const { timeline, machine } = program;
    run(program);
    // Keyframes on both sides of the change, and at it.
    for (const n of [at - 100, at, at + 5000]) {
      timeline.seek(n);
      timeline.keyframes.capture(n);
    }
    const before = hashAt(program, at - 1);
    const unchanged = hashAt(program, at);
    expect(timeline.isOver).toBe(true);
    timeline.change('x28', 0x1234_5678_9abc_def0n);
    timeline.change('TPIDR_EL2', 7n);
    expect(timeline).toMatchObject({ at, end: at, isOver: false, hasFuture: false });
    expect(machine.cpu.x(28)).toBe(0x1234_5678_9abc_def0n);
    const changed = machine.stateHash();
    expect(changed).not.toBe(unchanged);
    expect(timeline.traps.length).toBe(whole.timeline.traps.firstAt(at));
    expect(timeline.output.length).toBe(whole.timeline.output.lengthAt(at));
    expect(timeline.keyframes.before(Infinity)).toBe(at);

    // Switched off before, it runs again, and stops where it did: nobody reads those registers.
    run(program);
    expect(machine.stop).toMatchObject({ kind: 'off' });
    expect(timeline.end).toBe(whole.timeline.end);
    expect([hashAt(program, at - 1), hashAt(program, at)]).toEqual([before, changed]);

    // The same on a machine that never had another future, however the run is cut.
    const expected = facts(program);
    expect(eventsOf(timeline.traps)).toEqual(eventsOf(whole.timeline.traps));
    for (const slice of [997, 100_000]) {
      const fresh = open();
      while (fresh.timeline.at < at) fresh.timeline.forward(Math.min(slice, at - fresh.timeline.at));
      fresh.timeline.change('x28', 0x1234_5678_9abc_def0n);
      fresh.timeline.change('TPIDR_EL2', 7n);
      run(fresh, slice);
      expect(facts(fresh)).toEqual(expected);
    }
  });

  test('leaves a log of traps as it was at that instant, to which more can come', () => {
    const { traps } = whole.timeline;
    for (const cut of [0, traps.step(5), traps.step(5) + 1, at]) {
      const log = traps.before(cut);
      const fresh = open();
      fresh.timeline.forward(cut);
      const known = fresh.timeline.traps;
      expect(eventsOf(log)).toEqual(eventsOf(known));
      for (let i = log.length; i < traps.length; i++) log.push(traps.get(i));
      expect(eventsOf(log)).toEqual(eventsOf(traps));
      expect(log.isSame(log.length - 1, traps)).toBe(true);
      expect([0, 1, 2].map((el) => log.hasReached(el as 0, at))).toEqual([0, 1, 2].map((el) => traps.hasReached(el as 0, at)));
    }
  });

  test('forgets the input that came after it, and guests that ran later', () => {
    const image = load('hypervisor.elf');
    const program = openProgram('hypervisor.elf', image);
    const { timeline } = program;
    run(program);
    const waiting = timeline.at;
    timeline.input(new TextEncoder().encode('help\r'));
    run(program);
    timeline.seek(waiting);
    expect(timeline.inputs.all()).toHaveLength(1);
    timeline.seek(waiting - 1);
    timeline.change('x1', 1n);
    expect(timeline.inputs.all()).toEqual([{ kind: 'change', n: waiting - 1, register: 'x1', value: 1n }]);
    const first = timeline.guests.seenBefore(Infinity).length;
    timeline.seek(0);
    timeline.change('x1', 1n);
    expect([first, timeline.guests.seenBefore(Infinity).length]).toEqual([1, 0]);
    expect(() => timeline.input(new Uint8Array([65]))).not.toThrow();
  });

  test('of the stack pointer of EL2, while EL1 uses its own, is what the next exception to EL2 finds', () => {
    const program = open();
    const { timeline, machine } = program;
    const { cpu } = machine;
    const goTo = (el: number): void => {
      while (cpu.el !== el) timeline.forward(1000, { untilEvent: true });
    };
    goTo(1);
    expect(changeableRegister(machine, 'sp_el2')).toEqual({ name: 'SP_EL2', bits: 0xffff_ffff_ffff_ffffn });
    const { sp } = cpu;
    const wanted = registerValue(machine, 'SP_EL2') - 0x100n;
    timeline.change('SP_EL2', wanted);
    expect([cpu.sp, registerValue(machine, 'SP_EL2')]).toEqual([sp, wanted]);
    goTo(2);
    expect(cpu.sp).toBe(wanted);
    expect(changeableRegister(openProgram('el1.elf', stage2, { el2: false }).machine, 'SP_EL2')).toBeUndefined();
  });

  test('is refused where the machine has stopped, and nothing is lost', () => {
    const program = open();
    run(program);
    const { end } = program.timeline;
    expect(() => program.timeline.change('x0', 1n)).toThrow(/nothing can be changed here: EL2 switched the machine off/);
    program.timeline.seek(end - 1);
    program.timeline.seek(end);
    expect(program.timeline.inputs.all()).toEqual([]);
    expect(program.timeline.end).toBe(end);
  });
});

test('every register that can be changed is the same on every way there: back, in slices, saved and opened again', async () => {
  // At EL2 with timers and interrupts in use; values that matter to what comes next.
  const program = openProgram('05-interrupts.elf', interrupts);
  const { timeline, machine } = program;
  run(program);
  const { traps } = timeline;
  const handler = Array.from({ length: traps.length }, (_, i) => i).find((i) => traps.type(i) === 'IRQ' && traps.levelAfter(i) === 2)!;
  timeline.seek(traps.step(handler) + 20);
  const names = [
    ...['x0', 'x30', 'sp', 'SPSel', 'DAIF', 'NZCV', 'HCR_EL2', 'SCTLR_EL1', 'VBAR_EL1', 'MDSCR_EL1', 'TTBR0_EL1', 'CNTKCTL_EL1'],
    ...['CNTHP_TVAL_EL2', 'CNTV_CTL_EL0', 'CNTV_CVAL_EL0', 'CNTVOFF_EL2', 'PMCR_EL0', 'PMCNTENSET_EL0', 'PMEVTYPER0_EL0', 'PMCCNTR_EL0'],
  ];
  const values: Record<string, bigint> = { SPSel: 0n, DAIF: 0n, HCR_EL2: 0x8000_0091n, PMCR_EL0: 1n, PMCNTENSET_EL0: 0x8000_0001n };
  for (const [i, name] of names.entries()) {
    expect(changeableRegister(machine, name)?.name).toBe(name);
    timeline.change(name, values[name] ?? registerValue(machine, name) ^ 0x1_0010n);
    timeline.forward(1 + (i % 3));
  }
  timeline.change('pc', registerValue(machine, 'ELR_EL2'));
  timeline.forward(20_000);
  const instants = timeline.inputs.changes.map(({ n }) => n);
  expect(instants).toHaveLength(names.length + 1);
  const expected = facts(program);
  const there = instants.map((n) => hashAt(program, n));
  expect([...instants].reverse().map((n) => hashAt(program, n))).toEqual([...there].reverse());
  expect(facts(program)).toEqual(expected);

  const recording = await readRecording(await saved(program), 'a.elrec');
  expect(recording.inputs).toEqual(timeline.inputs.all());
  for (const slice of [1, 7, 1_000_000]) {
    const again = replay(recording);
    while (again.timeline.at < instants.at(-1)! - 2000) again.timeline.forward(instants.at(-1)! - 2000 - again.timeline.at);
    while (again.timeline.at < recording.reached) again.timeline.forward(Math.min(slice, recording.reached - again.timeline.at));
    expect(facts(again)).toEqual(expected);
  }
});

describe('a recording with a change', () => {
  let program: Program;
  let file: Uint8Array;
  beforeAll(async () => {
    program = open();
    program.timeline.forward(50_000);
    program.timeline.change('HCR_EL2', 0x8000_0000n);
    program.timeline.forward(10_000);
    file = await saved(program);
  });

  test('cut off anywhere repeats the change or ends before it', async () => {
    const [{ n }] = program.timeline.inputs.changes;
    const seen = new Set<number>();
    // The chunk of the input, byte by byte, and what comes before and after it.
    const input = Buffer.from(file).indexOf('INPT');
    for (let length = input; length < input + 80; length++) {
      const recording = await readRecording(file.subarray(0, length), 'a.elrec');
      seen.add(recording.inputs.length);
      expect(recording.reached).toBeGreaterThanOrEqual(recording.inputs.length > 0 ? n : 0);
      if (recording.inputs.length === 0) expect(recording.reached).toBe(0);
    }
    expect([...seen].sort()).toEqual([0, 1]);
  });

  test('of an unknown kind, or of a register that cannot be changed, is refused with a sentence', async () => {
    const recording = await readRecording(file, 'a.elrec');
    for (const register of ['MIDR_EL1', 'X0', 'no such', 'CNTPCT_EL0', 'ICC_PMR_EL1'])
      expect(() => replay({ ...recording, inputs: [{ kind: 'change', n: 5, register, value: 1n }] })).toThrow(/which this machine cannot/);
    const without = replay({ ...recording, options: { el2: false }, inputs: [] });
    expect(changeableRegister(without.machine, 'HCR_EL2')).toBeUndefined();
    expect(changeableRegister(without.machine, 'vbar_el1')?.name).toBe('VBAR_EL1');
  });
});

describe('who wrote it', () => {
  let program: Program;
  beforeAll(() => {
    program = open();
    const { timeline } = program;
    timeline.change('x20', 1n);
    timeline.forward(30_000);
    timeline.keyframes.capture(30_000);
    timeline.change('TPIDR_EL1', 5n);
    timeline.change('x21', 0x42n);
    timeline.forward(30_000);
    timeline.keyframes.capture(60_000);
    timeline.change('TPIDR_EL1', 6n);
  });
  const last = (register: string, count = 1): unknown =>
    answer(findReports(program.timeline, { memory: [], registers: [register] }, program.timeline.at, count)).map(({ n, ...report }) => [
      n,
      'by' in report && report.by,
      report.before,
      report.after,
    ]);

  test('is the person, at the instant of the change, the first one too, and each time once', () => {
    const { timeline, machine } = program;
    expect(last('TPIDR_EL1', 5)).toEqual([
      [30_000, 'hand', 0n, 5n],
      [60_000, 'hand', 5n, 6n],
    ]);
    timeline.seek(40_000);
    expect(last('TPIDR_EL1')).toEqual([[30_000, 'hand', 0n, 5n]]);
    timeline.seek(100);
    expect(last('x20')).toEqual([[0, 'hand', 0n, 1n]]);
    timeline.seek(0);
    expect(machine.cpu.x(20)).toBe(1n);
    timeline.seek(60_000);
  });

  test('and a breakpoint on the register stops there, forwards and backwards', () => {
    const { timeline } = program;
    timeline.breakpoints.set(1, { kind: 'register-write', register: 'TPIDR_EL1' });
    timeline.seek(20_000);
    expect(timeline.forward(100_000, { untilBreakpoint: true })).toBe('breakpoint');
    expect(timeline.at).toBe(30_000);
    expect(timeline.breakpoints.hits).toMatchObject([{ id: 1, cause: { kind: 'register', by: 'hand', after: 5n } }]);
    timeline.seek(59_000);
    expect(answer(previousStop(timeline))).toBe(30_000);
    timeline.breakpoints.set(1, undefined);
  });
});
