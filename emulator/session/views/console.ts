import type { Session } from '../session.ts';
import type { ConsoleView, Views } from '../views.ts';

/** Output from byte `from` on, as it stood at this instant. What was cut back since the caller's epoch is sent again from the start. */
export function consoleView(session: Session, { from, epoch }: Views['console']['params']): ConsoleView {
  const { timeline } = session.needProgram();
  const length = timeline.output.lengthAt(timeline.at);
  const start = epoch === session.movement.outputEpoch && from <= length ? from : 0;
  return { from: start, bytes: timeline.output.slice(start, length), length, epoch: session.movement.outputEpoch };
}
