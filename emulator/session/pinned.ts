/** Views at their own instant, whatever the instant shown. */
import { InputError } from '../base/errors.ts';
import type { FutureSide } from './experiment-views.ts';
import type { Program } from './program.ts';
import type { Session } from './session.ts';

export interface PinnedView {
  readonly compute: () => unknown;
  /** What was computed last still holds. */
  readonly isSettled: () => boolean;
}

/**
 * `view` as it is at instant `at`. The past does not change by itself, so it is computed once, and again only after something that
 * changes past instants (`Session.edits`).
 */
export const pinnedView = (session: Session, at: number, view: () => unknown): PinnedView =>
  settledView(
    () => session.edits,
    () => {
      const { timeline } = session.needProgram();
      if (at > timeline.end) throw new InputError(`instant ${at} is not recorded yet`, {}, 'run up to it first');
      return timeline.excursion(at, () => outcomeOf(view), { key: view });
    },
  );

/** `view` as it is at instant `at` of one of the futures of the open experiment, whose machine stands where it was looked at last. */
export const futureView = (session: Session, which: FutureSide, at: number, view: (program: Program) => unknown): PinnedView =>
  settledView(
    () => session.experiments.token,
    () => {
      const program = session.experiments.side(which);
      const { timeline } = program;
      if (at > timeline.end) throw new InputError(`that future ends at instant ${timeline.end}`);
      timeline.seek(at);
      return outcomeOf(() => view(program));
    },
  );

type Outcome = { readonly data: unknown } | { readonly error: unknown };
function outcomeOf(view: () => unknown): Outcome {
  try {
    return { data: view() };
  } catch (error) {
    return { error };
  }
}

/** What was computed holds as long as `token` gives the same. */
function settledView(token: () => unknown, compute: () => Outcome): PinnedView {
  let known: { readonly token: unknown; readonly outcome: Outcome } | undefined;
  return {
    isSettled: () => known !== undefined && known.token === token(),
    compute() {
      if (!known || known.token !== token()) known = { token: token(), outcome: compute() };
      if ('error' in known.outcome) throw known.outcome.error;
      return known.outcome.data;
    },
  };
}
