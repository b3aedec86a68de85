/** Aborts and alignment faults: `AArch64.Abort` (Arm ARM J1.1.2) and their syndromes (D17.2.37, ISS of data and instruction aborts). */
import type { Environment } from './environment.ts';
import { takeException, type Exception } from './exceptions.ts';
import { debugRoutes } from './debug.ts';
import { DEBUG_EVENT, faultStatusCode, type MemoryFault } from './faults.ts';
import { HCR_EL2, ISS_DATA, SCTLR_EL1, SCTLR_EL2, valueAt } from './registers/bits.ts';
import { routeSynchronous, synchronousRoutes, type Route } from './routing.ts';
import { rule } from './rules.ts';
import type { CpuState, ExceptionLevel } from './state.ts';
import { exceptionClasses, syndrome } from './syndrome.ts';

const routes = {
  data: synchronousRoutes('A stage 1 data abort'),
  instruction: synchronousRoutes('A stage 1 instruction abort'),
  pc: synchronousRoutes('A PC alignment fault'),
  sp: synchronousRoutes('An SP alignment fault'),
};
const watchpointRoute = debugRoutes('A watchpoint exception');
/** Stage 2 is on by HCR_EL2.VM, or by DC, which behaves as if VM were 1 (Arm ARM D17.2.48). */
const stage2 = (bit: string): Route => ({
  target: 2,
  rule: rule('Stage 2 refused the access, and stage 2 belongs to EL2: its aborts always go there.', `HCR_EL2.${bit} = 1`),
});
const stage2Routes = { vm: stage2('VM'), dc: stage2('DC') };

/** Which bit has SP checked, by level: with it, an access based on an SP that is not a multiple of 16 faults. */
export const stackAlignmentBits = [
  { register: 'SCTLR_EL1', field: 'SA0', mask: SCTLR_EL1.SA0 },
  { register: 'SCTLR_EL1', field: 'SA', mask: SCTLR_EL1.SA },
  { register: 'SCTLR_EL2', field: 'SA', mask: SCTLR_EL2.SA },
] as const;
export function checksStackAlignment(cpu: CpuState, el: ExceptionLevel): boolean {
  const { register, mask } = stackAlignmentBits[el];
  return (cpu.low(register) & mask) !== 0;
}

/**
 * Takes the exception for a fault of the instruction at pc. `word` is that instruction, for the syndrome of data aborts; undefined where it
 * could not be fetched.
 */
export const takeAbort = (cpu: CpuState, environment: Environment, fault: MemoryFault, word: number | undefined): void =>
  takeException(cpu, environment, abortException(cpu, fault, word));

/** The exception that `takeAbort` takes. */
export function abortException(cpu: CpuState, fault: MemoryFault, word: number | undefined): Exception {
  const far = { low: fault.vaLow, high: fault.vaHigh };
  if (fault.kind === 'pcAlignment')
    return { type: 'PCAlignment', ...routeSynchronous(cpu, routes.pc), esr: syndrome(exceptionClasses.pcAlignment), far };
  if (fault.kind === 'spAlignment')
    return { type: 'SPAlignment', ...routeSynchronous(cpu, routes.sp), esr: syndrome(exceptionClasses.spAlignment) };
  if (fault.kind === 'watchpoint') {
    const route = watchpointRoute(cpu);
    const exceptionClass = cpu.el === route.target ? exceptionClasses.watchpointSame : exceptionClasses.watchpointLower;
    const iss = DEBUG_EVENT | (fault.access === 'write' ? WnR : 0);
    return { type: 'Watchpoint', ...route, esr: syndrome(exceptionClass, iss), far };
  }
  const isFetch = fault.access === 'execute';
  const stage2 = cpu.low('HCR_EL2') & HCR_EL2.VM ? stage2Routes.vm : stage2Routes.dc;
  const route = fault.stage === 2 ? stage2 : routeSynchronous(cpu, isFetch ? routes.instruction : routes.data);
  const esr = abortSyndrome(cpu.el, route.target, fault, word);
  return { type: isFetch ? 'InstructionAbort' : 'DataAbort', ...route, esr, far, ipa: fault.stage === 2 ? fault.ipa : undefined };
}

const { ISV, SAS, SSE, SRT, SF, AR, CM, S1PTW, WnR } = ISS_DATA;

/** ESR_ELx of a data or instruction abort from level `el` to level `target`. `word` is the instruction that accessed memory. */
export function abortSyndrome(el: number, target: number, fault: MemoryFault, word: number | undefined): number {
  const same = el === target ? 1 : 0;
  const status = faultStatusCode(fault) | (fault.onStage1Walk ? S1PTW : 0);
  if (fault.access === 'execute') return syndrome(exceptionClasses.instructionAbortLower + same, status);
  const isMaintenance = word !== undefined && isCacheMaintenanceOrTranslation(word);
  let iss = status | (isMaintenance ? CM | WnR : fault.access === 'write' ? WnR : 0);
  // What the handler needs to emulate the access is only given for stage 2 faults, and not for those on a stage 1 walk.
  if (fault.stage === 2 && !fault.onStage1Walk && word !== undefined) iss |= accessSyndrome(word);
  return syndrome(exceptionClasses.dataAbortLower + same, iss);
}

/** SYS with CRn = 7: DC, IC and AT. DC ZVA counts as a store, not as cache maintenance. */
const isCacheMaintenanceOrTranslation = (word: number): boolean =>
  (word & 0xfff8_f000) >>> 0 === 0xd508_7000 && (word & 0x0007_ffe0) !== 0x0003_7420;

/**
 * ISV, SAS, SSE, SRT, SF, AR: set for loads and stores of one general register without write-back that are not exclusive, else 0
 * (encodings: Arm ARM C4.1.94 "Loads and Stores").
 */
export function accessSyndrome(word: number): number {
  const size = word >>> 30;
  const opc = (word >>> 22) & 3;
  const Rt = word & 31;
  const iss = (sas: number, isSigned: boolean, is64: boolean, isOrdered: boolean): number =>
    ISV | valueAt(SAS, sas) | (isSigned ? SSE : 0) | valueAt(SRT, Rt) | (is64 ? SF : 0) | (isOrdered ? AR : 0);

  switch (word & 0x3f00_0000) {
    case 0x3800_0000: {
      // Unscaled (00), unprivileged (10); with bit 21 register offset (10). Post-index (01) and pre-index (11) write back.
      const form = (word >>> 10) & 3;
      const isRegisterOffset = (word & (1 << 21)) !== 0;
      if (form & 1 || (isRegisterOffset && form !== 2)) return 0;
      return iss(size, opc >= 2, opc >= 2 ? opc === 2 : size === 3, false);
    }
    case 0x3900_0000:
      return iss(size, opc >= 2, opc >= 2 ? opc === 2 : size === 3, false);
    case 0x1800_0000:
      // Literal: opc in bits 31..30 is 32 bits, 64 bits, LDRSW, PRFM.
      return size === 3 ? 0 : iss(size === 1 ? 3 : 2, size === 2, size !== 0, false);
    case 0x0800_0000: {
      const isLdarOrStlr = (word & 0x00a0_8000) >>> 0 === 0x0080_8000;
      return isLdarOrStlr ? iss(size, false, size === 3, true) : 0;
    }
    default:
      return 0;
  }
}
