/** A picture that can leave the app, and the page it is saved on: title, picture, key, and where and when it was taken. */
import { circle, group, rect, text, type Scene, type SceneNode } from './scene.ts';
import { grouped } from './numbers.ts';
import { textWidth } from './text.ts';

export interface KeyEntry {
  /** A swatch: fill and, where one belongs to it, the pattern on it; or a number in a disc. */
  readonly swatch: { readonly class: string; readonly pattern?: string; readonly number?: string };
  readonly text: string;
}

export interface Picture {
  /** Name of the saved file, without ending. */
  readonly name: string;
  readonly title: string;
  /** One sentence under the title. */
  readonly subtitle: string;
  readonly scene: Scene;
  readonly key: readonly KeyEntry[];
  readonly image: string;
  readonly at: number;
  /** The facts, for the JSON export. */
  readonly data: unknown;
  /** The facts as a table, where they are one. */
  readonly csv?: string;
}

const margin = 40;

/** The whole page as one scene: white, with everything a slide needs. */
export function pictureScene(picture: Picture): Scene {
  const { scene } = picture;
  const width = scene.width + 2 * margin;
  const top = 92;
  const bottom = 52;
  const height = top + scene.height + bottom;
  const footer = height - 22;
  let x = margin;
  const key: SceneNode[] = picture.key.map(({ swatch, text: words }) => {
    const nodes: SceneNode[] =
      swatch.number === undefined
        ? [
            rect(x, footer - 11, 18, 13, swatch.class, 3),
            ...(swatch.pattern ? [rect(x, footer - 11, 18, 13, swatch.pattern, 3)] : []),
            text(x + 25, footer, words, 'f-ink2'),
          ]
        : [
            circle(x + 9, footer - 4, 8, swatch.class),
            text(x + 9, footer, swatch.number, 'f-on-el2 micro bold middle'),
            text(x + 25, footer, words, 'f-ink2'),
          ];
    x += 25 + textWidth(words, '') + 20;
    return group(nodes);
  });
  return {
    width,
    height,
    label: `${picture.title}. ${picture.subtitle}`,
    table: scene.table,
    nodes: [
      rect(0, 0, width, height, 'f-surface'),
      text(margin, 46, picture.title, 'display'),
      text(margin, 72, picture.subtitle, 'lead f-ink2'),
      group(scene.nodes, { dx: margin, dy: top }),
      ...key,
      text(width - margin, footer, `ELscope, ${picture.image}, instant ${grouped(picture.at)}`, 'f-ink3 end'),
    ],
  };
}
