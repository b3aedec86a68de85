/** What breakpoints demand beside their kind, forwards and back, compared with looking at every stop. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { breakpointFrom } from '../../emulator/session/breakpoint-text.ts';
import { SessionBreakpoints } from '../../emulator/session/breakpoints.ts';
import { compileExpression } from '../../emulator/session/expression.ts';
import { openProgram, type Program } from '../../emulator/session/program.ts';
import { countStops, previousStop, type Search } from '../../emulator/time/search.ts';

const image = readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf'));
const done = <T>(search: Search<T>): T => {
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
};
function withBreakpoint(text: string, bytes = image): { program: Program; list: SessionBreakpoints } {
  const program = openProgram('a.elf', new Uint8Array(bytes));
  const list = new SessionBreakpoints();
  list.attach(program);
  list.add(program, breakpointFrom(program, text));
  return { program, list };
}
function stopsOf({ timeline }: Program, slice = 1e9): number[] {
  const stops: number[] = [];
  for (;;) {
    const stop = timeline.forward(slice, { untilBreakpoint: true });
    if (stop === 'breakpoint') stops.push(timeline.at);
    else if (stop !== 'budget') return stops;
  }
}

/** The same stops going back, each found from the one after it. */
function stopsBefore({ timeline }: Program): number[] {
  const stops: number[] = [];
  for (let found = done(previousStop(timeline)); found !== undefined; found = done(previousStop(timeline))) {
    stops.unshift(found);
    timeline.seek(found);
  }
  return stops;
}
const each = stopsOf(withBreakpoint('handle_data_abort').program);

test.each<[string, (stops: readonly number[]) => number[]]>([
  ['handle_data_abort time 7', (all) => [all[6]]],
  ['handle_data_abort every 10', (all) => all.filter((_, i) => i % 10 === 9)],
  ['handle_data_abort if 1 == 2', () => []],
  ['handle_data_abort if ESR_EL2.EC == 0x24 time 3', (all) => [all[2]]],
])('%s: the same instants forwards, in slices and back', (text, expected) => {
  const { program } = withBreakpoint(text);
  const stops = stopsOf(program);
  expect(stops).toEqual(expected(each));
  expect(stopsBefore(program)).toEqual(stops);
});

test('what was not counted is counted before it is asked for', () => {
  const { program, list } = withBreakpoint('handle_data_abort');
  program.timeline.forward(1e9);
  program.timeline.seek(each[4]);
  list.clear();
  list.add(program, breakpointFrom(program, 'handle_data_abort time 7'));
  done(countStops(program.timeline));
  expect(program.timeline.at).toBe(each[4]);
  expect(stopsOf(program)).toContain(each[6]);
});

test('a write to an IPA stops where stage 2 refuses it and where it lets it through', () => {
  const { program } = withBreakpoint('write ipa 0x80200000');
  const stops = stopsOf(program);
  const { traps } = program.timeline;
  const refused = Array.from({ length: traps.length }, (_, i) => i).filter((i) => traps.faultIpa(i) === 0x8020_0000);
  expect(refused.map((i) => traps.step(i) + 1)).toEqual([stops[0]]);
  expect(stops).toHaveLength(2);
  expect(stopsBefore(program)).toEqual(stops);
});
test('each stage 2 fault stops, and no other abort', () => {
  const { program } = withBreakpoint('stage2-fault');
  const { traps } = program.timeline;
  const stops = stopsOf(program);
  const faults = Array.from({ length: traps.length }, (_, i) => i).filter(
    (i) => traps.kind(i) === 'exception' && traps.faultIpa(i) !== undefined,
  );
  expect(stops).toEqual(faults.map((i) => traps.step(i) + 1));
});

test.each([
  ['x0 == nowhere', /^"nowhere" at character 7 is neither/],
  ['x0 ==', /ends where a value is missing at character 6/],
  ['[sp', /lacks a \] at character 4/],
  ['x0 === 3', /"=" at character 6 is no value/],
  ['[sp, 3]', /"3" at character 6 is no number of bytes/],
  ['ESR_EL2.NONE', /"ESR_EL2\.NONE" at character 1/],
  ['('.repeat(100), /nested too deeply/],
])('the condition %s is refused at its place', (text, message) => {
  const { program } = withBreakpoint('guest_main');
  expect(() => compileExpression(program, text)).toThrow(message);
});

const interrupts = readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/05-interrupts.elf'));
test.each(process.env['PROVE'] ? [26, 27, 30, 1] : [27])(
  'INTID %s stops where it becomes pending at the GIC or in a list register, each time and nowhere else',
  (intid) => {
    const { program, list } = withBreakpoint(`intid ${intid} pended`, interrupts);
    const { timeline, machine } = program;
    const gic = machine.board.gic;
    const isPending = (): boolean[] => [
      gic.distributor.interrupts.isPending(intid),
      ...[0, 1, 2, 3].map((i) => gic.virtualControl.pendingIn(intid).includes(i)),
    ];
    const stops = stopsOf(program);
    expect(stopsBefore(program)).toEqual(stops);
    timeline.seek(timeline.end);
    expect(stopsOf(withBreakpoint(`intid ${intid} pended`, interrupts).program, 777)).toEqual(stops);
    for (const at of stops) {
      const [before, now] = [at - 1, at].map((n) => timeline.excursion(n, isPending, { key: isPending }));
      expect(
        now.some((is, i) => is && !before[i]),
        `instant ${at}`,
      ).toBe(true);
    }
    const { traps } = timeline;
    const taken = Array.from({ length: traps.length }, (_, i) => traps.get(i)).filter(
      (one) => one.kind === 'exception' && one.intid === intid,
    );
    // Nothing is taken that did not become pending before.
    for (const { n } of taken) expect(stops.some((at) => at <= n)).toBe(true);
    expect(stops.length).toBeGreaterThanOrEqual(taken.length > 0 ? 1 : 0);
    if (intid === 27) {
      timeline.seek(stops[0] - 1);
      timeline.forward(1, { untilBreakpoint: true });
      expect(list.stopped(program)).toBe('the virtual timer, INTID 27 (PPI 11) became pending');
    }
  },
);
