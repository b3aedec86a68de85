/** The life of an interrupt on the time axis: a bar for each of its states, the instant shown at the right. */
import type { InterruptHistory } from '../../../emulator/session/views.ts';
import { scaleLinear } from 'd3';
import { grouped } from '../numbers.ts';
import { line, rect, text, type Scene, type SceneNode } from '../scene.ts';
import { textWidth } from '../text.ts';

const LABEL = 62;
const ROW = 20;
const LEAST = 2;
/** Of the past so much is drawn as the last steps need, and a little before the first of them. */
const SHOWN_STEPS = 9;

export function lifeScene({ spans, steps, from }: InterruptHistory, at: number, width: number): Scene {
  const first =
    steps
      .filter(({ text: words }) => !/^(en|dis)abled/.test(words))
      .slice(-SHOWN_STEPS)
      .at(0)?.at ?? from;
  const start = Math.max(from, first - Math.max(4, Math.round((at - first) * 0.06)));
  const x = scaleLinear([start, Math.max(at, start + 1)], [LABEL, width - 6]);
  const ticks = x.ticks(Math.max(2, Math.floor((width - LABEL) / 90))).filter(Number.isInteger);
  const bottom = spans.length * ROW + 6;
  const nodes: SceneNode[] = [
    ...ticks.map((tick) => line(x(tick), 2, x(tick), bottom, 's-line')),
    ...spans.flatMap(({ name, spans: parts }, i) => {
      const y = 4 + i * ROW;
      return [
        text(0, y + 11, name, 'small f-ink2'),
        ...parts
          .map((part) => ({ from: Math.max(start, part.from), to: part.to ?? at }))
          .filter((part) => part.to >= start)
          .map((part) => rect(x(part.from), y, Math.max(LEAST, x(part.to) - x(part.from)), 14, name === 'Listed' ? 'f-el2' : 'f-ink3', 2)),
      ];
    }),
    line(x(at), 0, x(at), bottom, 's-ink w2'),
    ...ticks
      .filter((tick) => Math.abs(x(tick) - width) > textWidth(grouped(tick), 'micro') / 2)
      .map((tick) => text(x(tick), bottom + 13, grouped(tick), 'micro f-ink3 middle')),
  ];
  return { width, height: bottom + 18, label: 'The states of the interrupt over time', nodes, table: table(spans, at) };
}

const table = (spans: InterruptHistory['spans'], at: number): Scene['table'] => [
  ['State', 'From', 'To'],
  ...spans.flatMap(({ name, spans: parts }) =>
    parts.map(({ from, to }) => [name, grouped(from), to === null ? `${grouped(at)}, now` : grouped(to)]),
  ),
];
