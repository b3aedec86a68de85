/**
 * What a user interface sees of the machine. Each view is plain data about one instant; 64-bit values are hex strings (`0x...`),
 * instants are step numbers (below 2^53): "at n" is the state before step n. Types of explanations are in explain/views.ts.
 */
import type {
  ChecklistView,
  Hex,
  Level,
  LevelsView,
  NowView,
  Place,
  RegistersView,
  RichText,
  TrapStoryView,
  TrapsView,
} from '../explain/views.ts';
import type { RunJson, TableJson, TablesJson } from '../mmu/tables-json.ts';
import type { Walk, WalkRequest } from '../mmu/walk-types.ts';

export type * from '../explain/views.ts';
export type { RunJson, TableJson, TablesJson, Walk, WalkRequest };

// ---- status: what the machine is doing

export type RunState =
  | 'empty' // no image yet
  | 'paused'
  | 'running'
  | 'waiting' // running, in WFI, and only input can wake it
  | 'seeking' // on the way to another instant
  | 'ended' // the guest powered the machine off
  | 'stopped'; // it cannot go on: `reason` says why

export interface StatusView {
  readonly state: RunState;
  /** The instant shown. */
  readonly at: number;
  /** The latest instant reached so far: at <= end. */
  readonly end: number;
  /** Why it paused or stopped, as a sentence; absent while it runs. */
  readonly reason?: string;
  /** Steps a second over the last second; 0 when paused. */
  readonly stepsPerSecond: number;
  /** Speed limit in steps a second; null: flat out. */
  readonly speed: number | null;
  readonly image: { readonly name: string; readonly bytes: number; readonly entry: Hex } | null;
  readonly traps: number;
  readonly machine: { readonly memoryBytes: number; readonly gic: 2 | 3 };
}

// ---- lanes: which level ran when

export interface LaneSpan {
  readonly el: Level;
  readonly vmid: number;
  readonly from: number;
  readonly to: number;
}

export interface LanesView {
  readonly from: number;
  readonly to: number;
  /** In order; at most `2 * width` of the request, short spans joined to the level that ran longest. */
  readonly spans: readonly LaneSpan[];
}

// ---- code

export interface CodeLine {
  readonly address: Hex;
  readonly word: Hex | null;
  readonly mnemonic: string;
  readonly operands: string;
  /** Present on the first line of a function. */
  readonly label?: string;
  readonly file?: string;
  readonly line?: number;
  /** Number of the source file, for the command `source`. */
  readonly source?: number;
  /** Who sees this instruction here, where the running level cannot fetch it: another level, or nobody and it is only in the file. */
  readonly seenBy?: Level | 'file';
  readonly current: boolean;
  readonly breakpoint: boolean;
}

export interface CodeView {
  readonly at: number;
  readonly level: Level;
  readonly place: Place;
  readonly lines: readonly CodeLine[];
  /** The code that the lines are part of: a section of the program, the end not included. Null outside of it. */
  readonly section: { readonly name: string; readonly from: Hex; readonly to: Hex } | null;
  /** The instruction at pc in words, with its operand values. */
  readonly explanation: RichText;
  /** When the step before came from another level: where it came from. */
  readonly cameFrom: { readonly level: Level; readonly place: Place; readonly lines: readonly CodeLine[] } | null;
}

// ---- console

export interface ConsoleView {
  /** Offset of the first byte in `bytes` from the start of the output. */
  readonly from: number;
  readonly bytes: Uint8Array;
  /** Length of the whole output at this instant. */
  readonly length: number;
  /** Changes when the output was cut back (stepping back, reset): then start again from 0. */
  readonly epoch: number;
}

// ---- maps: VA, IPA and PA side by side

export type RegionKind = 'normal' | 'readOnly' | 'executable' | 'device' | 'unmapped' | 'hypervisor';

export interface MapRegion {
  readonly id: string;
  readonly base: Hex;
  /** Bytes, below 2^53. */
  readonly size: number;
  readonly kind: RegionKind;
  /** "rw-", "r-x" ...; empty for physical memory. */
  readonly permissions: string;
  readonly name: string;
  readonly note?: string;
}

export interface MapColumn {
  readonly id: string;
  readonly space: 'va' | 'ipa' | 'pa';
  readonly title: string;
  readonly subtitle: string;
  readonly level: Level | null;
  readonly regions: readonly MapRegion[];
}

/** Part of one region that translates to part of another in the next column. */
export interface MapRibbon {
  readonly from: { readonly column: string; readonly region: string; readonly base: Hex };
  readonly to: { readonly column: string; readonly region: string; readonly base: Hex };
  readonly size: number;
  readonly kind: RegionKind;
}

export interface MapsView {
  readonly at: number;
  readonly regime: 'el1' | 'el2';
  readonly columns: readonly MapColumn[];
  readonly ribbons: readonly MapRibbon[];
  readonly sentence: string;
}

// ---- tables: the whole tree of one base register

export const tableRegisters = ['TTBR0_EL1', 'TTBR1_EL1', 'VTTBR_EL2', 'TTBR0_EL2'] as const;
export type TableRegister = (typeof tableRegisters)[number];

export interface TablesView {
  readonly at: number;
  readonly register: TableRegister;
  /** Every base register, and whether its stage translates at this instant. */
  readonly registers: readonly { readonly register: TableRegister; readonly on: boolean }[];
  readonly tree: TablesJson;
  readonly sentence: string;
}

/** Each view's parameters and its data. */
export interface Views {
  status: { params: Record<string, never>; data: StatusView };
  now: { params: Record<string, never>; data: NowView };
  levels: { params: Record<string, never>; data: LevelsView };
  checklist: { params: Record<string, never>; data: ChecklistView };
  walk: { params: WalkParams; data: WalkView };
  maps: { params: { regime?: 'el1' | 'el2' | undefined }; data: MapsView };
  tables: { params: { register?: TableRegister | undefined }; data: TablesView };
  traps: { params: { first: number; count: number; types?: readonly string[] | undefined }; data: TrapsView };
  trap: { params: { index: number }; data: TrapStoryView | null };
  lanes: { params: { from: number; to: number | null; width: number }; data: LanesView };
  code: { params: CodeParams; data: CodeView };
  console: { params: { from: number; epoch: number }; data: ConsoleView };
  registers: { params: Record<string, never>; data: RegistersView };
}

/** Lines around an address, by default the PC; with `follow` around the PC too where it is not among those lines. */
export interface CodeParams {
  readonly before: number;
  readonly after: number;
  readonly address?: Hex | undefined;
  readonly follow?: boolean | undefined;
}

/** What to walk: an address, or what the machine is doing (`follow`). */
export interface WalkParams {
  readonly va?: Hex | undefined;
  readonly follow?: 'pc' | 'sp' | 'fault' | undefined;
  readonly regime?: 'el1' | 'el2' | undefined;
  readonly el?: Level | undefined;
  readonly access?: 'r' | 'w' | 'x' | undefined;
}

export interface WalkView {
  readonly at: number;
  readonly walk: Walk;
  /** What was walked and why: "the PC", "the address of the last fault". */
  readonly follows: string;
  /** What the address is, by the image's symbols and the board: "PL011 UART", "guest_stack". */
  readonly va: { readonly symbol?: string };
  readonly pa: { readonly name?: string };
  readonly sentence: RichText;
}

export type ViewName = keyof Views;
