/** The drawings of the app, as SVG or as PNG at twice the size, and as slides. */
import { InputError } from '../../emulator/index.ts';
import type { Picture } from '../../src-renderer/geometry/picture.ts';
import { slideName, slideScenes, slideSvg } from '../../src-renderer/geometry/slide.ts';
import { pictureSvg, type SvgTheme } from '../../src-renderer/geometry/svg.ts';
import { oneOf, wholeNumber } from '../usage.ts';
import { write } from './output.ts';

/** Pixels of a PNG for each unit of the drawing. A slide has the pixels of a screen. */
const PNG_SCALE = 2;

export type PictureFormat = 'svg' | 'png';
export const pictureFormats: readonly string[] = ['svg', 'png'] satisfies PictureFormat[];

/** For `parseWords`: as a slide in one of the themes, and which of several. */
export const slideFlags = { slide: { type: 'string' }, part: { type: 'string' } } as const;
export interface SlideFlagValues {
  readonly slide?: string | undefined;
  readonly part?: string | undefined;
}

export async function writePicture(picture: Picture, format: PictureFormat, { slide, part }: SlideFlagValues = {}): Promise<void> {
  const files = await drawn(picture, format, { slide });
  const number = part === undefined ? 1 : wholeNumber('--part', part, 1, files.length);
  if (files.length > 1 && part === undefined) console.error(`elscope: slide 1 of ${files.length}: --part 2 prints the next one`);
  await write(files[number - 1].content);
}

interface Drawn {
  readonly name: string;
  readonly content: string | Uint8Array;
}
/** A picture as a file, or as many slides as it takes. */
export async function drawn(picture: Picture, format: PictureFormat, { slide }: SlideFlagValues): Promise<Drawn[]> {
  const draw = async (name: string, svg: string, scale: number): Promise<Drawn> => ({
    name: `${name}.${format}`,
    content: format === 'svg' ? svg : await toPng(svg, scale),
  });
  const name = `${picture.name}-${picture.at}`;
  if (slide === undefined) return [await draw(name, pictureSvg(picture), PNG_SCALE)];
  const theme = oneOf('--slide', slide, ['light', 'dark']) as SvgTheme;
  const scenes = slideScenes(picture);
  const files: Drawn[] = [];
  for (const [i, scene] of scenes.entries()) files.push(await draw(slideName(name, theme, i, scenes.length), slideSvg(scene, theme), 1));
  return files;
}

/** PNG of an SVG, in the faces of the app; signs that they do not have come from the fonts of this computer. */
async function toPng(svg: string, scale: number): Promise<Uint8Array> {
  const { Resvg } = await loadRenderer();
  const { withFonts } = await import('./fonts.ts');
  return withFonts((fontFiles) => {
    const font = {
      loadSystemFonts: true,
      fontFiles: [...fontFiles],
      defaultFontFamily: 'Inter',
      sansSerifFamily: 'Inter',
      monospaceFamily: 'JetBrains Mono',
    };
    return new Resvg(svg, { fitTo: { mode: 'zoom', value: scale }, font }).render().asPng();
  });
}

async function loadRenderer(): Promise<typeof import('@resvg/resvg-js')> {
  try {
    return await import('@resvg/resvg-js');
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new InputError(
      `a PNG needs the package @resvg/resvg-js, which does not load here: ${reason}`,
      {},
      '--format svg does not need it',
    );
  }
}
