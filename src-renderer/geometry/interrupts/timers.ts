/** The timers side by side: what each counts, compares and waits for. */
import type { TimerState } from '../../../emulator/session/views.ts';
import { grouped } from '../numbers.ts';
import { rect, text, type SceneNode } from '../scene.ts';
import { fit, textWidth, wrap } from '../text.ts';

const LEAST = 210;
const HEIGHT = 132;
const PAD = 16;

/** In as many columns as have room. */
export function timersBlock(
  timers: readonly TimerState[],
  x: number,
  y: number,
  width: number,
): { readonly nodes: SceneNode[]; readonly height: number } {
  const columns = Math.max(1, Math.min(timers.length, Math.floor((width + PAD) / (LEAST + PAD))));
  const w = (width - (columns - 1) * PAD) / columns;
  const nodes = timers.flatMap((timer, i) => column(timer, x + (i % columns) * (w + PAD), y + Math.floor(i / columns) * (HEIGHT + PAD), w));
  const rows = Math.ceil(timers.length / columns);
  return { nodes, height: rows * HEIGHT + (rows - 1) * PAD };
}

function column(timer: TimerState, x: number, y: number, w: number): SceneNode[] {
  const place = `${timer.registers} ${timer.intid}`;
  const head = [
    text(x, y + 13, fit(timer.name, w - textWidth(place, 'mono small') - 10, 'bold'), timer.absent ? 'bold f-ink3' : 'bold'),
    text(x + w, y + 13, place, 'mono small f-ink3 end'),
  ];
  if (timer.absent !== null)
    return [
      rect(x, y + 24, w, HEIGHT - 24, 'p-hatch-absent', 4),
      rect(x + 8, y + 56, w - 16, 44, 'f-surface', 4),
      ...head,
      ...lines(timer.absent, x + 16, y + 75, w - 32, 2, 'f-ink2'),
    ];
  const row = (name: string, value: string, n: number): SceneNode[] => [
    text(x, y + 34 + n * 18, name, 'f-ink2'),
    text(x + w, y + 34 + n * 18, value, 'mono small end'),
  ];
  const { armed, asserted, next } = timer;
  const when = next ? `${timer.text.replace(/\.$/, '')}: at ${grouped(next.at)}, unless the CPU waits.` : timer.text;
  return [
    ...head,
    ...row('Counter', timer.counter, 0),
    ...row('Offset', timer.offset ?? 'none', 1),
    ...row('Compare', timer.compare, 2),
    rect(x, y + 80, w, 5, 'f-line', 2.5),
    ...(asserted || timer.met
      ? [rect(x, y + 80, w, 5, 'f-ink', 2.5)]
      : armed && next
        ? [rect(x, y + 80, Math.max(5, w * armed.passed), 5, 'f-ink', 2.5)]
        : []),
    ...lines(when, x, y + 101, w, 2, asserted ? 'bold' : 'f-ink2'),
  ];
}
const lines = (content: string, x: number, y: number, w: number, most: number, cls: string): SceneNode[] =>
  wrap(content, w, cls, most).map((words, i) => text(x, y + i * 17, words, cls));
