/** A run that never ends stays within its budget. What is oldest is forgotten, and everything else is as if nothing had been. */
import { beforeAll, describe, expect, test } from 'vitest';
import { PA } from '../../emulator/base/addresses.ts';
import { exceptionLoopSentence } from '../../emulator/explain/exception-loop.ts';
import { lastEvent } from '../../emulator/explain/events.ts';
import type { Subject } from '../../emulator/explain/subject.ts';
import { plain } from '../../emulator/explain/words.ts';
import { HCR_EL2 } from '../../emulator/cpu/registers/bits.ts';
import { lanesBetween } from '../../emulator/session/lanes.ts';
import { TrapSelection } from '../../emulator/session/trap-selection.ts';
import { previousEvent } from '../../emulator/time/search.ts';
import { Timeline } from '../../emulator/time/timeline.ts';
import { CODE, stand, subjectOf, write } from '../explain/subjects.ts';

const VECTORS = 0x4009_0000;
const TABLE = 0x400a_0000;
const FROM_EL1 = 0x400;
const MiB = 1 << 20;

/** A guest that makes a hypercall after the other; `handler` serves them. */
function calling(handler: readonly string[], guest = ['add x1, x1, #1', 'hvc #3']): Subject {
  const subject = subjectOf([...guest, `b 0x${CODE.toString(16)}`]);
  const { machine } = subject;
  write(machine, VECTORS + FROM_EL1, handler);
  stand(machine, 1, 1, { VBAR_EL2: BigInt(VECTORS), HCR_EL2: 1n << 31n });
  return recorded(subject);
}
/** With a recording that begins here. */
const recorded = (subject: Subject): Subject => ({ ...subject, timeline: new Timeline(subject.machine) });
function run({ timeline }: Subject, steps: number, until = timeline.at + steps): void {
  while (timeline.at < until) timeline.forward(until - timeline.at);
}

describe('traps', () => {
  const STEPS = 120_000;
  let short: Subject;
  let whole: Subject;
  beforeAll(() => {
    [short, whole] = [calling(['eret']), calling(['eret'])];
    short.timeline.budget = 2 * MiB;
    // What lists and lanes keep follows while it runs, as in a window.
    for (let at = 0; at < STEPS; at += STEPS / 8) {
      for (const one of [short, whole]) {
        run(one, STEPS / 8);
        lanesBetween(one.timeline.traps, 1, 0, one.timeline.end, 100);
        while (!TrapSelection.of(one.timeline.traps, one, { filter: 'type:HVC' }).advance(50));
      }
    }
  });

  test('of the last instants are kept, with their numbers and their returns', () => {
    const { traps, held, budget } = short.timeline;
    const all = whole.timeline.traps;
    expect(held).toBeLessThan(budget);
    expect(traps.length).toBe(all.length);
    expect(traps.first).toBeGreaterThan(40_000);
    expect(traps.keptFrom).toBe(all.step(traps.first - 1) + 1);
    for (let index = traps.first + 1; index < traps.length; index += 97) {
      expect(traps.line(index)).toEqual(all.line(index));
      expect([traps.returnOf(index), traps.endedBy(index)]).toEqual([all.returnOf(index), all.endedBy(index)]);
      expect(traps.indexOfStep(traps.step(index))).toBe(index);
    }
    expect(traps.firstAt(0)).toBe(traps.first);
    expect(traps.indexOfStep(all.step(5))).toBeUndefined();
    expect([traps.firstReached(2), traps.firstReturn(2, 1)]).toEqual([1, 2]);
  });

  test('are listed, counted and drawn as they are without a budget', () => {
    const [kept, all] = [short.timeline.traps, whole.timeline.traps];
    const from = kept.keptFrom;
    const counts = ({ timeline: { traps } }: Subject): unknown =>
      TrapSelection.of(traps, short, { filter: 'type:HVC' }).counts(traps.firstAt(from), traps.length);
    expect(counts(short)).toEqual(counts(whole));
    const calls = Array.from({ length: kept.length - kept.firstAt(from) }, (_, i) => kept.type(kept.firstAt(from) + i)).filter(
      (type) => type === 'HVC',
    );
    expect(counts(short)).toEqual([expect.objectContaining({ type: 'HVC', count: calls.length })]);
    for (const [a, b] of [
      [from, short.timeline.end],
      [from + 4000, from + 4300],
    ] as const) {
      const { spans, shares, lanes } = lanesBetween(all, 1, a, b, 100);
      expect(lanesBetween(kept, 1, a, b, 100)).toMatchObject({ spans, shares, lanes });
    }
    // Nothing is drawn where nothing is known.
    const { shares } = lanesBetween(kept, 1, 0, short.timeline.end, 100);
    const known = Math.ceil((100 * from) / short.timeline.end);
    for (const lane of shares!) expect(lane.slice(0, known - 1)).toEqual(new Array(known - 1).fill(0));
    expect(shares!.map((lane) => lane[known] + lane[99]).every((share) => share > 0)).toBe(true);
  });

  test('that are forgotten can be gone to, one by one', () => {
    const { timeline, machine } = short;
    const end = timeline.at;
    timeline.seek(1000);
    whole.timeline.seek(1000);
    expect(machine.stateHash()).toBe(whole.machine.stateHash());
    expect(timeline.nextKnownEvent()).toBeUndefined();
    expect(timeline.previousEvent()).toBeUndefined();
    const search = previousEvent(timeline, () => true);
    let found = search.next();
    while (!found.done) found = search.next();
    expect(found.value).toBe(whole.timeline.previousEvent());
    timeline.seek(found.value!);
    expect(lastEvent(short)).toMatchObject({ n: found.value! - 1, kind: 'return' });
    timeline.seek(found.value! + 1);
    whole.timeline.seek(found.value! + 1);
    expect(lastEvent(short)?.n).toBe(lastEvent(whole)?.n);
    timeline.seek(end);
  });

  test('are recorded anew after a change by hand where they are forgotten', () => {
    const { timeline } = short;
    timeline.seek(1000);
    timeline.change('x5', 7n);
    expect(timeline.traps.length).toBe(0);
    expect(timeline.traps.keptFrom).toBe(1000);
    run(short, 100);
    expect(timeline.traps.step(0)).toBeGreaterThanOrEqual(1000);
    expect(timeline.traps.hasReached(2, 1000)).toBe(true);
  });
});

