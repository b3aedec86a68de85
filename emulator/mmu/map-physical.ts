/**
 * The column of physical memory: the rows of the board's table, whatever maps them, cut where another set of address spaces reaches them.
 * No piece lies in two rows, and what is mapped to where the board has nothing is a separate piece.
 */
import { PA } from '../base/addresses.ts';

/** `to` is not one of them. */
export interface PhysicalRange {
  readonly from: PA;
  readonly to: PA;
}

/** Something that answers: RAM, memory that writes do not reach, or registers. */
export interface PhysicalRow extends PhysicalRange {
  readonly kind: 'normal' | 'readOnly' | 'device';
}

/** Sorted ranges that do not overlap. */
export type PhysicalRanges<R extends PhysicalRange = PhysicalRange> = readonly R[];

/** What the descriptors make of a row, where that is not what it is. */
export type Mismatch = 'device mapped Normal' | 'memory mapped Device';

export interface PhysicalPiece extends PhysicalRange {
  /** nothing: no row of the board; hypervisor: none of the address spaces reaches it. */
  readonly kind: PhysicalRow['kind'] | 'nothing' | 'hypervisor';
  /** Which of the address spaces reach it. */
  readonly reachedBy: readonly number[];
  readonly mismatch: Mismatch | undefined;
}

export interface PhysicalMap {
  /** Of each address space. */
  readonly reached: readonly PhysicalRanges[];
  readonly rows: PhysicalRanges<PhysicalRow>;
  /** Shown as the hypervisor's own where no address space reaches it; neighbours stay apart. */
  readonly others: PhysicalRanges;
  /** What some descriptors map as Normal memory, and what as Device memory. */
  readonly asNormal: PhysicalRanges;
  readonly asDevice: PhysicalRanges;
}

export function physicalPieces({ reached, rows, others, asNormal, asDevice }: PhysicalMap): PhysicalPiece[] {
  const pieces: { -readonly [key in keyof PhysicalPiece]: PhysicalPiece[key] }[] = [];
  const all = [...reached, rows, others, asNormal, asDevice];
  const edges = [...new Set(all.flat().flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const reachedAt = reached.map(cover);
  const [rowAt, otherAt, normalAt, deviceAt] = [cover(rows), cover(others), cover(asNormal), cover(asDevice)];
  let lastRow: PhysicalRow | undefined;
  let lastOther: PhysicalRange | undefined;
  for (let e = 0; e + 1 < edges.length; e++) {
    const [from, to] = [edges[e], edges[e + 1]];
    const reachedBy = reachedAt.flatMap((at, i) => (at(from) ? [i] : []));
    const row = rowAt(from);
    const other = otherAt(from);
    const [isNormal, isDevice] = [normalAt(from) !== undefined, deviceAt(from) !== undefined];
    if (reachedBy.length === 0 && !other) continue;
    const kind = reachedBy.length === 0 ? 'hypervisor' : (row?.kind ?? 'nothing');
    const mismatch =
      row?.kind === 'device' && isNormal
        ? 'device mapped Normal'
        : row && row.kind !== 'device' && isDevice
          ? 'memory mapped Device'
          : undefined;
    const last = pieces.at(-1);
    const alike =
      last?.to === from &&
      lastRow === row &&
      last.kind === kind &&
      last.mismatch === mismatch &&
      last.reachedBy.join() === reachedBy.join() &&
      (kind !== 'hypervisor' || lastOther === other);
    if (alike) last.to = to;
    else pieces.push({ from, to, kind, reachedBy, mismatch });
    [lastRow, lastOther] = [row, other];
  }
  return pieces;
}

/** Finds the range that holds an address; for rising addresses. */
function cover<R extends PhysicalRange>(ranges: PhysicalRanges<R>): (address: PA) => R | undefined {
  let i = 0;
  return (address) => {
    while (i < ranges.length && ranges[i].to <= address) i++;
    const range = ranges[i];
    return range !== undefined && range.from <= address ? range : undefined;
  };
}

/** Ranges in any order as sorted ones that do not overlap. */
export function union(ranges: PhysicalRanges): PhysicalRange[] {
  const merged: { from: PA; to: PA }[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && from <= last.to) last.to = PA(Math.max(last.to, to));
    else merged.push({ from, to });
  }
  return merged;
}
