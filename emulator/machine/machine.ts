/**
 * The machine: Cortex-A53 cores on the `virt` board, the clock, and what is loaded. It runs them step by step, one core at a time.
 * Same image and same input give the same states, however the run is cut into pieces.
 */
import { HostOffset, PA, VA } from '../base/addresses.ts';
import { equalBytes, type ByteReader, type ByteWriter } from '../base/bytes.ts';
import { InputError } from '../base/errors.ts';
import { Signal } from '../base/events.ts';
import type { CpuEvent } from '../cpu/index.ts';
import { CpuState } from '../cpu/state.ts';
import { createMachineMemory, type Engine, type MachineMemory } from '../engine/index.ts';
import { decode, type Decoded } from '../isa/index.ts';
import type { Mmu } from '../mmu/index.ts';
import { Board } from './board.ts';
import type { VirtioPlug } from './board-row.ts';
import { driveName } from './board-virtio.ts';
import { changeRegister, memoryNamed } from './changeable.ts';
import { noFiles, type HostFiles } from './host-files.ts';
import { Clock } from './clock.ts';
import { Core } from './core.ts';
import type { MachineEnvironment } from './cpu-environment.ts';
import type { MachineEngineHost } from './engine-host.ts';
import type { LoadedImage, LoadedSegment } from './loader.ts';
import { PageTracker } from './pages.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { Power, type MachineStop } from './power.ts';
import { hashOfState, restoreState, savedState, type SavedPart } from './saved-state.ts';
import { Semihosting } from './semihosting.ts';
import { Turns } from './turns.ts';
import { nothingWatched, WatchSignals, type Watched, type Watches } from './watches.ts';

export interface MachineOptions {
  /** RAM in bytes, from PA 0x40000000 on. */
  readonly memoryBytes: number;
  readonly gic: 2 | 3;
  /** False: the CPU starts at EL1 and has no EL2, as with `virtualization=off`. */
  readonly el2: boolean;
  /** From 1, the default, to `mostCpus`. */
  readonly cpus?: number;
  /** What is plugged into the virtio slots, and the interface of all of them. */
  readonly virtio?: readonly VirtioPlug[];
  readonly virtioVersion?: 'legacy' | 'modern';
  /** HLT #0xf000 calls the debugger, which answers SYS_GET_CMDLINE with this; absent: it is UNDEFINED. */
  readonly semihosting?: string;
}
export const mostCpus = 4;
export const defaultMachineOptions: MachineOptions = { memoryBytes: 128 << 20, gic: 2, el2: true };

export interface RunLimit {
  readonly steps: number;
  /** Stop after a step that was an exception, a return or a PSCI call. */
  readonly untilEvent: boolean;
  /** Stop before an instruction at one of these VAs, but not before the first step. */
  readonly breakpoints: ReadonlySet<VA>;
  /** What `machine.watches` reports. */
  readonly watched: Watched;
}

/**
 * Why a run came back. `budget`: the steps asked for are done. `event`: what `untilEvent` waits for, or a pause that was asked for. `idle`:
 * in WFI, with nothing but input that could wake it. `end`: see `Machine.stop`.
 */
export type RunStop = 'budget' | 'event' | 'breakpoint' | 'idle' | 'end';

/** A page of memory, counted in 4 KiB from the start of RAM on, flash after it. */
export interface StoredPage {
  readonly page: number;
  readonly bytes: Uint8Array;
}
const PAGE = 4096;

const noBreakpoints: ReadonlySet<VA> = new Set();
const noIntids: readonly number[] = [];
/** So many steps, whatever happens in them. */
export const forSteps = (steps: number): RunLimit => ({ steps, untilEvent: false, breakpoints: noBreakpoints, watched: nothingWatched });

export class Machine {
  readonly clock = new Clock();
  readonly memory: MachineMemory;
  readonly board: Board;
  readonly pages: PageTracker;
  readonly cores: readonly Core[];
  readonly turns: Turns<Core>;

  /** Exceptions, returns, PSCI calls. */
  readonly onEvent = new Signal<CpuEvent>();
  /** A byte that the guest sent to the UART, and the step that sent it. */
  readonly onOutput = new Signal<{ readonly n: number; readonly byte: number }>();
  /** Input events that the machine has had: part of its state, so that a replay knows which come next. */
  inputsTaken = 0;
  /** Who answers what a semihosting call asks of the host. */
  askHost: HostFiles = noFiles;
  private readonly semihosting: Semihosting | undefined;
  private readonly power = new Power(() => this.restart());
  private readonly physical: PhysicalMemory;
  /** All that a saved state holds, in its order. */
  private readonly saved: Readonly<Record<string, SavedPart>>;
  private image: LoadedImage | undefined;
  private sawEvent = false;
  /** INTIDs that are watched. */
  private pended = noIntids;
  private pauseAsked = false;

