/** What a run stops at, forwards and back, on the firmware; compared with looking after every single step. */
import { PA, type VA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';
import type { CpuEvent } from '../../emulator/cpu/index.ts';
import type { Condition } from '../../emulator/time/breakpoints.ts';
import { previousStop } from '../../emulator/time/search.ts';

const firmware = (name: string): Buffer => readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}`));
const bytes = firmware('04-stage2.elf');
const open = (): Program => openProgram('04-stage2.elf', bytes);
const address = ({ symbols }: Program, name: string): VA => symbols.find(name)!;

/** All stops of a run in slices: the instants, and the numbers of the conditions that were fulfilled. */
function stopsOf(program: Program, conditions: readonly Condition[], slice = 1e9, end = Infinity): { at: number; ids: number[] }[] {
  const { timeline } = program;
  conditions.forEach((condition, id) => timeline.breakpoints.set(id, condition));
  const stops: { at: number; ids: number[] }[] = [];
  while (timeline.at < end) {
    const stop = timeline.forward(Math.min(slice, end - timeline.at), { untilBreakpoint: true });
    if (stop === 'breakpoint') stops.push({ at: timeline.at, ids: [...new Set(timeline.breakpoints.hits.map(({ id }) => id))].sort() });
    else if (stop === 'end' || stop === 'idle') break;
  }
  return stops;
}

describe('an address', () => {
  test('stops in front of its instruction, each time, whatever the slices', () => {
    const program = open();
    const places = ['enter_el1_step3', 'guest_main'].map((name) => address(program, name));
    const conditions = places.map((va) => ({ kind: 'address', va }) as const);
    const whole = stopsOf(program, conditions, 1e9, 60_000);
    expect(whole.map(({ ids }) => ids)).toEqual([[0], [1]]);
    for (const { at, ids } of whole) {
      program.timeline.seek(at);
      expect(program.machine.cpu.pc).toBe(places[ids[0]]);
    }
    expect(stopsOf(open(), conditions, 3, 60_000)).toEqual(whole);
  });

  test('that is taken away stops nothing, and travelling stops at none', () => {
    const program = open();
    const { timeline } = program;
    timeline.breakpoints.set(1, { kind: 'address', va: address(program, 'guest_main') });
    expect(timeline.forward(1e9)).toBe('end');
    timeline.seek(0);
    timeline.breakpoints.set(1, undefined);
    expect(timeline.forward(1e9, { untilBreakpoint: true })).toBe('end');
  });

  test('that an interrupt enters is an instant of its own', () => {
    const program = openProgram('05-interrupts.elf', firmware('05-interrupts.elf'));
    const entries: { n: number; pc: VA }[] = [];
    program.machine.onEvent.on((event) => {
      if (event.kind === 'exception' && event.type === 'IRQ') entries.push({ n: event.n, pc: event.pc });
    });
    program.timeline.forward(1e9);
    const [{ pc }] = entries;
    program.timeline.seek(0);
    const expected = entries.filter((entry) => entry.pc === pc).map(({ n }) => n + 1);
    expect(stopsOf(program, [{ kind: 'address', va: pc }]).map(({ at }) => at)).toEqual(expected);
  });
});

describe('an event', () => {
  let events: CpuEvent[];
  beforeAll(() => {
    const program = open();
    events = [];
    program.machine.onEvent.on((event) => events.push(event));
    program.timeline.forward(1e9);
  });
  const after = (which: (event: CpuEvent) => boolean): number[] => [...new Set(events.filter(which).map(({ n }) => n + 1))];

  test.each<[string, Condition, (event: CpuEvent) => boolean]>([
    ['any change of level', { kind: 'level-change' }, (e) => e.kind !== 'psci' && e.from !== e.to],
    ['a change to EL2', { kind: 'level-change', to: 2 }, (e) => e.kind !== 'psci' && e.from !== 2 && e.to === 2],
    ['any exception', { kind: 'exception' }, (e) => e.kind === 'exception'],
    ['a type', { kind: 'exception', types: ['DataAbort', 'SMC'] }, (e) => e.kind === 'exception' && /DataAbort|SMC/.test(e.type)],
    ['a class', { kind: 'exception', ec: 0x16 }, (e) => e.kind === 'exception' && e.esr !== null && e.esr >>> 26 === 0x16],
  ])('%s', (_name, condition, which) => {
    const expected = after(which);
    expect(expected.length).toBeGreaterThan(0);
    expect(stopsOf(open(), [condition]).map(({ at }) => at)).toEqual(expected);
  });
});

test('writes to registers and to memory stop after their step, several at once', () => {
  const program = open();
  const { machine, timeline } = program;
  // Around the place where EL1 is prepared.
  const [{ at: entry }] = stopsOf(program, [{ kind: 'address', va: address(program, 'enter_el1_step3') }], 1e9, 60_000);
  timeline.breakpoints.set(0, undefined);
  const [start, end] = [entry - 2000, entry + 500];
  timeline.seek(start);
  const range = { pa: PA(Number(machine.cpu.sp) - 64), bytes: 64 };
  // Brute force: values after every step.
  const values = (): string[] => [
    String(machine.cpu.get('SPSR_EL2')),
    String(machine.cpu.x(0)),
    machine.board.bus.peekBytes(range.pa, range.bytes)!.join(),
  ];
  const changes: { at: number; ids: number[] }[] = [];
  for (let before = values(); timeline.at < end;) {
    timeline.forward(1);
    const after = values();
    const ids = [0, 1, 2].filter((i) => after[i] !== before[i]);
    before = after;
    if (ids.length > 0) changes.push({ at: timeline.at, ids });
  }
  timeline.seek(start);
  const stops = stopsOf(
    program,
    [
      { kind: 'register-write', register: 'SPSR_EL2' },
      { kind: 'register-write', register: 'x0' },
      { kind: 'memory', ranges: [{ ...range, access: 'w' }] },
    ],
    1e9,
    end,
  );
  const instants = (list: typeof stops, id: number): number[] => list.filter(({ ids }) => ids.includes(id)).map(({ at }) => at);
  expect(instants(stops, 1)).toEqual(instants(changes, 1));
  // A write of what was there already is a write, too, where it is seen as such.
  for (const id of [0, 1, 2]) {
    expect(instants(changes, id).length).toBeGreaterThan(0);
    expect(instants(changes, id).filter((at) => !instants(stops, id).includes(at))).toEqual([]);
  }
});

describe('back', () => {
  test('goes to each earlier stop in turn, and nowhere before the first', () => {
    const program = open();
    const conditions: Condition[] = [
      { kind: 'address', va: address(program, 'guest_main') },
      { kind: 'exception', types: ['HVC'] },
      { kind: 'register-write', register: 'HCR_EL2' },
    ];
    const forward = stopsOf(program, conditions).map(({ at }) => at);
    expect(forward.length).toBeGreaterThan(3);
    const back: number[] = [];
    const { timeline } = program;
    for (;;) {
      const home = timeline.at;
      const hash = program.machine.stateHash();
      const search = previousStop(timeline);
      let step = search.next();
      while (!step.done) {
        expect(step.value).toBeGreaterThanOrEqual(0);
        expect(step.value).toBeLessThanOrEqual(1);
        step = search.next();
      }
      expect([timeline.at, program.machine.stateHash()]).toEqual([home, hash]);
      if (step.value === undefined) break;
      back.push(step.value);
      timeline.seek(step.value);
    }
    expect(back.reverse()).toEqual(forward);
  });

  test('a search that is given up leaves the machine where it was', () => {
    const program = open();
    const { timeline } = program;
    timeline.forward(1e9);
    const [home, hash] = [timeline.at, program.machine.stateHash()];
    timeline.breakpoints.set(1, { kind: 'level-change' });
    const search = previousStop(timeline);
    expect(search.next().done).toBe(false);
    expect(timeline.at).not.toBe(home);
    search.return(undefined);
    expect([timeline.at, program.machine.stateHash()]).toEqual([home, hash]);
  });
});
