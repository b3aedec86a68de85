/** The memory maps as a picture that can leave the app. */
import type { MapsView, RegionKind } from '../../../emulator/session/views.ts';
import type { Picture } from '../picture.ts';
import type { Stop } from './follow.ts';
import { kindNames, looks, mapsScene } from './index.ts';

export function mapsPicture(view: MapsView, image: string, stops: readonly Stop[] = []): Picture {
  const kinds = (Object.keys(looks) as RegionKind[]).filter((kind) =>
    view.columns.some((column) => column.regions.some((region) => region.kind === kind)),
  );
  return {
    name: 'maps',
    title: 'Memory maps',
    subtitle: view.sentence,
    scene: mapsScene(view, { width: 1120, height: 680, stops }),
    key: kinds.map((kind) => ({
      swatch: { class: looks[kind].bar, ...(looks[kind].barPattern ? { pattern: looks[kind].barPattern } : {}) },
      text: kindNames[kind],
    })),
    image,
    at: view.at,
    data: view,
  };
}
