/** What in particular the walker found wrong. The kind of fault that is reported follows from it. */
import type { AccessIntent, FaultKind } from '../cpu/faults.ts';
import type { Refusal } from './permissions.ts';
import type { RegimeContext, RootRefusal } from './regime.ts';

export type FaultReason =
  | Exclude<RootRefusal, 'none'>
  /** The VA exceeds the physical address size, with stage 1 off; the size that TnSZ gives; the IPA exceeds that of VTCR_EL2.T0SZ. */
  | 'vaTooLarge'
  | 'vaOutOfRange'
  | 'ipaTooLarge'
  /** Nothing answers where the descriptor lies. */
  | 'noMemory'
  | 'invalid'
  | 'reserved'
  /** It leads beyond the output size. */
  | 'beyond'
  | 'accessFlag'
  /** The access must be aligned: to Device memory, by SCTLR_ELx.A, or being what it is. */
  | 'device'
  | 'alignmentChecked'
  | 'mustBeAligned'
  | 'pc'
  /** Stage 2 lets the walk of stage 1 not read the descriptor: for want of the right, or by HCR_EL2.PTW. */
  | 'walkNoRead'
  | 'walkProtected'
  | Exclude<Refusal, 'none'>;

export const faultKinds: Readonly<Record<FaultReason, FaultKind>> = {
  sizeBelow: 'translation',
  sizeAbove: 'translation',
  startLevel: 'translation',
  firstTable: 'translation',
  walksDisabled: 'translation',
  base: 'addressSize',
  vaTooLarge: 'addressSize',
  vaOutOfRange: 'translation',
  ipaTooLarge: 'translation',
  noMemory: 'externalOnWalk',
  invalid: 'translation',
  reserved: 'translation',
  beyond: 'addressSize',
  accessFlag: 'accessFlag',
  device: 'alignment',
  alignmentChecked: 'alignment',
  mustBeAligned: 'alignment',
  pc: 'pcAlignment',
  walkNoRead: 'permission',
  walkProtected: 'permission',
  readOnly: 'permission',
  privileged: 'permission',
  unprivilegedNever: 'permission',
  never: 'permission',
  privilegedNever: 'permission',
  unprivilegedWritable: 'permission',
  writable: 'permission',
  stage2NoRead: 'permission',
  stage2NoWrite: 'permission',
  stage2Never: 'permission',
};

/** Why an access is refused before its address is translated; undefined where it is not. `bytes` and `mustBeAligned` as for `Mmu.translate`. */
export function alignmentRefusal(
  { alignmentChecked }: RegimeContext,
  vaLow: number,
  intent: AccessIntent,
  bytes: number,
  mustBeAligned: boolean,
): FaultReason | undefined {
  if (intent === 'execute') return (vaLow & 3) !== 0 ? 'pc' : undefined;
  if ((vaLow & (bytes - 1)) === 0) return undefined;
  if (mustBeAligned) return 'mustBeAligned';
  return alignmentChecked ? 'alignmentChecked' : undefined;
}
