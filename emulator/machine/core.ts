/** One CPU of the machine: its state, MMU, engine and watchpoints, and what comes before each of its instructions. */
import type { VA } from '../base/addresses.ts';
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import { NotBuilt } from '../base/errors.ts';
import {
  bigEndian,
  branchTo,
  breakpointAddresses,
  CPU_BLOCK,
  debugInUse,
  hasStepped,
  interruptPending,
  isAArch32,
  isAfterFetch,
  judgeReturn,
  resetCpu,
  softwareStep,
  stepDone,
  takeInstead,
  toTakeInstead,
  type CpuEvent,
  type CpuState,
  type Instead,
  type InterruptLines,
} from '../cpu/index.ts';
import { Engine, type MachineMemory } from '../engine/index.ts';
import type { Decoded } from '../isa/index.ts';
import { Mmu } from '../mmu/index.ts';
import type { Board } from './board.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import { MachineEnvironment, type Surroundings } from './cpu-environment.ts';
import { MachineEngineHost, type HostedCore } from './engine-host.ts';
import { MemoryAccess } from './memory-access.ts';
import type { PageTracker } from './pages.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Power } from './power.ts';
import type { SavedPart } from './saved-state.ts';
import type { Semihosting } from './semihosting.ts';
import type { Turns } from './turns.ts';
import { Watches, type WatchedCore, type WatchSignals } from './watches.ts';

export interface CoreParts {
  /** Which CPU it is, from 0. */
  readonly index: number;
  readonly hasEl2: boolean;
  readonly cpu: CpuState;
  readonly memory: MachineMemory;
  readonly board: Board;
  readonly clock: Clock;
  readonly pages: PageTracker;
  readonly physical: PhysicalMemory;
  readonly power: Power;
  readonly turns: Turns;
  readonly signals: WatchSignals;
  /** Exceptions, returns, PSCI calls. */
  readonly onEvent: (event: CpuEvent) => void;
}

const none: ReadonlySet<VA> = new Set();

export class Core implements Surroundings, HostedCore, WatchedCore, SavedPart {
  readonly index: number;
  readonly hasEl2: boolean;
  readonly cpu: CpuState;
  readonly mmu: Mmu;
  readonly engine: Engine;
  readonly engineHost: MachineEngineHost;
  readonly environment: MachineEnvironment;
  readonly watches: Watches;
  readonly board: Board;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly physical: PhysicalMemory;
  readonly power: Power;
  readonly turns: Turns;
  /** Set by the machine that has it. */
  semihosting: Semihosting | undefined;
  private readonly memory: MachineMemory;
  private readonly onEvent: (event: CpuEvent) => void;
  private stops = none;
  /** An exception was taken, or the firmware called, since this was cleared. */
  private leftByException = false;

  constructor({ index, hasEl2, cpu, memory, board, clock, pages, physical, power, turns, signals, onEvent }: CoreParts) {
    this.index = index;
    this.hasEl2 = hasEl2;
    this.cpu = cpu;
    this.memory = memory;
    this.board = board;
    this.bus = board.bus;
    this.clock = clock;
    this.physical = physical;
    this.power = power;
    this.turns = turns;
    this.onEvent = onEvent;
    this.mmu = new Mmu(cpu, board.walkReader);
    this.environment = new MachineEnvironment(this);
    this.watches = new Watches(this, signals);
    const access = new MemoryAccess({ cpu, mmu: this.mmu, bus: board.bus, pages, watches: this.watches, bytes: memory.u8 });
    this.engineHost = new MachineEngineHost(this, access);
    this.engine = access.engine = new Engine(memory, cpu, this.engineHost);
    // What the engine keeps of translations is a part of what the TLB model holds, never more.
    this.mmu.onDrop = (vaLow, _vaHigh) => {
      this.engine.fastTlb.drop(vaLow);
      this.engine.code.forgetPage(vaLow);
    };
    this.mmu.onDropAll = (regime) => {
      for (const bank of regime === 'el2' ? [2] : [0, 1]) this.engine.fastTlb.clear(bank);
      this.engine.code.forgetPages();
    };
  }

  /** To the state after reset, in which execution begins at `entry`, with the MMU off. */
  reset(entry: VA): void {
    resetCpu(this.cpu, { hasEl2: this.hasEl2, entry, index: this.index });
    this.mmu.reset();
    this.selectBank();
    this.debugChanged();
  }

  // ---- running

  /** The VAs in front of which somebody who looks on wants it to stop. */
  setStops(stops: ReadonlySet<VA>): void {
    this.stops = stops;
    this.giveStops();
  }
  /** The engine stops there, and where the guest's own breakpoints may have to fire. */
  private giveStops(): void {
    const own = breakpointAddresses(this.cpu);
    this.engine.setStops(own.length === 0 ? this.stops : new Set([...this.stops, ...own]));
  }

