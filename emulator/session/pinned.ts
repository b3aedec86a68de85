/** Views at their own instant, whatever the instant shown. */
import { InputError } from '../base/errors.ts';
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
export function pinnedView(session: Session, at: number, view: () => unknown): PinnedView {
  let known: { readonly edits: number; readonly outcome: { readonly data: unknown } | { readonly error: unknown } } | undefined;
  const outcome = (): NonNullable<typeof known>['outcome'] => {
    try {
      return { data: view() };
    } catch (error) {
      return { error };
    }
  };
  return {
    isSettled: () => known?.edits === session.edits,
    compute() {
      const { timeline } = session.needProgram();
      const { edits } = session;
      if (known?.edits !== edits) {
        if (at > timeline.end) throw new InputError(`instant ${at} is not recorded yet`, {}, 'run up to it first');
        known = { edits, outcome: timeline.excursion(at, outcome, { key: view }) };
      }
      if ('error' in known.outcome) throw known.outcome.error;
      return known.outcome.data;
    },
  };
}
