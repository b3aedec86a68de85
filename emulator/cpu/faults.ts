/** Why an access to memory cannot be done: what the MMU finds and exception entry reports (Arm ARM D8.15 "MMU fault-checking", ESR_ELx.DFSC). */

/** IFSC or DFSC of breakpoints, watchpoints and software steps: a debug event. */
export const DEBUG_EVENT = 0x22;

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
  readonly ipa: number | undefined;
  readonly access: AccessIntent;
  /** The faulting VA in halves: what FAR_ELx gets. */
  readonly vaLow: number;
  readonly vaHigh: number;
}

export type AccessIntent = 'read' | 'write' | 'execute';

/** Fault status code, the DFSC or IFSC field of ESR_ELx (Arm ARM D17.2.37, table of DFSC encodings). */
export function faultStatusCode({ kind, level }: Pick<MemoryFault, 'kind' | 'level'>): number {
  switch (kind) {
    case 'addressSize':
      return 0x00 + level;
    case 'translation':
      return 0x04 + level;
    case 'accessFlag':
      return 0x08 + level;
    case 'permission':
      return 0x0c + level;
    case 'external':
      return 0x10;
    case 'externalOnWalk':
      return 0x14 + level;
    case 'alignment':
      return 0x21;
    case 'watchpoint':
      return DEBUG_EVENT;
    case 'pcAlignment':
    case 'spAlignment':
      return 0;
  }
}
