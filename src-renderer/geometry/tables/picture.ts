/** The tree of page tables as a picture that can leave the app. */
import type { RegionKind, TablesView } from '../../../emulator/session/views.ts';
import { kindNames, looks } from '../maps/index.ts';
import type { Picture } from '../picture.ts';
import { tablesScene } from './index.ts';

const kinds: readonly RegionKind[] = ['normal', 'readOnly', 'executable', 'device'];

export function tablesPicture(view: TablesView, image: string, path: readonly number[] = [], chosen: string | null = null): Picture {
  return {
    name: 'tables',
    title: `Page tables of ${view.register}`,
    subtitle: view.sentence,
    scene: tablesScene(view, { width: 1120, height: 640, path, chosen }),
    key: kinds.map((kind) => ({
      swatch: { class: looks[kind].bar, ...(looks[kind].barPattern ? { pattern: looks[kind].barPattern } : {}) },
      text: kindNames[kind],
    })),
    image,
    at: view.at,
    data: view,
  };
}
