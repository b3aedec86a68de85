/** Registers that differ between two futures at one distance, as a document. */
import type { DifferingRegister } from '../../../emulator/session/views.ts';
import { count } from '../numbers.ts';
import type { Picture } from '../picture.ts';
import type { Scene } from '../scene.ts';
import { sheetScene, sheetSlides, tableBlocks, type Sheet } from '../sheets/sheet.ts';

const sheetOf =
  (registers: readonly DifferingRegister[]): Sheet =>
  (width) =>
    tableBlocks(
      registers.map(({ name, was, other }) => ({
        cells: [
          { text: name, class: 'mono' },
          { text: was, class: 'mono' },
          { text: other, class: 'mono bold' },
        ],
      })),
      { width, head: ['Register', 'As it was', 'Other future'] },
    );

const label = (registers: readonly DifferingRegister[]): string => `${count(registers.length, 'register')} with other values`;

export const registersScene = (registers: readonly DifferingRegister[], width: number): Scene =>
  sheetScene(sheetOf(registers), width, label(registers));

/** The same as a picture that can leave the app. */
export const futureRegistersPicture = (
  registers: readonly DifferingRegister[],
  page: Pick<Picture, 'name' | 'subtitle' | 'image' | 'at'>,
): Picture => ({
  ...page,
  title: label(registers),
  scene: registersScene(registers, 900),
  slides: (room) => sheetSlides(sheetOf(registers), room, label(registers)),
  key: [],
  data: registers,
});
