/**
 * What a user interface sees of the machine. Each view is plain data about one instant; 64-bit values are hex strings (`0x...`),
 * instants are step numbers (below 2^53): "at n" is the state before step n. Types of explanations are in explain/views.ts.
 */
import type {
  BreakpointSpec,
  ChecklistView,
  Hex,
  Level,
  LevelsView,
  MemorySpace,
  NowView,
  Place,
  RegistersView,
  RichText,
  TrapRow,
  TrapStoryView,
} from '../explain/views.ts';
import type { MapKind } from '../mmu/map.ts';
import type { OutlineRow, TableOutline } from '../mmu/outline.ts';
import type { ChangeKind } from '../mmu/table-changes.ts';
import type { TableEntry } from '../mmu/table-entry.ts';
import type { EntryFilter, EntryTrait } from '../mmu/table-filter.ts';
import type { TableCounts } from '../mmu/tables.ts';
import type { ByLevel, DescriptorField, Walk, WalkRequest } from '../mmu/walk-types.ts';
import type { Guest } from './guests.ts';

export type { TrapFormat } from '../explain/trap-formats.ts';
export type * from '../explain/views.ts';
export type { ChangeKind, EntryFilter, EntryTrait, Guest, OutlineRow, TableEntry, TableOutline, Walk, WalkRequest };

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
  /** Counts the programs opened: another number, another program, also when the same file was opened anew. */
  readonly program: number;
  readonly image: { readonly name: string; readonly bytes: number; readonly entry: Hex } | null;
  readonly traps: number;
  /** Index of the last trap before the instant shown. */
  readonly trap: number | null;
  readonly machine: { readonly memoryBytes: number; readonly gic: 2 | 3 };
}

// ---- lanes: which level ran when

/** EL2 is one lane (VMID 0); EL1 and EL0 have one for each VMID. */
export interface Lane {
  readonly el: Level;
  readonly vmid: number;
}
export interface LaneSpan extends Lane {
  readonly from: number;
  readonly to: number;
}

/** Registers that a person changed at one instant, or at several that a picture cannot show apart. */
export interface ChangeMark {
  /** The first of the instants. */
  readonly n: number;
  /** "x0 changed by hand". */
  readonly text: string;
}

export interface LanesView {
  readonly from: number;
  readonly to: number;
  /** Index of the first event in the range, and how many there are. */
  readonly first: number;
  readonly events: number;
  /** Every lane of the recording so far, in the order in which they ran first. */
  readonly lanes: readonly Lane[];
  /** What ran from when to when, in order and without gaps; null where there is too much of it for the width. */
  readonly spans: readonly LaneSpan[] | null;
  /** Instead: for each lane and each of `width` equal bins, the share of the bin that it ran, 0..255, and at least 1 where it ran at all. */
  readonly shares: readonly (readonly number[])[] | null;
  /** In order, at most one for each bin. */
  readonly changes: readonly ChangeMark[];
}

// ---- traps

export interface TypeCount {
  readonly type: string;
  /** The type as a label. */
  readonly name: string;
  readonly count: number;
}

export interface TrapsView {
  /** Rows of the list as it is filtered. */
  readonly total: number;
  /** Place of the first row in `rows`. */
  readonly first: number;
  readonly rows: readonly TrapRow[];
  /** How many of each type there are in the range, whatever `type` says; those of the whole recording are all there. */
  readonly counts: readonly TypeCount[];
  /** Share of the recording that the filter has looked at: below 1, more rows are coming. */
  readonly searched: number;
  /** Place of the trap asked for, or of the last row before it; null where there is none. */
  readonly found: number | null;
}

// ---- comparison: another run beside the open one

