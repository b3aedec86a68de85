/** Watchpoints (Arm ARM D2.10) are registers only: one that could fire stops the machine as not built, rather than never to fire. */
import { NotBuilt } from '../base/errors.ts';
import { MDSCR } from './debug.ts';
import type { CpuState } from './state.ts';

const controls = ([0, 1, 2, 3] as const).map((n) => `DBGWCR${n}_EL1` as const);
const OSLSR_OSLK = 1 << 1;

/** Throws NotBuilt where a watchpoint has just become able to fire. */
export function refuseWatchpoints(cpu: CpuState): void {
  if (!(cpu.low('MDSCR_EL1') & MDSCR.MDE) || cpu.low('OSLSR_EL1') & OSLSR_OSLK) return;
  const enabled = controls.find((name) => cpu.low(name) & 1);
  if (enabled) throw new NotBuilt(`watchpoint exceptions (${enabled}.E = 1 with MDSCR_EL1.MDE = 1)`);
}
