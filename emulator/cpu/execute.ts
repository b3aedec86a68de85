/** Executes the instructions that generated code leaves to the machine (Arm ARM C6.2; system instructions C5.3 to C5.5). */
import type { Decoded } from '../isa/index.ts';
import { executeMrs, executeMsr, judgeMrs, judgeMsr } from './access.ts';
import { controls, traps, type Control } from './controls.ts';
import type { Environment } from './environment.ts';
import { takeException, type Exception } from './exceptions.ts';
import { HCR_EL2, MDCR_EL2 } from './registers/bits.ts';
import { interruptPending } from './interrupts.ts';
import { executeOperation, judgeOperation } from './operations.ts';
import { exceptionReturn } from './return.ts';
import { routeSynchronous, synchronousRoutes } from './routing.ts';
import { rule } from './rules.ts';
import type { CpuState } from './state.ts';
import { exceptionClasses, syndrome, systemAccessSyndrome, wfxSyndrome } from './syndrome.ts';
import { belowLevel, trapException, undefinedException, undefinedReasons } from './traps.ts';

type Act = (cpu: CpuState, environment: Environment, word: number) => void;
type Judge = (cpu: CpuState, environment: Environment, word: number) => Exception | undefined;

interface SystemInstruction {
  /** The exception that the instruction takes here: its purpose, or instead of it; undefined where it goes on to act. Changes nothing. */
  readonly judge: Judge;
  /** What it does otherwise, pc included. */
  readonly act: Act;
}

/** imm16 of the exception-generating instructions. */
const imm16 = (word: number): number => (word >>> 5) & 0xffff;

const svcRoutes = synchronousRoutes('An SVC');
const brkRoutes = synchronousRoutes('A BRK');
const hvcRule = rule('HVC always goes to EL2; it is enabled, because HCR_EL2.HCD = 0.', 'HCR_EL2.HCD = 0');
const debugRule = rule('A BRK is taken to EL2, because MDCR_EL2.TDE = 1 routes debug exceptions there.', 'MDCR_EL2.TDE = 1');

const always = (): undefined => undefined;
const never: Act = () => {
  throw new Error('the instruction always takes an exception');
};
const undefinedAtEl0: Judge = (cpu) => (cpu.el === 0 ? undefinedException(cpu, belowLevel(0, 1)) : undefined);
const hvcOff = rule('HVC is disabled, because HCR_EL2.HCD = 1.', 'HCR_EL2.HCD = 1');

/** The trap of the first of `list` that traps here. */
function trapBy(cpu: CpuState, list: readonly Control[], esr: number): Exception | undefined {
  for (const control of list) if (traps(cpu, control, cpu.el)) return trapException(cpu, control, esr);
  return undefined;
}

const svc: SystemInstruction = {
  judge: (cpu, _, word) => ({
    type: 'SVC',
    ...routeSynchronous(cpu, svcRoutes),
    esr: syndrome(exceptionClasses.svc, imm16(word)),
    after: 4,
  }),
  act: never,
};

/** What nothing traps is a call of the firmware that stands in for EL3, as on the board with `virtualization=on`. */
const callFirmware: Act = (cpu, environment) => {
  cpu.ss = 0;
  cpu.advance();
  environment.callFirmware();
};

const hvc: SystemInstruction = {
  judge: (cpu, environment, word) => {
    if (cpu.el === 0) return undefinedException(cpu, belowLevel(0, 1));
    if (cpu.low('HCR_EL2') & HCR_EL2.HCD) return undefinedException(cpu, hvcOff);
    if (!environment.hasEl2) return undefined;
    return { type: 'HVC', target: 2, rule: hvcRule, esr: syndrome(exceptionClasses.hvc, imm16(word)), after: 4 };
  },
  act: callFirmware,
};

const smc: SystemInstruction = {
  judge: (cpu, _, word) => {
    if (cpu.el === 0) return undefinedException(cpu, belowLevel(0, 1));
    const control = controls['HCR_EL2.TSC'];
    return traps(cpu, control, cpu.el) ? trapException(cpu, control, syndrome(exceptionClasses.smc, imm16(word)), 'SMC') : undefined;
  },
  act: callFirmware,
};

const brk: SystemInstruction = {
  judge: (cpu, _, word) => {
    const isRouted = cpu.el < 2 && (cpu.low('HCR_EL2') & HCR_EL2.TGE) === 0 && (cpu.low('MDCR_EL2') & MDCR_EL2.TDE) !== 0;
    const route = isRouted ? ({ target: 2, rule: debugRule } as const) : routeSynchronous(cpu, brkRoutes);
    return { type: 'BRK', ...route, esr: syndrome(exceptionClasses.brk, imm16(word)) };
  },
  act: never,
};

const eret: SystemInstruction = { judge: undefinedAtEl0, act: (cpu, environment) => exceptionReturn(cpu, environment) };

