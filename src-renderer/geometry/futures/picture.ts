/** Two futures as one picture that can leave the app. */
import type { KeyEntry, Picture } from '../picture.ts';
import { leastPair, oneOfPair, pairScene, type PairOptions, type Sides } from './index.ts';

/** On a page, as wide as two pictures need. */
const WIDTH = 1480;

export interface FuturesPicture extends PairOptions {
  /** Of the saved file: "futures-levels". */
  readonly name: string;
  readonly title: string;
  readonly subtitle: string;
  readonly key: readonly KeyEntry[];
  readonly image: string;
  /** The instant of the change. */
  readonly at: number;
  readonly data: unknown;
}

export function futuresPicture(sides: Sides, { isBelow, isMarked = true, key, ...page }: FuturesPicture): Picture {
  const options = { isMarked, ...(isBelow !== undefined && { isBelow }) };
  const least = leastPair(sides, WIDTH, options);
  return {
    ...page,
    scene: pairScene(sides, { width: Math.max(WIDTH, least.width), height: Math.max(460, least.height) }, options),
    slides: (room) => {
      const needs = leastPair(sides, room.width, options);
      if (needs.width <= room.width && needs.height <= room.height) return [pairScene(sides, room, options)];
      // One after the other, with what differs marked in both.
      return ([0, 1] as const).map((i) => oneOfPair(sides, room, i, isMarked));
    },
    key: [...(isMarked ? [{ swatch: { class: 'f-mark' }, text: 'differs between the two' }] : []), ...key],
  };
}
