import type { Session } from '../session.ts';
import type { ComparisonView } from '../views.ts';

/** The open run beside the other one; null where there is none. */
export const comparisonView = (session: Session): ComparisonView | null =>
  session.comparison?.view(session.needProgram(), () => session.changed()) ?? null;
