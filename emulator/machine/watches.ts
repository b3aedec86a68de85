/**
 * What is watched while the machine runs: ranges of physical memory, and registers. Memory is watched by PA, so that an access is seen
 * through whatever VA, at whatever level, and when a device makes it. Watching never changes the run: the pages that hold a watched range
 * have no tags in the engine's fast TLB, and the machine itself does each access that touches the range, alone and whole, so that it knows
 * the value before and after. Table walks and instruction fetches are no accesses of the program and are not seen.
 */
import { PA, VA } from '../base/addresses.ts';
import { Signal } from '../base/events.ts';
import {
  peekRegister,
  systemRegisterTable,
  type CpuEvent,
  type CpuState,
  type Environment,
  type ExceptionLevel,
  type ExceptionType,
} from '../cpu/index.ts';
import { currentVmid } from '../cpu/exceptions.ts';
import { CurrentEL, valueAt } from '../cpu/registers/bits.ts';
import { packDaif, packNzcv } from '../cpu/spsr.ts';
import { systemRegisterName, type Decoded } from '../isa/index.ts';
import type { Clock } from './clock.ts';

export interface WatchedRange {
  readonly pa: PA;
  readonly bytes: number;
  readonly access: 'r' | 'w' | 'rw';
}
export interface Watched {
  readonly memory: readonly WatchedRange[];
  /** System registers by their names, and those of `isStepped`, which make the machine run one step at a time. */
  readonly registers: readonly string[];
  /** Registers of which only writes by their name (MSR) are told, so that SP_EL1 needs no single steps. */
  readonly named?: readonly string[];
  /**
   * `onInstruction` tells of each instruction that the machine itself executes (MSR, SYS, ERET, WFI ...), before it does anything; `onDone`
   * of each of them and of each exception, with its step, when it is done.
   */
  readonly instructions?: boolean;
  /** INTIDs of which `onPended` tells when the GIC makes them pending. */
  readonly pended?: readonly number[];
}
export const nothingWatched: Watched = { memory: [], registers: [] };

/** A load or a store that touched a watched range, whole: `bytes` from `pa` on, in one page. */
export interface WatchedAccess {
  readonly kind: 'memory';
  /** The step that did it, and the VA of its instruction. */
  readonly n: number;
  readonly pc: VA;
  /** The level that did it, and VTTBR_EL2.VMID. */
  readonly el: ExceptionLevel;
  readonly vmid: number;
  readonly access: 'r' | 'w';
  readonly pa: PA;
  /** As the instruction gave it; undefined where a device accessed the memory. */
  readonly va: VA | undefined;
  /** What was there; undefined for the registers of a device. */
  readonly before: Uint8Array | undefined;
  /** What was read or written. */
  readonly after: Uint8Array;
  /** Name in the board's table of the device that wrote to the memory by itself. */
  readonly device: string | undefined;
}

/** A write to a watched register, also one that left the value as it was (but see `isStepped`). */
export interface WatchedWrite {
  readonly kind: 'register';
  /**
   * The step that did it, and the VA of its instruction; of an interrupt, of the instruction that it came before. Of a change by hand the
   * instant at which it was made, and the PC before it.
   */
  readonly n: number;
  readonly pc: VA;
  /** The level that did it, and VTTBR_EL2.VMID before it. */
  readonly el: ExceptionLevel;
  readonly vmid: number;
  readonly register: string;
  /** Undefined where the register cannot be read. */
  readonly before: bigint | undefined;
  readonly after: bigint | undefined;
  /** The instruction; the entry to an exception; a person, between two steps. */
  readonly by: 'instruction' | 'hand' | { readonly exception: ExceptionType };
}
export type WatchReport = WatchedAccess | WatchedWrite;

/** An interrupt that the GIC made pending. */
export interface PendedInterrupt {
  readonly kind: 'pended';
  /** The step under way, or the one that comes next. */
  readonly n: number;
  /** The instruction that did it; undefined where the time, a device or what came in did. */
  readonly pc: VA | undefined;
  readonly el: ExceptionLevel;
  readonly intid: number;
  /** The list register in which a hypervisor did; undefined for the distributor. */
  readonly listRegister: number | undefined;
}

/** An instruction of the machine that is about to run, whether it then does its work or takes an exception. */
export interface WatchedInstruction {
  readonly n: number;
  readonly pc: VA;
  readonly instruction: Decoded;
}

