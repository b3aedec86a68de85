/** Pictures as files: as SVG, as PNG of twice the size, as the data behind them. */
import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import mono from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2?url';
import { pictureScene, type Picture } from '../geometry/picture.ts';
import { pictureSvg, toSvg } from '../geometry/svg.ts';

export type SavedForm = 'svg' | 'png' | 'json' | 'csv';

export async function drawPicture(picture: Picture, form: SavedForm): Promise<{ name: string; blob: Blob }> {
  const name = `${picture.name}-${picture.at}.${form}`;
  const blob =
    form === 'json'
      ? new Blob([JSON.stringify(picture.data, null, 2)], { type: 'application/json' })
      : form === 'csv'
        ? new Blob([picture.csv ?? ''], { type: 'text/csv' })
        : form === 'svg'
          ? new Blob([pictureSvg(picture)], { type: 'image/svg+xml' })
          : await png(picture);
  return { name, blob };
}

/** A picture in an <img> cannot use the page's fonts, so they go into it. */
async function png(picture: Picture): Promise<Blob> {
  const scene = pictureScene(picture);
  const face = async (family: string, url: string): Promise<string> =>
    `@font-face{font-family:'${family}';font-weight:100 900;src:url(${await dataUrl(await (await fetch(url)).blob())})}`;
  const style = `<style>${await face('Inter', inter)}${await face('JetBrains Mono', mono)}</style>`;
  const svg = toSvg(scene).replace('</title>', `</title>${style}`);
  const image = new Image();
  image.src = await dataUrl(new Blob([svg], { type: 'image/svg+xml' }));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(scene.width * 2);
  canvas.height = Math.round(scene.height * 2);
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
