/** What the arrangements of the way of an interrupt are drawn with: boxes with rows, the mark of what holds, the line between stations. */
import type { MaskOrigin } from '../../../emulator/session/views.ts';
import { arrowHead, circle, group, line, rect, text, type SceneNode } from '../scene.ts';
import { fit, textWidth, wrapWhole } from '../text.ts';
import type { Reached, Row } from './stations.ts';

export const PITCH = 19.5;
const PAD = 12;
/** Height of a box with so many rows. */
export const boxHeight = (rows: number): number => rows * PITCH + 14;

/** A row: its name at the left, its value at the right, and what the value is between them where there is room. */
export function rowNodes({ name, value, text: words, holds }: Row, x: number, y: number, w: number): SceneNode[] {
  const faces = holds ? ['bold', 'mono small bold'] : ['f-ink2', 'mono small'];
  const valueWide = textWidth(value, faces[1]);
  const nameWide = Math.min(textWidth(name, faces[0]), w - valueWide - 14);
  const between = w - nameWide - valueWide - 20;
  const shown = words !== '' && textWidth(words, 'small f-ink3') <= between ? words : '';
  return [
    ...mark(holds, x - 8, y - 14.5, w + 16, PITCH),
    text(holds === 'held' ? x + 5 : x, y, fit(name, nameWide + 1, faces[0]), faces[0]),
    ...(shown ? [text(x + w - valueWide - 8, y, shown, 'small f-ink3 end')] : []),
    text(x + w, y, value, `${faces[1]} end`),
  ];
}
/** Marks what keeps the interrupt: what it is held by, or only why it is not pending. */
export const mark = (holds: Row['holds'], x: number, y: number, w: number, h: number): SceneNode[] =>
  holds === null
    ? []
    : [
        rect(x, y, w, h, holds === 'held' ? 'f-mark s-ink w15' : 'f-sel s-line2', 4),
        ...(holds === 'held' ? exclamation(x, y + h / 2) : []),
      ];
/** The sign of what holds. */
export const exclamation = (x: number, y: number): SceneNode[] => [
  circle(x, y, 7, 'f-ink'),
  text(x, y + 4, '!', 'micro bold f-onink middle'),
];

export function stationBox(rows: readonly Row[], x: number, y: number, w: number, h: number, reached: Reached, outline = ''): SceneNode[] {
  const frame = reached === 'ahead' ? 'f-surface s-line2 dashed' : `f-surface ${outline || 's-line2'}`;
  return [rect(x, y, w, h, frame, 6), ...rows.flatMap((row, i) => rowNodes(row, x + PAD, y + 22 + i * PITCH, w - 2 * PAD))];
}

/** A piece of the way: solid where the interrupt has gone it. `ink`: the colour of the level that it leads to. */
export function link(x1: number, x2: number, y: number, reached: Reached, ink = 'ink', isLast = false): SceneNode[] {
  const gone = reached === 'past' || reached === 'holds';
  const cls = gone ? `s-${ink} w2` : reached === 'beside' ? 's-line2' : 's-ink3 w15 dashed';
  return [
    line(x1, y, isLast ? x2 - 7 : x2, y, cls),
    ...(isLast ? [arrowHead(x2, y, 'right', gone ? `f-${ink}` : reached === 'beside' ? 'f-line2' : 'f-ink3')] : []),
  ];
}

/** What holds it, since when, and what would free it; or where it goes next. */
export interface Told {
  readonly lead: string;
  readonly sentences: readonly string[];
  /** What set the bit of PSTATE that holds it, which a click leads to. */
  readonly origin?: MaskOrigin | null;
  readonly tone: 'held' | 'quiet' | 'taken';
  readonly el: number;
}

/** It in sentences, as high as it needs. */
export function verdict(
  { lead, sentences, tone, el, origin }: Told,
  x: number,
  y: number,
  w: number,
): { nodes: SceneNode[]; height: number } {
  const indent = tone === 'held' ? 30 : 14;
  const wrapped = (words: string, face: string): readonly string[] => wrapWhole(words, w - indent - 12, face);
  const leads = wrapped(lead, 'bold');
  const lines = wrapped(sentences.join(' '), '');
  const origins = origin ? wrapped(origin.sentence, '') : [];
  const row = (words: string, i: number, face: string): SceneNode => text(x + indent, y + 21 + i * 18, words, face);
  const height = (leads.length + lines.length + origins.length) * 18 + 16;
  const fill = tone === 'held' ? 'f-mark s-ink' : tone === 'quiet' ? 'f-sunken s-line2' : `f-el${el}-tint s-el${el}-line`;
  return {
    height,
    nodes: [
      rect(x, y, w, height, fill, 6),
      ...(tone === 'held' ? exclamation(x + 16, y + 17) : []),
      ...leads.map((words, i) => row(words, i, 'bold')),
      ...lines.map((words, i) => row(words, leads.length + i, '')),
      ...(origin
        ? [
            group(
              origins.flatMap((words, i) => {
                const at = leads.length + lines.length + i;
                const under = y + 24 + at * 18;
                return [row(words, at, ''), line(x + indent, under, x + indent + textWidth(words, ''), under, 's-ink3')];
              }),
              { id: `instant:${origin.at}`, label: origin.sentence },
            ),
          ]
        : []),
    ],
  };
}

export const tick = (x: number, y: number): SceneNode =>
  group([line(x - 4, y, x - 1, y + 3.5, 's-ink w2'), line(x - 1, y + 3.5, x + 5, y - 4, 's-ink w2')]);