/** What generated code writes without asking anybody. */
const steppedRegisters: Readonly<Record<string, (cpu: CpuState) => bigint>> = {
  ...Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`x${i}`, (cpu: CpuState) => cpu.x(i)])),
  ...Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`v${i}`, (cpu: CpuState) => cpu.v(i)])),
  sp: (cpu) => cpu.sp,
  SP_EL0: (cpu) => cpu.stackPointer(0),
  SP_EL1: (cpu) => cpu.stackPointer(1),
  SP_EL2: (cpu) => cpu.stackPointer(2),
  NZCV: (cpu) => BigInt(packNzcv(cpu.nzcv)),
  DAIF: (cpu) => BigInt(packDaif(cpu.daif)),
  CurrentEL: (cpu) => BigInt(valueAt(CurrentEL.EL, cpu.el)),
  SPSel: (cpu) => BigInt(cpu.spsel),
  FPCR: (cpu) => BigInt(cpu.fpcr),
  FPSR: (cpu) => BigInt(cpu.fpsr),
};

/** Whether writes to a register are found by looking at it after each step: then only a changed value counts as a write. */
export const isStepped = (register: string): boolean => Object.hasOwn(steppedRegisters, register);

const watchable = new Map(
  [
    ...Object.keys(steppedRegisters),
    ...systemRegisterTable.filter(({ stored, writableFrom }) => stored !== undefined || writableFrom !== undefined).map(({ name }) => name),
  ]
    .reverse()
    .map((name) => [name.toLowerCase(), name]),
);
/** The name under which a register can be watched, however it is capitalised; undefined where nothing can write it. */
export const watchableRegister = (name: string): string | undefined => watchable.get(name.toLowerCase());

/** The CPU whose instructions are watched. */
export interface WatchedCore {
  readonly cpu: CpuState;
  readonly clock: Clock;
  readonly environment: Environment;
}

/** Where what is watched is told, of whatever CPU. */
export class WatchSignals {
  readonly onReport = new Signal<WatchReport>();
  readonly onInstruction = new Signal<WatchedInstruction>();
  readonly onDone = new Signal<number>();
  readonly onPended = new Signal<PendedInterrupt>();
}

export class Watches {
  readonly onReport: Signal<WatchReport>;
  readonly onInstruction: Signal<WatchedInstruction>;
  readonly onDone: Signal<number>;
  readonly onPended: Signal<PendedInterrupt>;
  /** The instruction under way is a store that is complete but for its writing: pc has moved on. */
  storing = false;
  private watched = nothingWatched;
  private event: CpuEvent | undefined;
  private system: readonly string[] = [];
  private stepped: readonly string[] = [];

  constructor(
    private readonly core: WatchedCore,
    { onReport, onInstruction, onDone, onPended }: WatchSignals,
  ) {
    this.onReport = onReport;
    this.onInstruction = onInstruction;
    this.onDone = onDone;
    this.onPended = onPended;
  }

  /** From now on these are watched. Cheap where they are the same object as before. True: memory is watched that was not. */
  set(watched: Watched): boolean {
    if (watched === this.watched) return false;
    this.watched = watched;
    this.system = [...watched.registers.filter((name) => !isStepped(name)), ...(watched.named ?? [])];
    this.stepped = watched.registers.filter(isStepped);
    return watched.memory.length > 0;
  }

  get needsSteps(): boolean {
    return this.stepped.length > 0;
  }

  /** Whether an access of the bytes from a PA on is to be reported. */
  covers(pa: PA, bytes: number, isWrite: boolean): boolean {
    for (const range of this.watched.memory)
      if (pa < range.pa + range.bytes && range.pa < pa + bytes && (range.access === 'rw' || (range.access === 'w') === isWrite))
        return true;
    return false;
  }
  /** Whether the engine must not know the page of a PA for such accesses. */
  guards(pa: PA, isWrite: boolean): boolean {
    return this.watched.memory.length > 0 && this.covers(PA(pa - (pa % 4096)), 4096, isWrite);
  }

  /** An exception or a return, as it happens. */
  noteEvent(event: CpuEvent): void {
    this.event = event;
  }
  /** What happened during the act. */
  private eventOf(act: () => void): CpuEvent | undefined {
    this.event = undefined;
    act();
    return this.event;
  }

  /** Who is about to do something. */
  private here(): Pick<WatchedWrite, 'n' | 'pc' | 'el' | 'vmid'> {
    const { cpu, clock } = this.core;
    return { n: clock.step, pc: cpu.pc, el: cpu.el, vmid: currentVmid(cpu) };
  }

  /** Of the load or store under way, or of the instruction that comes next. */
  private get pcOfAccess(): VA {
    const { pc } = this.core.cpu;
    // No load or store branches.
    return this.storing ? VA(pc - 4n) : pc;
  }

