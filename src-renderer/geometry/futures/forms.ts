/** How each form draws one of two futures: by the scene that its panel has. */
import type { LanesView, LevelsView, MapsView, TrapRow, Walk } from '../../../emulator/session/views.ts';
import { leastMaps, mapsScene } from '../maps/index.ts';
import { leastTower, tower } from '../tower/index.ts';
import { leastWalk, walkScene } from '../walk/index.ts';
import { leastLanes, zoomLanes } from '../zoom-lanes.ts';
import type { Room } from '../picture.ts';
import { group, type Scene } from '../scene.ts';
import type { Side } from './index.ts';

/** What is known of one of them, as far as it has come. */
export interface FutureData {
  readonly at: number;
  readonly levels: LevelsView | undefined;
  readonly walk: Walk | undefined;
  readonly maps: MapsView | undefined;
  readonly lanes: LanesView | undefined;
  readonly rows: readonly TrapRow[];
}

type Head = Pick<Side, 'title' | 'context'>;
type Form = (data: FutureData, head: Head) => Side | undefined;

export const futurePictures: Readonly<Record<'levels' | 'walk' | 'maps' | 'traps', Form>> = {
  levels: ({ levels }, head) => levels && { ...head, least: leastTower(levels), draw: (room) => tower(levels, room) },
  walk: ({ walk }, head) => walk && { ...head, least: leastWalk(walk), draw: (room) => walkScene(walk, room) },
  maps: ({ maps }, head) => maps && { ...head, least: leastMaps, draw: (room) => mapsScene(maps, room) },
  traps: ({ lanes, rows, at }, head) =>
    lanes && {
      ...head,
      least: { width: 480, height: leastLanes.height },
      draw: (room) => inset(room, (inner) => zoomLanes(lanes, rows, { ...inner, chosen: null, at })),
    },
};

/** A panel gives lanes their margin; here they have it themselves. */
const MARGIN = 14;
function inset({ width, height }: Room, draw: (room: Room) => Scene): Scene {
  const scene = draw({ width: width - 2 * MARGIN, height });
  return { ...scene, width, height, nodes: [group(scene.nodes, { dx: MARGIN })] };
}

/** Steps that are always shown. */
const LEAST = 64;

/** From just before the change to as far again as both are from it, or a little less: lengths that stay while one moves on. */
export function stretchAfter(change: number, at: Readonly<Record<'was' | 'other', number>>, end: number): { from: number; to: number } {
  const distance = Math.max(at.was, at.other) - change;
  const length = Math.max(LEAST, 2 ** Math.ceil(Math.log2(Math.max(1, distance * 1.1))));
  const from = Math.max(0, change - Math.ceil(length / 16));
  return { from, to: Math.max(from + 1, Math.min(change + length, Math.max(end, at.was + 1, at.other + 1))) };
}
