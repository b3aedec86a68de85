/**
 * What the CPU asks of the machine around it: time, interrupt lines, the MMU, the firmware. One object per CPU. Addresses and values of
 * 64 bits cross as unsigned 32-bit halves. While an instruction executes, `cpu.pc` is its address until the CPU moves on.
 */
import type { SystemOperationName, SystemRegisterName } from '../isa/index.ts';
import type { CpuEvent } from './events.ts';
import type { MemoryFault } from './faults.ts';

/** Levels of the interrupt inputs. The virtual ones are those of the GIC's virtual interface; HCR_EL2.VI and VF are added by the CPU. */
export interface InterruptLines {
  readonly irq: boolean;
  readonly fiq: boolean;
  readonly serror: boolean;
  readonly virq: boolean;
  readonly vfiq: boolean;
}

/** The name of a register of the GIC, and of one of the virtual CPU interface, which a guest reaches by the name of the physical one. */
export type GicRegister = Extract<SystemRegisterName, `IC${'C' | 'H'}_${string}`> | `ICV_${string}`;
/** The GICv3 CPU interface, reached by system registers. Reads return a number where it is exact. */
export interface GicCpuInterface {
  read(name: GicRegister): number | bigint;
  /** The same without side effects; undefined where the register can only be written. */
  peek(name: GicRegister): number | bigint | undefined;
  write(name: GicRegister, low: number, high: number): void;
}

/** An interrupt that the GIC signals to a CPU: its INTID, and of a virtual one the list register that holds it. */
export interface SignalledInterrupt {
  readonly intid: number;
  readonly listRegister: number | null;
}

export interface Environment {
  /** Which CPU this is, from 0. */
  readonly index: number;
  /** Without EL2 the machine starts at EL1, and HVC reaches the firmware as SMC does otherwise. */
  readonly hasEl2: boolean;
  /** The GICv3 CPU interface; undefined with a GICv2, whose registers are in memory. */
  readonly gic: GicCpuInterface | undefined;
  readonly lines: InterruptLines;
  /** What the GIC asserts one of those lines for; undefined where it does not assert it. Without side effects. */
  signalled(line: Exclude<keyof InterruptLines, 'serror'>): SignalledInterrupt | undefined;

  /** The step under way. */
  step(): number;
  /** Virtual time in nanoseconds, below 2^53. */
  nanoseconds(): number;
  /** Instructions executed so far: those that took time. */
  instructions(): number;
  /** The physical counter that the timers compare with, below 2^53. */
  counter(): number;
  /** The same as an instruction reads it: when its step is done, a nanosecond later. */
  counterRead(): number;

  /** Something that translation depends on was written (SCTLR, TCR, TTBR, MAIR, HCR, VTCR, VTTBR ...). */
  translationChanged(): void;
  /** PSTATE.EL changed; called after the change. */
  levelChanged(): void;
  /** A register of the generic timer was written. */
  timersChanged(): void;
  /** What decides whether an interrupt is taken was written: PSTATE.DAIF, HCR_EL2, the counters' overflow bits. */
  interruptsChanged(): void;
  /** A register was written that says which breakpoints and watchpoints there are. */
  debugChanged(): void;

  /** TLBI. The operand is 0 for the forms without one. */
  invalidate(operation: SystemOperationName, low: number, high: number): void;
  /** AT: writes PAR_EL1, or returns the fault that it takes (stage 2 of a stage-1 walk, external abort on a walk). */
  addressTranslate(operation: SystemOperationName, low: number, high: number): MemoryFault | undefined;
  /** SEV: all other CPUs get it too. */
  sendEvent(): void;
  /** WFE that would wait: others may go on first. */
  giveWay(): void;
  /** DC and IC; the address is 0 for the forms without one. Those by VA may return a fault. */
  cacheMaintenance(operation: SystemOperationName, low: number, high: number): MemoryFault | undefined;
  /** DC ZVA: zeroes the 64 bytes around VA. */
  zeroBlock(low: number, high: number): MemoryFault | undefined;
  /** SMC (or HVC without EL2) that nothing traps: a PSCI call with its arguments in X0..X3. pc has moved on already. */
  callFirmware(): void;
  /** Whether HLT #0xf000 is a call of the debugger. */
  readonly hasSemihosting: boolean;
  /** Such a call, which pc is still at. False where it has to wait, and is made again. */
  callDebugger(): boolean;

  /** Told about exceptions and returns; undefined where nobody listens. */
  readonly onEvent: ((event: CpuEvent) => void) | undefined;
  /** Whether events should carry their sub-steps. */
  readonly wantsSteps: boolean;
}
