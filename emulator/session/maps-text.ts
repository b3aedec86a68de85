/** The memory maps as text for a terminal: a list for each address space, with where each part leads. */
import { lastByte } from './tables-text.ts';
import type { MapColumn, MapRegion, MapsView } from './views.ts';

export const mapsText = (view: MapsView): string =>
  [`instant ${view.at}: ${view.sentence}`, ...view.columns.map((column) => columnText(view, column))].join('\n\n');

function columnText(view: MapsView, column: MapColumn): string {
  const regionText = ({ id, base, size, permissions, kind, name, note }: MapRegion): string[] => {
    const range = `${base}..${lastByte(base, size)}`;
    const words = [range.padEnd(38), (permissions || kind).padEnd(10), name, note].filter(Boolean).join('  ');
    const leads = view.ribbons
      .filter(({ from }) => from.column === column.id && from.region === id)
      .map(({ from, to, size }) => `    ${from.base}..${lastByte(from.base, size)} -> ${to.column.toUpperCase()} ${to.base}`);
    return [`  ${words.trimEnd()}`, ...leads];
  };
  return [`${column.title} (${column.subtitle})`, ...column.regions.flatMap(regionText)].join('\n');
}
