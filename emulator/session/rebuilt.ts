/**
 * A program whose file was built anew: the new build is run as far as the one before, with the same input, the two are compared, and the
 * machine goes back to the place that was shown.
 */
import type { VA } from '../base/addresses.ts';
import { runToTime } from '../time/goals.ts';
import { beforeOf, type Before } from './before.ts';
import { Comparison } from './comparison.ts';
import { isSameProgram } from '../explain/difference/sequence.ts';
import type { RunDifference } from '../explain/difference/run-difference.ts';
import type { Program } from './program.ts';
import type { Session } from './session.ts';
import { olderSourceReader } from './sources.ts';
import { findSpot, spotWords, type Spot } from './spot.ts';

/** What the person is told: a sentence, and whether the comparison has more to show. */
export type Tell = (text: string, hasComparison: boolean) => void;

/** A build that is not over where the one before was is run on for so many steps, or as many again. */
const MORE_STEPS = 10_000_000;

const names = { older: 'the old build', newer: 'the new build' };

/** Throws InputError for a file that cannot be opened, and then nothing has changed. */
export async function rebuilt(session: Session, name: string, bytes: Uint8Array, tell: Tell): Promise<void> {
  const open = session.needProgram();
  if (isSameProgram(open, { bytes }))
    return tell(`${name} was built again and is the same, byte for byte: nothing has changed, and the run goes on`, false);
  const program = session.anotherBuild(name, bytes);
  // Of several builds in quick succession the last one is compared with the one that was looked at.
  const wasRunning = session.movement.isRunning;
  if (!session.before) session.movement.pause();
  const before = session.before ?? beforeOf(open, wasRunning);
  session.comparison = undefined;
  session.replace(program);
  session.before = before;
  const isWanted = (): boolean => session.program === program && session.before === before;
  const { run } = before;
  const goal = run.isWhole ? Math.max(2 * run.end, run.end + MORE_STEPS) : run.end;
  const isThrough = await session.movement.follow(goal, ...again(session, before));
  if (!isWanted()) return;
  const { at } = program.timeline;
  const comparison = (session.comparison = new Comparison(
    { ...run, name: `${run.name}, the build before` },
    { calledAs: names, sources: session.sourcesOf(olderSourceReader(run.sourced, session.host)) },
  ));
  const difference = isThrough ? await comparison.finished(program, isWanted) : undefined;
  if (!isWanted()) return;
  // Until here another build is compared with the same one before; from here on it is this one that is looked at.
  session.before = undefined;
  session.changed();
  if (!difference) return tell(`${name} was rebuilt and started again; it was not run as far as the build before`, true);
  // Where somebody has done something meanwhile, it stays.
  const { isRunning, isSeeking } = session.movement;
  const isStill = !isRunning && !isSeeking && program.timeline.at === at;
  const place = isStill && before.spot ? await goBack(session, before, before.spot, program, difference) : undefined;
  if (session.program !== program) return;
  if (isStill) await goOn(session, before);
  tell(`${name} was rebuilt. ${comparison.sentence(program) ?? ''}${place ? ` ${place}` : ''}`, !difference.isSame);
}

/** Steps after the instant at which something was typed by which it is given also to a build that does not wait for it. */
const PATIENCE = 1_000_000;

/** The input that was typed before: where the new build waits for it, or at the instants at which it came. */
function again(session: Session, { typed }: Before): [nextInput: () => number, feed: (isIdle: boolean) => boolean] {
  let taken = 0;
  const due = (): number => {
    const next = typed.at(taken);
    return next ? next.n + (next.isAwaited ? PATIENCE : 0) : Infinity;
  };
  const feed = (isIdle: boolean): boolean => {
    const { timeline } = session.needProgram();
    const first = taken;
    for (; taken < typed.length && (due() <= timeline.at || (isIdle && taken === first)); taken++) session.input(typed[taken].bytes);
    return taken > first;
  };
  return [due, feed];
}

/** To the same place; gives a sentence about it. */
async function goBack(session: Session, { program: older }: Before, spot: Spot, newer: Program, { traps }: RunDifference): Promise<string> {
  const found = findSpot(spot, older, newer, traps);
  // What was written before the place puts it off: the build before was not run any further either.
  if (found.later && (await runsOnTo(session, found.later, newer))) return backAt(spot, newer);
  await session.movement.seek(found.at, () => undefined, { repeats: true });
  const where = spotWords(spot, older);
  if (found.isThere) return backAt(spot, newer);
  const instead = found.at === 0 ? 'the beginning is shown' : 'the last event before it that both have is shown';
  return spot.count === undefined
    ? `It is too far from the last trap to ${where} to find it again; ${instead}.`
    : `${where}, where you were, is not reached there any more; ${instead}.`;
}

const backAt = (spot: Spot, program: Program): string => `You are back at ${spotWords({ ...spot, pc: program.machine.cpu.pc }, program)}.`;

async function runsOnTo({ movement }: Session, { pc, times }: { pc: VA; times: number }, { timeline, machine }: Program): Promise<boolean> {
  await movement.seek(timeline.end, () => undefined, { repeats: true });
  await movement.pursue(
    (on) => runToTime(on, pc, times, MORE_STEPS),
    'Running to the same place',
    () => undefined,
  );
  return machine.cpu.pc === pc;
}

/** It goes on as the build before did. Where that was over, breakpoints may have been set since: they stop the new run where it comes to them. */
async function goOn({ movement, breakpoints }: Session, { wasRunning, spot }: Before): Promise<void> {
  if (!wasRunning) {
    if (spot || breakpoints.count === 0) return;
    await movement.seek(0, () => undefined);
  }
  movement.run();
}
