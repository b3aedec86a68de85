/** A walk as data: what is drawn, exported and printed as JSON. 64-bit values are hex strings (`0x...`, lower case, without padding). */
import type { FieldWords } from '../base/field-text.ts';
import type { Hex } from '../base/hex.ts';
import type { FaultKind } from '../cpu/faults.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import type { DescriptorKind } from './trace.ts';
import type { Regime } from './regime.ts';

export type { DescriptorKind, FaultKind, Hex, Regime };
export type Access = 'r' | 'w' | 'x';

export interface WalkRequest {
  readonly va: Hex;
  readonly regime: Regime;
  /** Level the access is made as: 0 or 1 in regime el1, 2 in regime el2. */
  readonly el: ExceptionLevel;
  readonly access: Access;
}

export interface Walk extends WalkRequest {
  /** The instant: the state before step `at`. */
  readonly at: number;
  /** The VA cut into its fields, from the top. */
  readonly input: readonly AddressField[];
  readonly stages: { readonly stage1: StageControl; readonly stage2: StageControl | null };
  /** Fetches of stage 1, each with the stage-2 fetches that its address took; then stage 2 of the result. */
  readonly steps: readonly WalkStep[];
  /** Descriptors read, of both stages. */
  readonly reads: number;
  readonly result: WalkSuccess | WalkFailure;
  readonly tlb: TlbReport;
}

/** What governs a stage: whether it is on, and where its walk starts. */
export interface StageControl {
  readonly on: boolean;
  /** The bit that says so: "SCTLR_EL1.M = 0", "HCR_EL2.DC = 1". */
  readonly decidedBy: string;
  /** Absent where the stage is off, or where its sizes are refused. */
  readonly root?: {
    readonly register: string;
    readonly table: Hex;
    readonly level: number;
    /** Bits of the input address; size of a granule in bytes; entries of the first table. */
    readonly inputBits: number;
    readonly granule: number;
    readonly entries: number;
    readonly outputBits: number;
    /** What is not used as it is written: reserved encodings, bits that are ignored. */
    readonly notes: readonly string[];
  };
  /** ASID of stage 1, VMID of stage 2. */
  readonly id?: number;
}

/** Some bits of an input address: what chooses the TTBR, an index, or the offset. */
export interface AddressField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly value: Hex;
  /** Lookup level of an index. */
  readonly level?: number;
}

export interface WalkStep {
  /** Number of this read among all, from 1; absent where the read did not happen. */
  readonly read?: number;
  readonly stage: 1 | 2;
  readonly level: number;
  /** Base of the table: an IPA in stage 1 under stage 2, else a PA. */
  readonly table: Hex;
  readonly index: number;
  readonly entries: number;
  /** Input address bits that are the index. */
  readonly indexBits: { readonly high: number; readonly low: number };
  readonly descriptorAddress: Hex;
  /** The descriptor's address as an IPA; null where it is not subject to stage 2. */
  readonly ipa: Hex | null;
  /** Where it was read; null where stage 2 refused. */
  readonly pa: Hex | null;
  readonly value: Hex | null;
  readonly kind: DescriptorKind | null;
  readonly fields: Readonly<Record<string, DescriptorField>>;
  /** Next table, or base of the block or page. */
  readonly next: Hex | null;
  /** What came of it, in a few words. */
  readonly verdict: string;
  /** Stage-2 fetches made to reach this descriptor. */
  readonly steps?: readonly WalkStep[];
}

export interface DescriptorField extends FieldWords {
  readonly high: number;
  readonly low: number;
  /** Binary for narrow fields, hex for wide ones. */
  readonly value: string;
  /** This field refused the access. */
  readonly decides?: true;
  /** Bits that have no effect; a value that does not do what it says. */
  readonly note?: 'ignored' | 'warning';
}

export interface WalkSuccess {
  readonly ok: true;
  readonly pa: Hex;
  /** Output of stage 1; null where stage 2 is off. */
  readonly ipa: Hex | null;
  /** Bytes that this mapping covers around the address: of each stage that is on. */
  readonly stage1Bytes: number | null;
  readonly stage2Bytes: number | null;
  readonly attributes: WalkAttributes;
  readonly permissions: Permissions;
}