export interface ComparedRun {
  readonly name: string;
  readonly traps: number;
  /** The latest instant of it. */
  readonly end: number;
  /** It came to an end of its own: nothing follows. */
  readonly isWhole: boolean;
}
export interface ComparedRow {
  readonly index: number;
  /** Null where the run has no such event. */
  readonly open: TrapRow | null;
  readonly other: TrapRow | null;
  /** Fields of the lines of a trap file in which they differ. */
  readonly fields: readonly string[];
}
/** A line of a trap file by its fields. */
export type TrapFields = Readonly<Record<string, string | number | null>>;
export interface ComparisonView {
  readonly open: ComparedRun;
  readonly other: ComparedRun;
  /** Events that both have from the beginning on, in every field the same. */
  readonly common: number;
  /** Share of what both have that has been compared; 1: all, or up to the first difference. */
  readonly compared: number;
  /** The instant after the last event in common. */
  readonly until: number;
  /** What is in common, by type. */
  readonly summary: readonly TypeCount[];
  /** The first event in which they differ, as lines of a trap file; null as long as there is none. */
  readonly difference: {
    readonly index: number;
    readonly lines: { readonly open: TrapFields | null; readonly other: TrapFields | null };
    readonly fields: readonly string[];
  } | null;
  /** Events around the difference, or around the end of what is in common. */
  readonly rows: readonly ComparedRow[];
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
  /** The breakpoint in front of this instruction, set at its address or by a symbol. */
  readonly breakpoint: { readonly id: number; readonly enabled: boolean } | null;
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

// ---- breakpoints

export interface BreakpointRow {
  readonly id: number;
  readonly spec: BreakpointSpec;
  readonly enabled: boolean;
  /** What it does, as a sentence. */
  readonly text: string;
  /** How often it has stopped the machine. */
  readonly hits: number;
  /** Where it stands in the program: of kinds `address` and `symbol`. */
  readonly place?: Place;
  /** The physical memory that is watched, with the board's name for it: of kind `memory`. */
  readonly ranges?: readonly { readonly pa: Hex; readonly bytes: number; readonly name: string }[];
  /** Why it cannot stop anything in this program, as a sentence. */
  readonly problem?: string;
}

/** In the order in which they were set. */
export interface BreakpointsView {
  readonly breakpoints: readonly BreakpointRow[];
}

// ---- memory: bytes of an address space

/** Around an address, or around where a register points: "pc", "sp", "x0" to "x30". */
export interface MemoryParams {
  readonly space: MemorySpace;
  readonly address?: Hex | undefined;
  readonly follow?: string | undefined;
  /** Bytes shown before the address, and in all: of whole lines. */
  readonly before: number;
  readonly bytes: number;
  /** Bytes of a line: 16 if absent. */
  readonly line?: 16 | 32 | undefined;
  /** The level whose VAs they are; absent: the one that runs. */
  readonly el?: Level | undefined;
}

/** Bytes that one translation and one thing on the board stand behind. */
export interface MemorySpan {
  /** Of its first byte from `MemoryView.start`, and how many it has. */
  readonly offset: number;
  readonly bytes: number;
  /** `fault`: the address leads nowhere, `name` says why. `nothing`: it leads to a PA where nothing answers. */
  readonly kind: 'memory' | 'device' | 'nothing' | 'fault';
  readonly pa: Hex | null;
  readonly ipa: Hex | null;
  /** "rw-" by level; empty where no stage decides it. */
  readonly permissions: { readonly '0'?: string; readonly '1'?: string; readonly '2'?: string };
  /** Memory type: "Normal, Write-Back"; empty where no stage decides it. */
  readonly memory: string;
  /** What a person calls the region of the board, or the fault. */
  readonly name: string;
}

/** What is known of a place in memory, from a byte on. */
export interface MemoryLabel {
  /**
   * `symbol` of the program, `device`: register of a device, `section` of the program that begins or goes on there, `register` of the CPU
   * that points there, `table`: entries of a page table in use, `value`: the word is the address of a symbol.
   */
  readonly kind: 'symbol' | 'device' | 'section' | 'register' | 'table' | 'value';
  readonly offset: number;
  readonly bytes: number;
  readonly name: string;
  /** What a register is for. */
  readonly text: string;
}

export interface MemoryView {
  readonly at: number;
  readonly space: MemorySpace;
  readonly el: Level;
  /** The level that runs. */
  readonly running: Level;
  /** Address of the first byte, a multiple of the bytes of a line. */
  readonly start: Hex;
  /** The address asked for, and the register it comes from, in words. */
  readonly address: Hex;
  readonly follows: string | null;
  /** Zeros where there is nothing to read. Of devices what a read would give, without its effects. */
  readonly bytes: Uint8Array;
  /** Offsets of bytes that were others when the machine stood still before; empty while it runs. */
  readonly changed: readonly number[];
  readonly spans: readonly MemorySpan[];
  readonly labels: readonly MemoryLabel[];
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

export type RegionKind = MapKind;

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
  /** In physical memory: VMIDs of the guests shown that reach it. */
  readonly reachedBy?: readonly number[];
}

export interface MapColumn {
  /** `va`, `ipa`, `pa`; of the second guest `ipa2`, `va2`. */
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
  /** All guests that have run so far, and the VMIDs of those shown: none where stage 2 is off, or for EL2. */
  readonly guests: readonly Guest[];
  readonly shown: readonly number[];
  readonly columns: readonly MapColumn[];
  readonly ribbons: readonly MapRibbon[];
  /** A VA of the first column that the machine uses at this instant: the PC, else a stack pointer. Null where neither is mapped there. */
  readonly inUse: { readonly address: Hex; readonly name: string } | null;
  /** What is worth seeing here. */
  readonly notes: readonly MapNote[];
  readonly sentence: string;
}
export interface MapNote {
  readonly kind: 'same' | 'unmapped' | 'shared' | 'apart' | 'hypervisor';
  readonly text: RichText;
  /** Column and region that it is about, `column/region`. */
  readonly region?: string;
}
export interface MapsParams {
  readonly regime?: 'el1' | 'el2' | undefined;
  /** VMIDs of one guest, or of two side by side; without, the current one. */
  readonly guests?: readonly number[] | undefined;
}

// ---- tables: the whole tree of one base register

export const tableRegisters = ['TTBR0_EL1', 'TTBR1_EL1', 'VTTBR_EL2', 'TTBR0_EL2'] as const;
export type TableRegister = (typeof tableRegisters)[number];

/** What of the tables is looked at. */
export interface TablesParams {
  /** Without one, that of the guest's own tables once they are on, else what translates at all. */
  readonly register?: TableRegister | undefined;
  /** Whose tables; without one, those of the machine as it is. */
  readonly vmid?: number | undefined;
  /** Entries that lead to the table shown as the root, and the part of it that is shown. */
  readonly zoom?: { readonly path: readonly number[]; readonly first?: number | undefined; readonly last?: number | undefined } | undefined;
  /** Rows that the picture has room for; 24 if absent. */
  readonly rows?: number | undefined;
  readonly filter?: EntryFilter | undefined;
  /** An instant, or the one after the trap before. */
  readonly compare?: number | 'trap' | undefined;
  /** An input address whose entry is a row of its own. */
  readonly pick?: Hex | undefined;
}

export interface TablesView {
  readonly at: number;
  readonly register: TableRegister;
  readonly vmid: number | null;
  readonly guests: readonly Guest[];
  /** Every base register, and whether its stage translates at this instant. */
  readonly registers: readonly { readonly register: TableRegister; readonly on: boolean }[];
  readonly stage: 1 | 2;
  readonly inputBits: number;
  /** Bytes of a granule. */
  readonly granule: number;
  /** What the outputs are: stage 2 goes on from an IPA. */
  readonly output: 'IPA' | 'PA';
  /** Null where the register has no table to read: `refusal` says why. */
  readonly root: TableOutline | null;
  readonly path: readonly { readonly level: number; readonly index: number; readonly input: Hex }[];
  /**
   * The leaf to look at as long as none is chosen, and why: "translates the PC", else the stack pointer, else the first of the largest
   * run. Null where nothing is mapped.
   */
  readonly inUse: { readonly level: number; readonly input: Hex; readonly reason: string } | null;
  readonly refusal?: string;
  /** Of the whole tree. */
  readonly counts: TableCounts;
  readonly isTruncated: boolean;
  /** Entries of the whole tree that the filter is about; null without a filter. */
  readonly matches: number | null;
  readonly changes: TableChanges | null;
  readonly sentence: string;
}

/** What the tables said at another instant that they do not say now, and the other way round. */
export interface TableChanges {
  /** The instant compared with. */
  readonly since: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** By rising address; the first of them where there are very many. */
  readonly list: readonly TableChange[];
  readonly sentence: string;
}
export interface TableChange {
  readonly kind: ChangeKind;
  readonly level: number;
  readonly index: number;
  readonly count: number;
  readonly input: Hex;
  readonly size: number;
  /** The first descriptor of them then and now, with what it says. */
  readonly before: { readonly value: Hex; readonly verdict: string };
  readonly after: { readonly value: Hex; readonly verdict: string };
}

// ---- entry: one descriptor of a tree

export interface EntryParams {
  readonly register: TableRegister;
  readonly vmid?: number | undefined;
  /** VA, or IPA for VTTBR_EL2, and the level of the entry. */
  readonly input: Hex;
  readonly level: number;
  readonly compare?: number | 'trap' | undefined;
}
export interface EntryView {
  readonly at: number;
  /** Null where the walk does not come that far down. */
  readonly entry: TableEntry | null;
  /** PA of the first byte that a block or page maps; null where stage 2 refuses it, and of other entries. */
  readonly leadsTo: Hex | null;
  /** What it said at the instant compared with, if that was something else. */
  readonly before: {
    readonly since: number;
    readonly value: Hex;
    readonly verdict: string;
    readonly fields: Readonly<Record<string, DescriptorField>>;
  } | null;
}

// ---- reach: who can get at a physical address

export interface ReachView {
  readonly at: number;
  readonly pa: Hex;
  /** What the board has there. */
  readonly name: string | null;
  /** EL2, and each guest; what does not reach it at all is there too. */
  readonly spaces: readonly ReachSpace[];
}
export interface ReachSpace {
  readonly regime: 'el1' | 'el2';
  readonly vmid: number | null;
  readonly title: string;
  /** IPAs that stage 2 maps to it; null where stage 2 is off. */
  readonly ipas: readonly Hex[] | null;
  /** At most as many as are worth reading; `isCut` says that there are more. */
  readonly vas: readonly {
    readonly va: Hex;
    readonly ipa: Hex | null;
    readonly permissions: ByLevel<string> | null;
    readonly memory: string | null;
  }[];
  readonly isCut: boolean;
}

/** Each view's parameters and its data. */
export interface Views {
  status: { params: Record<string, never>; data: StatusView };
  now: { params: Record<string, never>; data: NowView };
  levels: { params: Record<string, never>; data: LevelsView };
  checklist: { params: Record<string, never>; data: ChecklistView };
  walk: { params: WalkParams; data: WalkView };
  maps: { params: MapsParams; data: MapsView };
  tables: { params: TablesParams; data: TablesView };
  entry: { params: EntryParams; data: EntryView };
  reach: { params: { pa: Hex }; data: ReachView };
  traps: { params: TrapsParams; data: TrapsView };
  trap: { params: { index: number }; data: TrapStoryView | null };
  comparison: { params: Record<string, never>; data: ComparisonView | null };
  lanes: { params: { from: number; to: number | null; width: number }; data: LanesView };
  code: { params: CodeParams; data: CodeView };
  breakpoints: { params: Record<string, never>; data: BreakpointsView };
  memory: { params: MemoryParams; data: MemoryView };
  console: { params: { from: number; epoch: number }; data: ConsoleView };
  /** `only`: the general registers alone, a small part of the whole; then no system register is looked at for `telling` either. */
  registers: { params: { only?: 'General' | undefined }; data: RegistersView };
}

/** Which traps are meant. */
export interface TrapChoice {
  /** In the language of explain/trap-filter.ts: "vm:1, to:EL2". */
  readonly filter?: string | undefined;
  /** Only this type, beside the filter. */
  readonly type?: string | undefined;
  /** Only those of steps `from` to before `to`. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** A window of the list of traps. */
export interface TrapsParams extends TrapChoice {
  /** Place of the first row in the list as it is filtered. */
  readonly first: number;
  readonly count: number;
  /** Index of a trap whose place in the list is asked for. */
  readonly find?: number | undefined;
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
