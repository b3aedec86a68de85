/** Values of ESR_ELx (Arm ARM D17.2.37 "ESR_EL1, Exception Syndrome Register"). All are unsigned 32-bit numbers. */
import { ESR } from './registers/fields/esr.ts';
import { exceptionClassTable } from './registers/fields/exception-classes.ts';
import { valueAt, valueIn } from './registers/fields/field.ts';
import { ISS_CONDITION, ISS_SYSTEM, ISS_WAITING } from './registers/fields/iss.ts';

/** EC by name. */
export const exceptionClasses = Object.fromEntries(Object.entries(exceptionClassTable).map(([name, { code }]) => [name, code])) as Readonly<
  Record<keyof typeof exceptionClassTable, number>
>;

/** IL = 1: a 32-bit instruction, and also what the classes without an instruction report. */
export const syndrome = (exceptionClass: number, iss = 0): number => (valueAt(ESR.EC, exceptionClass) | ESR.IL | iss) >>> 0;

/** CV = 1, COND = 0b1110: what an A64 instruction reports where AArch32 would report its condition. */
const ALWAYS = ISS_CONDITION.CV | valueAt(ISS_CONDITION.COND, 14);

export const undefinedSyndrome = syndrome(exceptionClasses.unknown);
export const illegalStateSyndrome = syndrome(exceptionClasses.illegalState);
export const fpAccessSyndrome = syndrome(exceptionClasses.fpAccess, ALWAYS);
export const wfxSyndrome = (isWfe: boolean): number => syndrome(exceptionClasses.wfx, ALWAYS | (isWfe ? ISS_WAITING.TI : 0));

/** The instruction that a syndrome of EC 0x18 describes, as its word: the inverse of `systemAccessSyndrome`. */
export const trappedWord = (esr: number): number =>
  (0xd500_0000 |
    (valueIn(esr, ISS_SYSTEM.Direction) << 21) |
    (valueIn(esr, ISS_SYSTEM.Op0) << 19) |
    (valueIn(esr, ISS_SYSTEM.Op1) << 16) |
    (valueIn(esr, ISS_SYSTEM.CRn) << 12) |
    (valueIn(esr, ISS_SYSTEM.CRm) << 8) |
    (valueIn(esr, ISS_SYSTEM.Op2) << 5) |
    valueIn(esr, ISS_SYSTEM.Rt)) >>>
  0;

/** EC 0x18 for the MSR, MRS or system instruction in `word`. */
export function systemAccessSyndrome(word: number): number {
  return syndrome(
    exceptionClasses.systemAccess,
    valueAt(ISS_SYSTEM.Op0, (word >>> 19) & 3) |
      valueAt(ISS_SYSTEM.Op2, (word >>> 5) & 7) |
      valueAt(ISS_SYSTEM.Op1, (word >>> 16) & 7) |
      valueAt(ISS_SYSTEM.CRn, (word >>> 12) & 15) |
      valueAt(ISS_SYSTEM.Rt, word & 31) |
      valueAt(ISS_SYSTEM.CRm, (word >>> 8) & 15) |
      valueAt(ISS_SYSTEM.Direction, (word >>> 21) & 1),
  );
}
