/** VA, IPA and PA side by side, joined by ribbons: what maps to what, and as which kind of memory. */
import type { MapsView, RegionKind } from '../../../emulator/session/views.ts';
import { circle, group, n, path, rect, text, type Scene, type SceneNode } from '../scene.ts';
import { fit, fitAddress, fitWords, textWidth } from '../text.ts';
import type { Stop } from './follow.ts';
import { BLOCK_EDGE, BLOCK_GAP, blockNote, blockSize, kindsDrawn, mapColumns, TWO_LINES, yOf, type Block, type Column } from './columns.ts';
import { kindNames, looks } from './looks.ts';
import { alongRibbon, drawnRibbons, ribbonNode, threadPath } from './ribbons.ts';

export interface MapsOptions {
  readonly width: number;
  readonly height: number;
  /** The places of one address in all columns; the regions that hold it are chosen. */
  readonly stops?: readonly Stop[];
}

/** Kinds that a picture of the maps needs a key for, in the order of the key. */
/** What they can be read in, in CSS pixels. */
export const leastMaps = { width: 560, height: 320 } as const;

export function kindsShown(view: MapsView): RegionKind[] {
  const drawn = kindsDrawn(view);
  return (Object.keys(looks) as RegionKind[]).filter((kind) => drawn.has(kind));
}

function blockNode(block: Block, on: boolean): SceneNode {
  const { x, y, w, h, kind, name, mismatch } = block;
  const look = looks[kind];
  const address = `0x${block.base.toString(16)}`;
  const two = h >= TWO_LINES;
  const middle = y + h / 2;
  const note = blockNote(block);
  const noteInk = mismatch === 'device mapped Normal' ? 'f-m-fault-ink bold' : 'f-ink2';
  const noteWidth = note ? textWidth(note, 'mono small') + 12 : 0;
  const room = w - BLOCK_EDGE - noteWidth;
  const first = name || address;
  const shownAddress = fitAddress(address, w - 26, 'mono small');
  const bytes = blockSize(block);
  const firstClass = name ? 'bold' : 'mono small';
  const shownName = fitWords(first, room, firstClass);
  /** Room for the address beside the name, where there is one line only. */
  const inline = room - textWidth(shownName, firstClass) - BLOCK_GAP;
  const nodes: (SceneNode | null)[] = [
    rect(x, y + 0.5, w, h - 1, `${look.region} ${on ? 's-ink w2' : look.outline}`, 3),
    rect(x, y + 0.5, 12, h - 1, look.bar, 2),
    look.barPattern ? rect(x, y + 0.5, 12, h - 1, look.barPattern) : null,
    text(x + 20, two && name ? middle - 3 : middle + 4.5, shownName, `${firstClass} f-ink`, { whole: first }),
    !two && name && inline > 60
      ? text(
          x + 20 + textWidth(shownName, firstClass) + BLOCK_GAP,
          middle + 4.5,
          fitAddress(address, inline, 'mono small'),
          'mono small f-ink2',
        )
      : null,
    two && name ? text(x + 20, middle + 13, shownAddress, 'mono small f-ink2') : null,
    two && name && textWidth(shownAddress, 'mono small') + textWidth(bytes, 'micro') + 38 < w
      ? text(x + w - 8, middle + 13, bytes, 'micro f-ink2 end')
      : null,
    note ? text(x + w - 8, two && name ? middle - 3 : middle + 4.5, note, `mono small ${noteInk} end`) : null,
  ];
  return group(nodes, {
    key: block.id,
    id: `region:${block.id}`,
    label: [name, address, kindNames[kind], mismatch].filter(Boolean).join(', '),
  });
}

/** Large windows get larger type, not more of the small one. */
function sceneSize({ width, height }: Pick<MapsOptions, 'width' | 'height'>): { width: number; height: number } {
  const scale = Math.min(1.5, Math.max(1, Math.min(width / 1150, height / 700)));
  return { width: width / scale, height: height / scale };
}

/** The block of a picture of this size that has an id. */
export function blockUnder(view: MapsView, options: Pick<MapsOptions, 'width' | 'height'>, id: string): Block | undefined {
  const { width, height } = sceneSize(options);
  return mapColumns(view, width, height)
    .flatMap(({ blocks }) => blocks)
    .find((block) => block.id === id);
}

