/** Pictures on stdout: the drawings of the app, as SVG or as PNG at twice the size. */
import { InputError } from '../../emulator/index.ts';
import type { Picture } from '../../src-renderer/geometry/picture.ts';
import { pictureSvg } from '../../src-renderer/geometry/svg.ts';
import { write } from './output.ts';

/** Pixels of a PNG for each unit of the drawing. */
const PNG_SCALE = 2;

export type PictureFormat = 'svg' | 'png';
export const pictureFormats: readonly string[] = ['svg', 'png'] satisfies PictureFormat[];

export async function writePicture(picture: Picture, format: PictureFormat): Promise<void> {
  const svg = pictureSvg(picture);
  await write(format === 'svg' ? svg : await toPng(svg));
}

/**
 * PNG of an SVG. Texts are set in the fonts of this computer, Inter and JetBrains Mono where it has them: the renderer does not read the
 * compressed fonts (WOFF2) that come with the app.
 */
async function toPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await loadRenderer();
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: PNG_SCALE },
    font: { loadSystemFonts: true, sansSerifFamily: 'DejaVu Sans', monospaceFamily: 'DejaVu Sans Mono', defaultFontFamily: 'DejaVu Sans' },
  });
  return image.render().asPng();
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
