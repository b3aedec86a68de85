/** The tree of page tables as a picture that can leave the app. */
import type { RegionKind, TablesView } from '../../../emulator/session/views.ts';
import { kindNames, looks } from '../maps/looks.ts';
import type { Picture } from '../picture.ts';
import { tablesCsv } from './csv.ts';
import { roomFor, tablesScene } from './index.ts';
import { partsOf } from './tree.ts';

const kinds: readonly RegionKind[] = ['normal', 'readOnly', 'executable', 'device'];
const WIDTH = 1120;
const HEIGHT = 640;

/** Rows to ask of the view for a picture on a page. */
export const pageRows = roomFor(WIDTH, HEIGHT);

export function tablesPicture(view: TablesView, image: string, chosen: string | null = null): Picture {
  const owner = view.vmid === null ? '' : `, VMID ${view.vmid}`;
  return {
    name: 'tables',
    title: `Page tables of ${view.register}${owner}`,
    subtitle: [view.sentence, view.changes?.sentence].filter(Boolean).join(' '),
    scene: tablesScene(view, { width: WIDTH, height: HEIGHT, chosen }),
    slides: (room) => partsOf(view, roomFor(room.width, room.height)).map((part) => tablesScene(part, { ...room, chosen })),
    key: [
      ...kinds.map((kind) => ({
        swatch: { class: looks[kind].bar, ...(looks[kind].barPattern ? { pattern: looks[kind].barPattern } : {}) },
        text: kindNames[kind],
      })),
      {
        swatch: { class: 's-line2', pattern: 'p-hatch-absent' },
        text: view.matches === null ? 'Not mapped' : 'Not mapped, or filtered out',
      },
    ],
    image,
    at: view.at,
    data: view,
    csv: tablesCsv(view),
  };
}
