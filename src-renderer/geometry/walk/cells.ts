/** The pieces of a walk: tables as strips, requests, reads, the result. */
import type { Walk } from '../../../emulator/session/views.ts';
import { arrowHead, group, line, path, rect, rounded, text, type GroupNode, type SceneNode } from '../scene.ts';
import { fit, fitAddress, textWidth, wrap } from '../text.ts';
import type { WalkLayout } from './layout.ts';
import type { WalkRow, WalkStep } from './rows.ts';

/** What has happened of a part at the current read of the walk. */
export type Progress = 'todo' | 'current' | 'done';
export const progressAt = (first: number, done: number): Progress => (first > done ? 'todo' : first === done ? 'current' : 'done');
const faded = (progress: Progress): string => (progress === 'todo' ? 'todo' : '');

/** Colours: stage 1 is its regime's (EL1 blue, EL2 orange), stage 2 is EL2's. */
export const stageLevel = (walk: Walk, stage: 1 | 2): 1 | 2 => (stage === 2 || walk.regime === 'el2' ? 2 : 1);

/** A table drawn to scale: the entry that was picked is a bar at its place. */
export function strip(
  x: number,
  y: number,
  w: number,
  h: number,
  fraction: number | null,
  el: 1 | 2,
  filled: boolean,
  heavy: boolean,
): SceneNode[] {
  const nodes: SceneNode[] = [rect(x, y, w, h, `${filled ? `f-el${el}-tint` : 'f-surface'} s-el${el} ${heavy ? 'w25' : ''}`, 2)];
  for (const quarter of [0.25, 0.5, 0.75]) nodes.push(line(x, y + h * quarter, x + w, y + h * quarter, 's-line2 hair'));
  if (fraction !== null) nodes.push(rect(x - 2, entryY(y, h, fraction), w + 4, 4, `f-el${el}`, 1, { key: 'entry', enter: 'fade' }));
  return nodes;
}
const entryY = (y: number, h: number, fraction: number): number => y + Math.max(0, Math.min(h - 4, fraction * h));

function readBadge(x: number, y: number, number: number, el: 1 | 2): GroupNode {
  return group([rect(x - 12, y - 9, 24, 18, `f-el${el}`, 9), text(x, y + 4, String(number), `f-on-el${el} micro bold middle`)], {
    key: 'badge',
  });
}

/** Left: which table, which entry, at which address; or the data itself. */
export function request(walk: Walk, row: WalkRow, layout: WalkLayout, y: number, progress: Progress): GroupNode {
  const { stage1, asks } = row;
  const el = stageLevel(walk, 1);
  const { left, stripHeight: h, linePitch: pitch, face } = layout;
  const x = left + 34;
  const nodes: SceneNode[] = [];
  const off = !walk.stages.stage1.on;
  const refused = asks.space === 'VA';
  if (stage1) {
    nodes.push(...strip(left, y, 22, h, progress === 'todo' ? null : stage1.index / stage1.entries, el, true, false));
    nodes.push(text(x, y + 11, `Level ${stage1.level} table`, 'bold'));
  } else {
    nodes.push(...strip(left, y, 22, h, progress === 'todo' || off || refused ? null : 0.76, el, true, false));
    nodes.push(text(x, y + 11, off || refused ? 'The address' : 'The data itself', 'bold'));
  }
  if (progress === 'todo') return group(nodes, { key: 'request', class: 'todo' });
  const small = `mono small f-ink3`;
  const box = (at: number, baseline: number, content: string): number => {
    const width = textWidth(content, 'mono small bold') + 10;
    nodes.push(rect(at, baseline - 12, width, 16, `f-el${el}-tint s-el${el}-line`, 3), text(at + 5, baseline, content, 'mono small bold'));
    return at + width;
  };
  const second = y + 11 + pitch;
  const third = y + 11 + 2 * pitch;
  if (stage1) {
    if (layout.lines > 2)
      nodes.push(text(x, second, layout.lines === 4 ? `base ${stage1.table}` : `${stage1.table} + 8 × ${stage1.index}`, small));
    if (layout.lines === 4) {
      nodes.push(text(x, third, '+ 8 ×', small));
      const end = box(x + 44, third, String(stage1.index));
      nodes.push(text(end + 7, third, 'index', 'small f-ink3'));
    }
  } else if (off) {
    if (layout.lines > 2) nodes.push(text(x, second, fit(walk.stages.stage1.decidedBy, layout.leftWidth - 40, 'small'), 'small f-ink3'));
    if (layout.lines === 4) nodes.push(text(x, third, 'stage 1 is off: used unchanged', 'small f-ink3'));
  } else if (refused) {
    if (layout.lines > 2) nodes.push(text(x, second, 'no table is read for it', 'small f-ink3'));
    if (layout.lines === 4) nodes.push(text(x, third, fit(decidedText(walk), layout.leftWidth - 40, 'small'), 'small f-ink3'));
  } else {
    const offset = walk.input.at(-1);
    if (layout.lines > 2)
      nodes.push(text(x, second, layout.lines === 4 ? 'output of stage 1' : `offset ${offset?.value ?? ''}`, 'small f-ink3'));
    if (layout.lines === 4 && offset) {
      nodes.push(text(x, third, '+', small));
      const end = box(x + 14, third, offset.value);
      nodes.push(text(end + 7, third, 'offset', 'small f-ink3'));
    }
  }
  const baseline = askY(layout, y) + 4.5;
  const label = `${asks.space} ${asks.address}`;
  const most = layout.leftWidth - 52;
  nodes.push(rect(x - 6, baseline - 14.5, most, 20, `f-el${el}-tint s-el${el}-line`, 4));
  nodes.push(text(x, baseline, fitAddress(label, most - 12, `${face} bold`), `${face} bold`));
  return group(nodes, { key: 'request' });
}

