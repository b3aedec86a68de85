/**
 * Address spaces side by side: what each column holds, and which part of one translates to which part of the next, as merged runs.
 * EL1&0 with both stages has VA, IPA and PA; one stage alone, and EL2, have two columns. Two guests share the column of PAs.
 */
import { IPA, PA, VAOffset, type OA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { memoryText } from './attribute-words.ts';
import { effectiveAttributes, isDevice, stage1OffAttributes } from './attributes.ts';
import { physicalPieces, union, type Mismatch, type PhysicalRange, type PhysicalRow } from './map-physical.ts';
import { right } from './permissions.ts';
import type { LeafInfo } from './leaf.ts';
import type { Mmu } from './mmu.ts';
import { PA_BITS, powersOfTwo, type Regime, type RegimeContext, type TableRoot } from './regime.ts';
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
  readonly last: readonly Placed<VAOffset | IPA, PA>[];
  /** What descriptors lead to, with the memory type of an access to data from both stages. */
  readonly typed: readonly (PhysicalRange & { readonly device: boolean })[];
}

function readSide(reader: RangeReader, mmu: Mmu, regime: Regime, owner: number): Side {
  const context = mmu.context(regime);
  const { stage1, stage2 } = context;
  const columns: SpaceColumn[] = [];
  const ribbons: SpaceRibbon[] = [];
  const column = <In extends number, Out extends number>(space: MapSpace, ranges: readonly Range<In, Out>[]): Placed<In, Out>[] => {
    const placed = place(columnId(space, owner), ranges);
    columns.push({ id: columnId(space, owner), space, owner, regions: placed.map((p) => p.region) });
    return placed;
  };
  const roots = context.upper ? [context.lower, context.upper] : [context.lower];
  const readStage1 = <Out extends OA>(): Range<VAOffset, Out>[] | undefined =>
    stage1 ? reader.read<VAOffset, Out>(mmu, regime, roots) : undefined;

  // A stage that is off passes addresses through: what the other one maps, or all there is.
  let last: Side['last'];
  let typed: Side['typed'] = [];
  if (stage2) {
    const second = reader.read<IPA, PA>(mmu, regime, [context.stage2Root]);
    const first = readStage1<IPA>() ?? identity(second);
    const va = column('va', first);
    const ipa = column(
      'ipa',
      [...second, ...holes(outputs(first), second)].sort((a, b) => a.input - b.input),
    );
    connect(ribbons, columns[0].id, va, columns[1].id, ipa);
    const mapped = ipa.filter((p) => p.range.leaf !== undefined);
    if (stage1) typed = meetings(va, mapped).flatMap(([source, target]) => typedOutput(context, source.range, target.range));
    last = mapped;
  } else {
    const va = column('va', readStage1<PA>() ?? [everything()]);
    if (stage1) typed = va.flatMap(({ range }) => typedOutput(context, range, undefined));
    last = va;
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
function typedOutput(context: RegimeContext, first: Range<VAOffset, OA>, second: Range<IPA, PA> | undefined): Side['typed'] {
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

/** A range of one space and where it leads, by the kinds of addresses of two columns. */
interface Range<In extends number = number, Out extends number = number> {
  readonly input: In;
  /** To be added to `input` for the address: 2^64 - 2^n for the upper half of the VAs. */
  readonly base: bigint;
  bytes: number;
  readonly output: Out;
  /** What the descriptor says; undefined where none maps it. */
  readonly leaf?: LeafInfo;
  readonly kind: MapKind;
  readonly reachedBy?: readonly number[];
  readonly mismatch?: Mismatch | undefined;
}

class RangeReader {
  isTruncated = false;

  constructor(private readonly maxRanges: number) {}

  /** By the kinds of addresses of the stage that the roots belong to. */
  read<In extends VAOffset | IPA, Out extends OA>(mmu: Mmu, regime: Regime, roots: readonly TableRoot[]): Range<In, Out>[] {
    const ranges: Range<In, Out>[] = [];
    for (const root of roots) {
      const tree = readTree(mmu, mmu.context(regime), root, { maxRuns: RUNS_PER_RANGE * this.maxRanges });
      this.isTruncated ||= tree.isTruncated;
      for (const { input, bytes, output, leaf } of mappedRanges(tree)) {
        if (ranges.length === this.maxRanges) {
          this.isTruncated = true;
          return ranges;
        }
        ranges.push({ input: input as In, base: tree.base, bytes, output: output as Out, leaf, kind: kindOf(leaf) });
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

const identity = (ranges: readonly Range<IPA, PA>[]): Range<VAOffset, IPA>[] =>
  ranges.map((range) => ({ ...range, input: VAOffset(range.input), output: range.input }));

const everything = (): Range<VAOffset, PA> => ({
  input: VAOffset(0),
  base: 0n,
  bytes: powersOfTwo[PA_BITS],
  output: PA(0),
  kind: 'device',
});

/** Addresses of one space: `to` is not one of them. */
interface Interval<Address extends number> {
  readonly from: Address;
  readonly to: Address;
}
/** What ranges of the last column before physical memory lead to. */
const physicalOutputs = (placed: Side['last']): PhysicalRange[] => outputs(placed.map((p) => p.range));

/** What ranges lead to, as sorted intervals that do not overlap; where they only touch, those of devices stay apart from others. */
function outputs<Out extends OA>(ranges: readonly Range<number, Out>[]): Interval<Out>[] {
  const merged: { from: Out; to: Out; isDevice: boolean }[] = [];
  const sorted = ranges.filter((range) => !range.leaf?.refused).sort((a, b) => a.output - b.output);
  for (const { output, bytes, kind } of sorted) {
    const last = merged.at(-1);
    const isDevice = kind === 'device';
    if (last && output <= last.to && (output < last.to || last.isDevice === isDevice)) {
      last.to = Math.max(last.to, output + bytes) as Out;
      last.isDevice ||= isDevice;
    } else merged.push({ from: output, to: (output + bytes) as Out, isDevice });
  }
  return merged;
}

/** The parts of intervals that no range covers; they lead nowhere. Both are sorted. */
function holes(intervals: readonly Interval<IPA>[], ranges: readonly Range<IPA, PA>[]): Range<IPA, PA>[] {
  const found: Range<IPA, PA>[] = [];
  let r = 0;
  for (const { from, to } of intervals) {
    let at: IPA = from;
    while (r < ranges.length && ranges[r].input + ranges[r].bytes <= from) r++;
    for (let k = r; at < to; k++) {
      const next = ranges[k];
      const until = Math.min(to, next?.input ?? to);
      if (until > at) found.push({ input: at, base: 0n, bytes: until - at, output: PA(at), kind: 'unmapped' });
      if (!next || next.input >= to) break;
      at = IPA(Math.max(at, next.input + next.bytes));
    }
  }
  return found;
}

/** A range with the region that represents it. */
interface Placed<In extends number = number, Out extends number = number> {
  readonly range: Range<In, Out>;
  readonly region: SpaceRegion;
}

const place = <In extends number, Out extends number>(column: string, ranges: readonly Range<In, Out>[]): Placed<In, Out>[] =>
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
function connect<Between extends OA>(
  ribbons: SpaceRibbon[],
  fromColumn: string,
  from: readonly Placed<number, Between>[],
  toColumn: string,
  to: readonly Placed<Between>[],
): void {
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
function meetings<In extends number, Between extends OA, Out extends number>(
  from: readonly Placed<In, Between>[],
  to: readonly Placed<Between, Out>[],
): [Placed<In, Between>, Placed<Between, Out>][] {
  const found: [Placed<In, Between>, Placed<Between, Out>][] = [];
  for (const source of from) {
    const { output, bytes, leaf } = source.range;
    if (leaf?.refused) continue;
    for (let k = firstReaching(to, output); k < to.length && to[k].range.input < output + bytes; k++) found.push([source, to[k]]);
  }
  return found;
}

/** Index of the first range that ends beyond `address`. */
function firstReaching<In extends number>(placed: readonly Placed<In>[], address: In): number {
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