export function mapsScene(view: MapsView, options: MapsOptions): Scene {
  const { width, height } = sceneSize(options);
  const { stops = [] } = options;
  const columns = mapColumns(view, width, height);
  const ribbons = drawnRibbons(view, columns);
  const nodes: SceneNode[] = [
    group(
      ribbons.map((drawn, i) => ribbonNode(drawn, alongRibbon(drawn, stops), i)),
      { key: 'ribbons' },
    ),
  ];
  for (const { column, x, w, blocks } of columns) {
    const ink = column.space === 'pa' ? 'f-ink' : column.space === 'ipa' ? 'f-el2-ink' : `f-el${column.level ?? 1}-ink`;
    const here = stops.filter((stop) => stop.column === column.id);
    const holds = (block: Block): boolean => block.regions.some(({ id }) => here.some(({ region }) => region === id));
    nodes.push(
      group(
        [
          text(x, 22, fit(column.title, w + 20, 'lead bold'), `lead bold ${ink}`),
          text(x, 40, fit(column.subtitle, w + 20, 'small'), 'small f-ink3'),
          ...addressHead(here, stops.length > 0, x, w),
          ...blocks.flatMap((block, i) => (block.folded && i > 0 ? [foldMark(x, blocks[i - 1].y + blocks[i - 1].h, block.y, i)] : [])),
          ...blocks.map((block) => blockNode(block, holds(block))),
        ],
        { key: column.id },
      ),
    );
  }
  if (stops.length > 0) nodes.push(followLines(view, columns, stops));
  return { width, height, label: `Memory maps. ${view.sentence}`, nodes, table: table(view) };
}

/** The exact addresses of the followed one, at the head of the column. */
function addressHead(here: readonly Stop[], following: boolean, x: number, w: number): SceneNode[] {
  if (!following) return [];
  const [first] = here;
  if (!first) return [text(x, 62, 'not here', 'small f-ink3')];
  const more = here.length > 1 ? ` +${here.length - 1}` : '';
  const room = w - 12 - textWidth(more, 'mono small bold');
  const shown = `${fitAddress(`0x${first.address.toString(16)}`, room, 'mono small bold')}${more}`;
  return [rect(x, 48, textWidth(shown, 'mono small bold') + 12, 19, 'f-ink', 3), text(x + 6, 61.5, shown, 'mono small bold f-onink')];
}

/** A line along the ribbons through all places of the followed address. */
function followLines(view: MapsView, columns: readonly Column[], stops: readonly Stop[]): SceneNode {
  const places = stops.flatMap((stop) => {
    const block = columns
      .find(({ column }) => column.id === stop.column)
      ?.blocks.find(({ regions }) => regions.some(({ id }) => id === stop.region));
    return block ? [{ stop, block, y: yOf(block, stop.address) }] : [];
  });
  const nodes: SceneNode[] = [];
  // Beside what is written in the block, not through it.
  for (const { block, y } of places) nodes.push(path(`M${n(block.x)} ${n(y)}h12m${n(block.w - 18)} 0h6`, 's-ink w15'));
  for (const { from, to, size } of view.ribbons)
    for (const a of places)
      for (const b of places) {
        const offset = a.stop.address - BigInt(from.base);
        if (a.stop.column !== from.column || b.stop.column !== to.column || offset < 0n || offset >= BigInt(size)) continue;
        if (b.stop.address !== BigInt(to.base) + offset) continue;
        const [left, right] = a.block.x < b.block.x ? [a, b] : [b, a];
        nodes.push(path(threadPath([left.block.x + left.block.w, left.y], [right.block.x, right.y]), 's-ink w15'));
      }
  for (const { block, y } of places) nodes.push(circle(block.x, y, 3.5, 'f-ink'), circle(block.x + block.w, y, 3.5, 'f-ink'));
  return group(nodes, { key: 'follow' });
}

/** Empty space left out. */
function foldMark(x: number, from: number, to: number, i: number): SceneNode {
  const up = Math.min(3, (to - from) / 4);
  const down = n(2 * up);
  return path(`M${n(x + 8)} ${n((from + to) / 2)}l4 ${n(-up)}l6 ${down}l6 -${down}l6 ${down}l4 ${n(-up)}`, 's-line2 w15', {
    key: `fold${i}`,
  });
}

function table(view: MapsView): string[][] {
  return [
    ['Column', 'Region', 'From', 'Bytes', 'Kind', 'Permissions', 'Memory type'],
    ...view.columns.flatMap((column) =>
      column.regions.map((region) => [
        column.title,
        region.name,
        region.base,
        String(region.size),
        kindNames[region.kind],
        region.permissions,
        region.mismatch ?? '',
      ]),
    ),
  ];
}

/** Region ids by column, from the top: for moving with the keyboard. */
export const mapOrder = (view: MapsView): string[][] =>
  view.columns.map((column) =>
    [...column.regions].sort((a, b) => (BigInt(a.base) < BigInt(b.base) ? -1 : 1)).map((region) => `${column.id}/${region.id}`),
  );
