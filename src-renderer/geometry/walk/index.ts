/** The nested walk: each stage-1 fetch with its detour through stage 2, and what came of it. */
import type { Walk } from '../../../emulator/session/views.ts';
import { count } from '../numbers.ts';
import { arrowHead, group, line, rect, text, type Scene, type SceneNode } from '../scene.ts';
import { textWidth } from '../text.ts';
import {
  arrowRight,
  askY,
  carriageReturn,
  progressAt,
  request,
  resultBlock,
  stage1Read,
  stage2Read,
  stageLevel,
  valueY,
  type Progress,
} from './cells.ts';
import { VA_HEIGHT, VA_TOP, walkLayout, type WalkLayout } from './layout.ts';
import { stage2Levels, walkReads, walkRows, type WalkRow } from './rows.ts';
import { tlbBand, tlbHeight } from './tlb-band.ts';
import { vaBar } from './va-bar.ts';

export interface WalkOptions {
  readonly width: number;
  readonly height: number;
  /** Reads that have been made; all when absent. */
  readonly done?: number | undefined;
}

/** What it can be read in, in CSS pixels: the reads of stage 2 stand beside those of stage 1, and each row is one under another. */
export function leastWalk(walk: Walk): { readonly width: number; readonly height: number } {
  const rows = walkRows(walk);
  const levels = stage2Levels(rows);
  const width = levels.length === 0 ? 480 : 716;
  return { width, height: walkLayout(rows, levels, width, 0, 0).height };
}

export function walkScene(walk: Walk, options: WalkOptions): Scene {
  const rows = walkRows(walk);
  const levels = stage2Levels(rows);
  const scale = Math.min(1.6, Math.max(1, Math.min(options.width / 1120, options.height / 640)));
  const layout = walkLayout(rows, levels, options.width / scale, options.height / scale, tlbHeight(walk));
  const reads = walkReads(walk);
  const done = options.done ?? reads.length;
  const current = reads.find((read) => read.number === done);
  const nodes: SceneNode[] = [
    vaBar(
      walk,
      14,
      layout.width - 28,
      stageLevel(walk, 1),
      current?.step.stage === 1 && options.done !== undefined ? current.step.level : null,
    ),
    ...(layout.tlbHeight > 0 ? [tlbBand(walk, 14, VA_TOP + VA_HEIGHT + 9, layout.width - 28, layout.tlbHeight)] : []),
    heads(walk, rows, levels, layout),
  ];
  let read = 0;
  rows.forEach((row, i) => {
    const drawn = rowNodes(walk, row, i, rows, levels, layout, read, done);
    read = drawn.last;
    nodes.push(group(drawn.nodes, { key: `row${i}` }));
  });
  const arrangement = [walk.regime, ...rows.map((row) => row.stage2.length)].join(' ');
  return { width: layout.width, height: layout.height, label: sentence(walk), nodes, arrangement, table: table(walk) };
}

function heads(walk: Walk, rows: readonly WalkRow[], levels: readonly number[], layout: WalkLayout): SceneNode {
  const y = layout.top - 14;
  const el = stageLevel(walk, 1);
  const nodes: SceneNode[] = [];
  if (levels.length) {
    const x = layout.stage2[0] - 14;
    const zone = layout.rowHeight * rows.filter((row) => row.stage2.length > 0).length + 22;
    nodes.push(rect(x, y - 18, layout.stage2Width * levels.length, zone, 'f-el2-tint soft', 8));
    nodes.push(rect(x, y - 18, layout.stage2Width * levels.length, zone, 's-el2-line dashed', 8));
  }
  nodes.push(text(layout.left, y, walk.stages.stage1.on ? 'Stage 1 asks' : 'Stage 1 is off', `bold f-el${el}-ink`));
  levels.forEach((level, i) => {
    const name = `Stage 2, level ${level}`;
    const x = layout.stage2[i];
    nodes.push(text(x, y, name, 'bold f-el2-ink'));
    // The first table is the same in every row; later ones are named where all rows agree.
    const tables = new Set(rows.flatMap((row) => row.stage2.filter((step) => step.level === level).map((step) => step.table)));
    const [only] = tables;
    const at = x + textWidth(name, 'bold') + 8;
    if (tables.size === 1 && only && at + textWidth(only, 'mono micro') < x + layout.stage2Width - 12)
      nodes.push(text(at, y, only, 'mono micro f-ink3'));
  });
  if (rows.some((row) => row.stage1?.read !== undefined)) nodes.push(text(layout.right, y, 'Stage 1 reads', `bold f-el${el}-ink`));
  return group(nodes, { key: 'heads' });
}

