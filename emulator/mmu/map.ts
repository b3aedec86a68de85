/**
 * Address spaces side by side: what each column holds, and which part of one translates to which part of the next, as merged runs.
 * EL1&0 with both stages has VA, IPA and PA; one stage alone, and EL2, have two columns.
 */
import { hex } from '../base/hex.ts';
import { right } from './permissions.ts';
import type { LeafInfo } from './leaf.ts';
import type { Mmu } from './mmu.ts';
import { PA_BITS, powersOfTwo, type Regime } from './regime.ts';
import { mappedRanges, readTree } from './tables.ts';
import type { ByLevel, Hex } from './walk-types.ts';

export type MapSpace = 'va' | 'ipa' | 'pa';
/** How a region is drawn: device memory; else what it allows; unmapped: stage 1 leads there and stage 2 refuses. */
export type MapKind = 'normal' | 'readOnly' | 'executable' | 'device' | 'unmapped';

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
}

export interface SpaceColumn {
  readonly space: MapSpace;
  readonly regions: readonly SpaceRegion[];
}

/** Part of a region that translates to part of another in the next column. */
export interface SpaceRibbon {
  readonly from: { readonly space: MapSpace; readonly region: string; readonly base: Hex };
  readonly to: { readonly space: MapSpace; readonly region: string; readonly base: Hex };
  readonly size: number;
  /** Kind of the region it comes from. */
  readonly kind: MapKind;
}

export interface AddressMap {
  readonly regime: Regime;
  readonly stage1: boolean;
  readonly stage2: boolean;
  /** Null where there is none: ASIDs in EL2 and with stage 1 off, VMIDs in EL2. */
  readonly asid: number | null;
  readonly vmid: number | null;
  readonly columns: readonly SpaceColumn[];
  readonly ribbons: readonly SpaceRibbon[];
  /** There is more than was asked for. */
  readonly isTruncated: boolean;
}

export interface MapOptions {
  /** Mapped ranges taken of each stage at most; 4096 if absent. */
  readonly maxRanges?: number;
}

export function readMap(mmu: Mmu, regime: Regime, { maxRanges = 4096 }: MapOptions = {}): AddressMap {
  const context = mmu.context(regime);
  const { stage1, stage2 } = context;
  const reader = new RangeReader(maxRanges);
  const second = stage2 ? reader.read(mmu, regime, [context.stage2Root]) : undefined;
  const first = stage1 ? reader.read(mmu, regime, context.upper ? [context.lower, context.upper] : [context.lower]) : undefined;
  // A stage that is off passes addresses through: what the other one maps, or all there is.
  const vas = first ?? identity(second) ?? [everything()];

  const columns: SpaceColumn[] = [];
  const ribbons: SpaceRibbon[] = [];
  const va: Placed[] = place('va', vas);
  columns.push({ space: 'va', regions: va.map((p) => p.region) });
  let from = va;
  let fromSpace: MapSpace = 'va';
  if (second) {
    const ipa = place(
      'ipa',
      [...second, ...holes(outputs(vas), second)].sort((a, b) => a.input - b.input),
    );
    columns.push({ space: 'ipa', regions: ipa.map((p) => p.region) });
    connect(ribbons, fromSpace, from, 'ipa', ipa);
    from = ipa.filter((p) => p.range.leaf !== undefined);
    fromSpace = 'ipa';
  }
  const pa = place('pa', physical(from.map((p) => p.range)));
  columns.push({ space: 'pa', regions: pa.map((p) => p.region) });
  connect(ribbons, fromSpace, from, 'pa', pa);
  const isEl1 = regime === 'el1';
  return {
    regime,
    stage1,
    stage2,
    asid: isEl1 && stage1 ? context.asid : null,
    vmid: isEl1 ? context.vmid : null,
    columns,
    ribbons,
    isTruncated: reader.isTruncated,
  };
}

/** A range of one space and where it leads. */
interface Range {
  readonly input: number;
  /** To be added to `input` for the address: 2^64 - 2^n for the upper half of the VAs. */
  readonly base: bigint;
  bytes: number;
  readonly output: number;
  /** What the descriptor says; undefined where none maps it. */
  readonly leaf?: LeafInfo;
  readonly kind: MapKind;
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

/** What ranges lead to, as sorted intervals that do not overlap. */
function outputs(ranges: readonly Range[]): { from: number; to: number; kind: MapKind }[] {
  const merged: { from: number; to: number; kind: MapKind }[] = [];
  const sorted = ranges.filter((range) => !range.leaf?.refused).sort((a, b) => a.output - b.output);
  for (const { output, bytes, kind } of sorted) {
    const last = merged.at(-1);
    const device = kind === 'device' ? 'device' : 'normal';
    if (last && output <= last.to && (output < last.to || last.kind === device)) {
      last.to = Math.max(last.to, output + bytes);
      if (device === 'device') last.kind = device;
    } else merged.push({ from: output, to: output + bytes, kind: device });
  }
  return merged;
}

const physical = (ranges: readonly Range[]): Range[] =>
  outputs(ranges).map(({ from, to, kind }) => ({ input: from, base: 0n, bytes: to - from, output: from, kind }));

/** The parts of intervals that no range covers. Both are sorted. */
function holes(intervals: readonly { from: number; to: number }[], ranges: readonly Range[]): Range[] {
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

const place = (space: MapSpace, ranges: readonly Range[]): Placed[] =>
  ranges.map((range) => {
    const base = hex(range.base + BigInt(range.input));
    const { leaf, bytes, kind } = range;
    const region: SpaceRegion = {
      id: `${space}:${base}`,
      base,
      size: bytes,
      kind,
      permissions: leaf?.permissions ?? {},
      memory: leaf?.memory ?? '',
      ...(leaf?.refused ? { refused: leaf.refused } : {}),
    };
    return { range, region };
  });

/** Ribbons from each range to all regions of the next column that its output touches. `to` is sorted and does not overlap. */
function connect(ribbons: SpaceRibbon[], fromSpace: MapSpace, from: readonly Placed[], toSpace: MapSpace, to: readonly Placed[]): void {
  for (const source of from) {
    const { input, base, output, bytes, leaf, kind } = source.range;
    if (leaf?.refused) continue;
    for (let k = firstReaching(to, output); k < to.length && to[k].range.input < output + bytes; k++) {
      const target = to[k];
      const start = Math.max(output, target.range.input);
      const end = Math.min(output + bytes, target.range.input + target.range.bytes);
      ribbons.push({
        from: { space: fromSpace, region: source.region.id, base: hex(base + BigInt(input + start - output)) },
        to: { space: toSpace, region: target.region.id, base: hex(start) },
        size: end - start,
        kind,
      });
    }
  }
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
