import { hex } from '../../base/hex.ts';
import type { MachineOptions } from '../../machine/machine.ts';
import type { Session } from '../session.ts';
import type { StatusView } from '../views.ts';

/** What the session does: of no instant, and also without a program. */
export function statusView(session: Session): StatusView {
  const { program, state, movement } = session;
  const { timeline, machine } = program ?? {};
  const { traps } = timeline ?? {};
  const before = traps && timeline ? traps.firstAt(timeline.at) : 0;
  const firstTrap = traps?.first ?? 0;
  return {
    state,
    attached: session.attachment?.view ?? null,
    at: timeline?.at ?? 0,
    end: timeline?.end ?? 0,
    ...(movement.reason === undefined ? {} : { reason: movement.reason }),
    stepsPerSecond: Math.round(movement.stepsPerSecond),
    speed: movement.speed,
    program: session.programs,
    image: program ? { name: program.name, bytes: program.bytes.length, entry: hex(program.entry) } : null,
    traps: traps?.length ?? 0,
    trapsTaken: traps?.traps ?? 0,
    trap: before > firstTrap ? before - 1 : null,
    ...(machine?.turns.areSeveral && { cpu: { executes: machine.core.index, of: machine.cores.length } }),
    machine: machineOf(machine?.options),
    recording: { bytes: timeline?.held ?? 0, budget: timeline?.budget ?? 0, keptFrom: traps?.keptFrom ?? 0, firstTrap },
  };
}

/** What of its options a person chooses in the app. */
const machineOf = ({ memoryBytes, gic, el2, cpus = 1 }: Partial<MachineOptions> = {}): StatusView['machine'] => ({
  memoryBytes: memoryBytes ?? 0,
  gic: gic ?? 2,
  el2: el2 ?? true,
  cpus,
});
