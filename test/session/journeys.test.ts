/** Views of one instant that look at others: the machine leaves its place and comes back once for all of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { Session } from '../../emulator/session/session.ts';
import { views } from '../../emulator/session/views/index.ts';

const session = new Session(
  () => {},
  () => {},
);
let abort: number;

beforeAll(async () => {
  await session.openFile('04-stage2.elf', new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf'))));
  session.movement.pause();
  const { timeline } = session.needProgram();
  while (timeline.forward(1_000_000) === 'budget');
  abort = Array.from({ length: timeline.traps.length }, (_, i) => i).find((i) => timeline.traps.type(i) === 'DataAbort')!;
});

/** Everything that a window may follow at once, with what looks furthest: a comparison with another instant, a trap's story. */
function followed(): (() => unknown)[] {
  const program = session.needProgram();
  const live = session.live();
  const compare = 'trap';
  return [
    () => views.now.of(program, {}, live),
    () => views.levels.of(program, {}, live),
    () => views.registers.of(program, {}, live),
    () => views.code.of(program, { before: 4, after: 4 }, live),
    () => views.memory.of(program, { space: 'va', follow: 'sp', before: 0, bytes: 256 }, live),
    () => views.tables.of(program, { register: 'VTTBR_EL2', compare }, live),
    () => views.entry.of(program, { register: 'VTTBR_EL2', input: '0x40000000', level: 2, compare }, live),
    () => views.trap.of(program, { index: abort }, live),
    () => views.walk.of(program, { follow: 'fault' }, live),
    () => views.maps.of(program, {}, live),
  ];
}

test('after a step back all views are computed with one journey there and back', async () => {
  const { timeline } = session.needProgram();
  timeline.seek(timeline.traps.step(abort) + 2);
  session.together(followed());
  await session.movement.seek(timeline.at - 1, () => {}, { again: true });
  const home = timeline.at;
  const moves = vi.spyOn(timeline.keyframes, 'restore');
  const together = session.together(followed());
  const [there, ...on] = moves.mock.calls.map(([instant]) => instant);
  moves.mockRestore();
  expect(there).toBeLessThan(home);
  expect(on.at(-1)).toBe(home);
  // From the first instant on it only goes forward, be it by a keyframe, and then home.
  const forward = [there, ...on.slice(0, -1)];
  expect(forward).toEqual([...forward].sort((a, b) => a - b));
  expect(timeline.at).toBe(home);
  expect(together.filter((one) => 'error' in one)).toEqual([]);
});

test('what is computed together is what each view says alone', () => {
  const { timeline } = session.needProgram();
  timeline.seek(timeline.traps.step(abort) + 1);
  const { at } = timeline;
  const together = session.together(followed());
  // Nothing that was kept on the way is there for the second time.
  timeline.seek(0);
  session.together([() => views.levels.of(session.needProgram(), {})]);
  timeline.seek(at);
  expect(together).toEqual(followed().map((view) => ({ data: view() })));
});

test('the story of a trap, which looks at one instant after the other, is the same together and alone, and travels once', () => {
  const program = session.needProgram();
  const stories = Array.from({ length: 8 }, (_, index) => () => views.trap.of(program, { index }));
  const together = stories.map((story) => session.together([story])[0]);
  const moves = vi.spyOn(program.timeline.keyframes, 'restore');
  expect(session.together(stories.slice(-1))).toEqual(together.slice(-1));
  expect(moves).not.toHaveBeenCalled();
  moves.mockRestore();
  expect(together).toEqual(stories.map((story) => ({ data: story() })));
});

test('a view that cannot be shown says why, and the others are shown', () => {
  const { timeline } = session.needProgram();
  const results = session.together([
    () => timeline.excursion(10, () => timeline.at, { key: 'instant' }),
    () => {
      throw new Error('not here');
    },
    () =>
      timeline.excursion(
        20,
        () => {
          throw new Error('nor there');
        },
        { key: 'error' },
      ),
    () => [5, 6, 5].map((at) => timeline.excursion(at, () => timeline.at, { key: 'instant' })),
  ]);
  expect(results).toEqual([{ data: 10 }, { error: 'not here' }, { error: 'nor there' }, { data: [5, 6, 5] }]);
});
