/**
 * The machine: one Cortex-A53 on the `virt` board. It joins the parts (CPU, MMU, engine, bus, devices, clock) and runs them step by step.
 * Same image and same input give the same states, however the run is cut into pieces.
 */
import { NotBuilt } from '../base/errors.ts';
import { Signal } from '../base/events.ts';
import { hex } from '../base/hex.ts';
import {
  bigEndian,
  branchTo,
  breakpointAddresses,
  breakpointMatches,
  debugInUse,
  hasStepped,
  interruptPending,
  interruptToTake,
  resetCpu,
  softwareStep,
  stepDone,
  takeBreakpoint,
  takeIllegalState,
  takeInterrupt,
  takeSoftwareStep,
  type CpuEvent,
  type ExceptionLevel,
  type MemoryFault,
} from '../cpu/index.ts';
import { CpuState } from '../cpu/state.ts';
import { createMachineMemory, Engine, type MachineMemory } from '../engine/index.ts';
import { decode, type Decoded } from '../isa/index.ts';
import { Mmu } from '../mmu/index.ts';
import { Board } from './board.ts';
import { Clock } from './clock.ts';
import { MachineEnvironment } from './cpu-environment.ts';
import { MachineEngineHost } from './engine-host.ts';
import type { LoadedImage, LoadedSegment } from './loader.ts';
import { changeRegister } from './changeable.ts';
import { PageTracker } from './pages.ts';
import { hashOfState, restoreState, savedState } from './saved-state.ts';
import { nothingWatched, Watches, type Watched } from './watches.ts';

export interface MachineOptions {
  /** RAM in bytes, from PA 0x40000000 on. */
  readonly memoryBytes: number;
  readonly gic: 2 | 3;
  /** False: the CPU starts at EL1 and has no EL2, as with `virtualization=off`. */
  readonly el2: boolean;
}
export const defaultMachineOptions: MachineOptions = { memoryBytes: 128 << 20, gic: 2, el2: true };

/** Why the machine cannot go on. `by`: the level that called the firmware. */
export type MachineStop =
  | { readonly kind: 'off'; readonly by: ExceptionLevel }
  /** The board is on, but its only CPU is not. */
  | { readonly kind: 'cpu-off'; readonly by: ExceptionLevel }
  /** It came to something of the architecture that is not built: `what` names it. */
  | { readonly kind: 'not-built'; readonly what: string; readonly pc: bigint };

export interface RunLimit {
  readonly steps: number;
  /** Stop after a step that was an exception, a return or a PSCI call. */
  readonly untilEvent: boolean;
  /** Stop before an instruction at one of these VAs, but not before the first step. */
  readonly breakpoints: ReadonlySet<bigint>;
  /** What `machine.watches` reports. */
  readonly watched: Watched;
}

/**
 * Why a run came back. `budget`: the steps asked for are done. `event`: what `untilEvent` waits for, or a pause that was asked for. `idle`:
 * in WFI, with nothing but input that could wake it. `end`: see `Machine.stop`.
 */
export type RunStop = 'budget' | 'event' | 'breakpoint' | 'idle' | 'end';

const noBreakpoints: ReadonlySet<bigint> = new Set();
/** So many steps, whatever happens in them. */
export const forSteps = (steps: number): RunLimit => ({ steps, untilEvent: false, breakpoints: noBreakpoints, watched: nothingWatched });

export class Machine {
  readonly clock = new Clock();
  readonly memory: MachineMemory;
  readonly cpu: CpuState;
  readonly mmu: Mmu;
  readonly engine: Engine;
  readonly engineHost: MachineEngineHost;
  readonly board: Board;
  readonly pages: PageTracker;
  readonly environment: MachineEnvironment;
  readonly watches = new Watches(this);

  /** Exceptions, returns, PSCI calls. */
  readonly onEvent = new Signal<CpuEvent>();
  /** A byte that the guest sent to the UART, and the step that sent it. */
  readonly onOutput = new Signal<{ readonly n: number; readonly byte: number }>();
  stop: MachineStop | undefined;
  /** Input events that the machine has had: part of its state, so that a replay knows which come next. */
  inputsTaken = 0;
  private image: LoadedImage | undefined;
  private sawEvent = false;
  private pauseAsked = false;
  /** An exception was taken, or the firmware called, since this was cleared. */
  private leftByException = false;
  private stops = noBreakpoints;
  /** Within `engine.run`: `engine.elapsed` counts the steps done since it was called. */
  private engineRuns = false;

