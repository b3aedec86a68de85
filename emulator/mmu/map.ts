/**
 * Address spaces side by side: what each column holds, and which part of one translates to which part of the next, as merged runs.
 * EL1&0 with both stages has VA, IPA and PA; one stage alone, and EL2, have two columns. Two guests share the column of PAs.
 */
import { PA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { memoryText } from './attribute-words.ts';
import { effectiveAttributes, isDevice, stage1OffAttributes } from './attributes.ts';
import { physicalPieces, union, type Mismatch, type PhysicalRange, type PhysicalRow } from './map-physical.ts';
import { right } from './permissions.ts';
import type { LeafInfo } from './leaf.ts';
import type { Mmu } from './mmu.ts';
import { PA_BITS, powersOfTwo, type Regime, type RegimeContext } from './regime.ts';
import { mappedRanges, readTree } from './tables.ts';
import type { ByLevel, Hex } from './walk-types.ts';

export type MapSpace = 'va' | 'ipa' | 'pa';
/**
 * How a region is drawn: device memory; else what it allows; unmapped: stage 1 leads there and stage 2 refuses. Physical memory is what the
 * board has there: nothing where it has nothing; hypervisor where no guest reaches it.
 */
export type MapKind = 'normal' | 'readOnly' | 'executable' | 'device' | 'unmapped' | 'hypervisor' | 'nothing';

export interface SpaceRegion {
  /** Unique in its column. */
  readonly id: string;
  readonly base: Hex;
  /** Bytes. */
  readonly size: number;
  readonly kind: MapKind;
  /** "rw-" by level; empty in physical memory and where nothing is mapped. */
  readonly permissions: ByLevel<string>;
  /** "Normal, Write-Back"; empty where nothing is mapped. */
  readonly memory: string;
  /** Every access faults all the same: AF = 0, or an output address out of range. */
  readonly refused?: 'access flag' | 'address size';
  /** In physical memory: which of the address spaces shown reach it. */
  readonly reachedBy?: readonly number[];
  /** In physical memory: descriptors make something else of it than it is. */
  readonly mismatch?: Mismatch;
}

export interface SpaceColumn {
  /** `va`, `ipa`, `pa`; of a second guest `ipa2`, `va2`. */
  readonly id: string;
  readonly space: MapSpace;
  /** Which of the address spaces; null for physical memory. */
  readonly owner: number | null;
  readonly regions: readonly SpaceRegion[];
}

/** Part of a region that translates to part of another in the next column. */
export interface SpaceRibbon {
  readonly from: { readonly column: string; readonly region: string; readonly base: Hex };
  readonly to: { readonly column: string; readonly region: string; readonly base: Hex };
  readonly size: number;
  /** Kind of the region it comes from. */
  readonly kind: MapKind;
}

/** What governs an address space. */
export interface SpaceControl {
  readonly regime: Regime;
  readonly stage1: boolean;
  readonly stage2: boolean;
  /** Null where there is none: ASIDs in EL2 and with stage 1 off, VMIDs in EL2. */
  readonly asid: number | null;
  readonly vmid: number | null;
  /** With stage 1 off: the memory that accesses to data see, and fetches of instructions, before stage 2. */
  readonly stage1Off: { readonly data: string; readonly instructions: string } | null;
}

export interface AddressMap {
  readonly spaces: readonly SpaceControl[];
  /** From left to right; a second address space is mirrored. */
  readonly columns: readonly SpaceColumn[];
  readonly ribbons: readonly SpaceRibbon[];
  /** There is more than was asked for. */
  readonly isTruncated: boolean;
}

export interface MapOptions {
  /** Mapped ranges taken of each stage at most; 4096 if absent. */
  readonly maxRanges?: number;
  /** All that answers in physical memory. */
  readonly rows: readonly PhysicalRow[];
  /** Shown as the hypervisor's own where no address space reaches it; neighbours stay apart. */
  readonly others?: readonly PhysicalRange[];
}

/** The map of one address space, or of two side by side. */
export function readMap(
  owners: readonly { readonly mmu: Mmu; readonly regime: Regime }[],
  { maxRanges = 4096, rows, others = [] }: MapOptions,
): AddressMap {
  const reader = new RangeReader(maxRanges);
  const sides = owners.map(({ mmu, regime }, owner) => readSide(reader, mmu, regime, owner));
  const pieces = physicalPieces({
    reached: sides.map((side) => physicalOutputs(side.last)),
    rows,
    others,
    asNormal: union(sides.flatMap(({ typed }) => typed.filter(({ device }) => !device))),
    asDevice: union(sides.flatMap(({ typed }) => typed.filter(({ device }) => device))),
  });
  const pa = place(
    'pa',
    pieces.map(({ from, to, ...piece }) => ({ input: from, base: 0n, bytes: to - from, output: from, ...piece })),
  );
  const paColumn: SpaceColumn = { id: 'pa', space: 'pa', owner: null, regions: pa.map((p) => p.region) };
  const ribbons: SpaceRibbon[] = [];
  for (const side of sides) {
    ribbons.push(...side.ribbons);
    connect(ribbons, side.columns.at(-1)!.id, side.last, 'pa', pa);
  }
  const [left, right] = sides;
  return {
    spaces: sides.map(({ control }) => control),
    columns: [...left.columns, paColumn, ...(right ? right.columns.toReversed() : [])],
    ribbons,
    isTruncated: reader.isTruncated,
  };
}

/** What a regime can reach in physical memory. */
export function reachableMemory(mmu: Mmu, regime: Regime): readonly PhysicalRange[] {
  return physicalOutputs(readSide(new RangeReader(4096), mmu, regime, 0).last);
}

/** The columns of one address space up to physical memory. */
interface Side {
  readonly control: SpaceControl;
  readonly columns: readonly SpaceColumn[];
  readonly ribbons: readonly SpaceRibbon[];
  /** What translates to physical addresses. */
  readonly last: readonly Placed[];
  /** What descriptors lead to, with the memory type of an access to data from both stages. */
  readonly typed: readonly (PhysicalRange & { readonly device: boolean })[];
}

function readSide(reader: RangeReader, mmu: Mmu, regime: Regime, owner: number): Side {
  const context = mmu.context(regime);
  const { stage1, stage2 } = context;
  const second = stage2 ? reader.read(mmu, regime, [context.stage2Root]) : undefined;
  const first = stage1 ? reader.read(mmu, regime, context.upper ? [context.lower, context.upper] : [context.lower]) : undefined;
  // A stage that is off passes addresses through: what the other one maps, or all there is.
  const vas = first ?? identity(second) ?? [everything()];

  const columns: SpaceColumn[] = [];
  const ribbons: SpaceRibbon[] = [];
  const column = (space: MapSpace, placed: readonly Placed[]): SpaceColumn => ({
    id: columnId(space, owner),
    space,
    owner,
    regions: placed.map((p) => p.region),
  });
  const va = place(columnId('va', owner), vas);
  columns.push(column('va', va));
  let last: readonly Placed[] = va;
  let typed = stage1 ? va.flatMap(({ range }) => typedOutput(context, range, undefined)) : [];
  if (second) {
    const all = [...second, ...holes(outputs(vas), second)].sort((a, b) => a.input - b.input);
    const ipa = place(columnId('ipa', owner), all);
    columns.push(column('ipa', ipa));
    connect(ribbons, columns[0].id, va, columns[1].id, ipa);
    last = ipa.filter((p) => p.range.leaf !== undefined);
    if (stage1) typed = meetings(va, last).flatMap(([source, target]) => typedOutput(context, source.range, target.range));
  }
  const isEl1 = regime === 'el1';
  const off = (intent: 'read' | 'execute'): string => memoryText(stage1OffAttributes(context, intent).attribute);
  const control = {
    regime,
    stage1,
    stage2,
    asid: isEl1 && stage1 ? context.asid : null,
    vmid: isEl1 ? context.vmid : null,
    stage1Off: stage1 ? null : { data: off('read'), instructions: off('execute') },
  };
  return { control, columns, ribbons, last, typed };
}

/** Where an access through a range of stage 1 and one of stage 2 that it leads to ends up, and as which memory type. */
function typedOutput(context: RegimeContext, first: Range, second: Range | undefined): (PhysicalRange & { readonly device: boolean })[] {
  if (first.leaf?.refused || second?.leaf?.refused) return [];
  const stages = { stage1: first.leaf?.stages.stage1, stage2: second?.leaf?.stages.stage2 };
  const device = isDevice(effectiveAttributes(context, 'read', stages).attribute);
  if (!second) return [{ from: PA(first.output), to: PA(first.output + first.bytes), device }];
  const shift = second.output - second.input;
  const from = Math.max(first.output, second.input);
  const to = Math.min(first.output + first.bytes, second.input + second.bytes);
  return [{ from: PA(from + shift), to: PA(to + shift), device }];
}

const columnId = (space: MapSpace, owner: number): string => (owner === 0 ? space : `${space}${owner + 1}`);

/** A range of one space and where it leads: `input` and `output` are addresses of two columns, whichever they are. */
interface Range {
  readonly input: number;
  /** To be added to `input` for the address: 2^64 - 2^n for the upper half of the VAs. */
  readonly base: bigint;
  bytes: number;
  readonly output: number;
  /** What the descriptor says; undefined where none maps it. */
  readonly leaf?: LeafInfo;
  readonly kind: MapKind;
  readonly reachedBy?: readonly number[];
  readonly mismatch?: Mismatch | undefined;
}

class RangeReader {
  isTruncated = false;

  constructor(private readonly maxRanges: number) {}

  read(mmu: Mmu, regime: Regime, roots: Parameters<typeof readTree>[2][]): Range[] {
    const ranges: Range[] = [];
    for (const root of roots) {
      const tree = readTree(mmu, mmu.context(regime), root, { maxRuns: RUNS_PER_RANGE * this.maxRanges });
      this.isTruncated ||= tree.isTruncated;
      for (const { input, bytes, output, leaf } of mappedRanges(tree)) {
        if (ranges.length === this.maxRanges) {
          this.isTruncated = true;
          return ranges;
        }
        ranges.push({ input, base: tree.base, bytes, output, leaf, kind: kindOf(leaf) });
      }
    }
    return ranges;
  }
}

/** Runs read to make one range: invalid entries, tables and runs that neighbours join count too. */
const RUNS_PER_RANGE = 64;

function kindOf({ isDevice, rights, refused }: LeafInfo): MapKind {
  if (refused) return 'unmapped';
  if (isDevice) return 'device';
  if (rights & right.execute) return 'executable';
  return rights & right.write ? 'normal' : 'readOnly';
}

const identity = (ranges: readonly Range[] | undefined): Range[] | undefined => ranges?.map((range) => ({ ...range, output: range.input }));

const everything = (): Range => ({ input: 0, base: 0n, bytes: powersOfTwo[PA_BITS], output: 0, kind: 'device' });

/** Addresses of one space: `to` is not one of them. */
interface Interval {
  readonly from: number;
  readonly to: number;
}
/** What ranges of the last column before physical memory lead to. */
const physicalOutputs = (placed: readonly Placed[]): PhysicalRange[] =>
  outputs(placed.map((p) => p.range)).map(({ from, to }) => ({ from: PA(from), to: PA(to) }));

/** What ranges lead to, as sorted intervals that do not overlap; where they only touch, those of devices stay apart from others. */
function outputs(ranges: readonly Range[]): Interval[] {
  const merged: { from: number; to: number; isDevice: boolean }[] = [];
  const sorted = ranges.filter((range) => !range.leaf?.refused).sort((a, b) => a.output - b.output);
  for (const { output, bytes, kind } of sorted) {
    const last = merged.at(-1);
    const isDevice = kind === 'device';
    if (last && output <= last.to && (output < last.to || last.isDevice === isDevice)) {
      last.to = Math.max(last.to, output + bytes);
      last.isDevice ||= isDevice;
    } else merged.push({ from: output, to: output + bytes, isDevice });
  }
  return merged;
}

/** The parts of intervals that no range covers. Both are sorted. */
function holes(intervals: readonly Interval[], ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  let r = 0;
  for (const { from, to } of intervals) {
    let at = from;
    while (r < ranges.length && ranges[r].input + ranges[r].bytes <= from) r++;
    for (let k = r; at < to; k++) {
      const next = ranges[k];
      const until = Math.min(to, next?.input ?? to);
      if (until > at) found.push({ input: at, base: 0n, bytes: until - at, output: at, kind: 'unmapped' });
      if (!next || next.input >= to) break;
      at = Math.max(at, next.input + next.bytes);
    }
  }
  return found;
}

/** A range with the region that stands for it. */
interface Placed {
  readonly range: Range;
  readonly region: SpaceRegion;
}

const place = (column: string, ranges: readonly Range[]): Placed[] =>
  ranges.map((range) => {
    const base = hex(range.base + BigInt(range.input));
    const { leaf, bytes, kind, reachedBy, mismatch } = range;
    const region: SpaceRegion = {
      id: `${column}:${base}`,
      base,
      size: bytes,
      kind,
      permissions: leaf?.permissions ?? {},
      memory: leaf?.memory ?? '',
      ...(leaf?.refused ? { refused: leaf.refused } : {}),
      ...(reachedBy ? { reachedBy } : {}),
      ...(mismatch ? { mismatch } : {}),
    };
    return { range, region };
  });

/** Ribbons from each range to all regions of the next column that its output touches. */
function connect(ribbons: SpaceRibbon[], fromColumn: string, from: readonly Placed[], toColumn: string, to: readonly Placed[]): void {
  for (const [source, target] of meetings(from, to)) {
    const { input, base, output, bytes, kind } = source.range;
    const start = Math.max(output, target.range.input);
    const end = Math.min(output + bytes, target.range.input + target.range.bytes);
    ribbons.push({
      from: { column: fromColumn, region: source.region.id, base: hex(base + BigInt(input + start - output)) },
      to: { column: toColumn, region: target.region.id, base: hex(start) },
      size: end - start,
      kind,
    });
  }
}

/** Each range with each of the next column that its output touches. `to` is sorted and does not overlap. */
function meetings(from: readonly Placed[], to: readonly Placed[]): [Placed, Placed][] {
  const found: [Placed, Placed][] = [];
  for (const source of from) {
    const { output, bytes, leaf } = source.range;
    if (leaf?.refused) continue;
    for (let k = firstReaching(to, output); k < to.length && to[k].range.input < output + bytes; k++) found.push([source, to[k]]);
  }
  return found;
}

/** Index of the first range that ends beyond `address`. */
function firstReaching(placed: readonly Placed[], address: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { input, bytes } = placed[middle].range;
    if (input + bytes <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