  constructor(readonly options: MachineOptions = defaultMachineOptions) {
    const { clock, power } = this;
    const { cpus: count = 1 } = options;
    const memory = createMachineMemory({
      regions: [
        { name: 'ram', bytes: options.memoryBytes },
        { name: 'flash0', bytes: 64 << 20 },
        { name: 'flash1', bytes: 64 << 20 },
        ...(options.virtio ?? []).flatMap((plug, i) => (plug.kind === 'block' ? [{ name: driveName(i), bytes: plug.bytes }] : [])),
      ],
      cpus: count,
    });
    const cpus = memory.cpus.map(({ block }) => new CpuState(memory.buffer, block));
    this.memory = memory;
    this.board = new Board({
      memory,
      board: options,
      cpus,
      time: clock,
      onTransmit: (byte) => this.onOutput.emit({ n: clock.step, byte }),
      writeMemory: (pa, host, bytes, device) => this.physical.writeBy(device, pa, host, bytes),
      writeDisk: (host, bytes) => this.physical.writeUnmapped(host, bytes),
      onRemap: () => {
        for (const core of this.cores) core.forgetMemory();
      },
    });
    const { board } = this;
    this.pages = new PageTracker(memory.u8, () => {
      for (const { engine } of this.cores) engine.fastTlb.withholdWrites();
    });
    const { pages } = this;
    this.physical = new PhysicalMemory(memory.u8, board.bus, pages);
    const { physical } = this;
    const onEvent = (event: CpuEvent): void => {
      this.sawEvent = true;
      this.onEvent.emit(event);
    };
    const turns = new Turns<Core>(clock, board, power);
    this.turns = turns;
    const signals = new WatchSignals();
    const shared = { hasEl2: options.el2, memory, board, clock, pages, physical, power, turns, signals, onEvent };
    this.cores = turns.cores = cpus.map((cpu, index) => new Core({ ...shared, index, cpu }));
    const engines = this.cores.map(({ engine }) => engine);
    for (const engine of engines) engine.together = engines;
    physical.observer = this;
    const input: SavedPart = {
      save: (writer: ByteWriter) => void writer.u32(this.inputsTaken),
      load: (reader: ByteReader) => void (this.inputsTaken = reader.u32()),
    };
    const cores = Object.fromEntries(this.cores.map((core) => [`core${core.index}`, core]));
    this.saved = { clock, input, power, ...cores, board, ...(count > 1 && { turns }) };
    if (options.semihosting !== undefined) {
      const semihosting = new Semihosting({
        ...{ caller: this, board, clock, physical, power, memoryBytes: options.memoryBytes, commandLine: options.semihosting },
        image: () => this.image,
        print: (byte) => this.onOutput.emit({ n: clock.step, byte }),
        ask: (call) => this.askHost(call),
      });
      this.semihosting = semihosting;
      for (const core of this.cores) core.semihosting = semihosting;
      this.saved = { ...this.saved, semihosting };
    }
    turns.reset(VA(0n));
    board.gic.onPended = (intid, listRegister) => this.watches.tellPended(intid, listRegister);
  }

  /** The CPU that executes the next step. */
  get core(): Core {
    return this.turns.core;
  }
  get cpu(): CpuState {
    return this.core.cpu;
  }
  get mmu(): Mmu {
    return this.core.mmu;
  }
  get engine(): Engine {
    return this.core.engine;
  }
  get engineHost(): MachineEngineHost {
    return this.core.engineHost;
  }
  get environment(): MachineEnvironment {
    return this.core.environment;
  }
  get watches(): Watches {
    return this.core.watches;
  }
  /** Why it cannot go on; undefined while it can. */
  get stop(): MachineStop | undefined {
    return this.power.stop;
  }
  stopSentence(): string | undefined {
    return this.power.sentence();
  }

  /** Steps done so far: the number of the step that comes next. */
  get steps(): number {
    return this.clock.steps;
  }
  /** The step under way, inside calls from the engine too. */
  get step(): number {
    return this.clock.step;
  }
  /** The virtual clock in nanoseconds, at the step under way. */
  get ns(): number {
    return this.clock.ns;
  }
  /** Nothing but input can make it go on. */
  get isIdle(): boolean {
    return this.turns.isIdle;
  }

