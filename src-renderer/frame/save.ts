/** Pictures as files: as SVG, as PNG of twice the size, as slides, as the data behind them. */
import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import mono from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2?url';
import { pictureScene, type Picture } from '../geometry/picture.ts';
import { SLIDE, slideName, slideScenes, slideSvg } from '../geometry/slide.ts';
import { pictureSvg, toSvg, type SvgTheme } from '../geometry/svg.ts';

export type SavedForm = 'svg' | 'png' | 'json' | 'csv';

export interface SavedFile {
  readonly name: string;
  readonly blob: Blob;
}

export async function drawPicture(picture: Picture, form: SavedForm): Promise<SavedFile> {
  const name = `${picture.name}-${picture.at}.${form}`;
  if (form === 'json') return { name, blob: new Blob([JSON.stringify(picture.data, null, 2)], { type: 'application/json' }) };
  if (form === 'csv') return { name, blob: new Blob([picture.csv ?? ''], { type: 'text/csv' }) };
  if (form === 'svg') return { name, blob: svgFile(pictureSvg(picture)) };
  const scene = pictureScene(picture);
  return { name, blob: await png(toSvg(scene), scene.width * 2, scene.height * 2) };
}

/** As many slides as it takes. */
export async function drawSlides(picture: Picture, theme: SvgTheme, form: 'svg' | 'png'): Promise<SavedFile[]> {
  const scenes = slideScenes(picture);
  return Promise.all(
    scenes.map(async (scene, i) => {
      const svg = slideSvg(scene, theme);
      const name = `${slideName(`${picture.name}-${picture.at}`, theme, i, scenes.length)}.${form}`;
      return { name, blob: form === 'svg' ? svgFile(svg) : await png(svg, SLIDE.width, SLIDE.height) };
    }),
  );
}

const svgFile = (svg: string): Blob => new Blob([svg], { type: 'image/svg+xml' });

/** A picture in an <img> cannot use the page's fonts, so they go into it. */
async function png(svg: string, width: number, height: number): Promise<Blob> {
  const face = async (family: string, url: string): Promise<string> =>
    `@font-face{font-family:'${family}';font-weight:100 900;src:url(${await dataUrl(await (await fetch(url)).blob())})}`;
  const style = `<style>${await face('Inter', inter)}${await face('JetBrains Mono', mono)}</style>`;
  const image = new Image();
  image.src = await dataUrl(svgFile(svg.replace('</title>', `</title>${style}`)));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width);
  canvas.height = Math.round(height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no canvas to draw the PNG on');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser could not make a PNG of this size'))), 'image/png'),
  );
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error('reading failed'));
    reader.readAsDataURL(blob);
  });
}