/** y of the middle of the address box: where the arrow leaves. */
export const askY = (layout: WalkLayout, y: number): number =>
  y + Math.min(layout.stripHeight - 9, 20 + (layout.lines - 1) * layout.linePitch);
/** y of the middle of a read's value. */
export const valueY = (layout: WalkLayout, y: number): number => y + 10 + (layout.lines === 4 ? 2 : 1) * layout.readPitch;

/** One stage-2 read: the table, which entry, its address, what it held. */
export function stage2Read(step: WalkStep, layout: WalkLayout, x: number, y: number, progress: Progress, number: number): GroupNode {
  const { stripHeight: h, readPitch: pitch, face } = layout;
  const bad = step.kind === 'invalid' || step.kind === 'reserved' || Object.values(step.fields).some((field) => field.decides);
  const current = progress === 'current';
  const nodes: SceneNode[] = [];
  if (current) nodes.push(rect(x - 9, y - 9, layout.stage2Width - 26, h + 18, 'f-surface s-el2 w2', 6, { key: 'halo', enter: 'fade' }));
  nodes.push(...strip(x, y, 18, h, progress === 'todo' ? null : step.index / step.entries, 2, false, current));
  nodes.push(readBadge(x + 41, y + 7, number, 2));
  if (progress !== 'todo') {
    const tx = x + 30;
    const room = layout.stage2Width - 34;
    nodes.push(text(x + 59, y + 11, `[${step.index}]`, `${face} bold`));
    if (layout.lines === 4)
      nodes.push(text(tx, y + 11 + pitch, fitAddress(step.descriptorAddress, room, 'mono small'), 'mono small f-ink3'));
    const value = valueY(layout, y) + 4;
    nodes.push(
      text(tx, value, step.value === null ? 'not read' : fitAddress(step.value, room, face), face, { key: 'value', enter: 'fade' }),
    );
    nodes.push(text(tx, value + pitch, fit(kindText(step), room, 'small'), bad ? 'small f-m-fault-ink bold' : 'small f-ink3'));
  }
  return group(nodes, { key: `read${number}`, id: `read:${number}`, label: `read ${number}`, class: faded(progress) });
}

const kindText = (step: WalkStep): string => {
  const deciding = Object.entries(step.fields).find(([, field]) => field.decides);
  return deciding ? `${deciding[0]} = ${deciding[1].value}: decides` : (step.kind ?? step.verdict);
};

