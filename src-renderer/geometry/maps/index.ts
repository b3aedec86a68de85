/** VA, IPA and PA side by side, joined by ribbons: what maps to what, and as which kind of memory. */
import type { MapRibbon, MapsView, RegionKind } from '../../../emulator/session/views.ts';
import { group, n, path, rect, text, type Scene, type SceneNode } from '../scene.ts';
import { fit, fitAddress, textWidth } from '../text.ts';
import { blockSize, HIGH, mapColumns, yOf, type Block, type Column } from './columns.ts';

export interface MapsOptions {
  readonly width: number;
  readonly height: number;
  /** `column/region` that is chosen; what it maps to is shown with it. */
  readonly chosen: string | null;
}

interface Look {
  readonly region: string;
  readonly outline: string;
  readonly bar: string;
  readonly barPattern: string | null;
  readonly ribbon: string;
  readonly ribbonPattern: string | null;
}

export const looks: Readonly<Record<RegionKind, Look>> = {
  normal: {
    region: 'f-m-normal-tint',
    outline: 's-m-normal-line',
    bar: 'f-m-normal',
    barPattern: null,
    ribbon: 'f-m-normal',
    ribbonPattern: null,
  },
  readOnly: {
    region: 'f-m-ro-tint',
    outline: 's-m-ro-line',
    bar: 'f-m-ro',
    barPattern: 'p-rules',
    ribbon: 'f-m-ro',
    ribbonPattern: 'p-rules',
  },
  executable: {
    region: 'f-m-exec-tint',
    outline: 's-m-exec-line',
    bar: 'f-m-exec',
    barPattern: 'p-dots-on',
    ribbon: 'f-m-exec',
    ribbonPattern: 'p-dots',
  },
  device: {
    region: 'f-m-device-tint',
    outline: 's-m-device-line',
    bar: 'f-m-device',
    barPattern: 'p-hatch-on',
    ribbon: 'f-m-device',
    ribbonPattern: 'p-hatch',
  },
  unmapped: {
    region: 'f-m-fault-tint',
    outline: 's-m-fault-line dashed',
    bar: 'f-m-fault-tint',
    barPattern: 'p-cross',
    ribbon: 'f-m-fault',
    ribbonPattern: 'p-cross',
  },
  hypervisor: { region: 'f-el2-tint', outline: 's-el2-line', bar: 'f-el2', barPattern: null, ribbon: 'f-el2', ribbonPattern: null },
};
export const kindNames: Readonly<Record<RegionKind, string>> = {
  normal: 'Normal',
  readOnly: 'Read-only',
  executable: 'Executable',
  device: 'Device',
  unmapped: 'Not mapped, traps',
  hypervisor: 'Hypervisor only',
};

/** A ribbon between two blocks that are drawn. */
interface Drawn {
  readonly ribbon: MapRibbon;
  readonly from: Block;
  readonly to: Block;
}

function drawnRibbons(view: MapsView, columns: readonly Column[]): Drawn[] {
  const blockOf = new Map<string, Block>();
  for (const { column, blocks } of columns)
    for (const block of blocks) for (const region of block.regions) blockOf.set(`${column.id}/${region.id}`, block);
  return view.ribbons.flatMap((ribbon) => {
    const from = blockOf.get(`${ribbon.from.column}/${ribbon.from.region}`);
    const to = blockOf.get(`${ribbon.to.column}/${ribbon.to.region}`);
    return from && to ? [{ ribbon, from, to }] : [];
  });
}

/** The chosen block and all that its addresses lead to, in both directions. */
export function chain(ribbons: readonly Drawn[], chosen: string | null): { blocks: Set<string>; ribbons: Set<Drawn> } {
  const blocks = new Set<string>();
  const kept = new Set<Drawn>();
  if (chosen === null) return { blocks, ribbons: kept };
  blocks.add(chosen);
  const follow = (id: string, ahead: boolean): void => {
    for (const drawn of ribbons) {
      const [here, there] = ahead ? [drawn.from, drawn.to] : [drawn.to, drawn.from];
      if (here.id !== id) continue;
      kept.add(drawn);
      if (blocks.has(there.id)) continue;
      blocks.add(there.id);
      follow(there.id, ahead);
    }
  };
  follow(chosen, true);
  follow(chosen, false);
  return { blocks, ribbons: kept };
}

function ribbonNode({ ribbon, from, to }: Drawn, on: boolean, i: number): SceneNode {
  // The one on the left comes first, whichever way it translates.
  const forward = from.x < to.x;
  const bytes = BigInt(ribbon.size);
  const a = { block: from, base: BigInt(ribbon.from.base) };
  const b = { block: to, base: BigInt(ribbon.to.base) };
  const [left, right] = forward ? [a, b] : [b, a];
  const span = ({ block, base }: typeof a): [number, number] => {
    const y1 = yOf(block, base);
    return [y1, Math.max(y1 + 2, yOf(block, base + bytes))];
  };
  const [l1, l2] = span(left);
  const [r1, r2] = span(right);
  const x1 = left.block.x + left.block.w;
  const x2 = right.block.x;
  const m = (x1 + x2) / 2;
  const d = `M${n(x1)} ${n(l1)}C${n(m)} ${n(l1)} ${n(m)} ${n(r1)} ${n(x2)} ${n(r1)}V${n(r2)}C${n(m)} ${n(r2)} ${n(m)} ${n(l2)} ${n(x1)} ${n(l2)}z`;
  const look = looks[ribbon.kind];
  return group([path(d, `${look.ribbon} ${on ? 'veil' : 'ghost'}`), look.ribbonPattern ? path(d, `${look.ribbonPattern} todo`) : null], {
    key: `ribbon${i}`,
  });
}

