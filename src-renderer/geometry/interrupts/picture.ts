/** The way of an interrupt as a picture that can leave the app. */
import type { InterruptsView } from '../../../emulator/session/views.ts';
import type { Picture, Room } from '../picture.ts';
import type { Scene } from '../scene.ts';
import { SCALES } from '../slide.ts';
import { interruptsScene } from './index.ts';

export function interruptsPicture(view: InterruptsView, image: string): Picture {
  return {
    name: 'interrupts',
    title: `The way of ${view.chosen.name}`,
    subtitle: view.sentence,
    scene: interruptsScene(view, { width: 1120 }),
    slides: (room) => [fitted(view, room, 'way'), fitted(view, room, 'timers')],
    key: [],
    image,
    at: view.at,
    data: view,
  };
}

/** As large as the room lets it be. */
function fitted(view: InterruptsView, { width, height }: Room, parts: 'way' | 'timers'): Scene {
  const scene = SCALES.map((scale) => ({ scale, scene: interruptsScene(view, { width: width / scale, parts }) })).find(
    ({ scale, scene: one }) => one.height * scale <= height,
  )?.scene;
  const drawn = scene ?? interruptsScene(view, { width, parts });
  return drawn.height > height ? drawn : { ...drawn, height };
}
