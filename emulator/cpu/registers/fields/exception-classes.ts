/** The exception classes of ESR_ELx.EC that a Cortex-A53 reports, in AArch64 and, of guests, in AArch32 (Arm ARM D17.2.37). */
import * as iss from './iss.ts';

export interface ExceptionClass {
  readonly code: number;
  /** A few words. */
  readonly name: string;
  /** As short as possible. */
  readonly brief: string;
  readonly layout: iss.Layout;
  /** ESR_ELx.IL is 1 whatever the instruction was. */
  readonly ilIsOne: boolean;
}

const entry = (code: number, brief: string, name: string, layout: iss.Layout = iss.nothing, ilIsOne = false): ExceptionClass => ({
  code,
  name,
  brief,
  layout,
  ilIsOne,
});
const withIlOne = (code: number, brief: string, name: string, layout?: iss.Layout) => entry(code, brief, name, layout, true);

export const exceptionClassTable = {
  unknown: withIlOne(0x00, 'undefined', 'unknown reason: an undefined instruction, or one that is not allowed here'),
  wfx: entry(0x01, 'WFI or WFE', 'trapped WFI or WFE', iss.waiting),
  cp15: entry(0x03, 'CP15', 'trapped AArch32 MCR or MRC, coproc 0b1111', iss.move32),
  cp15Two: entry(0x04, 'CP15', 'trapped AArch32 MCRR or MRRC, coproc 0b1111', iss.moveTwo32),
  cp14: entry(0x05, 'CP14', 'trapped AArch32 MCR or MRC, coproc 0b1110', iss.move32),
  cp14Memory: entry(0x06, 'LDC or STC', 'trapped AArch32 LDC or STC', iss.loadStore32),
  fpAccess: entry(0x07, 'FP access', 'trapped access to Advanced SIMD and floating point', iss.condition),
  fpId: entry(0x08, 'VMRS', 'trapped AArch32 VMRS from a floating-point ID register', iss.move32),
  cp14Two: entry(0x0c, 'CP14', 'trapped AArch32 MRRC, coproc 0b1110', iss.moveTwo32),
  illegalState: withIlOne(0x0e, 'illegal state', 'illegal execution state'),
  svc32: entry(0x11, 'SVC, AArch32', 'AArch32 SVC, a system call', iss.immediate),
  hvc32: entry(0x12, 'HVC, AArch32', 'AArch32 HVC, a hypervisor call', iss.immediate),
  smc32: entry(0x13, 'SMC, AArch32', 'trapped AArch32 SMC', iss.secureCall32),
  svc: entry(0x15, 'SVC', 'SVC, a system call', iss.immediate),
  hvc: entry(0x16, 'HVC', 'HVC, a hypervisor call', iss.immediate),
  smc: entry(0x17, 'SMC', 'trapped SMC', iss.immediate),
  systemAccess: entry(0x18, 'system register', 'trapped MSR, MRS or system instruction', iss.systemAccess),
  instructionAbortLower: withIlOne(0x20, 'fetch abort below', 'instruction abort from a lower level', iss.instructionAbort),
  instructionAbortSame: withIlOne(0x21, 'fetch abort', 'instruction abort at the same level', iss.instructionAbort),
  pcAlignment: withIlOne(0x22, 'PC alignment', 'misaligned PC'),
  dataAbortLower: entry(0x24, 'data abort below', 'data abort from a lower level', iss.dataAbort),
  dataAbortSame: entry(0x25, 'data abort', 'data abort at the same level', iss.dataAbort),
  spAlignment: withIlOne(0x26, 'SP alignment', 'misaligned SP'),
  fp32: entry(0x28, 'FP exception, AArch32', 'trapped AArch32 floating-point exception', iss.floatingPoint),
  fp: entry(0x2c, 'FP exception', 'trapped floating-point exception', iss.floatingPoint),
  serror: withIlOne(0x2f, 'SError', 'SError interrupt', iss.serror),
  breakpointLower: withIlOne(0x30, 'breakpoint below', 'breakpoint from a lower level', iss.breakpoint),
  breakpointSame: withIlOne(0x31, 'breakpoint', 'breakpoint at the same level', iss.breakpoint),
  stepLower: withIlOne(0x32, 'step below', 'software step from a lower level', iss.softwareStep),
  stepSame: withIlOne(0x33, 'step', 'software step at the same level', iss.softwareStep),
  watchpointLower: withIlOne(0x34, 'watchpoint below', 'watchpoint from a lower level', iss.watchpoint),
  watchpointSame: withIlOne(0x35, 'watchpoint', 'watchpoint at the same level', iss.watchpoint),
  bkpt: entry(0x38, 'BKPT', 'AArch32 BKPT, a software breakpoint', iss.immediate),
  vectorCatch: withIlOne(0x3a, 'vector catch', 'AArch32 vector catch', iss.breakpoint),
  brk: entry(0x3c, 'BRK', 'BRK, a software breakpoint', iss.immediate),
} as const satisfies Record<string, ExceptionClass>;

/** Classes that came with later extensions, or belong to EL3. */
const elsewhere: Readonly<Record<number, string>> = {
  0x09: 'trapped pointer authentication, with FEAT_PAuth',
  0x0a: 'trapped 64-byte load or store, with FEAT_LS64',
  0x0d: 'branch target exception, with FEAT_BTI',
  0x14: 'trapped 128-bit system register access, with FEAT_SYSREG128',
  0x19: 'trapped SVE, with FEAT_SVE',
  0x1a: 'trapped ERET, with FEAT_NV',
  0x1b: 'trapped TSTART, with FEAT_TME',
  0x1c: 'failed pointer authentication, with FEAT_FPAC',
  0x1d: 'trapped SME, with FEAT_SME',
  0x1e: 'granule protection check, with FEAT_RME',
  0x1f: 'an IMPLEMENTATION DEFINED exception to EL3',
  0x27: 'memory copy or memory set, with FEAT_MOPS',
  0x2d: 'guarded control stack, with FEAT_GCS',
  0x3d: 'profiling exception, with FEAT_EBEP',
};

const byCode = new Map<number, ExceptionClass>(Object.values(exceptionClassTable).map((one) => [one.code, one]));

/** The class of a syndrome; undefined where a Cortex-A53 reports no such class. */
export const exceptionClassOf = (esr: number): ExceptionClass | undefined => byCode.get(esr >>> 26);

/** The exception class (EC) of a syndrome in a few words. */
export function exceptionClassName(esr: number): string {
  const found = exceptionClassOf(esr);
  if (found) return found.name;
  const other = elsewhere[esr >>> 26];
  return other ? `${other}: not on a Cortex-A53` : 'reserved: no exception has this class';
}
