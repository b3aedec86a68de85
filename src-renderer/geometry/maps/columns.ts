/** Regions stacked in columns: not to scale, empty space folded, neighbours of one kind merged where there are too many. */
import { scaleLinear, type ScaleLinear } from 'd3';
import type { MapColumn, MapRegion, MapsView, RegionKind } from '../../../emulator/session/views.ts';
import { size } from '../numbers.ts';
import { textWidth } from '../text.ts';

export interface Block {
  /** Column and region that it stands for, `column/region`; of merged ones the first. */
  readonly id: string;
  readonly column: string;
  readonly regions: readonly MapRegion[];
  readonly kind: RegionKind;
  readonly name: string;
  readonly base: bigint;
  readonly end: bigint;
  readonly permissions: string;
  /** In physical memory: all guests shown reach it. */
  readonly shared: boolean;
  readonly mismatch: MapRegion['mismatch'];
  /** Empty space lies before it. */
  readonly folded: boolean;
  readonly x: number;
  readonly w: number;
  readonly y: number;
  readonly h: number;
}

export interface Column {
  readonly column: MapColumn;
  readonly x: number;
  readonly w: number;
  readonly blocks: readonly Block[];
}

export const TOP = 76;
const BOTTOM = 14;
/** More regions than this in a column are too many to tell apart. */
const MOST = 14;
const FOLD = 18;
/** One line of text, and two; and the least that two can be read in. */
const LOW = 26;
const HIGH = 38;
export const TWO_LINES = HIGH - 4;

type Draft = Omit<Block, 'x' | 'y' | 'w' | 'h' | 'id' | 'column'>;

const drafts = (column: MapColumn): Draft[] => {
  const sorted = [...column.regions].sort((a, b) => (BigInt(a.base) < BigInt(b.base) ? -1 : 1));
  const touch = (a: MapRegion | undefined, b: MapRegion | undefined): boolean =>
    a !== undefined && b !== undefined && BigInt(a.base) + BigInt(a.size) === BigInt(b.base);
  // Room between two devices that one mapping covers is empty space like any other.
  const isRoom = (region: MapRegion, i: number): boolean =>
    region.kind === 'nothing' && touch(sorted[i - 1], region) && touch(region, sorted[i + 1]);
  let last: bigint | null = null;
  return sorted
    .filter((region, i) => !isRoom(region, i))
    .map((region) => {
      const base = BigInt(region.base);
      const end = base + BigInt(region.size);
      const folded = last !== null && last !== base;
      last = end;
      const { kind, name, permissions, mismatch } = region;
      const shared = (region.reachedBy?.length ?? 0) > 1;
      return { regions: [region], kind, name, base, end, permissions, shared, mismatch, folded };
    });
};

const joined = (a: Draft, b: Draft): Draft => {
  const regions = [...a.regions, ...b.regions];
  const names = new Set(regions.map((region) => region.name));
  const families = [...new Set(regions.map((region) => region.family ?? region.name))];
  const name = names.size === 1 ? a.name : families.length <= 3 ? families.join(', ') : `${regions.length} regions`;
  const permissions = a.permissions === b.permissions ? a.permissions : '';
  const mismatch = a.mismatch === b.mismatch ? a.mismatch : undefined;
  return { ...a, regions, end: b.end, name, permissions, mismatch, shared: a.shared && b.shared };
};
const areAlike = (a: Draft, b: Draft): boolean =>
  a.kind === b.kind && a.permissions === b.permissions && a.shared === b.shared && a.mismatch === b.mismatch;
/** Parts of one device, or devices of one kind. */
const areRelated = (a: Draft, b: Draft): boolean => {
  const [{ family }] = a.regions;
  return family !== undefined && [...a.regions, ...b.regions].every((region) => region.family === family);
};

/** Less empty space than this between parts of one device leaves it one. */
const NEAR = 0x10_0000n;

/** Merges neighbours, related ones first, then the smallest and those of one kind, until no more than `most` are left. */
function merged(blocks: readonly Draft[], most: number): Draft[] {
  if (blocks.length <= most) return [...blocks];
  const out: Draft[] = [];
  for (const block of blocks) {
    const last = out.at(-1);
    if (last && block.base - last.end < NEAR && areAlike(last, block) && areRelated(last, block)) out[out.length - 1] = joined(last, block);
    else out.push(block);
  }
  while (out.length > most) {
    let best = 0;
    const cost = (i: number): number => {
      const [a, b] = [out[i], out[i + 1]];
      // Across little empty space rather than across much.
      const gap = Math.log2(1 + Number(b.base - a.end) / 4096);
      return a.regions.length + b.regions.length + gap + (areAlike(a, b) ? 0 : 1000);
    };
    for (let i = 1; i + 1 < out.length; i++) if (cost(i) < cost(best)) best = i;
    out.splice(best, 2, joined(out[best], out[best + 1]));
  }
  return out;
}

