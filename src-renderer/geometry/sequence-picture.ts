/** A sequence diagram as a picture that can leave the app. */
import type { Lane, TrapRow } from '../../emulator/session/views.ts';
import { count } from './numbers.ts';
import type { Picture } from './picture.ts';
import { SCALES } from './slide.ts';
import { sequenceRows, sequenceScene } from './sequence.ts';

export function sequencePicture(
  rows: readonly TrapRow[],
  lanes: readonly Lane[],
  image: string,
  at: number,
  chosen: number | null,
): Picture | undefined {
  if (rows.length === 0) return undefined;
  return {
    name: 'sequence',
    title: `${count(rows.length, 'event')} in order`,
    subtitle: 'Solid arrows are exceptions and firmware calls, dashed arrows are returns; a bar shows what is running.',
    scene: sequenceScene(rows, lanes, { width: 1000, height: 0, chosen, at }),
    slides: (room) => {
      const slides = Math.ceil(rows.length / sequenceRows(room.height));
      const most = Math.ceil(rows.length / slides);
      const scale = SCALES.find((one) => sequenceRows(room.height / one) >= most) ?? 1;
      const size = { width: room.width / scale, height: room.height / scale };
      return Array.from({ length: slides }, (_, i) => sequenceScene(rows.slice(i * most, (i + 1) * most), lanes, { ...size, chosen, at }));
    },
    key: ([2, 1, 0] as const)
      .filter((el) => rows.some(({ from, to }) => from === el || to === el))
      .map((el) => ({ swatch: { class: `f-el${el}` }, text: `EL${el}` })),
    image,
    at,
    data: rows,
  };
}