/** Right: the stage-1 descriptor itself, once its address is known. */
export function stage1Read(walk: Walk, step: WalkStep, layout: WalkLayout, y: number, progress: Progress, number: number): GroupNode {
  const el = stageLevel(walk, 1);
  const { right: x, rightWidth: w, stripHeight: h, linePitch: pitch, face } = layout;
  const bad = step.kind === 'invalid' || step.kind === 'reserved' || Object.values(step.fields).some((field) => field.decides);
  const nodes: SceneNode[] = [
    rect(
      x,
      y,
      w,
      h,
      `f-surface ${progress === 'current' ? `s-el${el} w25` : bad && progress !== 'todo' ? 's-m-fault' : `s-el${el}-line`}`,
      6,
    ),
    readBadge(x + 22, y + 14, number, el),
  ];
  if (progress !== 'todo') {
    const value = step.value ?? 'not read';
    const first = layout.lines === 2 ? value : `PA ${step.pa ?? ''}`;
    const strong = layout.lines === 2 ? `${face} bold` : face;
    nodes.push(text(x + 42, y + 18, fitAddress(first, w - 50, strong), strong, { key: 'first' }));
    let baseline = y + 18;
    if (layout.lines > 2) {
      baseline += pitch;
      nodes.push(text(x + 12, baseline, fitAddress(value, w - 22, `${face} bold`), `${face} bold`, { key: 'value', enter: 'fade' }));
    }
    baseline += pitch;
    nodes.push(text(x + 12, baseline, fit(step.verdict, w - 22, 'small'), bad ? 'small f-m-fault-ink' : 'small f-ink2'));
    const note = attributesText(step);
    if (note && baseline + pitch < y + h - 3) nodes.push(text(x + 12, baseline + pitch, fit(note, w - 22, 'small'), 'small f-ink3'));
  }
  return group(nodes, { key: `read${number}`, id: `read:${number}`, label: `read ${number}`, class: faded(progress) });
}

const attributesText = (step: WalkStep): string =>
  step.kind === 'page' || step.kind === 'block'
    ? ['AP', 'S2AP']
        .filter((name) => step.fields[name])
        .map((name) => step.fields[name].text)
        .join(', ')
    : '';

/** "TCR_EL1.T0SZ = 0", "AP = 00": what decided a fault. */
function decidedText({ result }: Walk): string {
  if (result.ok) return '';
  const { kind, of, field, value } = result.decidedBy;
  return `${kind === 'descriptor' ? field : field === '' ? of : kind === 'register' ? `${of}.${field}` : `${of} bits ${field}`} = ${value}`;
}

/** The end: a physical address, or the fault that hardware would report. */
export function resultBlock(walk: Walk, layout: WalkLayout, y: number, progress: Progress): GroupNode {
  const { result } = walk;
  const { right: x, rightWidth: w } = layout;
  const h = layout.stripHeight;
  if (progress === 'todo') return group([rect(x, y, w, h, 's-ink3 dashed', 6)], { key: 'result', class: 'soft' });
  if (result.ok) {
    const memory = result.attributes.text;
    return group(
      [
        rect(x, y, w, h, 'f-ink', 6),
        h > 66 ? text(x + 14, y + 19, 'Physical address', 'f-onink small soft') : null,
        text(x + 14, y + (h > 66 ? h / 2 + 8 : h / 2), fitAddress(result.pa, w - 26, 'mono value bold'), 'mono value bold f-onink'),
        text(x + 14, y + h - 9, fit(memory, w - 26, 'small'), 'f-onink small'),
      ],
      { key: 'result', enter: 'fade' },
    );
  }
  const lines = wrap(result.text, w - 26, 'bold', h > 62 ? 3 : 2);
  const decided = `${decidedText(walk)}, taken to EL${result.takenTo}`;
  return group(
    [
      rect(x, y, w, h, 'f-m-fault-tint s-m-fault w15', 6),
      ...lines.map((content, i) => text(x + 14, y + 20 + i * 16, content, 'bold f-m-fault-ink')),
      20 + lines.length * 16 < h - 4
        ? text(
            x + 14,
            y + 22 + lines.length * 16,
            fit(textWidth(decided, 'small') <= w - 26 ? decided : decidedText(walk), w - 26, 'small'),
            'small f-m-fault-ink',
          )
        : null,
    ],
    { key: 'result', enter: 'fade' },
  );
}

/** Straight arrow to the right. */
export function arrowRight(x1: number, x2: number, y: number, cls: string, fill: string, key: string): SceneNode {
  return group([line(x1, y, x2 - 6, y, `${cls} w15`, { key: 'line', enter: 'draw' }), arrowHead(x2, y, 'right', fill, 8)], { key });
}

/** The value read goes back to the left and becomes the next row's table. */
export function carriageReturn(
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  bendY: number,
  el: 1 | 2,
  progress: Progress,
): GroupNode {
  const d = rounded(
    [
      [fromX, fromY],
      [fromX, bendY],
      [toX, bendY],
      [toX, toY - 6],
    ],
    7,
  );
  return group([path(d, `s-el${el} w15`, { key: 'line', enter: 'draw' }), arrowHead(toX, toY, 'down', `f-el${el}`, 8)], {
    key: 'return',
    class: faded(progress),
  });
}
