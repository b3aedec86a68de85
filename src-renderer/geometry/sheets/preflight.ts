/** What an ERET that is next will do, checked before it happens, as a picture that can leave the app. */
import type { LevelsView, PreflightCheck } from '../../../emulator/session/views.ts';
import { placeText } from '../tower/sides.ts';
import type { Picture } from '../picture.ts';
import { gap, paragraph, sheetScene, sheetSlides, tableBlocks, type Sheet } from './sheet.ts';

const looks: Readonly<Record<PreflightCheck['verdict'], { mark: string; ground?: string; ink: string }>> = {
  ok: { mark: 'fine', ink: 'bold f-el0-ink' },
  warning: { mark: 'look at this', ground: 'f-mark', ink: 'bold f-ink' },
  error: { mark: 'wrong', ground: 'f-m-fault-tint', ink: 'bold f-m-fault-ink' },
};

export function preflightPicture(view: LevelsView, image: string): Picture | undefined {
  const { preflight } = view;
  if (!preflight) return undefined;
  const { from, to, cause, lands, checks, rule } = preflight;
  const label = to === null ? `Before an illegal return from EL${from}` : `Before a return from EL${from} to EL${to}`;
  const sheet: Sheet = (width) => [
    ...tableBlocks(
      checks.map(({ title, value, text, verdict }) => ({
        cells: [
          { text: looks[verdict].mark, class: looks[verdict].ink },
          { text: title, class: 'f-ink2' },
          { text: value, class: 'mono bold' },
          { text, class: verdict === 'ok' ? 'f-ink2' : 'f-ink' },
        ],
        ground: looks[verdict].ground,
      })),
      { width },
    ),
    gap(8),
    paragraph(['It goes on at ', { code: lands.place.address }, ...landing(placeText(lands.place), lands.text, lands.note)], width),
  ];
  return {
    name: 'preflight',
    title: label,
    subtitle: `${cause.text} at ${cause.place.symbol ?? cause.place.address} is the next instruction. ${rule.text}`,
    scene: sheetScene(sheet, 1120, label),
    slides: (room) => sheetSlides(sheet, room, label),
    key: [],
    image,
    at: view.at,
    data: preflight,
  };
}

const landing = (place: string, instruction: string, note: string): (string | { code: string })[] => [
  ...(place ? [' (', { code: place }, ')'] : []),
  ...(instruction ? [': ', { code: instruction }] : []),
  note ? `. ${note}` : '',
];
