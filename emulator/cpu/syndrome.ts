/** Values of ESR_ELx (Arm ARM D17.2.37 "ESR_EL1, Exception Syndrome Register"). All are unsigned 32-bit numbers. */

export const exceptionClasses = {
  unknown: 0x00,
  wfx: 0x01,
  fpAccess: 0x07,
  illegalState: 0x0e,
  svc: 0x15,
  hvc: 0x16,
  smc: 0x17,
  systemAccess: 0x18,
  instructionAbortLower: 0x20,
  instructionAbortSame: 0x21,
  pcAlignment: 0x22,
  dataAbortLower: 0x24,
  dataAbortSame: 0x25,
  spAlignment: 0x26,
  serror: 0x2f,
  breakpointLower: 0x30,
  breakpointSame: 0x31,
  stepLower: 0x32,
  stepSame: 0x33,
  watchpointLower: 0x34,
  watchpointSame: 0x35,
  brk: 0x3c,
} as const;

/** IL = 1: a 32-bit instruction, and also what the classes without an instruction report. */
export const syndrome = (exceptionClass: number, iss = 0): number => ((exceptionClass << 26) | 0x0200_0000 | iss) >>> 0;

/** CV = 1, COND = 0b1110: what an A64 instruction reports where AArch32 would report its condition. */
const ALWAYS = 0x01e0_0000;

export const undefinedSyndrome = syndrome(exceptionClasses.unknown);
export const illegalStateSyndrome = syndrome(exceptionClasses.illegalState);
export const fpAccessSyndrome = syndrome(exceptionClasses.fpAccess, ALWAYS);
/** ISS.TI = 0 for WFI, 1 for WFE. */
export const wfxSyndrome = (isWfe: boolean): number => syndrome(exceptionClasses.wfx, ALWAYS | (isWfe ? 1 : 0));

/** The instruction that the syndrome of EC 0x18 tells of, as its word: the inverse of `systemAccessSyndrome`. */
export function trappedWord(esr: number): number {
  const field = (high: number, low: number): number => (esr >>> low) & (2 ** (high - low + 1) - 1);
  return (
    (0xd500_0000 |
      (field(0, 0) << 21) |
      (field(21, 20) << 19) |
      (field(16, 14) << 16) |
      (field(13, 10) << 12) |
      (field(4, 1) << 8) |
      (field(19, 17) << 5) |
      field(9, 5)) >>>
    0
  );
}

/** EC 0x18 for the MSR, MRS or system instruction in `word`: Op0, Op2, Op1, CRn, Rt, CRm, Direction. */
export function systemAccessSyndrome(word: number): number {
  const op0 = (word >>> 19) & 3;
  const op1 = (word >>> 16) & 7;
  const CRn = (word >>> 12) & 15;
  const CRm = (word >>> 8) & 15;
  const op2 = (word >>> 5) & 7;
  const direction = (word >>> 21) & 1;
  return syndrome(
    exceptionClasses.systemAccess,
    (op0 << 20) | (op2 << 17) | (op1 << 14) | (CRn << 10) | ((word & 31) << 5) | (CRm << 1) | direction,
  );
}