  private get lines(): InterruptLines {
    return this.board.linesOf[this.index];
  }
  /** An interrupt ends a WFI. */
  get isWoken(): boolean {
    return interruptPending(this.cpu, this.lines);
  }

  /** Runs on until something needs the machine's attention, `limit` steps at most. */
  advance(limit: number): void {
    const { clock, cpu, board } = this;
    board.elapse(clock.ns);
    const instead = toTakeInstead(cpu, this.lines);
    if (instead) return this.takeInstead(instead);
    if (debugInUse(cpu) && softwareStep(cpu) === 'step') return this.stepInstruction();
    const untilEvent = board.nextEvent(clock.ns) - clock.ns;
    clock.steps += this.runEngine(Math.max(1, Math.min(limit, untilEvent)));
  }

  /**
   * Stops the machine in front of a return to AArch32, which is not built: at the same instant, however the run was cut into pieces. `next`:
   * the instruction at the PC.
   */
  settle(next: () => Decoded | undefined): void {
    const { cpu } = this;
    if (cpu.el === 0 || cpu.waiting || debugInUse(cpu)) return;
    const spsr = cpu.low(cpu.el === 2 ? 'SPSR_EL2' : 'SPSR_EL1');
    if (!isAArch32(spsr)) return;
    if (next()?.definition.name !== 'ERET' || toTakeInstead(cpu, this.lines)) return;
    if (judgeReturn(cpu, cpu.el, spsr).kind === 'aarch32') this.runEngine(1);
  }

  /** The steps done: `budget`, or fewer where something needs the machine's attention. */
  private runEngine(budget: number): number {
    this.clock.running = this.engine;
    try {
      const done = this.engine.run(budget);
      // The address of the last branch may have a tag yet.
      branchTo(this.cpu, this.cpu.pcLow, this.cpu.pcHigh);
      return done;
    } catch (error) {
      if (!(error instanceof NotBuilt)) throw error;
      this.power.stop = { kind: 'not-built', what: error.what, advice: error.advice, pc: this.cpu.pc };
      return this.engine.elapsed;
    } finally {
      this.clock.running = undefined;
    }
  }

  private takeInstead(instead: Instead): void {
    const { cpu, environment, clock, engineHost } = this;
    if (isAfterFetch(instead) && engineHost.fetchPage(cpu.pcLow, cpu.pcHigh) < 0) {
      engineHost.fault(undefined);
      clock.steps++;
      return;
    }
    // A step that ends an instruction takes no time, since that had its own; nor does what is not for an instruction.
    const takesTime = instead === 'IllegalState' || (instead === 'Step' && !hasStepped(cpu));
    this.watches.aroundSystem(() => takeInstead(cpu, environment, instead));
    if (takesTime) clock.steps++;
    else clock.stepInNoTime();
  }

  /** One instruction under software step. */
  private stepInstruction(): void {
    const { cpu, clock } = this;
    const page = this.engineHost.fetchPage(cpu.pcLow, cpu.pcHigh);
    const word = page < 0 ? 0 : this.memory.u32[(page + (cpu.pcLow & 0xfff)) >>> 2];
    this.leftByException = false;
    const done = this.runEngine(1);
    if (done > 0 && !this.leftByException) stepDone(cpu, word);
    clock.steps += done;
  }

  // ---- what its CPU asks, by way of MachineEnvironment

  get access(): MemoryAccess {
    return this.engineHost.access;
  }
  noteEvent(event: CpuEvent): void {
    // The firmware returns by its own exception return.
    this.leftByException ||= event.kind === 'exception' || event.kind === 'psci';
    this.watches.noteEvent(event);
    this.onEvent(event);
  }
  debugChanged(): void {
    this.giveStops();
    // Pages that a watchpoint lies in stay out of the fast TLB.
    if (this.access.watchpoints.refresh(this.cpu)) this.engine.fastTlb.clear();
  }
  selectBank(): void {
    const { el } = this.cpu;
    this.engine.setBank(el, el === 1 ? 0 : el, !bigEndian(this.cpu));
  }

  /** Other bytes lie at PAs, or may be watched there, or the whole state is another: what the engine found out by them is void. */
  forgetMemory(): void {
    this.engine.fastTlb.clear();
    this.engine.code.forgetPages();
  }

  save(writer: ByteWriter): void {
    this.cpu.settle();
    writer.raw(this.cpu.bytes);
    writer.bytes(this.mmu.snapshot());
  }
  load(reader: ByteReader): void {
    const { offset } = reader;
    this.cpu.bytes.set(reader.raw(CPU_BLOCK));
    if (!this.cpu.isSound()) throw reader.error('the state of the CPU is one that it cannot have', undefined, offset);
    this.mmu.restore(reader.bytes());
    this.access.watchpoints.refresh(this.cpu);
    this.forgetMemory();
    this.selectBank();
  }
}
