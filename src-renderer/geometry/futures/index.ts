/** Two futures of one run side by side, or one below the other where that is too narrow: the same picture of each, with what differs marked. */
import type { Room } from '../picture.ts';
import { group, line, text, type GroupNode, type Scene } from '../scene.ts';
import { fit, textWidth } from '../text.ts';
import { marked } from './marks.ts';

/** One of the two. */
export interface Side {
  /** "As it was". */
  readonly title: string;
  /** Where it is: "instant 128 430". */
  readonly context: string;
  /** The picture in its room. */
  readonly draw: (room: Room) => Scene;
  /** What it can be read in. */
  readonly least: Room;
}
export type Sides = readonly [Side, Side];

const HEAD = 30;
const GAP = 24;

const leastOf = (sides: Sides): Room => ({
  width: Math.max(...sides.map(({ least }) => least.width)),
  height: Math.max(...sides.map(({ least }) => least.height)),
});

export interface PairOptions {
  readonly isBelow?: boolean;
  /** Pictures that are told apart by more than their texts. */
  readonly isMarked?: boolean;
}

const fitsBeside = (sides: Sides, width: number): boolean => width >= 2 * leastOf(sides).width + GAP;

/** What both can be read in, in a place so wide. */
export function leastPair(sides: Sides, width: number, isBelow = !fitsBeside(sides, width)): Room {
  const least = leastOf(sides);
  return isBelow
    ? { width: least.width, height: 2 * (HEAD + least.height) + GAP }
    : { width: 2 * least.width + GAP, height: HEAD + least.height };
}

export function pairScene(
  sides: Sides,
  { width, height }: Room,
  { isBelow = !fitsBeside(sides, width), isMarked = true }: PairOptions = {},
): Scene {
  const room = isBelow ? { width, height: (height - GAP) / 2 - HEAD } : { width: (width - GAP) / 2, height: height - HEAD };
  const [one, two] = [sides[0].draw(room), sides[1].draw(room)];
  const [was, other] = isMarked ? marked(one, two) : [one, two];
  const place = isBelow ? { x: 0, y: HEAD + room.height + GAP } : { x: room.width + GAP, y: 0 };
  const edge = isBelow
    ? line(0, place.y - GAP / 2, width, place.y - GAP / 2, 's-line2')
    : line(place.x - GAP / 2, 4, place.x - GAP / 2, height, 's-line2');
  return {
    width,
    height,
    label: sides.map(({ title }, i) => `${title}: ${[was, other][i].label}`).join('. '),
    nodes: [
      half(sides[0], was, room.width, 0, 0, 'was'),
      { ...edge, key: 'edge' },
      half(sides[1], other, room.width, place.x, place.y, 'other'),
    ],
    arrangement: [isBelow, was.arrangement, other.arrangement].join(' '),
    table: sides.flatMap(({ title }, i) => [['', title], ...[was, other][i].table]),
  };
}

/** One of the two alone, with its difference from the other marked. */
export function oneOfPair(sides: Sides, room: Room, i: 0 | 1, isMarked: boolean): Scene {
  const inner = { width: room.width, height: room.height - HEAD };
  const [one, two] = [sides[0].draw(inner), sides[1].draw(inner)];
  const scene = (isMarked ? marked(one, two) : [one, two])[i];
  return { ...scene, ...room, nodes: [half(sides[i], scene, room.width, 0, 0, 'half')], label: `${sides[i].title}: ${scene.label}` };
}

/** The picture under its head. */
function half({ title, context }: Side, scene: Scene, width: number, x: number, y: number, key: string): GroupNode {
  const after = 24 + textWidth(title, 'bold');
  return group(
    [
      text(x + 14, y + 20, title, 'bold', { key: 'title' }),
      text(x + after, y + 20, fit(context, width - after - 14, 'small'), 'small f-ink2', { key: 'context', whole: context }),
      group(scene.nodes, { key: 'picture', dx: x, dy: y + HEAD, scale: width / scene.width }),
    ],
    { key },
  );
}
