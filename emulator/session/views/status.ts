import { hex } from '../../base/hex.ts';
import type { Session } from '../session.ts';
import type { StatusView } from '../views.ts';

/** What the session does: of no instant, and also without a program. */
export function statusView(session: Session): StatusView {
  const { program, state, movement } = session;
  const before = program ? program.timeline.traps.firstAt(program.timeline.at) : 0;
  return {
    state,
    at: program?.timeline.at ?? 0,
    end: program?.timeline.end ?? 0,
    ...(movement.reason === undefined ? {} : { reason: movement.reason }),
    stepsPerSecond: Math.round(movement.stepsPerSecond),
    speed: movement.speed,
    program: session.programs,
    image: program ? { name: program.name, bytes: program.bytes.length, entry: hex(program.entry) } : null,
    traps: program?.timeline.traps.length ?? 0,
    trap: before > (program?.timeline.traps.first ?? 0) ? before - 1 : null,
    recording: {
      bytes: program?.timeline.held ?? 0,
      budget: program?.timeline.budget ?? 0,
      keptFrom: program?.timeline.traps.keptFrom ?? 0,
    },
    machine: { memoryBytes: program?.machine.options.memoryBytes ?? 0, gic: program?.machine.options.gic ?? 2 },
  };
}