test('exceptions within exceptions do not add up', () => {
  // Each abort is taken at the vector of the same level, whose handler counts and aborts again: never the same, never a return.
  const subject = subjectOf(['ldr x0, [x8]']);
  const { machine, timeline } = subject;
  write(machine, VECTORS + 0x200, ['add x1, x1, #1', 'ldr x0, [x8]']);
  stand(machine, 2, 1, { VBAR_EL2: BigInt(VECTORS), HCR_EL2: 1n << 31n });
  machine.cpu.setX(8, 0x9000_0000n);
  timeline.budget = 4 * MiB;
  run(subject, 100_000);
  expect(timeline.held).toBeLessThan(4 * MiB);
  expect(timeline.traps.length).toBeGreaterThan(45_000);
});

test('an exception loop that is run on fills no more than its share, and stays known', () => {
  const subject = subjectOf(['svc #0']);
  const { machine, timeline } = subject;
  stand(machine, 2, 1, { VBAR_EL2: BigInt(VECTORS), HCR_EL2: 1n << 31n });
  timeline.budget = 4 * MiB;
  expect(timeline.forward(1000, { untilLoop: true })).toBe('loop');
  const said = plain(exceptionLoopSentence(subject)!);
  run(subject, 100_000);
  expect(timeline.held).toBeLessThan(4 * MiB);
  expect(plain(exceptionLoopSentence(subject)!)).toBe(said);
});

test('a guest that has another table at each exit is known by the last ones', () => {
  const subject = calling(['eret'], ['add x1, x1, #1', 'msr ttbr0_el1, x1', 'hvc #3']);
  const { machine, timeline } = subject;
  // Stage 2 maps memory to itself, in one block.
  machine.writePhysical(PA(TABLE), new Uint8Array(BigUint64Array.of(0n, 0x4000_07fdn).buffer));
  stand(machine, 1, 1, { HCR_EL2: (1n << 31n) | BigInt(HCR_EL2.VM), VTTBR_EL2: BigInt(TABLE), VTCR_EL2: 0x8002_0059n });
  timeline.budget = 4 * MiB;
  run(subject, 20_000);
  expect(timeline.guests.held).toBeLessThan(MiB / 4);
  expect(timeline.guests.seenBefore(100)).toEqual([0]);
  expect(timeline.guests.leftBefore(0, 100)).toBeUndefined();
  const last = timeline.guests.leftBefore(0, timeline.end)!;
  expect(last).not.toEqual(timeline.guests.leftBefore(0, timeline.end - 20));
});

test('output without end keeps its end', () => {
  const prepared = subjectOf(['strb w1, [x2]', 'add x1, x1, #1', `b 0x${CODE.toString(16)}`]);
  prepared.machine.cpu.setX(2, 0x0900_0000n);
  const subject = recorded(prepared);
  const { timeline } = subject;
  timeline.budget = MiB;
  run(subject, 300_000);
  const { output } = timeline;
  expect(output.held).toBeLessThan(MiB / 16);
  expect(output.length).toBeGreaterThan(99_000);
  expect(output.first).toBeGreaterThan(50_000);
  const at = output.length - 10;
  expect([...output.slice(at, at + 3)]).toEqual([at & 255, (at + 1) & 255, (at + 2) & 255]);
  timeline.seek(output.stepOf(at)!);
  expect(output.lengthAt(timeline.at)).toBe(at);
});
