/**
 * Who may read, write and execute (AArch64.CheckPermission, AArch64.CheckS2Permission; Arm ARM D8.4 "Memory access control").
 * One function per stage says what refuses an access, or that nothing does. Rights for the TLB and the words for a person both come from it.
 */
import type { AccessIntent } from '../cpu/faults.ts';
import { valueAt } from '../cpu/registers/bits.ts';
import { CONTROL, CONTROL_SHIFT, READ_ONLY, STAGE1_HIGH, TABLE_HIGH, UNPRIVILEGED } from './descriptor-fields.ts';

/** What refuses an access; 'none': it is allowed. */
export type Refusal =
  | 'none'
  /** AP[2] = 1: read-only. */
  | 'readOnly'
  /** AP[1] = 0: no access from EL0. */
  | 'privileged'
  /** UXN, or XN in a regime with one level. */
  | 'unprivilegedNever'
  | 'never'
  /** PXN. */
  | 'privilegedNever'
  /** Writable at EL0: never executable at EL1. */
  | 'unprivilegedWritable'
  /** SCTLR_ELx.WXN and writable. */
  | 'writable'
  /** S2AP[0] = 0, S2AP[1] = 0, XN of stage 2. */
  | 'stage2NoRead'
  | 'stage2NoWrite'
  | 'stage2Never';

/** Stage-1 permission bits in effect: those of the leaf together with those of the tables above it. */
export interface Stage1Bits {
  /** AP[2]. */
  readonly readOnly: boolean;
  /** AP[1]; of no meaning in the EL2 regime. */
  readonly unprivileged: boolean;
  /** UXN in EL1&0, XN in EL2. */
  readonly never: boolean;
  /** PXN; of no meaning in the EL2 regime. */
  readonly privilegedNever: boolean;
}

/**
 * Hierarchical control of a stage-1 table descriptor: APTable[1:0], XNTable, PXNTable as one number. They hold for everything below the
 * table, so those of all tables above a leaf are or-ed together.
 */
export const tableControl = (high: number): number => (high & CONTROL) >>> CONTROL_SHIFT;
const inherited = {
  readOnly: tableControl(valueAt(TABLE_HIGH.APTable, 2)),
  privileged: tableControl(valueAt(TABLE_HIGH.APTable, 1)),
  never: tableControl(TABLE_HIGH.UXNTable),
  privilegedNever: tableControl(TABLE_HIGH.PXNTable),
};

export type MutableStage1Bits = { -readonly [name in keyof Stage1Bits]: boolean };

/** Fills `into` from the halves of a leaf descriptor and the control of its tables. `single`: the regime has one level, EL2. */
export function readStage1Bits(into: MutableStage1Bits, low: number, high: number, control: number, single: boolean): void {
  into.readOnly = (low & READ_ONLY) !== 0 || (control & inherited.readOnly) !== 0;
  into.unprivileged = !single && (low & UNPRIVILEGED) !== 0 && (control & inherited.privileged) === 0;
  into.never = (high & STAGE1_HIGH.UXN) !== 0 || (control & inherited.never) !== 0;
  into.privilegedNever = !single && ((high & STAGE1_HIGH.PXN) !== 0 || (control & inherited.privilegedNever) !== 0);
}

/** Rights as a bit mask, the encoding that TLB entries keep. */
export const right = { read: 1, write: 2, execute: 4 } as const satisfies Record<AccessIntent, number>;
export const ALL_RIGHTS = 7;

export function stage1Refusal(bits: Stage1Bits, el: number, intent: AccessIntent, writeImpliesNever: boolean): Refusal {
  const unprivilegedWrite = bits.unprivileged && !bits.readOnly;
  if (el === 0) {
    if (intent === 'execute') {
      if (bits.never) return 'unprivilegedNever';
      return writeImpliesNever && unprivilegedWrite ? 'writable' : 'none';
    }
    if (!bits.unprivileged) return 'privileged';
    return intent === 'write' && bits.readOnly ? 'readOnly' : 'none';
  }
  if (intent === 'read') return 'none';
  if (intent === 'write') return bits.readOnly ? 'readOnly' : 'none';
  if (el === 2) {
    if (bits.never) return 'never';
  } else {
    if (bits.privilegedNever) return 'privilegedNever';
    if (unprivilegedWrite) return 'unprivilegedWritable';
  }
  return writeImpliesNever && !bits.readOnly ? 'writable' : 'none';
}

/** `access` is S2AP, `never` XN of the leaf. Execution does not need the right to read. */
export function stage2Refusal(access: number, never: boolean, intent: AccessIntent): Refusal {
  if (intent === 'execute') return never ? 'stage2Never' : 'none';
  if (intent === 'write') return (access & 2) === 0 ? 'stage2NoWrite' : 'none';
  return (access & 1) === 0 ? 'stage2NoRead' : 'none';
}

export function stage1Rights(bits: Stage1Bits, el: number, writeImpliesNever: boolean): number {
  return (
    (stage1Refusal(bits, el, 'read', writeImpliesNever) === 'none' ? right.read : 0) |
    (stage1Refusal(bits, el, 'write', writeImpliesNever) === 'none' ? right.write : 0) |
    (stage1Refusal(bits, el, 'execute', writeImpliesNever) === 'none' ? right.execute : 0)
  );
}

export function stage2Rights(access: number, never: boolean): number {
  return (
    (stage2Refusal(access, never, 'read') === 'none' ? right.read : 0) |
    (stage2Refusal(access, never, 'write') === 'none' ? right.write : 0) |
    (stage2Refusal(access, never, 'execute') === 'none' ? right.execute : 0)
  );
}