  /** Grows whenever a CPU meets what neither its own state nor memory decides: the time, interrupt lines, the firmware, a device, a wait. */
  get encounters(): number {
    const { board, clock, cores } = this;
    return cores.reduce((sum, { environment }) => sum + environment.asked, board.bus.deviceAccesses + clock.waits);
  }

  // ---- loading

  /** Puts a loaded image into memory and sets the entry state. Only on a machine that has not run. */
  load(image: LoadedImage): void {
    this.image = image;
    for (const { pa, bytes } of image.segments) this.writePhysical(PA(pa), bytes);
    for (const [number, bytes] of image.drives ?? []) this.physical.fill(this.memory.regions.get(driveName(number))!, bytes);
    if (image.passed) this.board.fwCfg.passKernel(image.passed);
    this.cpu.pc = image.entry;
  }
  /** Writes bytes to RAM or flash from outside the machine; the range must lie in one of them. */
  writePhysical(pa: PA, bytes: Uint8Array): void {
    this.physical.load(pa, bytes);
  }

  /**
   * PSCI SYSTEM_RESET, as QEMU's board does it: the devices and the CPUs are as after power-on, and what was loaded lies in memory again.
   * What else is in memory stays, and the clock goes on.
   */
  private restart(): void {
    this.board.reset();
    this.semihosting?.reset();
    for (const segment of this.image?.segments ?? []) this.loadAgain(segment);
    this.turns.reset(this.image?.entry ?? VA(0n));
  }
  private loadAgain({ pa, bytes, memoryBytes = bytes.length }: LoadedSegment): void {
    this.writeInPages('loader', PA(pa), bytes, memoryBytes);
  }
  /** In pieces that lie in one page each, as `watches` tells them. What `bytes` lacks of `memoryBytes` is zero. */
  private writeInPages(by: string, pa: PA, bytes: Uint8Array, memoryBytes: number): void {
    for (let from = 0; from < memoryBytes;) {
      const to = Math.min(memoryBytes, from + 4096 - ((pa + from) % 4096));
      const part = new Uint8Array(to - from);
      part.set(bytes.subarray(from, to));
      const at = PA(pa + from);
      this.physical.writeBy(by, at, this.board.bus.hostAddress(at), part);
      from = to;
    }
  }

  // ---- running

  run(limit: RunLimit): RunStop {
    const stop = this.runUntil(limit);
    // Interrupts that are due now are pending for whoever looks on.
    this.board.elapse(this.clock.ns);
    if (this.stop) return stop;
    this.core.settle(() => this.currentInstruction());
    return stop === 'budget' && this.stop ? 'end' : stop;
  }

  private runUntil({ steps, untilEvent, breakpoints, watched }: RunLimit): RunStop {
    const { clock, turns } = this;
    const goal = clock.steps + steps;
    const start = clock.steps;
    this.sawEvent = false;
    this.pauseAsked = false;
    for (const core of this.cores) {
      core.setStops(breakpoints);
      if (core.watches.set(watched)) core.engine.fastTlb.clear();
    }
    this.watchPended(watched.pended ?? noIntids);
    while (clock.steps < goal) {
      if (this.stop) return 'end';
      const { core: last } = turns;
      if (!turns.begin()) return 'idle';
      const { core } = turns;
      // Where it had waited, or the turn is another CPU's, it has not been seen that the next instruction is at a breakpoint.
      if (core !== last && breakpoints.has(core.cpu.pc)) return 'breakpoint';
      if (this.pended.length > 0 && !this.pauseAsked) {
        // What is due becomes pending at this instant, before the next step.
        this.board.elapse(clock.ns);
        if (this.pauseAsked) return 'event';
      }
      if (core.watches.needsSteps) core.watches.aroundStep(() => core.advance(1));
      // After a wait that ended with what is watched, the instant is still the one before it: the next one comes with the next step.
      else core.advance(this.pauseAsked ? 1 : turns.within(goal - clock.steps));
      if (turns.areSeveral && !this.stop) turns.pass();
      if (this.pauseAsked || (untilEvent && this.sawEvent)) return 'event';
      // Also where the steps end just here: the next run begins at this place and would not stop at it.
      if (breakpoints.size > 0 && clock.steps > start && !this.stop && breakpoints.has(this.cpu.pc)) return 'breakpoint';
    }
    return this.stop ? 'end' : 'budget';
  }

