/** Executes the instructions that generated code leaves to the machine (Arm ARM C6.2; system instructions C5.3 to C5.5). */
import { cpuLayout } from './layout.ts';
import { NotBuilt } from '../base/errors.ts';
import type { Decoded } from '../isa/index.ts';
import { executeMrs, executeMsr } from './access.ts';
import { controls, traps } from './controls.ts';
import type { Environment } from './environment.ts';
import { takeException } from './exceptions.ts';
import { HCR_EL2, MDCR_EL2 } from './registers/bits.ts';
import { interruptPending } from './interrupts.ts';
import { exceptionReturn } from './return.ts';
import { routeSynchronous, synchronousRoutes } from './routing.ts';
import { rule } from './rules.ts';
import type { CpuState } from './state.ts';
import { exceptionClasses, syndrome, systemAccessSyndrome, wfxSyndrome } from './syndrome.ts';
import { executeOperation } from './operations.ts';
import { fpControl, takeFpTrap, takeTrap, takeUndefined } from './traps.ts';

type Execute = (cpu: CpuState, environment: Environment, word: number) => void;

/** imm16 of the exception-generating instructions. */
const imm16 = (word: number): number => (word >>> 5) & 0xffff;

const svcRoutes = synchronousRoutes('An SVC');
const brkRoutes = synchronousRoutes('A BRK');
const hvcRule = rule('HVC always goes to EL2; it is enabled, because HCR_EL2.HCD = 0.', 'HCR_EL2.HCD = 0');
const debugRule = rule('A BRK is taken to EL2, because MDCR_EL2.TDE = 1 routes debug exceptions there.', 'MDCR_EL2.TDE = 1');

// A call is complete when its exception is taken: SSAdvance() comes before, so SPSR_ELx.SS = 0.
const svc: Execute = (cpu, environment, word) => {
  const esr = syndrome(exceptionClasses.svc, imm16(word));
  cpu.ss = 0;
  takeException(cpu, environment, { type: 'SVC', ...routeSynchronous(cpu, svcRoutes), esr, after: 4 });
};

const hvc: Execute = (cpu, environment, word) => {
  if (cpu.el === 0 || cpu.low('HCR_EL2') & HCR_EL2.HCD) return takeUndefined(cpu, environment);
  cpu.ss = 0;
  if (!environment.hasEl2) {
    cpu.advance();
    return environment.callFirmware();
  }
  takeException(cpu, environment, { type: 'HVC', target: 2, rule: hvcRule, esr: syndrome(exceptionClasses.hvc, imm16(word)), after: 4 });
};

/** EL3 is absent: what nothing traps is a call of the firmware, as on the board with `virtualization=on`. */
const smc: Execute = (cpu, environment, word) => {
  if (cpu.el === 0) return takeUndefined(cpu, environment);
  const control = controls['HCR_EL2.TSC'];
  if (traps(cpu, control, cpu.el)) return takeTrap(cpu, environment, control, syndrome(exceptionClasses.smc, imm16(word)), 'SMC');
  cpu.ss = 0;
  cpu.advance();
  environment.callFirmware();
};

const brk: Execute = (cpu, environment, word) => {
  const esr = syndrome(exceptionClasses.brk, imm16(word));
  const isRouted = cpu.el < 2 && (cpu.low('HCR_EL2') & HCR_EL2.TGE) === 0 && (cpu.low('MDCR_EL2') & MDCR_EL2.TDE) !== 0;
  const route = isRouted ? ({ target: 2, rule: debugRule } as const) : routeSynchronous(cpu, brkRoutes);
  takeException(cpu, environment, { type: 'BRK', ...route, esr });
};

const eret: Execute = (cpu, environment) => {
  if (cpu.el === 0) takeUndefined(cpu, environment);
  else exceptionReturn(cpu, environment);
};

/** Waits, unless an interrupt is pending: then it neither waits nor traps. */
const wfi: Execute = (cpu, environment) => {
  if (!interruptPending(cpu, environment.lines)) {
    for (const control of [controls['SCTLR_EL1.nTWI'], controls['HCR_EL2.TWI']]) {
      if (traps(cpu, control, cpu.el)) return takeTrap(cpu, environment, control, wfxSyndrome(false));
    }
    cpu.waiting = true;
  }
  cpu.advance();
};

