/** The bits of an instruction as a picture that can leave the app. */
import type { Encoding, Level } from '../../../emulator/session/views.ts';
import type { Picture } from '../picture.ts';
import { fieldBlocks } from './fields.ts';
import { paragraph, sheetScene, sheetSlides, type Sheet } from './sheet.ts';

/** Where it is: its address, or its line in a source; at which instant, and for which level. */
export interface EncodingPlace {
  readonly where: string;
  readonly at: number;
  readonly level: Level;
}

export function encodingPicture(encoding: Encoding, { where, at, level }: EncodingPlace, image: string): Picture {
  const { word, text, name, says, names, fields } = encoding;
  const label = `${text}: ${word}`;
  const named = names ? `bits ${names.high}:${names.low} name ${names.register}` : '';
  const sheet: Sheet = (width) => [
    paragraph(says, width),
    ...(fields.length > 0 ? fieldBlocks({ name: word, value: word, width: 32, text: '', fields }, level, width) : []),
  ];
  return {
    name: 'encoding',
    title: text,
    subtitle: [`${word} at ${where}`, name, named].filter(Boolean).join('; '),
    scene: sheetScene(sheet, 1120, label),
    slides: (room) => sheetSlides(sheet, room, label),
    key: [],
    image,
    at,
    data: encoding,
  };
}