  tellPended(intid: number, listRegister: number | undefined): void {
    const { n, el } = this.here();
    this.onPended.emit({ kind: 'pended', n, pc: this.core.clock.running && this.pcOfAccess, el, intid, listRegister });
  }

  tellAccess(access: Pick<WatchedAccess, 'access' | 'pa' | 'va' | 'before' | 'after' | 'device'>): void {
    const { clock, cpu } = this.core;
    this.onReport.emit({ kind: 'memory', n: clock.step, pc: this.pcOfAccess, el: cpu.el, vmid: currentVmid(cpu), ...access });
  }

  /** Does what may write system registers: executes an instruction, takes an exception. Tells which of the watched ones it wrote. */
  aroundSystem(act: () => void, instruction?: Decoded): void {
    if (!this.watched.instructions) return this.telling(act, instruction);
    const { cpu, clock } = this.core;
    const n = clock.step;
    if (instruction) this.onInstruction.emit({ n, pc: cpu.pc, instruction });
    this.telling(act, instruction);
    this.onDone.emit(n);
  }
  private telling(act: () => void, instruction: Decoded | undefined): void {
    const { cpu, environment } = this.core;
    if (this.system.length === 0) return act();
    const from = this.here();
    const peek = (name: string): bigint | undefined => peekRegister(cpu, environment, name);
    const before = this.system.map(peek);
    const event = this.eventOf(act);
    const written = event ? writtenByEvent(event) : writtenBy(instruction);
    const by = writerOf(event);
    this.system.forEach((register, i) => {
      const after = peek(register);
      if (after !== before[i] || written.includes(register))
        this.onReport.emit({ kind: 'register', ...from, register, before: before[i], after, by });
    });
  }

  /** Does one step and tells which of the registers that only `isStepped` finds have another value afterwards. */
  aroundStep(act: () => void): void {
    const { cpu } = this.core;
    const from = this.here();
    const before = this.stepped.map((name) => steppedRegisters[name](cpu));
    const event = this.eventOf(act);
    const by = writerOf(event);
    this.stepped.forEach((register, i) => {
      const after = steppedRegisters[register](cpu);
      if (after !== before[i]) this.onReport.emit({ kind: 'register', ...from, register, before: before[i], after, by });
    });
  }

  /** A person changes a register, between two steps. Tells which of the watched ones it changed, and that one if it is among them. */
  aroundChange(changed: string, act: () => void): void {
    const { cpu, environment } = this.core;
    const from = this.here();
    const registers = [...this.watched.registers, ...(this.watched.named ?? [])];
    const peek = (name: string): bigint | undefined =>
      isStepped(name) ? steppedRegisters[name](cpu) : peekRegister(cpu, environment, name);
    const before = registers.map(peek);
    act();
    registers.forEach((register, i) => {
      const after = peek(register);
      if (after !== before[i] || register === changed)
        this.onReport.emit({ kind: 'register', ...from, register, before: before[i], after, by: 'hand' });
    });
  }
}

const writerOf = (event: CpuEvent | undefined): WatchedWrite['by'] =>
  event?.kind === 'exception' ? { exception: event.type } : 'instruction';

/** What the entry to an exception writes, the same value or another (Arm ARM J1.1.2, AArch64.TakeException). */
function writtenByEvent(event: CpuEvent): string[] {
  if (event.kind !== 'exception') return [];
  const { to, esr, far, hpfar } = event;
  return [
    `SPSR_EL${to}`,
    `ELR_EL${to}`,
    ...(esr === null ? [] : [`ESR_EL${to}`]),
    ...(far === null ? [] : [`FAR_EL${to}`]),
    ...(hpfar === null ? [] : ['HPFAR_EL2']),
  ];
}

/** What an instruction that took no exception writes by its name. */
function writtenBy(instruction: Decoded | undefined): string[] {
  if (!instruction) return [];
  const { definition, word } = instruction;
  // op0 (its low bit), op1, CRn, CRm and op2 are in bits 19..5 of MSR and SYS.
  const [op1, CRn, CRm, op2] = [(word >>> 16) & 7, (word >>> 12) & 15, (word >>> 8) & 15, (word >>> 5) & 7];
  if (definition.name === 'MSR (register)') {
    const name = systemRegisterName(2 + ((word >>> 19) & 1), op1, CRn, CRm, op2);
    return name === undefined ? [] : [name];
  }
  // AT is SYS with CRn = 7 and CRm = 8.
  return definition.name === 'SYS' && CRn === 7 && CRm === 8 ? ['PAR_EL1'] : [];
}
