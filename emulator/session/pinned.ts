/** Views at an instant of their own, whatever the instant shown. */
import { InputError } from '../base/errors.ts';
import type { Session } from './session.ts';

/**
 * `view` as it is at instant `at`. The past does not change by itself, so it is computed once, and again only after something that
 * changes past instants (`Session.edits`).
 */
export function pinnedView(session: Session, at: number, view: () => unknown): () => unknown {
  let known: { readonly edits: number; readonly data: unknown } | undefined;
  return () => {
    const { timeline } = session.needProgram();
    const { edits } = session;
    if (known?.edits === edits) return known.data;
    if (at > timeline.end) throw new InputError(`instant ${at} is not recorded yet`, {}, 'run up to it first');
    known = { edits, data: timeline.excursion(at, view, { key: view }) };
    return known.data;
  };
}