  constructor(readonly options: MachineOptions = defaultMachineOptions) {
    const { memoryBytes } = options;
    this.memory = createMachineMemory({
      regions: [
        { name: 'ram', bytes: memoryBytes },
        { name: 'flash0', bytes: 64 << 20 },
        { name: 'flash1', bytes: 64 << 20 },
      ],
    });
    this.cpu = new CpuState(this.memory.buffer, this.memory.cpus[0].block);
    this.board = new Board({
      memory: this.memory,
      board: options,
      cpu: this.cpu,
      time: this,
      onTransmit: (byte) => this.onOutput.emit({ n: this.step, byte }),
      writeMemory: (pa, host, bytes, device) => this.writeForDevice(pa, host, bytes, device),
      onRemap: () => {
        this.engine.fastTlb.clear();
        this.engine.code.forgetPages();
      },
    });
    this.pages = new PageTracker(this.memory.u8, () => this.engine.fastTlb.withholdWrites());
    this.mmu = new Mmu(this.cpu, this.board.walkReader);
    this.engineHost = new MachineEngineHost(this);
    this.engine = new Engine(this.memory, this.cpu, this.engineHost);
    this.engineHost.access.engine = this.engine;
    this.environment = new MachineEnvironment(this);
    // What the engine keeps of translations is a part of what the TLB model holds, never more.
    this.mmu.onDrop = (vaLow, _vaHigh) => {
      this.engine.fastTlb.drop(vaLow);
      this.engine.code.forgetPage(vaLow);
    };
    this.mmu.onDropAll = (regime) => {
      for (const bank of regime === 'el2' ? [2] : [0, 1]) this.engine.fastTlb.clear(bank);
      this.engine.code.forgetPages();
    };
    this.resetCore();
  }

  private resetCore(): void {
    resetCpu(this.cpu, { hasEl2: this.options.el2, entry: this.image?.entry ?? 0n });
    this.mmu.reset();
    this.selectBank();
    this.debugChanged();
  }

  /**
   * PSCI SYSTEM_RESET, as QEMU's board does it: the devices and the CPU are as after power-on, and what was loaded lies in memory again.
   * What else is in memory stays, and the clock goes on.
   */
  restart(): void {
    this.board.reset();
    for (const segment of this.image?.segments ?? []) this.loadAgain(segment);
    this.resetCore();
  }

  /** In pieces that lie in one page each, as `watches` tells them. */
  private loadAgain({ pa, bytes, memoryBytes = bytes.length }: LoadedSegment): void {
    for (let from = 0; from < memoryBytes;) {
      const to = Math.min(memoryBytes, from + 4096 - ((pa + from) % 4096));
      const part = new Uint8Array(to - from);
      part.set(bytes.subarray(from, to));
      this.writeForDevice(pa + from, this.board.bus.hostAddress(pa + from), part, 'loader');
      from = to;
    }
  }

  /** Steps done so far: the number of the step that comes next. */
  get steps(): number {
    return this.clock.steps;
  }
  /** The step under way, inside calls from the engine too. */
  get step(): number {
    return this.clock.steps + (this.engineRuns ? this.engine.elapsed : 0);
  }
  /** The virtual clock in nanoseconds, at the step under way. */
  get ns(): number {
    return this.clock.skipped + this.step;
  }
  /** Nothing but input can make it go on. */
  get isIdle(): boolean {
    return this.cpu.waiting && !interruptPending(this.cpu, this.environment.lines) && this.board.nextEvent(this.clock.ns) === Infinity;
  }

  // ---- loading

  /** Puts a loaded image into memory and sets the entry state. Only on a machine that has not run. */
  load(image: LoadedImage): void {
    this.image = image;
    for (const { pa, bytes } of image.segments) this.writePhysical(pa, bytes);
    this.cpu.pc = image.entry;
  }

  /** Writes bytes to RAM or flash from outside the machine; the range must lie in one of them. */
  writePhysical(pa: number, bytes: Uint8Array): void {
    const host = this.board.bus.hostAddress(pa);
    this.memory.u8.set(bytes, host);
    this.memoryChanged(host, bytes.length);
  }

  /** A device writes to memory by itself. */
  private writeForDevice(pa: number, host: number, bytes: Uint8Array, device: string): void {
    const before = this.watches.covers(pa, bytes.length, true) ? this.memory.u8.slice(host, host + bytes.length) : undefined;
    this.memory.u8.set(bytes, host);
    this.memoryChanged(host, bytes.length);
    if (before) this.watches.tellAccess({ access: 'w', pa, va: undefined, before, after: bytes.slice(), device });
  }

  /** Memory was written by something other than the CPU. */
  private memoryChanged(host: number, bytes: number): void {
    for (let at = host - (host % 4096); at < host + bytes; at += 4096) this.pages.mark(at);
    this.engine.code.invalidate(host, bytes);
  }

