/** The memory maps as a picture that can leave the app. */
import type { MapsView } from '../../../emulator/session/views.ts';
import type { Picture } from '../picture.ts';
import type { Stop } from './follow.ts';
import { kindsShown, mapsScene } from './index.ts';
import { kindNames, looks } from './looks.ts';

export function mapsPicture(view: MapsView, image: string, stops: readonly Stop[] = []): Picture {
  return {
    name: 'maps',
    title: 'Memory maps',
    subtitle: view.sentence,
    scene: mapsScene(view, { width: 1120, height: 680, stops }),
    slides: (room) => [mapsScene(view, { ...room, stops })],
    key: kindsShown(view).map((kind) => ({
      swatch: { class: looks[kind].bar, ...(looks[kind].barPattern ? { pattern: looks[kind].barPattern } : {}) },
      text: kindNames[kind],
    })),
    image,
    at: view.at,
    data: view,
  };
}