/** Kinds of the regions that are drawn. */
export const kindsDrawn = (view: MapsView): ReadonlySet<RegionKind> =>
  new Set(view.columns.flatMap((column) => drafts(column).map(({ kind }) => kind)));

/** What may be done there, or who may; at the right of a block. */
export const blockNote = ({ kind, permissions, shared, mismatch }: Pick<Block, 'kind' | 'permissions' | 'shared' | 'mismatch'>): string =>
  mismatch !== undefined
    ? mismatchWords[mismatch]
    : kind === 'unmapped' && !permissions
      ? 'traps'
      : kind === 'hypervisor'
        ? 'EL2 only'
        : shared
          ? 'shared'
          : permissions;
const mismatchWords: Readonly<Record<NonNullable<MapRegion['mismatch']>, string>> = {
  'device mapped Normal': 'as Normal!',
  'memory mapped Device': 'as Device',
};
/** Between the parts of a block, and at its edges. */
export const BLOCK_EDGE = 30;
export const BLOCK_GAP = 8;

function fitsOneLine(block: Draft, w: number): boolean {
  const note = blockNote(block);
  const address = textWidth(`0x${block.base.toString(16)}`, 'mono small');
  const name = block.name ? textWidth(block.name, 'bold') + BLOCK_GAP : 0;
  return BLOCK_EDGE + name + address + (note ? textWidth(note, 'mono small') + 12 : 0) <= w;
}

/** Large regions are higher, by the logarithm of their size. */
const weight = (block: Draft): number => 1 + Math.max(0, Math.log2(Number(block.end - block.base) / 4096)) * 0.09;

export function mapColumns(view: MapsView, width: number, height: number): Column[] {
  const count = view.columns.length;
  const gap = Math.max(34, Math.min(96, (width - 24) / count / 3.4));
  const w = (width - 24 - gap * (count - 1)) / count;
  const room = height - TOP - BOTTOM;
  return view.columns.map((column, i) => {
    const x = 12 + i * (w + gap);
    // Where a name and its address do not fit side by side, they take two lines, and folds are smaller.
    const all = drafts(column);
    const isNarrow = !all.every((block) => fitsOneLine(block, w));
    const [low, widestFold] = isNarrow ? [TWO_LINES, 8] : [LOW, FOLD];
    const blocks = merged(all, Math.min(MOST, Math.max(4, Math.floor((room + widestFold) / (low + widestFold)))));
    const folds = blocks.filter((block) => block.folded).length;
    const roomy = room / Math.max(1, blocks.length * 3);
    const each = (fold: number): number => (room - folds * fold) / Math.max(1, blocks.length);
    const fold = isNarrow && each(Math.min(FOLD, roomy)) < TWO_LINES ? widestFold : Math.min(FOLD, Math.max(8, roomy));
    const forBlocks = room - folds * fold;
    const least = each(fold) >= HIGH ? HIGH : Math.min(low, each(fold));
    const total = blocks.reduce((sum, block) => sum + weight(block), 0);
    // Everything gets its least height; what is left is shared by size.
    const spare = Math.max(0, forBlocks - blocks.length * least);
    // A few take all there is: one that is everything looks like it.
    const share = Math.min(spare / Math.max(1, total), blocks.length > 3 ? 62 : Infinity);
    const heights = blocks.map((block) => least + weight(block) * share);
    let y = TOP + Math.max(0, (forBlocks - heights.reduce((a, b) => a + b, 0)) / 2);
    return {
      column,
      x,
      w,
      blocks: blocks.map((block, b) => {
        if (block.folded) y += fold;
        const placed: Block = { ...block, id: `${column.id}/${block.regions[0].id}`, column: column.id, x, w, y, h: heights[b] };
        y += heights[b];
        return placed;
      }),
    };
  });
}

/** From bytes behind the base of a block to y. */
const scaleOf = ({ base, end, y, h }: Block): ScaleLinear<number, number> => scaleLinear([0, Number(end - base)], [y, y + h]).clamp(true);

/** y of an address inside its block. */
export const yOf = (block: Block, address: bigint): number => scaleOf(block)(Number(address - block.base));

/** The address at a height inside its block, on a boundary that its size makes sense of. */
export function addressAt(block: Block, y: number): bigint {
  const span = Number(block.end - block.base);
  const step = Math.max(16, Math.min(4096, 2 ** Math.floor(Math.log2(Math.max(1, span / 256)))));
  const offset = Math.floor(scaleOf(block).invert(y) / step) * step;
  const address = block.base + BigInt(Math.min(span - 1, offset));
  // Of merged regions, the one that begins at or before it.
  const region = block.regions.findLast(({ base }) => BigInt(base) <= address) ?? block.regions[0];
  const last = BigInt(region.base) + BigInt(region.size) - 1n;
  return address > last ? BigInt(region.base) : address;
}

/** Of merged regions, without the empty space between them. */
export const blockSize = ({ regions }: Block): string => size(regions.reduce((sum, region) => sum + region.size, 0));
