/** The recording of traps: which instants lie around an event, which return ends which handler, and what a line says. */
import { VA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';
import type { CpuEvent, ExceptionEvent, ReturnEvent } from '../../emulator/cpu/events.ts';
import type { ExceptionLevel } from '../../emulator/cpu/state.ts';
import { TrapLog } from '../../emulator/time/trap-log.ts';

const run = (name: string): Program => {
  const program = openProgram(name, readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}.elf`)));
  while (program.timeline.forward(1e9) === 'budget');
  return program;
};

test.each(['05-interrupts', '07-user-mode'])('%s: each event has an instant before it and one after it', (name) => {
  const { machine, timeline } = run(name);
  const { traps } = timeline;
  expect(traps.length).toBeGreaterThan(10);
  for (let i = 0; i < traps.length; i++) {
    const event = traps.get(i);
    if (event.kind === 'psci') continue;
    timeline.seek(event.n);
    expect([machine.cpu.el, machine.clock.steps], `${name}, event ${i}`).toEqual([event.from, event.n]);
    // What an interrupt interrupts has not run: it is where the handler returns to.
    if (event.kind === 'exception' && event.esr === null) expect(machine.cpu.pc).toBe(event.elr);
    timeline.forward(1);
    expect([machine.cpu.el, machine.cpu.pc, timeline.at]).toEqual([event.to, event.pc, event.n + 1]);
  }
});

test('an interrupt takes no time of its own', () => {
  const { machine, timeline } = run('05-interrupts');
  const { traps } = timeline;
  const index = Array.from({ length: traps.length }, (_, i) => i).find((i) => traps.type(i) === 'IRQ')!;
  timeline.seek(traps.step(index) - 1);
  timeline.forward(1);
  const { waiting } = machine.cpu;
  const before = machine.clock.ns;
  timeline.forward(1);
  // Unless it ended a WFI, which skips to it.
  if (!waiting) expect(machine.clock.ns).toBe(before);
  timeline.forward(1);
  expect(machine.clock.ns).toBeGreaterThan(before);
});

const rule = { text: 'a rule', bits: [] };
function logOf(...events: readonly [kind: 'up' | 'down', from: ExceptionLevel, to: ExceptionLevel, vmid?: number][]): TrapLog {
  const log = new TrapLog();
  events.forEach(([kind, from, to, vmid = 1], i) => {
    const common = { cpu: 0, n: 10 * i, from, to, pc: VA(0x40n), spsr: 5, vmid, rule, steps: undefined };
    const exception: ExceptionEvent = {
      ...common,
      kind: 'exception',
      type: 'HVC',
      esr: 0x5a000001,
      far: null,
      hpfar: null,
      elr: VA(0x80n),
      x0: 7n,
      intid: null,
      listRegister: null,
      reason: null,
    };
    const back: ReturnEvent = { ...common, kind: 'return' };
    log.push(kind === 'up' ? exception : back);
  });
  return log;
}
const ends = (log: TrapLog): (number | undefined)[] => Array.from({ length: log.length }, (_, i) => log.returnOf(i));

describe('the return of a handler', () => {
  test('is the next one from its level', () => {
    expect(ends(logOf(['down', 2, 1], ['up', 1, 2], ['down', 2, 1], ['up', 1, 2]))).toEqual([undefined, 2, undefined, undefined]);
  });
  test('is not that of an exception taken within it', () => {
    expect(ends(logOf(['up', 1, 2], ['up', 2, 2], ['down', 2, 2], ['down', 2, 1])).slice(0, 2)).toEqual([3, 2]);
    expect(ends(logOf(['up', 0, 1], ['up', 1, 2], ['down', 2, 1], ['down', 1, 0])).slice(0, 2)).toEqual([3, 2]);
  });
  test('that leaves the level ends all handlers of it', () => {
    expect(ends(logOf(['up', 1, 2], ['up', 2, 2], ['down', 2, 1], ['up', 1, 2], ['down', 2, 1]))).toEqual([2, 2, undefined, 4, undefined]);
  });
  test('of one guest does not end a handler of another', () => {
    const log = logOf(
      ['up', 0, 1, 1],
      ['up', 1, 2, 1],
      ['down', 2, 1, 2],
      ['up', 1, 1, 2],
      ['down', 1, 0, 2],
      ['up', 0, 2, 2],
      ['down', 2, 1, 1],
    );
    expect(log.returnOf(0)).toBeUndefined();
    expect(log.returnOf(3)).toBe(4);
  });
});

test('which handler runs is found the same way however long ago it began, and in however many others', () => {
  const events: [kind: 'up' | 'down', from: ExceptionLevel, to: ExceptionLevel, vmid?: number][] = [];
  let vmid = 1;
  /** A handler within a handler, and its return; a visit at the hypervisor, from which another guest may go on. */
  const nested = (times: number): void => {
    for (const kind of ['up', 'down'] as const) for (let i = 0; i < times; i++) events.push([kind, 1, 1, vmid]);
  };
  events.push(['up', 0, 1, 1]);
  for (let round = 0; round < 2_500; round++) {
    nested(round % 700 === 5 ? 12 : 1);
    events.push(['up', 1, 2, vmid]);
    if (round % 97 === 0) events.push(['up', 2, 2, vmid], ['down', 2, 2, vmid]);
    if (round % 50 === 0) vmid = 3 - vmid;
    events.push(['down', 2, 1, vmid]);
    if (round === 300) for (let i = 0; i < 12; i++) events.push(['up', 1, 1, vmid]);
  }
  for (let i = 0; i < 11; i++) events.push(['down', 1, 1, vmid]);
  const log = logOf(...events);
  expect(log.length).toBeGreaterThan(2 * 4096);
  const opened = (end: number, level: ExceptionLevel, who: number): number | undefined => {
    for (let i = end - 1; i >= 0; i--)
      if (
        log.kind(i) === 'exception' &&
        log.levelAfter(i) === level &&
        (level === 2 || log.vmidAfter(i) === who) &&
        (log.returnOf(i) ?? end) >= end
      )
        return i;
    return undefined;
  };
  const seen = new Set<number | undefined>();
  for (let end = 0; end <= log.length; end += (end & 4095) < 40 ? 1 : 37)
    for (const [level, who] of [
      [1, 1],
      [1, 2],
      [2, 1],
    ] as const) {
      const found = log.handledBefore(end, level, who);
      expect([end, found]).toEqual([end, opened(end, level, who)]);
      seen.add(found);
    }
  expect(seen.size).toBeGreaterThan(10);
});

test('an event comes back as it went in', () => {
  const { timeline } = run('04-stage2');
  const copy = new TrapLog();
  for (let i = 0; i < timeline.traps.length; i++) copy.push(timeline.traps.get(i));
  for (let i = 0; i < copy.length; i++) {
    expect(copy.get(i)).toEqual(timeline.traps.get(i));
    expect(copy.isSame(i, timeline.traps)).toBe(true);
  }
  const changed: CpuEvent[] = [{ ...timeline.traps.get(0), n: 7 }];
  const other = new TrapLog();
  for (const event of changed) other.push(event);
  expect(other.isSame(0, timeline.traps)).toBe(false);
});
