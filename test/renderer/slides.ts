/** What must hold for every slide, measured in the faces of the app. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { expect } from 'vitest';
import { openProgram, trapRow, type Program } from '../../emulator/index.ts';
import type { TrapRow } from '../../emulator/session/views.ts';
import { withFonts } from '../../src-main/cli/fonts.ts';
import { pictureKinds, pictureNames, type PictureKind } from '../../src-main/cli/picture-kinds.ts';
import { UsageError } from '../../src-main/usage.ts';
import type { Picture } from '../../src-renderer/geometry/picture.ts';
import type { Scene, SceneNode } from '../../src-renderer/geometry/scene.ts';
import { SLIDE, slideScenes, slideSvg } from '../../src-renderer/geometry/slide.ts';
import { monoFamily, styleOf, uiFamily } from '../../src-renderer/geometry/style.ts';
import { escapeXml } from '../../src-renderer/geometry/svg.ts';
import { textWidth } from '../../src-renderer/geometry/text.ts';
import { overlaps, type Box } from './scene-checks.ts';

interface PlacedText {
  readonly text: string;
  readonly class: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly by: number;
}

/** Every text of a slide in its pixels. */
export function slideTexts(slide: Scene): PlacedText[] {
  const by = SLIDE.width / slide.width;
  const placed = (nodes: readonly SceneNode[], x: number, y: number, by: number): PlacedText[] =>
    nodes.flatMap((node) => {
      if (node.kind === 'group') return placed(node.nodes, x + (node.dx ?? 0) * by, y + (node.dy ?? 0) * by, by * (node.scale ?? 1));
      if (node.kind !== 'text' || node.text.trim() === '') return [];
      return [
        {
          text: node.text,
          class: node.class,
          x: x + node.x * by,
          y: y + node.y * by,
          size: (styleOf(node.class, 'text').size ?? 12.5) * by,
          by,
        },
      ];
    });
  return placed(slide.nodes, 0, 0, by);
}

const boxOf = ({ text, class: classes, x, y, size, by }: PlacedText): Box => {
  const { anchor } = styleOf(classes, 'text');
  const width = textWidth(text, classes) * by;
  const left = x - (anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0);
  return { text, left, right: left + width, top: y - size * 0.72, bottom: y };
};

/** Rounding, in pixels. */
const SLACK = 1;

/** Forwards through a run: every picture that there is, at each of the instants that `wanted` chooses of its traps. */
export function everyPicture(
  file: string,
  wanted: (traps: readonly TrapRow[]) => readonly number[],
  check: (picture: Picture) => void,
): void {
  const open = (): Program => openProgram(file, new Uint8Array(readFileSync(join(prebuilt, file))));
  const whole = open();
  whole.timeline.forward(LONGEST);
  const traps = Array.from({ length: whole.timeline.traps.length }, (_, i) => trapRow(whole, i));
  const program = open();
  for (const at of [...new Set(wanted(traps))].sort((a, b) => a - b)) {
    program.timeline.forward(at - program.timeline.at);
    for (const name of pictureNames) {
      let picture: Picture | undefined;
      try {
        picture = (pictureKinds[name] as PictureKind).make(program, {});
      } catch (error) {
        // No ERET is next, or nothing has been taken yet.
        if (!(error instanceof UsageError)) throw error;
      }
      if (picture) check(picture);
    }
  }
}
const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');
const LONGEST = 400_000;

/** One trap of each kind and route, right before and after it. */
export function turningPoints(traps: readonly TrapRow[]): number[] {
  const kinds = new Map(traps.map((trap) => [`${trap.kind} ${trap.type} ${trap.from} ${trap.to}`, trap.n]));
  return [...kinds.values()].flatMap((n) => [n, n + 1]);
}

export function expectSlides(picture: Picture): Scene[] {
  const slides = slideScenes(picture);
  expect(slides.length).toBeGreaterThan(0);
  for (const slide of slides) {
    const texts = slideTexts(slide);
    const small = texts.filter(({ size }) => size < SLIDE.smallestText - 0.01);
    expect(
      small.map(({ text }) => text),
      `${picture.title}: texts below ${SLIDE.smallestText} px`,
    ).toEqual([]);
    const boxes = texts.map(boxOf);
    const outside = boxes.filter(
      ({ left, right, top, bottom }) => left < -SLACK || top < -SLACK || right > SLIDE.width + SLACK || bottom > SLIDE.height + SLACK,
    );
    expect(
      outside.map(({ text }) => text),
      `${picture.title}: texts outside of the slide`,
    ).toEqual([]);
    expect(overlaps(boxes), `${picture.title}: texts on top of each other`).toEqual([]);
  }
  // The file says the same in numbers that anybody can read.
  const svg = slideSvg(slides[0], 'dark');
  expect(svg).toContain(`width="${SLIDE.width}" height="${SLIDE.height}" viewBox="0 0 ${SLIDE.width} ${SLIDE.height}"`);
  for (const [, size] of svg.matchAll(/font-size="([\d.]+)"/g)) expect(Number(size)).toBeGreaterThanOrEqual(SLIDE.smallestText - 0.01);
  return slides;
}

/** How much wider a text is than it was taken for, as a part of its width, in the faces of the app; of many texts at once. */
export const misjudged = (texts: readonly { readonly text: string; readonly class: string }[]): { text: string; by: number }[] =>
  withFonts((fontFiles) =>
    texts.map(({ text, class: classes }) => {
      const { face, weight = 400, spacing } = styleOf(classes, 'text');
      const family = escapeXml(face === 'mono' ? monoFamily : uiFamily).replaceAll('&quot;', '"');
      const size = 100;
      const svg = (content: string): string =>
        `<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="200"><text x="0" y="150" xml:space="preserve" font-family="${family}" font-size="${size}" font-weight="${weight}"${spacing ? ` letter-spacing="${spacing}"` : ''}>${escapeXml(content)}</text></svg>`;
      const bars = new Resvg(svg(`l${text}l`), {
        font: { loadSystemFonts: false, fontFiles: [...fontFiles], defaultFontFamily: 'Inter' },
      }).getBBox()!;
      const none = new Resvg(svg('ll'), {
        font: { loadSystemFonts: false, fontFiles: [...fontFiles], defaultFontFamily: 'Inter' },
      }).getBBox()!;
      const real = bars.width - none.width;
      const taken = (textWidth(text, classes) * size) / (styleOf(classes, 'text').size ?? 12.5);
      return { text, by: (real - taken) / Math.max(1, taken) };
    }),
  );
