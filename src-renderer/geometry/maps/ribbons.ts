/** What joins the columns: a ribbon for each run of addresses that maps to another. */
import { area, curveBumpX, linkHorizontal } from 'd3';
import type { MapRibbon, MapsView } from '../../../emulator/session/views.ts';
import { DIGITS, group, path, type SceneNode } from '../scene.ts';
import { yOf, type Block, type Column } from './columns.ts';
import type { Stop } from './follow.ts';
import { looks } from './looks.ts';

/** A ribbon between two blocks that are drawn. */
export interface Drawn {
  readonly ribbon: MapRibbon;
  readonly from: Block;
  readonly to: Block;
}

export function drawnRibbons(view: MapsView, columns: readonly Column[]): Drawn[] {
  const blockOf = new Map<string, Block>();
  for (const { column, blocks } of columns)
    for (const block of blocks) for (const region of block.regions) blockOf.set(`${column.id}/${region.id}`, block);
  return view.ribbons.flatMap((ribbon) => {
    const from = blockOf.get(`${ribbon.from.column}/${ribbon.from.region}`);
    const to = blockOf.get(`${ribbon.to.column}/${ribbon.to.region}`);
    return from && to ? [{ ribbon, from, to }] : [];
  });
}

/** The ribbons that the followed address runs along. */
export const alongRibbon = ({ ribbon }: Drawn, stops: readonly Stop[]): boolean => {
  const holds = (end: MapRibbon['from']): boolean =>
    stops.some(
      ({ column, address }) => column === end.column && address >= BigInt(end.base) && address < BigInt(end.base) + BigInt(ribbon.size),
    );
  return stops.length > 0 && holds(ribbon.from) && holds(ribbon.to);
};

/** Where a ribbon meets a block. */
interface RibbonEnd {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}
const band = area<RibbonEnd>()
  .x(({ x }) => x)
  .y0(({ top }) => top)
  .y1(({ bottom }) => bottom)
  .curve(curveBumpX)
  .digits(DIGITS);
const thread = linkHorizontal<{ source: [number, number]; target: [number, number] }, [number, number]>().digits(DIGITS);
/** One address along a ribbon, from left to right. */
export const threadPath = (source: [number, number], target: [number, number]): string => thread({ source, target })!;

export function ribbonNode({ ribbon, from, to }: Drawn, on: boolean, i: number): SceneNode {
  // The one on the left comes first, whichever way it translates.
  const forward = from.x < to.x;
  const bytes = BigInt(ribbon.size);
  const a = { block: from, base: BigInt(ribbon.from.base) };
  const b = { block: to, base: BigInt(ribbon.to.base) };
  const [left, right] = forward ? [a, b] : [b, a];
  const end = ({ block, base }: typeof a, x: number): RibbonEnd => {
    const top = yOf(block, base);
    return { x, top, bottom: Math.max(top + 2, yOf(block, base + bytes)) };
  };
  const d = band([end(left, left.block.x + left.block.w), end(right, right.block.x)])!;
  const look = looks[ribbon.kind];
  return group([path(d, `${look.ribbon} ${on ? 'veil' : 'ghost'}`), look.ribbonPattern ? path(d, `${look.ribbonPattern} todo`) : null], {
    key: `ribbon${i}`,
  });
}
