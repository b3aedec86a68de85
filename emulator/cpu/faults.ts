/** Why an access to memory cannot be done: what the MMU finds and exception entry reports (Arm ARM D8.15 "MMU fault-checking", ESR_ELx.DFSC). */
import type { IPA } from '../base/addresses.ts';

export type FaultKind =
  | 'translation'
  | 'permission'
  | 'accessFlag'
  | 'addressSize'
  | 'alignment'
  /** Synchronous external abort: on the access itself, or on a descriptor fetch of the walk. */
  | 'external'
  | 'externalOnWalk'
  /** PC not a multiple of 4. */
  | 'pcAlignment'
  /** SP used as a base while not a multiple of 16, with SCTLR_ELx.SA. */
  | 'spAlignment'
  /** Not that it cannot be done: a watchpoint wants to know first. */
  | 'watchpoint';

export interface MemoryFault {
  readonly kind: FaultKind;
  /** The stage whose tables (or whose rules) refused. 1 where stages play no part. */
  readonly stage: 1 | 2;
  /** Level of the lookup that refused, 0..3; 0 where levels play no part. */
  readonly level: number;
  /** ESR_ELx.S1PTW: a stage-2 fault on the fetch of a stage-1 descriptor. */
  readonly onStage1Walk: boolean;
  /** For a stage-2 fault the IPA that was refused, below 2^48; for HPFAR_EL2. */
  readonly ipa: IPA | undefined;
  readonly access: AccessIntent;
  /** The faulting VA in halves: what FAR_ELx gets. */
  readonly vaLow: number;
  readonly vaHigh: number;
}

export type AccessIntent = 'read' | 'write' | 'execute';

interface FaultStatus {
  readonly words: string;
  /** The DFSC or IFSC; where it has levels, the level is added. */
  readonly code: number;
  /** Levels of the lookup that it can be reported for; absent where levels play no part. */
  readonly levels?: readonly number[];
  /** Not reported for the fetch of an instruction. */
  readonly dataOnly?: true;
}

/** Fault status codes, DFSC and IFSC of ESR_ELx (Arm ARM D17.2.37): those of the MMU's faults, and those that only hardware finds. */
export const faultStatuses = {
  addressSize: { code: 0x00, words: 'address size fault', levels: [0, 1, 2, 3] },
  translation: { code: 0x04, words: 'translation fault', levels: [0, 1, 2, 3] },
  // Level 0 has no blocks: no descriptor there has an access flag or permissions of its own.
  accessFlag: { code: 0x08, words: 'access flag fault', levels: [1, 2, 3] },
  permission: { code: 0x0c, words: 'permission fault', levels: [1, 2, 3] },
  external: { code: 0x10, words: 'synchronous external abort' },
  externalOnWalk: { code: 0x14, words: 'synchronous external abort on a table walk', levels: [0, 1, 2, 3] },
  parity: { code: 0x18, words: 'synchronous parity or ECC error' },
  parityOnWalk: { code: 0x1c, words: 'synchronous parity or ECC error on a table walk', levels: [0, 1, 2, 3] },
  alignment: { code: 0x21, words: 'alignment fault', dataOnly: true },
  watchpoint: { code: 0x22, words: 'debug exception' },
  tlbConflict: { code: 0x30, words: 'TLB conflict abort' },
  lockdown: { code: 0x34, words: 'IMPLEMENTATION DEFINED fault: lockdown', dataOnly: true },
  unsupportedExclusive: { code: 0x35, words: 'IMPLEMENTATION DEFINED fault: unsupported exclusive access', dataOnly: true },
} as const satisfies Record<string, FaultStatus>;

/** IFSC or DFSC of breakpoints, watchpoints and software steps: a debug event. */
export const DEBUG_EVENT = faultStatuses.watchpoint.code;

/** Faults of stage 2 whose IPA software finds in HPFAR_EL2, also where no walk of stage 1 is under way (Arm ARM D17.2.63). */
const withIpa: ReadonlySet<number> = new Set([
  faultStatuses.addressSize.code,
  faultStatuses.translation.code,
  faultStatuses.accessFlag.code,
]);
export const reportsIpa = (code: number): boolean => withIpa.has(code & ~3);

/** The code of a fault. Misaligned PC and SP have their own classes instead. */
export function faultStatusCode({ kind, level }: Pick<MemoryFault, 'kind' | 'level'>): number {
  if (kind === 'pcAlignment' || kind === 'spAlignment') return 0;
  const status: FaultStatus = faultStatuses[kind];
  return status.levels ? status.code + level : status.code;
}

/** "permission fault". */
export const faultName = (kind: FaultKind): string =>
  kind === 'pcAlignment' ? 'PC alignment fault' : kind === 'spAlignment' ? 'SP alignment fault' : faultStatuses[kind].words;

const byCode = new Map<number, { readonly words: string; readonly dataOnly: boolean }>();
for (const { code, words, levels, dataOnly = false } of Object.values<FaultStatus>(faultStatuses)) {
  if (levels) for (const level of levels) byCode.set((code & ~3) + level, { words: `${words}, level ${level}`, dataOnly });
  else byCode.set(code, { words, dataOnly });
}

/** A DFSC, or (`isFetch`) an IFSC, in words. */
export function faultStatusText(code: number, isFetch = false): string {
  const status = byCode.get(code);
  return status && !(isFetch && status.dataOnly) ? status.words : 'reserved';
}
