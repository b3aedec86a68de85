/** One address through all columns, and a range of addresses alone: both along the ribbons, whose ends are exact. */
import type { MapRegion, MapRibbon, MapsView } from '../../../emulator/session/views.ts';

export interface Cursor {
  readonly column: string;
  readonly address: bigint;
}
/** Where an address is in a column; `region` holds it. */
export interface Stop extends Cursor {
  readonly region: string;
}

type End = MapRibbon['from'];
const within = (end: End, size: number, address: bigint): boolean => {
  const base = BigInt(end.base);
  return address >= base && address < base + BigInt(size);
};

/** The places that an address has in all columns, itself first: what it translates to, and what translates to it. */
export function followAddress(view: MapsView, { column, address }: Cursor): Stop[] {
  const region = regionAt(view, column, address);
  if (!region) return [];
  const stops: Stop[] = [{ column, address, region: region.id }];
  for (let i = 0; i < stops.length; i++) {
    const here = stops[i];
    for (const { from, to, size } of view.ribbons)
      for (const [a, b] of [
        [from, to],
        [to, from],
      ]) {
        if (a.column !== here.column || !within(a, size, here.address)) continue;
        const next = { column: b.column, address: BigInt(b.base) + here.address - BigInt(a.base), region: b.region };
        if (!stops.some((stop) => stop.column === next.column && stop.address === next.address)) stops.push(next);
      }
  }
  return stops;
}

export const regionAt = (view: MapsView, column: string, address: bigint): MapRegion | undefined =>
  view.columns
    .find(({ id }) => id === column)
    ?.regions.find(({ base, size }) => address >= BigInt(base) && address < BigInt(base) + BigInt(size));

/** Addresses of one column. `to` is not part of them. */
export interface MapZoom {
  readonly column: string;
  readonly from: bigint;
  readonly to: bigint;
}
type Range = readonly [from: bigint, to: bigint];

/** The maps with only what a range holds, what it translates to, and what translates to it. */
export function zoomedMaps(view: MapsView, zoom: MapZoom): MapsView {
  const order = view.columns.map(({ id }) => id);
  const start = order.indexOf(zoom.column);
  if (start < 0) return view;
  const ranges = new Map<string, Range[]>([[zoom.column, [[zoom.from, zoom.to]]]]);
  for (let i = start; i + 1 < order.length; i++) ranges.set(order[i + 1], carried(view, order[i], order[i + 1], ranges.get(order[i])!));
  for (let i = start; i > 0; i--) ranges.set(order[i - 1], carried(view, order[i], order[i - 1], ranges.get(order[i])!));
  const columns = view.columns.map((column) => {
    const parts = ranges.get(column.id)!;
    return { ...column, regions: column.regions.flatMap((region) => clipped(region, parts)) };
  });
  const regionOf = (end: End, base: bigint): string | undefined =>
    columns
      .find(({ id }) => id === end.column)
      ?.regions.find((region) => base >= BigInt(region.base) && base < BigInt(region.base) + BigInt(region.size))?.id;
  const ribbons = view.ribbons.flatMap((ribbon) =>
    ranges.get(ribbon.from.column)!.flatMap(([from, to]): MapRibbon[] => {
      const a = BigInt(ribbon.from.base);
      const low = max(from, a);
      const high = min(to, a + BigInt(ribbon.size));
      if (low >= high) return [];
      const there = BigInt(ribbon.to.base) + low - a;
      const [source, target] = [regionOf(ribbon.from, low), regionOf(ribbon.to, there)];
      if (source === undefined || target === undefined) return [];
      return [
        {
          ...ribbon,
          from: { ...ribbon.from, region: source, base: hex(low) },
          to: { ...ribbon.to, region: target, base: hex(there) },
          size: Number(high - low),
        },
      ];
    }),
  );
  return { ...view, columns, ribbons };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const hex = (address: bigint): string => `0x${address.toString(16)}`;

/** Ranges of one column as those of its neighbour, merged. */
function carried(view: MapsView, from: string, to: string, ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  for (const ribbon of view.ribbons) {
    const [a, b] = ribbon.from.column === from ? [ribbon.from, ribbon.to] : [ribbon.to, ribbon.from];
    if (a.column !== from || b.column !== to) continue;
    const base = BigInt(a.base);
    const shift = BigInt(b.base) - base;
    for (const [low, high] of ranges) {
      const start = max(low, base);
      const end = min(high, base + BigInt(ribbon.size));
      if (start < end) found.push([start + shift, end + shift]);
    }
  }
  const merged: [bigint, bigint][] = [];
  for (const [low, high] of found.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))) {
    const last = merged.at(-1);
    if (last && low <= last[1]) last[1] = max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

/** The parts of a region that lie in ranges, each as a region. */
function clipped(region: MapRegion, ranges: readonly Range[]): MapRegion[] {
  const base = BigInt(region.base);
  const parts = ranges.map(([from, to]): Range => [max(from, base), min(to, base + BigInt(region.size))]).filter(([from, to]) => from < to);
  return parts.map(([from, to]) => {
    const whole = from === base && to === base + BigInt(region.size);
    return whole ? region : { ...region, id: `${region.id}@${hex(from)}`, base: hex(from), size: Number(to - from) };
  });
}
