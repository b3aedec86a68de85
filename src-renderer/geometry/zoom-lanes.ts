/** A stretch of the recording, large enough to read: one lane per level and VM, each event a riser or a faller with its name. */
import { ticks } from 'd3';
import type { LaneSpan, TrapRow } from '../../emulator/session/views.ts';
import { laneBars, laneX, type LaneRow } from './lanes.ts';
import { grouped } from './numbers.ts';
import { group, line, rect, text, type Scene, type SceneNode } from './scene.ts';
import { textWidth } from './text.ts';
import { trapName } from './trap-names.ts';

export interface ZoomLanesOptions {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly height: number;
  /** Index of the trap that is chosen. */
  readonly chosen: number | null;
  /** The instant shown. */
  readonly at: number;
}

const LABEL = 104;
const TOP = 38;

export function zoomLanes(spans: readonly LaneSpan[], traps: readonly TrapRow[], options: ZoomLanesOptions): Scene {
  const { from, to, width, height, chosen, at } = options;
  const lanes = lanesOf(spans);
  const room = width - LABEL - 8;
  const pitch = Math.min(56, (height - TOP - 6) / Math.max(1, lanes.length));
  const h = Math.min(34, pitch - 8);
  const rows = lanes.map((lane, i) => ({ ...lane, y: TOP + i * pitch, h }));
  const x = (step: number): number => laneX(step, from, to, room);
  const bottom = TOP + lanes.length * pitch;
  const nodes: SceneNode[] = [];

  for (const tick of ticks(from, to, Math.max(2, Math.round(room / 150))).filter(Number.isInteger)) {
    const content = grouped(tick);
    nodes.push(line(LABEL + x(tick), 4, LABEL + x(tick), bottom, 's-line'));
    if (x(tick) + textWidth(content, 'micro') + 8 < room) nodes.push(text(LABEL + x(tick) + 5, 12, content, 'mono micro f-ink3'));
  }
  for (const row of rows) {
    nodes.push(rect(LABEL, row.y, room, row.h, 'f-sunken'));
    nodes.push(text(0, row.y + row.h / 2 + 4.5, `EL${row.el}`, `bold f-el${row.el}-ink`));
    nodes.push(text(34, row.y + row.h / 2 + 4, row.vmid === null ? 'Hypervisor' : row.vmid === 0 ? '' : `VM ${row.vmid}`, 'micro f-ink3'));
  }
  nodes.push(
    group(
      rows.flatMap((row) => laneBars(spans, row, from, to, room, 1.5)),
      { dx: LABEL },
    ),
  );
  nodes.push(...changes(spans, rows, (step) => LABEL + x(step)));
  nodes.push(...labels(traps, chosen, from, to, room, bottom));
  if (at >= from && at <= to) nodes.push(line(LABEL + x(at), 20, LABEL + x(at), bottom, 's-ink w15 dashed'));
  return {
    width,
    height: Math.max(height, bottom),
    label: `Levels from step ${grouped(from)} to ${grouped(to)}`,
    nodes,
    table: [['Instant', 'Kind', 'From', 'To'], ...traps.map((trap) => [grouped(trap.n), trapName(trap), `EL${trap.from}`, `EL${trap.to}`])],
  };
}

/** One lane for EL2, and one for each VM at EL1 and EL0, from the top. */
function lanesOf(spans: readonly LaneSpan[]): Omit<LaneRow, 'y' | 'h'>[] {
  const lanes: Omit<LaneRow, 'y' | 'h'>[] = [{ el: 2, vmid: null }];
  for (const el of [1, 0] as const) {
    const vms = [...new Set(spans.filter((span) => span.el === el).map((span) => span.vmid))].sort((a, b) => a - b);
    for (const vmid of vms.slice(0, 4)) lanes.push({ el, vmid });
  }
  return lanes;
}

/** Lines where one lane hands over to another: up in the colour of the level that takes the exception, down in grey. */
function changes(spans: readonly LaneSpan[], rows: readonly LaneRow[], x: (step: number) => number): SceneNode[] {
  const rowOf = (span: LaneSpan): LaneRow | undefined =>
    rows.find((row) => row.el === span.el && (row.vmid === null || row.vmid === span.vmid));
  const nodes: SceneNode[] = [];
  for (let i = 1; i < spans.length && nodes.length < 600; i++) {
    const before = rowOf(spans[i - 1]);
    const after = rowOf(spans[i]);
    if (!before || !after || before === after) continue;
    const at = x(spans[i].from);
    const up = after.y < before.y;
    nodes.push(line(at, up ? before.y : before.y + before.h, at, up ? after.y + after.h : after.y, up ? `s-el${after.el} w15` : 's-ink3'));
  }
  return nodes;
}

/** Names of exceptions where they have room; the chosen one always. */
function labels(traps: readonly TrapRow[], chosen: number | null, from: number, to: number, room: number, bottom: number): SceneNode[] {
  const nodes: SceneNode[] = [];
  let free = -Infinity;
  const chosenTrap = traps.find((trap) => trap.index === chosen);
  const place = (trap: TrapRow): number => LABEL + laneX(trap.n, from, to, room);
  const chosenFrom = chosenTrap ? place(chosenTrap) : Infinity;
  const chosenTo = chosenTrap ? chosenFrom + textWidth(trapName(chosenTrap), 'small bold') + 18 : -Infinity;
  for (const trap of traps) {
    const at = place(trap);
    const name = trapName(trap);
    if (trap === chosenTrap) {
      // At the right end the flag hangs to the left.
      const w = textWidth(name, 'small bold') + 14;
      const flag = at + w > LABEL + room ? at - w + 1 : at - 1;
      nodes.push(
        group(
          [line(at, 19, at, bottom, 's-ink w15'), rect(flag, 18, w, 17, 'f-ink', 3), text(flag + 7, 30.5, name, 'small bold f-onink')],
          { key: `trap${trap.index}`, id: `trap:${trap.index}`, label: name },
        ),
      );
      continue;
    }
    if (trap.kind === 'return') continue;
    const end = at + textWidth(name, 'small') + 8;
    if (at < free || end > LABEL + room || (end > chosenFrom && at < chosenTo)) continue;
    nodes.push(group([text(at, 30.5, name, 'small f-ink2')], { key: `trap${trap.index}`, id: `trap:${trap.index}`, label: name }));
    free = end;
  }
  return nodes;
}