interface Drawn {
  readonly nodes: readonly SceneNode[];
  readonly last: number;
}

function rowNodes(
  walk: Walk,
  row: WalkRow,
  index: number,
  rows: readonly WalkRow[],
  levels: readonly number[],
  layout: WalkLayout,
  before: number,
  done: number,
): Drawn {
  const y = layout.top + index * layout.rowHeight + 4;
  const el = stageLevel(walk, 1);
  const nodes: SceneNode[] = [];
  const isLast = index === rows.length - 1;
  let number = before;
  // The request is there as soon as the row before it has been read.
  const asked: Progress = done >= before || before === 0 ? 'done' : 'todo';
  nodes.push(request(walk, row, layout, y, asked));
  let x = layout.left + layout.leftWidth - 20;
  let middle = askY(layout, y);
  row.stage2.forEach((step) => {
    number++;
    const column = layout.stage2[levels.indexOf(step.level)];
    const progress = progressAt(number, done);
    nodes.push(
      group([arrowRight(x, column - (x < column - 60 ? 6 : 4), middle, 's-el2', 'f-el2', 'arrow')], {
        key: `to${number}`,
        class: progress === 'todo' ? 'todo' : '',
      }),
    );
    nodes.push(stage2Read(step, layout, column, y, progress, number));
    const face = `${layout.face}`;
    x = column + 34 + textWidth(step.value ?? '', face);
    middle = valueY(layout, y);
  });
  if (row.stage1?.read !== undefined) {
    number++;
    const progress = progressAt(number, done);
    nodes.push(
      group(
        [
          arrowRight(
            Math.min(x, layout.right - 24),
            layout.right - 3,
            middle,
            row.stage2.length ? 's-el2' : `s-el${el}`,
            row.stage2.length ? 'f-el2' : `f-el${el}`,
            'arrow',
          ),
        ],
        {
          key: `to${number}`,
          class: progress === 'todo' ? 'todo' : '',
        },
      ),
    );
    nodes.push(stage1Read(walk, row.stage1, layout, y, progress, number));
  }
  if (row.ends) {
    const progress: Progress = done >= number ? 'done' : 'todo';
    const fault = !walk.result.ok;
    const refused = fault && row.stage2.length === 0 && row.stage1 === null;
    // A fault of stage 1 has no address to go on with.
    if (refused && rows.length > 1) {
      const x = layout.right + layout.rightWidth / 2;
      const top = y - layout.rowHeight + layout.stripHeight;
      nodes.splice(0, nodes.length, line(x, top, x, y - 9, 's-m-fault w15'), arrowHead(x, y - 3, 'down', 'f-m-fault', 8));
    } else {
      const colour = fault ? 'm-fault' : row.stage2.length ? 'el2' : `el${el}`;
      nodes.push(
        group([arrowRight(Math.min(x, layout.right - 24), layout.right - 3, middle, `s-${colour}`, `f-${colour}`, 'arrow')], {
          key: 'to-result',
          class: progress === 'todo' ? 'todo' : '',
        }),
      );
    }
    nodes.push(resultBlock(walk, layout, y, progress));
  }
  if (!isLast && !(rows[index + 1].stage1 === null && !walk.result.ok && rows[index + 1].stage2.length === 0)) {
    const bend = y + layout.stripHeight + (layout.rowHeight - layout.stripHeight) / 2 - 2;
    const progress: Progress = done > number || (done === number && number > 0) ? 'done' : 'todo';
    nodes.push(
      carriageReturn(
        layout.right + layout.rightWidth / 2,
        y + layout.stripHeight,
        layout.left + 11,
        y + layout.rowHeight - 3,
        bend,
        el,
        progress,
      ),
    );
  }
  return { nodes, last: number };
}

function sentence(walk: Walk): string {
  const stages = walk.stages.stage2?.on ? 'through two stages' : 'through one stage';
  const end = walk.result.ok ? `ends at physical address ${walk.result.pa}` : `ends in a fault: ${walk.result.text}`;
  const stale = walk.tlb.stale ? `; the TLB holds a stale entry: ${walk.tlb.difference ?? 'it differs'}` : '';
  return `Walk of virtual address ${walk.va} ${stages}: ${count(walk.reads, 'memory read')}, ${end}${stale}`;
}

function table(walk: Walk): string[][] {
  return [
    ['Read', 'Stage', 'Level', 'Index', 'Address', 'Value', 'Meaning'],
    ...walkReads(walk).map(({ number, step }) => [
      String(number),
      String(step.stage),
      String(step.level),
      String(step.index),
      step.descriptorAddress,
      step.value ?? '',
      step.verdict,
    ]),
  ];
}