  /** Zeroes a block of RAM at a PA for the instruction that gave its VA; false where there is none. */
  zero(pa: number, bytes: number, va: bigint): boolean {
    const { bus } = this.board;
    const host = bus.hostAddress(pa);
    if (host < 0 || !bus.isWritable(pa)) return false;
    const before = this.watches.covers(pa, bytes, true) ? this.memory.u8.slice(host, host + bytes) : undefined;
    this.memory.u8.fill(0, host, host + bytes);
    this.pages.mark(host);
    this.engine.code.invalidate(host, bytes);
    if (before) this.watches.tellAccess({ access: 'w', pa, va, before, after: new Uint8Array(bytes), device: undefined });
    return true;
  }

  // ---- running

  run({ steps, untilEvent, breakpoints, watched }: RunLimit): RunStop {
    const goal = this.clock.steps + steps;
    const start = this.clock.steps;
    this.sawEvent = false;
    this.pauseAsked = false;
    this.stops = breakpoints;
    this.setStops();
    if (this.watches.set(watched)) this.engine.fastTlb.clear();
    while (this.clock.steps < goal) {
      if (this.stop) return 'end';
      if (this.cpu.waiting && !this.wake()) return 'idle';
      if (this.watches.needsSteps) this.watches.aroundStep(() => this.advance(1));
      else this.advance(goal - this.clock.steps);
      if (this.pauseAsked || (untilEvent && this.sawEvent)) return 'event';
      // Also where the steps end just here: the next run begins at this place and would not stop at it.
      if (breakpoints.size > 0 && this.clock.steps > start && !this.stop && breakpoints.has(this.cpu.pc)) return 'breakpoint';
    }
    return this.stop ? 'end' : 'budget';
  }

  /** The engine stops in front of what somebody who looks on asked for, and where the guest's own breakpoints may have to fire. */
  private setStops(): void {
    const own = breakpointAddresses(this.cpu);
    this.engine.setStops(own.length === 0 ? this.stops : new Set([...this.stops, ...own]));
  }

  /** Called from a listener of `onEvent`, `onOutput` or `watches.onReport`: the run under way ends after the step that it heard of. */
  pause(): void {
    this.pauseAsked = true;
  }

  /** Runs on until something needs the machine's attention, `limit` steps at most. */
  private advance(limit: number): void {
    const { clock, cpu, environment, board } = this;
    board.elapse(clock.ns);
    // The exception that ends a step comes before any interrupt.
    const isStepped = debugInUse(cpu) && softwareStep(cpu) === 'pending' && hasStepped(cpu);
    const interrupt = isStepped ? undefined : interruptToTake(cpu, environment.lines);
    if (interrupt) {
      this.watches.aroundSystem(() => takeInterrupt(cpu, environment, interrupt));
      clock.stepInNoTime();
      return;
    }
    if (cpu.il || debugInUse(cpu)) {
      if (this.takenInstead()) return;
      if (softwareStep(cpu) === 'step') return this.stepInstruction();
    }
    const untilEvent = board.nextEvent(clock.ns) - clock.ns;
    clock.steps += this.runEngine(Math.max(1, Math.min(limit, untilEvent)));
  }

  /** The steps done: `budget`, or fewer where something needs the machine's attention. */
  private runEngine(budget: number): number {
    this.engineRuns = true;
    try {
      const done = this.engine.run(budget);
      // The address of the last branch may have a tag yet.
      branchTo(this.cpu, this.cpu.pcLow, this.cpu.pcHigh);
      return done;
    } catch (error) {
      if (!(error instanceof NotBuilt)) throw error;
      this.stop = { kind: 'not-built', what: error.what, pc: this.cpu.pc };
      return this.engine.elapsed;
    } finally {
      this.engineRuns = false;
    }
  }

