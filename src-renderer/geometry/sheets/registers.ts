/** One register, field by field, as a picture that can leave the app. */
import type { Level, RegistersView } from '../../../emulator/session/views.ts';
import type { Picture } from '../picture.ts';
import { isVector, laneShapes, laneTexts, laneTitle } from '../vector-lanes.ts';
import { fieldBlocks } from './fields.ts';
import { sheetScene, sheetSlides, tableBlocks, type Sheet } from './sheet.ts';

type Register = RegistersView['groups'][number]['registers'][number];

export const registerIn = (view: RegistersView, name: string): Register | undefined =>
  view.groups.flatMap((group) => group.registers).find((register) => register.name.toLowerCase() === name.toLowerCase());

/** The level whose colour a register has. */
export const levelOf = (name: string): Level | 3 => Number(/_EL([0-3])/.exec(name)?.[1] ?? 1) as Level | 3;

const BITS = 64;

/** A register that is a number, in the forms that people read. */
export function numberForms(value: string): readonly (readonly [name: string, value: string])[] {
  const number = BigInt(value);
  const signed = BigInt.asIntN(BITS, number);
  return [
    ['Decimal', `${number}${signed < 0n ? `, signed ${signed}` : ''}`],
    ['Binary', number.toString(2).replace(/\B(?=(.{4})+$)/g, ' ')],
  ];
}

export function registerPicture(view: RegistersView, name: string, image: string): Picture | undefined {
  const register = registerIn(view, name);
  if (!register) return undefined;
  const { decoded, value, before } = register;
  const said = decoded?.text ?? register.text;
  const label = `${register.name} = ${value}`;
  const sheet: Sheet = (width) => {
    if (decoded && decoded.fields.length > 0) return fieldBlocks(decoded, levelOf(register.name), width);
    const forms = isVector(register.name)
      ? laneShapes.map((shape) => [laneTitle(shape), laneTexts(value, shape).join(' ')] as const)
      : numberForms(value);
    return tableBlocks(
      forms.map(([title, text]) => ({
        cells: [
          { text: title, class: 'f-ink2' },
          { text, class: 'mono' },
        ],
      })),
      { width },
    );
  };
  return {
    name: `register-${register.name}`,
    title: label,
    subtitle: [said, before === undefined ? '' : `one step earlier it was ${before}`].filter(Boolean).join('; '),
    scene: sheetScene(sheet, 1120, label),
    slides: (room) => sheetSlides(sheet, room, label),
    key: [],
    image,
    at: view.at,
    data: register,
  };
}