  private watchPended(intids: readonly number[]): void {
    if (intids === this.pended) return;
    this.pended = intids;
    this.board.gic.watch(intids);
  }

  /** Called from a listener of `onEvent`, `onOutput` or `watches.onReport`: the run under way ends after the step that it heard of. */
  pause(): void {
    this.pauseAsked = true;
  }

  /** Bytes that arrive at the UART. */
  input(bytes: Uint8Array): void {
    this.board.input(bytes);
    // What waits to read is done again.
    if (this.semihosting?.isReading) for (const { cpu } of this.cores) cpu.waiting = false;
    this.inputsTaken++;
  }

  /** A person changes a register or a doubleword, between two steps: input like any other. See `changeableRegister`. */
  change(register: string, value: bigint): void {
    const memory = memoryNamed(register);
    if (memory !== undefined) this.writePhysical(memory, new Uint8Array(BigUint64Array.of(value).buffer));
    else this.watches.aroundChange(register, () => changeRegister(this.core, register, value));
    this.inputsTaken++;
  }

  /** A debugger writes to RAM or flash, between two steps: input too. */
  writeByHand(pa: PA, bytes: Uint8Array): void {
    this.writeInPages('debugger', pa, bytes, bytes.length);
    this.inputsTaken++;
  }

  // ---- looking, without side effects

  /** The word at a VA as it would be fetched at a level, by default the current one, from the TLB as well; undefined where it cannot be. */
  fetchWord(va: VA, el = this.cpu.el): number | undefined {
    const fetch = this.mmu.probe(VA(va & ~3n), 'execute', el);
    return fetch.ok ? this.peekWord(fetch.pa) : undefined;
  }
  /** The word at a PA in RAM or flash. */
  peekWord(pa: PA): number | undefined {
    const host = this.board.bus.hostAddress(pa);
    return host < 0 ? undefined : this.memory.u32[host >>> 2];
  }
  /** The instruction at pc; undefined where it cannot be fetched or is not allocated. */
  currentInstruction(): Decoded | undefined {
    const word = this.fetchWord(this.cpu.pc);
    return word === undefined ? undefined : decode(word);
  }

  /** `MemoryObserver`: what was decoded from these bytes is void. */
  memoryChanged(host: HostOffset, bytes: number): void {
    this.engine.invalidate(host, bytes);
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
    this.memoryChanged(HostOffset(page * 4096), 4096);
  }

  saveState(): Uint8Array {
    return savedState(Object.values(this.saved));
  }
  /** The same but for the clock: what decides how the machine goes on, where nothing asks for the time. */
  timelessState(): Uint8Array {
    return savedState(Object.values(this.saved).filter((part) => part !== this.clock));
  }
  loadState(state: Uint8Array): void {
    restoreState(Object.values(this.saved), state);
  }
  /** The pages that are not zero, rising, by their number from the start of RAM on: what `resume` takes. */
  *storedPages(): Generator<StoredPage> {
    for (const page of [...this.pages.touched].sort((a, b) => a - b)) {
      const bytes = this.pages.read(page);
      if (bytes.some((byte) => byte !== 0)) yield { page: page - this.firstPage, bytes };
    }
  }
  /**
   * Puts a machine that has not run into a state that was stored, and its memory: pages that are not among these are zero. Throws InputError
   * for what no machine like this one can have.
   */
  resume(state: Uint8Array, pages: Iterable<StoredPage>): void {
    for (const page of this.pages.touched) this.writePage(page, undefined);
    for (const { page, bytes } of pages) {
      const host = (this.firstPage + page) * PAGE;
      if (![...this.memory.regions.values()].some(({ offset, bytes: size }) => host >= offset && host + PAGE <= offset + size))
        throw new InputError(`page ${page} of a stored state lies in no memory of this machine`);
      this.writePage(this.firstPage + page, bytes);
      this.pages.mark(HostOffset(host));
    }
    try {
      this.loadState(state);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError('the stored state is not one of this machine');
    }
    // What is out of range is not taken over.
    if (!equalBytes(this.saveState(), state)) throw new InputError('the stored state is not one of this machine');
  }
  private get firstPage(): number {
    return this.memory.regions.get('ram')!.offset / PAGE;
  }

  /** Hash of the whole state: CPU, TLB, clock, devices and memory. Equal runs have equal hashes at equal steps. */
  stateHash(): string {
    return hashOfState(Object.values(this.saved), this.pages);
  }
}