/** Waits, unless an interrupt is pending: then it neither waits nor traps. */
const wfiTraps = [controls['SCTLR_EL1.nTWI'], controls['HCR_EL2.TWI']];
const wfi: SystemInstruction = {
  judge: (cpu, environment) => (interruptPending(cpu, environment.lines) ? undefined : trapBy(cpu, wfiTraps, wfxSyndrome(false))),
  act: (cpu, environment) => {
    if (!interruptPending(cpu, environment.lines)) cpu.waiting = true;
    cpu.advance();
  },
};

/**
 * Traps where it would wait: while the event register is clear. It lets other CPUs go on and does not wait: events may come at any time
 * (D1.6.1).
 */
const wfeTraps = [controls['SCTLR_EL1.nTWE'], controls['HCR_EL2.TWE']];
const wfe: SystemInstruction = {
  judge: (cpu) => (cpu.event ? undefined : trapBy(cpu, wfeTraps, wfxSyndrome(true))),
  act: (cpu, environment) => {
    if (!cpu.event) environment.giveWay();
    cpu.event = false;
    cpu.advance();
  },
};

const sendEvent: SystemInstruction = {
  judge: always,
  act: (cpu, environment) => {
    cpu.event = true;
    environment.sendEvent();
    cpu.advance();
  },
};
const sendEventLocal: SystemInstruction = {
  judge: always,
  act: (cpu) => {
    cpu.event = true;
    cpu.advance();
  },
};

/** MSR SPSel, DAIFSet, DAIFClr; op2 = 5 is SPSel, 6 DAIFSet. */
const maskTraps = [controls['SCTLR_EL1.UMA']];
const msrImmediate: SystemInstruction = {
  judge: (cpu, environment, word) => {
    if (((word >>> 5) & 7) === 5) return undefinedAtEl0(cpu, environment, word);
    return trapBy(cpu, maskTraps, systemAccessSyndrome(word));
  },
  act: (cpu, environment, word) => {
    const operand = (word >>> 8) & 15;
    const op2 = (word >>> 5) & 7;
    if (op2 === 5) cpu.setLevel(cpu.el, (operand & 1) as 0 | 1);
    else {
      cpu.daif = op2 === 6 ? cpu.daif | operand : cpu.daif & ~operand;
      environment.interruptsChanged();
    }
    cpu.advance();
  },
};

const outsideDebugState: SystemInstruction = { judge: (cpu) => undefinedException(cpu, undefinedReasons.notInDebugState), act: never };
const SEMIHOSTING = 0xf000;
/** A user program may not call the host, as in QEMU. */
const hlt: SystemInstruction = {
  judge: (cpu, environment, word) => {
    if (imm16(word) !== SEMIHOSTING) return undefinedException(cpu, undefinedReasons.halt);
    if (!environment.hasSemihosting) return undefinedException(cpu, undefinedReasons.semihosting);
    return undefinedAtEl0(cpu, environment, word);
  },
  act: (cpu, environment) => {
    if (environment.callDebugger()) cpu.advance();
  },
};
const operation: SystemInstruction = { judge: (cpu, _, word) => judgeOperation(cpu, word), act: executeOperation };

const instructions: Readonly<Record<string, SystemInstruction>> = {
  SVC: svc,
  HVC: hvc,
  SMC: smc,
  BRK: brk,
  // Halting debug is off, and there is no debug state to change levels in or to return from.
  HLT: hlt,
  DCPS1: outsideDebugState,
  DCPS2: outsideDebugState,
  DCPS3: outsideDebugState,
  DRPS: outsideDebugState,
  ERET: eret,
  WFI: wfi,
  WFE: wfe,
  SEV: sendEvent,
  SEVL: sendEventLocal,
  'MSR (immediate)': msrImmediate,
  'MSR (register)': { judge: judgeMsr, act: executeMsr },
  MRS: { judge: judgeMrs, act: executeMrs },
  SYS: operation,
  SYSL: operation,
};

/** Whether the machine can execute instructions of this definition; generated code may do so itself where nothing can trap them. */
export const canExecute = ({ name }: Decoded['definition']): boolean => name in instructions;

/**
 * Executes the instruction at pc, which the machine has to execute, and moves pc on, or takes its exception.
 */
export function executeSystem(cpu: CpuState, instruction: Decoded, environment: Environment): void {
  const { definition, word } = instruction;
  const { judge, act } = instructions[definition.name];
  const exception = judge(cpu, environment, word);
  if (exception === undefined) return act(cpu, environment, word);
  // A call is complete when its exception is taken: SSAdvance() comes before, so SPSR_ELx.SS = 0.
  if (exception.after === 4) cpu.ss = 0;
  takeException(cpu, environment, exception);
}

/**
 * The exception that an instruction would take at the present state, as `executeSystem` judges it: SVC and its like, what is UNDEFINED
 * here, what a control bit traps. Undefined where it would act. Aborts of addresses are the MMU's to judge.
 */
export function judgeSystem(cpu: CpuState, instruction: Decoded, environment: Environment): Exception | undefined {
  return instructions[instruction.definition.name].judge(cpu, environment, instruction.word);
}
