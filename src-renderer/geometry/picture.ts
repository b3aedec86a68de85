/** A picture that can leave the app, and the page it is saved on: title, picture, key, and where and when it was taken. */
import { grouped } from './numbers.ts';
import { circle, group, rect, text, type Scene, type SceneNode } from './scene.ts';
import { textWidth, wrapWhole } from './text.ts';

export interface KeyEntry {
  /** A swatch: fill and, where one belongs to it, the pattern on it; or a number in a disc. */
  readonly swatch: { readonly class: string; readonly pattern?: string; readonly number?: string };
  readonly text: string;
}

export interface Room {
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  /** Name of the saved file, without ending. */
  readonly name: string;
  readonly title: string;
  /** One sentence under the title. */
  readonly subtitle: string;
  readonly scene: Scene;
  /** The same in the room of a slide; in several where one would hold too little of it. */
  readonly slides: (room: Room) => readonly Scene[];
  readonly key: readonly KeyEntry[];
  readonly image: string;
  readonly at: number;
  /** The facts, for the JSON export. */
  readonly data: unknown;
  /** The facts as a table, where they are one. */
  readonly csv?: string;
}

const margin = 40;
const KEY_PITCH = 22;
const SWATCH = 25;
const KEY_GAP = 20;

/** The key in lines no wider than `width`, the first with its baseline at 0. */
export function keyRows(key: readonly KeyEntry[], width: number): { readonly nodes: readonly SceneNode[]; readonly height: number } {
  let x = 0;
  let y = 0;
  const nodes = key.map(({ swatch, text: words }) => {
    const needs = SWATCH + textWidth(words, '');
    if (x > 0 && x + needs > width) [x, y] = [0, y + KEY_PITCH];
    const shapes: SceneNode[] =
      swatch.number === undefined
        ? [rect(x, y - 11, 18, 13, swatch.class, 3), ...(swatch.pattern ? [rect(x, y - 11, 18, 13, swatch.pattern, 3)] : [])]
        : [circle(x + 9, y - 4, 8, swatch.class), text(x + 9, y, swatch.number, 'f-on-el2 micro bold middle')];
    const entry = group([...shapes, text(x + SWATCH, y, words, 'f-ink2')]);
    x += needs + KEY_GAP;
    return entry;
  });
  return { nodes, height: key.length > 0 ? y + KEY_PITCH : 0 };
}

/** The whole page as one scene: white, with everything a reader needs. */
export function pictureScene(picture: Picture): Scene {
  const { scene } = picture;
  const width = scene.width + 2 * margin;
  const room = width - 2 * margin;
  const where = `ELscope, ${picture.image}, instant ${grouped(picture.at)}`;
  const subtitle = wrapWhole(picture.subtitle, room, 'lead');
  const titleLines = wrapWhole(picture.title, room, 'display');
  const below = 46 + (titleLines.length - 1) * 34;
  const top = below + 46 + (subtitle.length - 1) * 20;
  const key = keyRows(picture.key, room);
  const beside = key.height <= KEY_PITCH && keyWidth(picture.key) + textWidth(where, '') < room;
  const footer = top + scene.height + 30;
  const last = beside ? footer : footer + key.height;
  return {
    width,
    height: last + 22,
    label: `${picture.title}. ${picture.subtitle}`,
    table: scene.table,
    nodes: [
      rect(0, 0, width, last + 22, 'f-surface'),
      ...titleLines.map((line, i) => text(margin, 46 + i * 34, line, 'display')),
      ...subtitle.map((line, i) => text(margin, below + 26 + i * 20, line, 'lead f-ink2')),
      group(scene.nodes, { dx: margin, dy: top }),
      group(key.nodes, { dx: margin, dy: footer }),
      ...wrapWhole(where, room, '').map((line, i, all) => text(width - margin, last + (i + 1 - all.length) * 17, line, 'f-ink3 end')),
    ],
  };
}

const keyWidth = (key: readonly KeyEntry[]): number =>
  key.reduce((sum, { text: words }) => sum + SWATCH + textWidth(words, '') + KEY_GAP, 0);