/** Traps where it would wait: while the event register is clear. It does not wait: events may come at any time (D1.6.1). */
const wfe: Execute = (cpu, environment) => {
  if (cpu.event) cpu.event = false;
  else {
    for (const control of [controls['SCTLR_EL1.nTWE'], controls['HCR_EL2.TWE']]) {
      if (traps(cpu, control, cpu.el)) return takeTrap(cpu, environment, control, wfxSyndrome(true));
    }
  }
  cpu.advance();
};

const sendEvent: Execute = (cpu) => {
  cpu.event = true;
  cpu.advance();
};

/** MSR SPSel, DAIFSet, DAIFClr. */
const msrImmediate: Execute = (cpu, environment, word) => {
  const operand = (word >>> 8) & 15;
  const op2 = (word >>> 5) & 7;
  if (op2 === 5) {
    if (cpu.el === 0) return takeUndefined(cpu, environment);
    cpu.setLevel(cpu.el, (operand & 1) as 0 | 1);
  } else {
    const control = controls['SCTLR_EL1.UMA'];
    if (traps(cpu, control, cpu.el)) return takeTrap(cpu, environment, control, systemAccessSyndrome(word));
    cpu.daif = op2 === 6 ? cpu.daif | operand : cpu.daif & ~operand;
    environment.interruptsChanged();
  }
  cpu.advance();
};

/** FMOV between a general register and the low bits of a vector register, whose other bits become 0 (Arm ARM C7.2.141). */
const moveScalar =
  (toGeneral: boolean, isDouble: boolean): Execute =>
  (cpu, environment, word) => {
    const control = fpControl(cpu);
    if (control) return takeFpTrap(cpu, environment, control);
    const from = (word >>> 5) & 31;
    const to = word & 31;
    if (toGeneral) {
      const v = (cpuLayout.v >> 2) + from * 4;
      cpu.setXHalves(to, cpu.u32[v], isDouble ? cpu.u32[v + 1] : 0);
    } else {
      const v = (cpuLayout.v >> 2) + to * 4;
      cpu.u32[v] = cpu.xLow(from);
      cpu.u32[v + 1] = isDouble ? cpu.xHigh(from) : 0;
      cpu.u32[v + 2] = cpu.u32[v + 3] = 0;
    }
    cpu.advance();
  };

const undefinedHere: Execute = (cpu, environment) => takeUndefined(cpu, environment);

const instructions: Readonly<Record<string, Execute>> = {
  SVC: svc,
  HVC: hvc,
  SMC: smc,
  BRK: brk,
  // Halting debug is off, and there is no debug state to change levels in or to return from.
  HLT: undefinedHere,
  DCPS1: undefinedHere,
  DCPS2: undefinedHere,
  DCPS3: undefinedHere,
  DRPS: undefinedHere,
  ERET: eret,
  WFI: wfi,
  WFE: wfe,
  SEV: sendEvent,
  SEVL: sendEvent,
  'MSR (immediate)': msrImmediate,
  'MSR (register)': executeMsr,
  MRS: executeMrs,
  SYS: executeOperation,
  SYSL: executeOperation,
  'FMOV (general, to W)': moveScalar(true, false),
  'FMOV (general, from W)': moveScalar(false, false),
  'FMOV (general, to X)': moveScalar(true, true),
  'FMOV (general, from X)': moveScalar(false, true),
};

/** Whether the machine can execute instructions of this definition; generated code may do so itself where nothing can trap them. */
export const canExecute = ({ name, notBuilt }: Decoded['definition']): boolean => notBuilt !== undefined || name in instructions;

/** By the number of the definition. */
const handlers: Execute[] = [];

/**
 * Executes the instruction at pc, which the machine has to execute, and moves pc on, or takes its exception.
 * Throws NotBuilt where Cortex-A53 has the instruction and this machine does not have it yet.
 */
export function executeSystem(cpu: CpuState, instruction: Decoded, environment: Environment): void {
  const { definition, word } = instruction;
  const handler = (handlers[definition.id] ??= handlerFor(instruction));
  handler(cpu, environment, word);
}

function handlerFor({ definition }: Decoded): Execute {
  const { name, notBuilt } = definition;
  if (notBuilt === undefined) {
    const execute = instructions[name];
    if (!execute) throw new NotBuilt(name);
    return execute;
  }
  // Everything that is not built uses the SIMD and floating-point registers: it traps first where they may not be used.
  return (cpu, environment) => {
    const control = fpControl(cpu);
    if (!control) throw new NotBuilt(`${notBuilt} (${name})`);
    takeFpTrap(cpu, environment, control);
  };
}