export interface WalkFailure {
  readonly ok: false;
  readonly fault: {
    readonly kind: FaultKind;
    readonly stage: 1 | 2;
    readonly level: number;
    /** Fault status code: the DFSC or IFSC field. */
    readonly fsc: number;
    /** A stage-2 fault on the fetch of a stage-1 descriptor. */
    readonly onStage1Walk: boolean;
  };
  /** "Stage 2 permission fault, level 3, on a stage-1 descriptor fetch". */
  readonly text: string;
  /** The field or the input that made it so. */
  readonly decidedBy: DecidedBy;
  /** Level that takes the exception. */
  readonly takenTo: 1 | 2;
  /** What hardware would write; HPFAR_EL2 only where it does. */
  readonly esr: Hex;
  readonly far: Hex;
  readonly hpfar: Hex | null;
  /** Where the architecture leaves HPFAR_EL2 UNKNOWN, what that means. */
  readonly hpfarNote?: string;
  /** For a permission fault: who may do what. */
  readonly permissions?: Permissions;
}

/** What decided: a field of a register or of a descriptor, or the address itself. */
export interface DecidedBy {
  readonly kind: 'register' | 'descriptor' | 'input';
  /** "TCR_EL1", "the stage 1 level 3 page", "VA". */
  readonly of: string;
  /** "T0SZ", "AP", or the bits of an address, "63:39"; empty where it is all of it. */
  readonly field: string;
  readonly value: string;
  /** In a sentence. */
  readonly text: string;
}

export interface StageMemory {
  /** "Normal, Write-Back", "Device-nGnRE". */
  readonly text: string;
  readonly shareability: Shareability;
  /** As a MAIR_ELx byte. */
  readonly attribute: number;
}
export type Shareability = 'non' | 'outer' | 'inner';

export interface WalkAttributes extends StageMemory {
  readonly type: 'Normal' | 'Device';
  /** What stage 1 says, or what its being off means; what stage 2 says, null where it is off. */
  readonly stage1: StageMemory;
  readonly stage2: StageMemory | null;
  /** Where control bits change what the descriptors say: "HCR_EL2.CD = 1 makes data Non-cacheable". */
  readonly note?: string;
}

export interface ByLevel<T> {
  readonly '0'?: T;
  readonly '1'?: T;
  readonly '2'?: T;
}

export interface Permissions {
  readonly r: ByLevel<boolean>;
  readonly w: ByLevel<boolean>;
  readonly x: ByLevel<boolean>;
  readonly decidedBy: { readonly r: ByLevel<Decision>; readonly w: ByLevel<Decision>; readonly x: ByLevel<Decision> };
}

export interface Decision {
  readonly stage1: boolean;
  /** Null where stage 2 is off. */
  readonly stage2: boolean | null;
  readonly allowed: boolean;
  /** The stage that refuses; null where nothing does. */
  readonly stage: 1 | 2 | null;
  /** The bit that refuses: "PXN = 1", "S2AP = 01"; empty where nothing does. */
  readonly bit: string;
  /** Level of the descriptor that holds the bit; null where it is none. */
  readonly level: number | null;
  /** The reason in words. */
  readonly text: string;
}

export interface TlbReport {
  readonly hit: boolean;
  readonly entry?: TlbEntry;
  /** Present when hit: the entry says something else than the tables. */
  readonly stale?: boolean;
  /** What differs, in words. */
  readonly difference?: string;
}

export interface TlbEntry {
  readonly regime: Regime;
  /** The page of the entry, 4 KiB, and the size of the leaf it comes from. */
  readonly va: Hex;
  readonly leafBytes: number;
  readonly pa: Hex;
  readonly ipa: Hex | null;
  /** Null: global, or without ASIDs. */
  readonly asid: number | null;
  readonly vmid: number | null;
  readonly stage1: boolean;
  readonly stage2: boolean;
  /** "rw-" by level. */
  readonly permissions: ByLevel<string>;
  /** What it gives to the access that is walked. */
  readonly memory: string;
}
