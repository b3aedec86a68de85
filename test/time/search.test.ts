/** The last writes to memory and registers, against a run in which every step was looked at. */
import { PA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';
import { Keyframes } from '../../emulator/time/keyframes.ts';
import { findReports, type Search } from '../../emulator/time/search.ts';
import type { Watched, WatchReport } from '../../emulator/machine/watches.ts';

const bytes = readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf'));
const END = 60_000;

function finish<T>(search: Search<T>): { value: T; yields: number } {
  for (let yields = 0; ; yields++) {
    const step = search.next();
    if (step.done) return { value: step.value, yields };
  }
}
/** The steps that the reports belong to. */
const stepsOf = (reports: readonly WatchReport[]): number[] => [...new Set(reports.map(({ n }) => n))];

describe('the last write before an instant', () => {
  let program: Program;
  /** Instants after which a value was another one. */
  const changes = new Map<string, number[]>();
  const pages = ['stack', 'table', 'sp page'];
  const places = new Map<string, number>();

  beforeAll(() => {
    program = openProgram('04-stage2.elf', bytes);
    const { timeline, machine } = program;
    // Which memory this program writes at all: what differs at the end.
    const before = machine.memory.u8.slice(
      machine.board.bus.hostAddress(PA(0x4000_0000)),
      machine.board.bus.hostAddress(PA(0x4000_0000)) + (16 << 20),
    );
    timeline.forward(END);
    const from = machine.board.bus.hostAddress(PA(0x4000_0000));
    const changed: number[] = [];
    for (let i = 0; i < before.length; i += 8)
      if (before.subarray(i, i + 8).some((byte, k) => byte !== machine.memory.u8[from + i + k])) changed.push(0x4000_0000 + i);
    pages.forEach((name, i) => places.set(name, changed[Math.floor((changed.length - 1) * (i / 2))]));
    timeline.seek(0);
    const values = new Map<string, string>();
    const look = (): void => {
      for (const [name, pa] of places) note(name, machine.board.bus.peekBytes(PA(pa), 8)!.join());
      note('VTTBR_EL2', String(machine.cpu.get('VTTBR_EL2')));
      note('ELR_EL2', String(machine.cpu.get('ELR_EL2')));
      note('sp', String(machine.cpu.sp));
      note('x30', String(machine.cpu.x(30)));
    };
    const note = (name: string, value: string): void => {
      const old = values.get(name);
      values.set(name, value);
      if (old !== undefined && old !== value) changes.set(name, [...(changes.get(name) ?? []), timeline.at - 1]);
    };
    look();
    while (timeline.at < END) {
      timeline.forward(1);
      look();
    }
    // Keyframes on the way, as a longer run would have.
    timeline.seek(0);
    for (let at = 0; at < END; at += 9000) {
      timeline.seek(at);
      timeline.keyframes.capture(at);
    }
    timeline.seek(END);
  });

  const memory = (name: string): Watched => ({ memory: [{ pa: PA(places.get(name)!), bytes: 8, access: 'w' }], registers: [] });
  const register = (name: string): Watched => ({ memory: [], registers: [name] });

  test.each(pages)('to memory: %s', (name) => {
    const { timeline } = program;
    const all = changes.get(name)!;
    for (const before of [all[0], all[0] + 1, all.at(-1)! + 1, END]) {
      const { value } = finish(findReports(timeline, memory(name), before, 1));
      const steps = stepsOf(value);
      const expected = all.filter((n) => n < before).at(-1);
      // A store of the value that was there changes nothing, and is a write all the same.
      if (expected === undefined) expect(steps.every((n) => n < before)).toBe(true);
      else expect(steps.at(-1)).toBeGreaterThanOrEqual(expected);
      for (const report of value) {
        if (report.kind !== 'memory') throw new Error('not a memory report');
        const look = (at: number): Uint8Array =>
          timeline.excursion(at, () => program.machine.board.bus.peekBytes(report.pa, report.after.length)!, {
            key: `bytes at ${report.pa}`,
          });
        expect(look(report.n)).toEqual(report.before);
        expect(look(report.n + 1)).toEqual(report.after);
      }
      const known = finish(findReports(timeline, memory(name), before, 1000)).value;
      expect(all.filter((n) => n < before && !stepsOf(known).includes(n))).toEqual([]);
    }
  });

  test.each(['VTTBR_EL2', 'ELR_EL2', 'sp', 'x30'])('to a register: %s', (name) => {
    const all = changes.get(name)!;
    const known = finish(findReports(program.timeline, register(name), END, 10_000)).value;
    expect(all.filter((n) => !stepsOf(known).includes(n))).toEqual([]);
    const last = finish(findReports(program.timeline, register(name), END, 1)).value;
    expect(last).toEqual(known.slice(-1));
    expect(finish(findReports(program.timeline, register(name), last[0].n, 2)).value).toEqual(known.slice(-3, -1));
  });

  test('to a register that is looked at after each step looks at no more than a few', () => {
    const { timeline, machine } = program;
    const { watches } = machine;
    const original = watches.aroundStep.bind(watches);
    let steps = 0;
    watches.aroundStep = (act) => {
      steps++;
      original(act);
    };
    for (const name of ['sp', 'x30']) {
      steps = 0;
      const before = changes.get(name)!.at(-1)! + 5;
      expect(stepsOf(finish(findReports(timeline, register(name), before, 1)).value)).toEqual([before - 5]);
      expect(steps).toBeLessThanOrEqual(4096);
    }
    watches.aroundStep = original;
  });

  test('passes over the keyframes between which the page was not written', () => {
    const untouched = { memory: [{ pa: PA(0x47f0_0000), bytes: 8, access: 'w' as const }], registers: [] };
    const { value, yields } = finish(findReports(program.timeline, untouched, END, 1));
    expect(value).toEqual([]);
    // Only what comes after the last keyframe need be repeated.
    expect(yields).toBeLessThanOrEqual(1);
    expect(finish(findReports(program.timeline, register('TPIDR_EL1'), END, 1)).yields).toBeGreaterThan(5);
  });

  test('leaves the machine as it was', () => {
    const { timeline, machine } = program;
    timeline.seek(12_345);
    const hash = machine.stateHash();
    finish(findReports(timeline, memory('stack'), 12_345, 5));
    expect([timeline.at, machine.stateHash()]).toEqual([12_345, hash]);
  });
});

test('keyframes know between which of them a page was not written', () => {
  let dirty = new Set<number>();
  const keyframes = new Keyframes({
    saveState: () => new Uint8Array(8),
    loadState: () => undefined,
    get dirtyPages() {
      return dirty;
    },
    clearDirty: () => (dirty = new Set()),
    readPage: () => new Uint8Array(4096),
    writePage: () => undefined,
  });
  for (const [n, pages] of [
    [0, [1]],
    [10, [2]],
    [20, []],
    [30, [1]],
  ] as const) {
    dirty = new Set(pages);
    keyframes.capture(n);
  }
  expect([0, 10, 20, 30].map((n) => keyframes.mayDiffer(1, n))).toEqual([false, false, true, true]);
  expect([0, 10, 20, 30].map((n) => keyframes.mayDiffer(2, n))).toEqual([true, false, false, true]);
});
