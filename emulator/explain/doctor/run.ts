/** Whether a program that runs has gone silent: nothing more can come of it. */
import type { TimelineStop } from '../../time/timeline.ts';
import type { Subject } from '../subject.ts';
import { endingOf, isOver, quickWindows } from './ending.ts';

/** After so many steps it is looked at for the first time; then after twice as many each time. */
const FIRST_LOOK = 5_000;

/** Looks now and then, more rarely the longer it runs: a look costs some milliseconds. */
export class SilenceWatch {
  private next = FIRST_LOOK;

  constructor(private readonly subject: Subject) {}

  /** Steps until it wants to look again. */
  get steps(): number {
    return Math.max(1, this.next - this.subject.timeline.at);
  }
  /** True: the same instructions or exceptions repeat for ever, or nothing that is set will end a WFI. */
  look(): boolean {
    const { at } = this.subject.timeline;
    if (at < this.next) return false;
    this.next = 2 * at;
    return isOver(endingOf(this.subject, quickWindows));
  }
}

/**
 * Runs a program until it is silent, in slices, so that the caller can look at the clock in between: yields the instant reached. Ends with
 * why: as the timeline, or `silent`; `budget` is the limit.
 */
export function* runUntilSilent(subject: Subject, limit: number): Generator<number, TimelineStop | 'silent', void> {
  const { timeline } = subject;
  const silence = new SilenceWatch(subject);
  while (timeline.at < limit) {
    const { at } = timeline;
    const stop = timeline.forward(Math.min(8 * timeline.slice, limit - at, silence.steps), { untilLoop: true });
    if (stop !== 'budget') return stop;
    if (timeline.at === at) return 'budget';
    if (silence.look()) return 'silent';
    yield timeline.at;
  }
  return 'budget';
}