function blockNode(block: Block, on: boolean): SceneNode {
  const { x, y, w, h, kind, name, permissions } = block;
  const look = looks[kind];
  const address = `0x${block.base.toString(16)}`;
  const two = h >= HIGH - 4;
  const middle = y + h / 2;
  const note = kind === 'unmapped' && !permissions ? 'traps' : permissions;
  const noteWidth = note ? textWidth(note, 'mono small') + 12 : 0;
  const room = w - 30 - noteWidth;
  const first = name || address;
  const shownAddress = fitAddress(address, w - 26, 'mono small');
  const bytes = blockSize(block);
  const firstClass = name ? 'bold' : 'mono small';
  const shownName = fit(first, room, firstClass);
  /** Room for the address beside the name, where there is one line only. */
  const inline = room - textWidth(shownName, firstClass) - 8;
  const nodes: (SceneNode | null)[] = [
    rect(x, y + 0.5, w, h - 1, `${look.region} ${on ? 's-ink w2' : look.outline}`, 3),
    rect(x, y + 0.5, 12, h - 1, look.bar, 2),
    look.barPattern ? rect(x, y + 0.5, 12, h - 1, look.barPattern) : null,
    text(x + 20, two && name ? middle - 3 : middle + 4.5, shownName, `${firstClass} f-ink`),
    !two && name && inline > 60
      ? text(x + 20 + textWidth(shownName, firstClass) + 8, middle + 4.5, fitAddress(address, inline, 'mono small'), 'mono small f-ink2')
      : null,
    two && name ? text(x + 20, middle + 13, shownAddress, 'mono small f-ink2') : null,
    two && name && textWidth(shownAddress, 'mono small') + textWidth(bytes, 'micro') + 38 < w
      ? text(x + w - 8, middle + 13, bytes, 'micro f-ink2 end')
      : null,
    note ? text(x + w - 8, two && name ? middle - 3 : middle + 4.5, note, 'mono small f-ink2 end') : null,
  ];
  return group(nodes, { key: block.id, id: `region:${block.id}`, label: `${name}, ${address}, ${kindNames[kind]}` });
}

export function mapsScene(view: MapsView, options: MapsOptions): Scene {
  const scale = Math.min(1.5, Math.max(1, Math.min(options.width / 1150, options.height / 700)));
  const width = options.width / scale;
  const height = options.height / scale;
  const columns = mapColumns(view, width, height);
  const ribbons = drawnRibbons(view, columns);
  const on = chain(ribbons, options.chosen);
  const nodes: SceneNode[] = [
    group(
      ribbons.map((drawn, i) => ribbonNode(drawn, on.ribbons.has(drawn), i)),
      { key: 'ribbons' },
    ),
  ];
  for (const { column, x, w, blocks } of columns) {
    const ink = column.space === 'pa' ? 'f-ink' : column.space === 'ipa' ? 'f-el2-ink' : `f-el${column.level ?? 1}-ink`;
    nodes.push(
      group(
        [
          text(x, 22, fit(column.title, w + 20, 'lead bold'), `lead bold ${ink}`),
          text(x, 40, fit(column.subtitle, w + 20, 'small'), 'small f-ink3'),
          ...blocks.flatMap((block, i) =>
            block.folded && i > 0 ? [foldMark(x, (blocks[i - 1].y + blocks[i - 1].h + block.y) / 2, i)] : [],
          ),
          ...blocks.map((block) => blockNode(block, on.blocks.has(block.id))),
        ],
        { key: column.id },
      ),
    );
  }
  return { width, height, label: `Memory maps. ${view.sentence}`, nodes, table: table(view) };
}

/** Empty space left out. */
const foldMark = (x: number, y: number, i: number): SceneNode =>
  path(`M${n(x + 8)} ${n(y)}l4 -3l6 6l6 -6l6 6l4 -3`, 's-line2 w15', { key: `fold${i}` });

function table(view: MapsView): string[][] {
  return [
    ['Column', 'Region', 'From', 'Bytes', 'Kind', 'Permissions'],
    ...view.columns.flatMap((column) =>
      column.regions.map((region) => [
        column.title,
        region.name,
        region.base,
        String(region.size),
        kindNames[region.kind],
        region.permissions,
      ]),
    ),
  ];
}

/** Region ids by column, from the top: for moving with the keyboard. */
export const mapOrder = (view: MapsView): string[][] =>
  view.columns.map((column) =>
    [...column.regions].sort((a, b) => (BigInt(a.base) < BigInt(b.base) ? -1 : 1)).map((region) => `${column.id}/${region.id}`),
  );
