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
  /** What stands above each says which it is, where they are beside each other. */
  readonly isNamed?: boolean;
  /** Pictures that are told apart by more than their texts. */
  readonly isMarked?: boolean;
}

const fitsBeside = (sides: Sides, width: number): boolean => width >= 2 * leastOf(sides).width + GAP;

type Arranged = Pick<PairOptions, 'isBelow' | 'isNamed'>;
const headOf = (isBelow: boolean, isNamed = false): number => (isNamed && !isBelow ? 6 : HEAD);

/** What both can be read in, in a place so wide. */
export function leastPair(sides: Sides, width: number, { isBelow = !fitsBeside(sides, width), isNamed }: Arranged = {}): Room {
  const least = leastOf(sides);
  const head = headOf(isBelow, isNamed);
  return isBelow
    ? { width: least.width, height: 2 * (head + least.height) + GAP }
    : { width: 2 * least.width + GAP, height: head + least.height };
}

export function pairScene(
  sides: Sides,
  { width, height }: Room,
  { isBelow = !fitsBeside(sides, width), isNamed, isMarked = true }: PairOptions = {},
): Scene {
  const head = headOf(isBelow, isNamed);
  const room = isBelow ? { width, height: (height - GAP) / 2 - head } : { width: (width - GAP) / 2, height: height - head };
  const [one, two] = [sides[0].draw(room), sides[1].draw(room)];
  const [was, other] = isMarked ? marked(one, two) : [one, two];
  const place = isBelow ? { x: 0, y: head + room.height + GAP } : { x: room.width + GAP, y: 0 };
  const edge = isBelow
    ? line(0, place.y - GAP / 2, width, place.y - GAP / 2, 's-line2')
    : line(place.x - GAP / 2, 4, place.x - GAP / 2, height, 's-line2');
  return {
    width,
    height,
    label: sides.map(({ title }, i) => `${title}: ${[was, other][i].label}`).join('. '),
    nodes: [
      half(sides[0], was, { width: room.width, head, x: 0, y: 0, key: 'was' }),
      { ...edge, key: 'edge' },
      half(sides[1], other, { width: room.width, head, ...place, key: 'other' }),
    ],
    arrangement: [isBelow, was.arrangement, other.arrangement].join(' '),
    table: tableOf(sides, [was, other]),
  };
}

/** One of the two alone, with its difference from the other marked. */
export function oneOfPair(sides: Sides, room: Room, i: 0 | 1, isMarked: boolean): Scene {
  const inner = { width: room.width, height: room.height - HEAD };
  const [one, two] = [sides[0].draw(inner), sides[1].draw(inner)];
  const scene = (isMarked ? marked(one, two) : [one, two])[i];
  return {
    ...scene,
    ...room,
    nodes: [half(sides[i], scene, { width: room.width, head: HEAD, x: 0, y: 0, key: 'half' })],
    label: `${sides[i].title}: ${scene.label}`,
  };
}

/** The facts of both, each row with the one that it is of. */
function tableOf(sides: Sides, scenes: readonly [Scene, Scene]): string[][] {
  const [head = []] = scenes.map(({ table }) => table[0] ?? []);
  return [['Future', ...head], ...scenes.flatMap(({ table }, i) => table.slice(1).map((row) => [sides[i].title, ...row]))];
}

interface Half {
  readonly width: number;
  readonly head: number;
  readonly x: number;
  readonly y: number;
  readonly key: string;
}
/** The picture under its head. */
function half({ title, context }: Side, scene: Scene, { width, head, x, y, key }: Half): GroupNode {
  const after = 24 + textWidth(title, 'bold');
  return group(
    [
      head < HEAD ? null : text(x + 14, y + 20, title, 'bold', { key: 'title' }),
      head < HEAD
        ? null
        : text(x + after, y + 20, fit(context, width - after - 14, 'small'), 'small f-ink2', { key: 'context', whole: context }),
      group(scene.nodes, { key: 'picture', dx: x, dy: y + head, scale: width / scene.width }),
    ],
    { key },
  );
}
