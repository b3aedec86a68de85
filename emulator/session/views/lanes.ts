import { lanesBetween } from '../lanes.ts';
import type { Session } from '../session.ts';
import type { LanesView, Views } from '../views.ts';

export function lanesView(session: Session, { from, to, width }: Views['lanes']['params']): LanesView {
  const { timeline } = session.needProgram();
  const end = Math.max(from, to ?? timeline.end);
  return lanesBetween(timeline.traps, timeline.startLevel, from, end, width);
}
