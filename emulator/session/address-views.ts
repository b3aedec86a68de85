/** Views of translation: one walk, the address spaces side by side, the tables behind them, and who reaches a physical address. */
import type { Hex, Level, RichText } from '../explain/views.ts';
import type { MapKind, SpaceRibbon } from '../mmu/map.ts';
import type { Mismatch } from '../mmu/map-physical.ts';
import type { OutlineRow, TableOutline } from '../mmu/outline.ts';
import type { ChangeKind } from '../mmu/table-changes.ts';
import type { TableEntry } from '../mmu/table-entry.ts';
import type { EntryFilter, EntryTrait } from '../mmu/table-filter.ts';
import type { TableCounts } from '../mmu/table-types.ts';
import type { ByLevel, DescriptorField, Walk, WalkRequest } from '../mmu/walk-types.ts';

export type { ChangeKind, EntryFilter, EntryTrait, OutlineRow, TableEntry, TableOutline, Walk, WalkRequest };
export type { MapKind as RegionKind, SpaceRibbon as MapRibbon };

/** A guest that has run so far. */
export interface Guest {
  readonly vmid: number;
  /** Stage 2 is on with this VMID at the instant shown. */
  readonly isCurrent: boolean;
}

// ---- walk: one translation, step by step

export interface WalkView {
  readonly at: number;
  readonly walk: Walk;
  /** What was walked and why: "the PC", "the address of the last fault". */
  readonly follows: string;
  readonly guests: readonly Guest[];
  /** VMID of the guest that was asked for; null for what translates now. */
  readonly vmid: number | null;
  /** What the address is, by the image's symbols and the board: "PL011 UART", "guest_stack". */
  readonly va: { readonly symbol?: string };
  readonly pa: { readonly name?: string };
  readonly sentence: RichText;
  /** Why nothing is known of a TLB; absent where `walk` tells. */
  readonly noTlb?: string;
}

// ---- maps: VA, IPA and PA side by side

export interface MapRegion {
  readonly id: string;
  readonly base: Hex;
  /** Bytes, below 2^53. */
  readonly size: number;
  readonly kind: MapKind;
  /** "rw-", "r-x" ...; empty for physical memory. */
  readonly permissions: string;
  readonly name: string;
  readonly note?: string;
  /** In physical memory: VMIDs of the guests shown that reach it. */
  readonly reachedBy?: readonly number[];
  /** In physical memory: one name for the regions of the board that it belongs to, if it is one of several. */
  readonly family?: string;
  /** In physical memory: tables make something else of it than it is; `note` says why that matters. */
  readonly mismatch?: Mismatch;
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

export interface MapsView {
  readonly at: number;
  readonly regime: 'el1' | 'el2';
  /** All guests that have run so far, and the VMIDs of those shown: none where stage 2 is off, or for EL2. */
  readonly guests: readonly Guest[];
  readonly shown: readonly number[];
  readonly columns: readonly MapColumn[];
  readonly ribbons: readonly SpaceRibbon[];
  /** A VA of the first column that the machine uses at this instant: the PC, else a stack pointer. Null where neither is mapped there. */
  readonly inUse: { readonly address: Hex; readonly name: string } | null;
  /** What is worth seeing here. */
  readonly notes: readonly MapNote[];
  readonly sentence: string;
}
export interface MapNote {
  readonly kind: 'mismatch' | 'same' | 'unmapped' | 'shared' | 'apart' | 'hypervisor' | 'unreached';
  readonly text: RichText;
  /** Column and region that it is about, `column/region`. */
  readonly region?: string;
}

// ---- tables: the whole tree of one base register

export const tableRegisters = ['TTBR0_EL1', 'TTBR1_EL1', 'VTTBR_EL2', 'TTBR0_EL2'] as const;
export type TableRegister = (typeof tableRegisters)[number];

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
