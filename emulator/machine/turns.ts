/**
 * Which CPU executes the next step. CPUs take turns of a fixed number of steps, in the order of their numbers; those that are off or wait
 * are passed over, and where all wait, time goes on to the next event. So the order of all steps follows from the state alone.
 */
import type { VA } from '../base/addresses.ts';
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import type { CpuState } from '../cpu/index.ts';
import type { Mmu } from '../mmu/index.ts';
import type { Board } from './board.ts';
import type { Clock } from './clock.ts';
import type { Power } from './power.ts';
import type { PowerState } from './psci.ts';

/** Steps of a turn. A recording relies on it. */
export const TURN = 1000;

/** What there is to know of a core here. */
export interface TurningCore {
  readonly cpu: CpuState;
  readonly mmu: Mmu;
  /** An interrupt ends a WFI. */
  readonly isWoken: boolean;
  reset(entry: VA): void;
}

export class Turns<Core extends TurningCore = TurningCore> {
  /** Set when the machine is complete. */
  cores!: readonly Core[];
  private current = 0;
  /** The step before which the turn ends. */
  private end = TURN;
  /** A bit for each CPU that is on. */
  private on = 1;

  constructor(
    private readonly clock: Clock,
    private readonly board: Board,
    private readonly power: Power,
  ) {}

  /** The CPU that executes the next step. */
  get core(): Core {
    return this.cores[this.current];
  }
  get areSeveral(): boolean {
    return this.cores.length > 1;
  }

  /** So many steps may follow before another CPU has its turn, `steps` at most. */
  within(steps: number): number {
    return this.areSeveral ? Math.min(steps, this.end - this.clock.steps) : steps;
  }

  /** Lets time pass until a CPU can execute: it is the current one then. False where nothing but input can bring that about. */
  begin(): boolean {
    const { board, clock } = this;
    if (!this.isDone) return true;
    for (;;) {
      if (this.pass()) return true;
      const next = board.nextEvent(clock.ns);
      if (next === Infinity) return false;
      clock.wait(Math.max(0, next - clock.ns));
    }
  }
  /** Where the turn is over and a CPU can execute at this instant: makes it the current one. */
  pass(): boolean {
    if (!this.isDone) return true;
    this.board.elapse(this.clock.ns);
    const next = this.next();
    if (next !== undefined) this.give(next);
    return next !== undefined;
  }
  /** Nothing but input can make any CPU go on. */
  get isIdle(): boolean {
    return this.next() === undefined && this.board.nextEvent(this.clock.ns) === Infinity;
  }

  /** The current CPU does not go on by itself. */
  private get isDone(): boolean {
    return this.core.cpu.waiting || (this.areSeveral && (this.clock.steps >= this.end || !this.isOn(this.current)));
  }
  /** The CPU whose turn is next: the current one comes last. */
  private next(): number | undefined {
    const { cores, current } = this;
    for (let i = 1; i <= cores.length; i++) {
      const index = (current + i) % cores.length;
      const { cpu, isWoken } = cores[index];
      if (this.isOn(index) && (!cpu.waiting || isWoken)) return index;
    }
    return undefined;
  }
  private give(index: number): void {
    if (index !== this.current) this.leave();
    this.select(index);
    this.core.cpu.waiting = false;
    this.end = this.clock.steps + TURN;
  }
  /**
   * Other CPUs may store to what the current one has marked for exclusive access, so that its monitor opens, which is an event for it
   * (Arm ARM B2.12.2, D1.6.1). Losing the mark is always allowed as long as a loop of a few instructions succeeds in the end.
   */
  private leave(): void {
    const { cpu } = this.core;
    if (cpu.isExclusive) cpu.event = true;
    cpu.clearExclusive();
  }
  private select(index: number): void {
    this.current = index;
    this.board.select(index);
  }

  /** The turn of the current CPU ends with the step under way. */
  giveWay(): void {
    this.end = 0;
  }

  // ---- power

  private isOn(index: number): boolean {
    return ((this.on >> index) & 1) === 1;
  }
  /** Of the CPU of an affinity; undefined where there is none. Bits beside the affinity fields name none, as in QEMU. */
  powerState(affinity: bigint): PowerState | undefined {
    if (affinity >= this.cores.length) return undefined;
    return this.isOn(Number(affinity)) ? 'on' : 'off';
  }
  switchOn(index: number, entry: VA, context: bigint): void {
    const core = this.cores[index];
    core.reset(entry);
    this.board.cpuReset(index);
    core.cpu.setX(0, context);
    this.on |= 1 << index;
  }
  /** By itself. */
  switchOff(index: number): void {
    const others = this.on & ~(1 << index);
    if (others === 0) this.power.stop = { kind: 'cpu-off', by: this.cores[index].cpu.el, ...(this.areSeveral && { isLast: true }) };
    else this.on = others;
  }
  /** As after power-on: only the first CPU is on, and begins at `entry`. */
  reset(entry: VA): void {
    for (const core of this.cores) core.reset(entry);
    this.on = 1;
    this.end = this.clock.steps + TURN;
    this.select(0);
  }

  save(writer: ByteWriter): void {
    writer
      .u8(this.current)
      .u8(this.on)
      .count(Math.max(0, this.end - this.clock.steps));
  }
  load(reader: ByteReader): void {
    const current = reader.u8();
    if (current >= this.cores.length) throw reader.error(`CPU ${current} executes`, `expected one below ${this.cores.length}`);
    this.on = reader.u8() & ((1 << this.cores.length) - 1);
    this.end = this.clock.steps + reader.count();
    this.select(current);
  }
}
