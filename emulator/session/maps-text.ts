/** The memory maps as text for a terminal: a list for each address space, with where each part leads, and what is worth seeing. */
import { hex } from '../base/hex.ts';
import { plain } from '../explain/words.ts';
import { lastByte } from './tables-text.ts';
import type { MapColumn, MapRegion, MapRibbon, MapsView } from './views.ts';

export const mapsText = (view: MapsView): string =>
  [
    `instant ${view.at}: ${view.sentence}`,
    ...view.columns.map((column) => columnText(view, column)),
    ...(view.notes.length > 0 ? [view.notes.map(({ text }) => plain(text)).join('\n')] : []),
  ].join('\n\n');

function columnText(view: MapsView, column: MapColumn): string {
  const regionText = ({ id, base, size, permissions, kind, name, note }: MapRegion): string[] => {
    const range = `${base}..${lastByte(base, size)}`;
    const what = permissions || (kind === 'readOnly' ? 'read-only' : kind);
    const words = [range.padEnd(38), what.padEnd(10), name, note].filter(Boolean).join('  ');
    const leads = joined(view.ribbons.filter(({ from }) => from.column === column.id && from.region === id)).map(
      ({ from, to, size }) => `    ${from.base}..${lastByte(from.base, size)} -> ${to.column.toUpperCase()} ${to.base}`,
    );
    return [`  ${words.trimEnd()}`, ...leads];
  };
  return [`${column.title} (${column.subtitle})`, ...families(column.regions).flatMap(regionText)].join('\n');
}

/** Regions of the board that belong together and touch, as one: thirty-two virtio slots are one line. */
function families(regions: readonly MapRegion[]): MapRegion[] {
  const lines: MapRegion[] = [];
  for (const region of regions) {
    const last = lines.at(-1);
    const alike =
      last?.family !== undefined &&
      last.family === region.family &&
      last.name !== region.name &&
      last.kind === region.kind &&
      last.note === region.note &&
      endOf(last) === region.base;
    if (alike) lines[lines.length - 1] = { ...last, size: last.size + region.size, name: last.family };
    else lines.push(region);
  }
  return lines;
}

/** Ribbons that go on in both columns, as one. */
function joined(ribbons: readonly MapRibbon[]): MapRibbon[] {
  const lines: MapRibbon[] = [];
  for (const ribbon of ribbons) {
    const last = lines.at(-1);
    const goesOn =
      last !== undefined &&
      endOf({ base: last.from.base, size: last.size }) === ribbon.from.base &&
      endOf({ base: last.to.base, size: last.size }) === ribbon.to.base;
    if (goesOn) lines[lines.length - 1] = { ...last, size: last.size + ribbon.size };
    else lines.push(ribbon);
  }
  return lines;
}

const endOf = ({ base, size }: Pick<MapRegion, 'base' | 'size'>): string => hex(BigInt(base) + BigInt(size));
