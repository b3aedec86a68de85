/** The levels over time, with the traps between them, as a picture that can leave the app. */
import type { LanesView, TrapRow } from '../../emulator/session/views.ts';
import { count, grouped } from './numbers.ts';
import type { Picture } from './picture.ts';
import { zoomLanes } from './zoom-lanes.ts';

/** `traps`: those that may be named; `total`: how many there are; `chosen`: index of the one that is marked. */
export function lanesPicture(
  view: LanesView,
  traps: readonly TrapRow[],
  total: number,
  image: string,
  at: number,
  chosen: number | null = null,
): Picture {
  const { from, to, spans } = view;
  const levels = [2, 1, 0].filter((el) => spans.some((span) => span.el === el));
  const lanes = 1 + new Set(spans.filter(({ el }) => el < 2).map(({ el, vmid }) => `${el} ${vmid}`)).size;
  return {
    name: 'traps',
    title: total === 1 ? 'One exception or return' : `${grouped(total)} exceptions and returns`,
    subtitle: `Which level ran when, over ${count(to - from, 'step')}: up with each exception, down with each return.`,
    scene: zoomLanes(spans, traps, { from, to, width: 1120, height: 44 + 56 * Math.min(lanes, 9), chosen, at }),
    key: levels.map((el) => ({ swatch: { class: `f-el${el}` }, text: `EL${el}` })),
    image,
    at,
    data: view,
  };
}
