/** The way of an interrupt from the top down, where there is no room beside. */
import type { InterruptsView, InterruptWay } from '../../../emulator/session/views.ts';
import { rect, text, line, type SceneNode } from '../scene.ts';
import { fit } from '../text.ts';
import { boxHeight, PITCH, rowNodes } from './parts.ts';
import { physicalReach, physicalStations, virtualReach, virtualStations, type Reached, type Station } from './stations.ts';

const GAP = 16;
const HEAD = 24;
const INDENT = 18;

interface Stack {
  readonly nodes: SceneNode[];
  readonly height: number;
}

/** Rows side by side where there is room for two. */
function box({ title, rows, reached }: Station, x: number, y: number, w: number): Stack {
  const columns = w >= 460 && rows.length > 2 ? 2 : 1;
  const perColumn = Math.ceil(rows.length / columns);
  const wide = (w - 24 - (columns - 1) * 32) / columns;
  const h = boxHeight(perColumn);
  return {
    height: HEAD + h,
    nodes: [
      text(x, y + 15, title, reached === 'ahead' ? 'bold f-ink3' : 'bold'),
      rect(x, y + HEAD, w, h, reached === 'ahead' ? 'f-surface s-line2 dashed' : 'f-surface s-line2', 6),
      ...rows.flatMap((row, i) =>
        rowNodes(row, x + 12 + Math.floor(i / perColumn) * (wide + 32), y + HEAD + 22 + (i % perColumn) * PITCH, wide),
      ),
    ],
  };
}

function vector(way: InterruptWay, isReached: boolean, x: number, y: number, w: number): Stack {
  const words = way.vector
    ? `+0x${way.vector.offset.toString(16)}  ${way.vector.place.symbol ?? way.vector.place.address}`
    : `slot of VBAR_EL${way.to}`;
  return {
    height: HEAD + 36,
    nodes: [
      text(x, y + 15, `EL${way.to} vector`, isReached ? `bold f-el${way.to}-ink` : 'bold f-ink3'),
      rect(x, y + HEAD, w, 36, isReached ? `f-el${way.to}-tint s-el${way.to}-line` : 'f-surface s-line2 dashed', 6),
      text(x + 12, y + HEAD + 23, fit(words, w - 24, 'mono small'), 'mono small'),
    ],
  };
}

/** One half: its stations, joined by a line at their left. */
function half(stations: readonly Station[], way: InterruptWay | null, vectorReached: Reached, x: number, top: number, w: number): Stack {
  const isTaken = vectorReached === 'past';
  const pieces: ((y: number) => Stack)[] = [
    ...stations.map((station) => (y: number) => box(station, x + INDENT, y, w - INDENT)),
    ...(way ? [(y: number) => vector(way, isTaken, x + INDENT, y, w - INDENT)] : []),
  ];
  const gone = [...stations.map(({ reached }) => reached !== 'ahead'), isTaken];
  const nodes: SceneNode[] = [];
  let y = top;
  pieces.forEach((piece, i) => {
    const { nodes: drawn, height } = piece(y);
    const middle = y + HEAD + (height - HEAD) / 2;
    const cls = gone[i] ? 's-ink w2' : 's-ink3 w15 dashed';
    if (way) {
      if (i > 0) nodes.push(line(x + 4, y - GAP, x + 4, middle, cls));
      nodes.push(line(x + 4, middle, x + INDENT, middle, cls));
      if (i + 1 < pieces.length) nodes.push(line(x + 4, middle, x + 4, y + height, gone[i + 1] ? 's-ink w2' : 's-ink3 w15 dashed'));
    }
    nodes.push(...drawn);
    y += height + GAP;
  });
  return { nodes, height: y - top - GAP };
}

export function narrowPhysical(view: InterruptsView, x: number, y: number, w: number): Stack {
  return half(physicalStations(view), view.physical, physicalReach(view)('vector'), x, y, w);
}
export function narrowVirtual(view: InterruptsView, x: number, y: number, w: number): Stack {
  return half(virtualStations(view), view.virtual, virtualReach(view)('vector'), x, y, w);
}
