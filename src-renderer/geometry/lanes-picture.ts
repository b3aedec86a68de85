/** The levels over time, with the traps between them, as a picture that can leave the app. */
import type { LanesView, TrapRow } from '../../emulator/session/views.ts';
import { cutText, isCut } from './lanes.ts';
import { count, grouped } from './numbers.ts';
import type { Picture } from './picture.ts';
import { scaleToFill } from './slide.ts';
import { zoomLanes } from './zoom-lanes.ts';

/** `traps`: those that may be named; `chosen`: the one that is marked. */
export function lanesPicture(
  view: LanesView,
  traps: readonly TrapRow[],
  image: string,
  at: number,
  chosen: TrapRow | null = null,
): Picture {
  const { from, to, lanes, events, shares } = view;
  const levels = [2, 1, 0].filter((el) => lanes.some((lane) => lane.el === el));
  const rows = Math.min(9, lanes.length);
  const height = shares ? ' The height of a bar is its share of the time.' : '';
  return {
    name: 'traps',
    title: events === 1 ? 'One exception or return' : `${grouped(events)} exceptions and returns`,
    subtitle: `Which level ran when, over ${count(to - from, 'step')}: up with each exception, down with each return.${height}`,
    scene: zoomLanes(view, traps, { width: 1120, height: 44 + 56 * rows, chosen, at }),
    slides: (room) => {
      const scale = scaleToFill(room, () => 44 + 56 * rows);
      return [zoomLanes(view, traps, { width: room.width / scale, height: room.height / scale, chosen, at })];
    },
    key: [
      ...levels.map((el) => ({ swatch: { class: `f-el${el}` }, text: `EL${el}` })),
      ...(lanes.some(isCut) ? [{ swatch: { class: 'f-el1', pattern: 'p-cut-on' }, text: cutText(lanes) }] : []),
    ],
    image,
    at,
    data: view,
  };
}
