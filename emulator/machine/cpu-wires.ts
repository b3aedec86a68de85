/** What one CPU drives at the interrupt controller by itself: its generic timers and its performance monitors. */
import {
  nextOverflow,
  nextTimerTick,
  pmuCount,
  pmuInterrupt,
  timerAsserted,
  timerNames,
  type Counted,
  type CpuState,
  type TimerName,
} from '../cpu/index.ts';
import type { InterruptLine } from '../devices/device.ts';
import { ppi } from './board-row.ts';
import { NS_PER_TICK } from './clock.ts';

export class CpuWires {
  private readonly timerLines: Readonly<Record<TimerName, InterruptLine>>;
  private readonly pmuLine: InterruptLine;
  /** When a timer asserts its line next, in ns; -Infinity: registers changed, so that it must be found out. */
  private due = -Infinity;

  /** `line`: of a PPI of this CPU. `time`: what the performance monitors count. */
  constructor(
    private readonly cpu: CpuState,
    private readonly time: Counted,
    line: (ppi: number) => InterruptLine,
  ) {
    this.timerLines = {
      physical: line(ppi.physicalTimer),
      virtual: line(ppi.virtualTimer),
      hypervisor: line(ppi.hypervisorTimer),
    };
    this.pmuLine = line(ppi.performanceMonitors);
  }

  /** Registers of the generic timers were written. */
  timersChanged(): void {
    this.due = -Infinity;
  }
  /** The overflow bits of the performance monitors, or what decides whether they interrupt, may have changed. */
  pmuChanged(): void {
    this.pmuLine.setLevel(pmuInterrupt(this.cpu));
  }

  /** Does what is due at this moment of the virtual clock. */
  elapse(ns: number): void {
    if (ns >= nextOverflow(this.cpu, this.time)) {
      pmuCount(this.cpu, this.time);
      this.pmuChanged();
    }
    if (ns < this.due) return;
    const tick = Math.floor(ns / NS_PER_TICK);
    for (const name of timerNames) this.timerLines[name].setLevel(timerAsserted(this.cpu, name, tick));
    this.due = nextTimerTick(this.cpu, tick) * NS_PER_TICK;
  }
  /** The moment, in ns, at which something will change by itself; Infinity where nothing will. */
  nextEvent(ns: number): number {
    const timer = this.due === -Infinity ? nextTimerTick(this.cpu, Math.floor(ns / NS_PER_TICK)) * NS_PER_TICK : this.due;
    return Math.min(timer, nextOverflow(this.cpu, this.time));
  }
}
