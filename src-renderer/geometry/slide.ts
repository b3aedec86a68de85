/**
 * A picture on slides: 1920 by 1080, and no text below 20. A slide is laid out as everything else is, where the smallest text is 11, and
 * then made larger by 20/11: a room of 1056 by 594.
 */
import { grouped } from './numbers.ts';
import { keyRows, type Picture } from './picture.ts';
import { group, rect, text, walkNodes, type Scene, type SceneNode } from './scene.ts';
import { toSvg, type SvgTheme } from './svg.ts';
import { fit, textWidth, wrapWhole } from './text.ts';

export const SLIDE = { width: 1920, height: 1080, smallestText: 20 } as const;
const SCALE = SLIDE.smallestText / 11;
const WIDTH = SLIDE.width / SCALE;
const HEIGHT = SLIDE.height / SCALE;
const MARGIN = 28;
const ROOM = WIDTH - 2 * MARGIN;
const BOTTOM = HEIGHT - 18;

/** The slides of a picture, in order. */
export function slideScenes(picture: Picture): Scene[] {
  const { title, subtitle, image, at, key } = picture;
  const large = textWidth(title, 'display') <= ROOM;
  const titles = wrapWhole(title, ROOM, large ? 'display' : 'value bold');
  const subtitles = wrapWhole(subtitle, ROOM, 'lead');
  const [titleTop, titlePitch] = large ? [60, 0] : [54, 24];
  const below = titleTop + (titles.length - 1) * titlePitch;
  const top = below + 24 + (subtitles.length - 1) * 18 + 14;
  const keys = keyRows(key, ROOM);
  const bottom = BOTTOM - keys.height;
  const where = text(MARGIN, 26, fit(`${image}, instant ${grouped(at)}`, ROOM - 160, 'lead medium'), 'lead medium f-ink2', {
    whole: `${image}, instant ${grouped(at)}`,
  });
  /** Below the picture stands in full what had no room in it: as many lines as that takes on the fullest slide, up to half of the room. */
  const lay = (lines: number): { readonly scenes: readonly Scene[]; readonly footnotes: readonly (readonly string[])[] } => {
    const scenes = picture.slides({ width: ROOM, height: bottom - top - heightOf(lines) });
    const footnotes = scenes.map((scene) => inFull([where, ...scene.nodes]));
    const most = Math.max(...footnotes.map(({ length }) => length));
    if (most <= lines) return { scenes, footnotes };
    return heightOf(lines + 1) * 2 < bottom - top ? lay(lines + 1) : { scenes, footnotes: footnotes.map((all) => all.slice(0, lines)) };
  };
  const { scenes, footnotes } = lay(0);
  return scenes.map((scene, i) => {
    const place = scenes.length > 1 ? `${i + 1} of ${scenes.length}` : '';
    const scale = ROOM / scene.width;
    const notesTop = bottom - heightOf(footnotes[i].length);
    return {
      width: WIDTH,
      height: HEIGHT,
      label: [title, subtitle, where.whole ?? where.text, place].filter(Boolean).join('. '),
      table: scene.table,
      nodes: [
        rect(0, 0, WIDTH, HEIGHT, 'f-surface'),
        where,
        text(WIDTH - MARGIN, 26, place || 'ELscope', 'lead f-ink3 end'),
        ...titles.map((line, n) => text(MARGIN, titleTop + n * titlePitch, line, large ? 'display' : 'value bold')),
        ...subtitles.map((line, n) => text(MARGIN, below + 24 + n * 18, line, 'lead f-ink2')),
        group(scene.nodes, { dx: MARGIN, dy: top, scale }),
        ...footnotes[i].map((line, n) => text(MARGIN, notesTop + 18 + n * NOTE_PITCH, line, NOTE)),
        group(keys.nodes, { dx: MARGIN, dy: HEIGHT - 14 - (keys.height > 22 ? keys.height - 22 : 0) }),
      ],
    };
  });
}

const NOTE = 'small f-ink2';
const NOTE_PITCH = 15;
const heightOf = (lines: number): number => (lines > 0 ? lines * NOTE_PITCH + 10 : 0);

/** What has no room in a picture, whole, each of it once, in lines. */
function inFull(nodes: readonly SceneNode[]): string[] {
  const all = [...walkNodes(nodes)].flatMap((node) => (node.kind === 'text' && node.whole !== undefined ? [node.whole] : []));
  const longest = [...new Set(all)].filter((one) => !all.some((other) => other !== one && other.includes(one)));
  return longest.flatMap((one, i) => wrapWhole(i === 0 ? `In full: ${one}` : one, ROOM, NOTE));
}

export const slideSvg = (slide: Scene, theme: SvgTheme): string => toSvg(slide, { theme, fixedWidths: true, scale: SCALE });

/** Name of a file, without its ending. */
export const slideName = (name: string, theme: SvgTheme, index: number, count: number): string =>
  `${name}-slide-${theme}${count > 1 ? `-${index + 1}` : ''}`;

/** How much larger than its smallest what a slide shows may be: what is short fills it all the same. */
export const SCALES: readonly number[] = [1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1];

/** The largest scale at which something of this height, in a room that is so much narrower, still fits. */
export function scaleToFill(room: { readonly width: number; readonly height: number }, heightAt: (width: number) => number): number {
  return SCALES.find((scale) => heightAt(room.width / scale) <= room.height / scale) ?? 1;
}