  /** Takes what comes before any instruction at pc, highest priority first (Arm ARM D1.3.5.4); false where there is nothing. */
  private takenInstead(): boolean {
    const { cpu, environment, clock, engineHost } = this;
    if (softwareStep(cpu) === 'pending') {
      // In no time where it ends an instruction, which had its own.
      const isStepped = hasStepped(cpu);
      this.watches.aroundSystem(() => takeSoftwareStep(cpu, environment));
      if (isStepped) clock.stepInNoTime();
      else clock.steps++;
      return true;
    }
    const isBreakpoint = breakpointMatches(cpu);
    if (!isBreakpoint && !cpu.il) return false;
    // A misaligned PC and an instruction abort come before both.
    const isFetched = engineHost.fetchPage(cpu.pcLow, cpu.pcHigh) >= 0;
    if (!isFetched) engineHost.fault(undefined);
    else this.watches.aroundSystem(() => (isBreakpoint ? takeBreakpoint : takeIllegalState)(cpu, environment));
    if (isFetched && isBreakpoint) clock.stepInNoTime();
    else clock.steps++;
    return true;
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

  /** Ends WFI if an interrupt is pending, now or at the next event of the clock; false where none will be. */
  private wake(): boolean {
    const { cpu, environment, board, clock } = this;
    for (;;) {
      board.elapse(clock.ns);
      if (interruptPending(cpu, environment.lines)) {
        cpu.waiting = false;
        return true;
      }
      const next = board.nextEvent(clock.ns);
      if (next === Infinity) return false;
      clock.wait(Math.max(0, next - clock.ns));
    }
  }

  /** Bytes that arrive at the UART. */
  input(bytes: Uint8Array): void {
    this.board.uart.receive(bytes);
    this.inputsTaken++;
  }

  /** A person changes a register, between two steps: input like any other. See `changeableRegister`. */
  change(register: string, value: bigint): void {
    this.watches.aroundChange(register, () => changeRegister(this, register, value));
    this.inputsTaken++;
  }

  // ---- what the CPU asks, by way of MachineEnvironment

  noteEvent(event: CpuEvent): void {
    this.sawEvent = true;
    // The firmware returns by an exception return of its own.
    this.leftByException ||= event.kind === 'exception' || event.kind === 'psci';
    this.watches.noteEvent(event);
    this.onEvent.emit(event);
  }
  debugChanged(): void {
    this.setStops();
    // Pages that a watchpoint lies in stay out of the fast TLB.
    if (this.engineHost.access.watchpoints.refresh(this.cpu)) this.engine.fastTlb.clear();
  }
  /** DC ZVA writes the bytes from a VA on: the fault of a watchpoint that matches. */
  watchpointAt(vaLow: number, vaHigh: number, bytes: number): MemoryFault | undefined {
    const { cpu } = this;
    const { access } = this.engineHost;
    return access.isWatched(vaLow, vaHigh, bytes, true, cpu.el) ? access.lastFault : undefined;
  }
  selectBank(): void {
    const { el } = this.cpu;
    this.engine.setBank(el, el === 1 ? 0 : el, !bigEndian(this.cpu));
  }

  // ---- looking, without side effects

  /** The word at a VA as it would be fetched at a level, by default the current one; undefined where it cannot be. */
  fetchWord(va: bigint, el = this.cpu.el): number | undefined {
    const { mmu } = this;
    const low = Number(va & 0xffff_fffcn);
    const isMapped = mmu.walker.walk(mmu.context(el === 2 ? 'el2' : 'el1'), low, Number(va >> 32n), 'execute', el, false, true);
    return isMapped ? this.peekWord(BigInt(mmu.walker.pa)) : undefined;
  }
  /** The word at a PA in RAM or flash. */
  peekWord(pa: bigint): number | undefined {
    const host = this.board.bus.hostAddress(Number(pa));
    return host < 0 ? undefined : this.memory.u32[host >>> 2];
  }
  /** The instruction at pc; undefined where it cannot be fetched or is not allocated. */
  currentInstruction(): Decoded | undefined {
    const word = this.fetchWord(this.cpu.pc);
    return word === undefined ? undefined : decode(word);
  }
  /** Why it stopped, as a sentence; undefined while it can go on. */
  stopSentence(): string | undefined {
    const { stop } = this;
    if (!stop) return undefined;
    if (stop.kind === 'off') return `EL${stop.by} switched the machine off (PSCI SYSTEM_OFF)`;
    if (stop.kind === 'cpu-off') return `EL${stop.by} switched the only CPU off (PSCI CPU_OFF): nothing can switch it on again`;
    return `the instruction at ${hex(stop.pc)} needs something that is not built yet: ${stop.what}`;
  }

  // ---- saving and restoring (everything but memory, which keyframes keep page by page)

  get dirtyPages(): ReadonlySet<number> {
    return this.pages.dirty;
  }
  clearDirty(): void {
    this.pages.clearDirty();
  }
  readPage(page: number): Uint8Array {
    return this.pages.read(page);
  }
  writePage(page: number, bytes: Uint8Array | undefined): void {
    this.pages.write(page, bytes);
    this.engine.code.invalidate(page * 4096, 4096);
  }

  saveState(): Uint8Array {
    return savedState(this);
  }
  loadState(state: Uint8Array): void {
    restoreState(this, state);
    this.engineHost.access.watchpoints.refresh(this.cpu);
    this.engine.fastTlb.clear();
    this.engine.code.forgetPages();
    this.selectBank();
  }
  /** Hash of the whole state: CPU, TLB, clock, devices and memory. Equal runs have equal hashes at equal steps. */
  stateHash(): string {
    return hashOfState(this);
  }
}
