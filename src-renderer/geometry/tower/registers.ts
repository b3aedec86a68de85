/** Registers, the rider (PC and PSTATE) and the marks of the sub-steps. */
import type { RegisterValue } from '../../../emulator/session/views.ts';
import { circle, group, line, rect, text, type GroupNode, type SceneNode } from '../scene.ts';
import { fit, fitAddress, fitWords, textWidth } from '../text.ts';
import { RIDER, type Columns, type FloorBox } from './layout.ts';
import type { Moment, Shown } from './moment.ts';

/** Number of the sub-step that writes a value. */
export function badge(x: number, y: number, number: number, el: number, done: boolean): GroupNode {
  return group([circle(x, y, 8, `f-el${el}`), text(x, y + 4, String(number), `f-on-el${el} micro bold middle`)], {
    key: `badge${number}`,
    class: done ? '' : 'todo',
  });
}

/** A value, on the yellow marker when this event wrote it; old and new have different keys, so the new one can travel in. */
function value(x: number, y: number, shown: Shown, classes: string, width: number, from?: { x: number; y: number }): SceneNode {
  if (!shown.written) return text(x, y, fitAddress(shown.value, width, classes), classes, { key: 'old' });
  const content = fitAddress(shown.value, width, `${classes} bold`);
  return group([rect(x - 4, y - 13, textWidth(content, `${classes} bold`) + 8, 18, 'f-mark', 2), text(x, y, content, `${classes} bold`)], {
    key: 'new',
    enter: from ? { travelX: from.x - x, travelY: from.y - y } : 'fade',
  });
}

interface RegisterPlace {
  readonly x: number;
  readonly y: number;
  /** Of name and value. */
  readonly width: number;
  readonly rowHeight: number;
  readonly columns: Columns;
  readonly compact: boolean;
  readonly el: number;
  /** Where a travelling value starts. */
  readonly from: { x: number; y: number } | undefined;
}

export function registerNode(register: RegisterValue, moment: Moment, place: RegisterPlace): GroupNode {
  const { x, y, columns } = place;
  const shown = moment.shown(register);
  const face = place.compact ? 'mono small' : 'mono';
  const width = place.width - columns.valueOffset;
  const quiet = moment.event && shown.step === 0 && register.before === undefined && /^(FAR|HPFAR|ESR|SPSR|ELR)_/.test(register.name);
  const pending = shown.step > 0 && !shown.written;
  return group(
    [
      shown.step ? badge(x - 13, y - 4, shown.step, place.el, shown.written) : null,
      text(x, y, register.name, `${face} f-ink2`),
      value(x + columns.valueOffset, y, shown, quiet ? `${face} f-ink3` : face, width, place.from),
      place.rowHeight >= 30 && register.text && !pending
        ? text(x + columns.valueOffset, y + 14, fitWords(register.text, width + (place.compact ? 0 : 8), 'small f-ink3'), 'small f-ink3', {
            // Of a name all matters; of a meaning, as much as there is room for.
            whole: register.text.includes(' ') ? undefined : register.text,
          })
        : null,
    ],
    { key: register.name, id: `register:${register.name}`, label: register.name },
  );
}

/** PC and PSTATE ride on the floor of the level that runs. */
export function riderNode(box: FloorBox, columns: Columns, moment: Moment, compact: boolean): GroupNode {
  const { rider } = moment;
  const el = box.floor.el;
  const face = compact ? 'mono small' : 'mono';
  const x = columns.registers[0] - 14;
  const y = box.y + (el === 0 ? (box.h - 36) / 2 : 9);
  const h = el === 0 ? 36 : RIDER - 4;
  const total = columns.registers[1] + columns.registerWidths[1] - x - 2;
  const parts: { shown: Shown; text: string; below: string; lead?: string; grow?: boolean }[] = [
    { shown: rider.pc, text: rider.pc.value, below: rider.symbol, lead: 'PC', grow: true },
    { shown: rider.el, text: rider.el.value, below: rider.el.value.endsWith('h') ? `SP_${rider.el.value.slice(0, 3)}` : 'SP_EL0' },
    { shown: rider.daif, text: rider.daif.value, below: 'DAIF' },
    { shown: { ...rider.nzcv, step: 0 }, text: rider.nzcv.value, below: 'NZCV' },
  ];
  const widthsWith = (pad: number): number[] =>
    parts.map(
      (part) =>
        Math.max(
          textWidth(`${part.lead ? `${part.lead} ` : ''}${part.text}`, `${face} bold`) + 8,
          part.grow ? 0 : textWidth(part.below, 'small'),
        ) +
        2 * pad +
        (part.shown.step ? 20 : 0),
    );
  const sum = (widths: readonly number[]): number => widths.reduce((a, b) => a + b, 0);
  // Badges take room, so that what is beside them moves closer.
  const usual = compact ? 8 : 10;
  const pad = [usual, 6].find((candidate) => sum(widthsWith(candidate)) <= total) ?? 4;
  const widths = widthsWith(pad);
  const grow = Math.max(0, total - sum(widths));
  const nodes: SceneNode[] = [rect(x, y, total, h, 'f-surface s-line2', 6)];
  let at = x;
  parts.forEach((part, i) => {
    const width = widths[i] + (part.grow ? grow : 0);
    const inner = at + pad + (part.shown.step ? 20 : 0);
    if (i > 0) nodes.push(line(at, y + 7, at, y + h - 7, 's-line'));
    if (part.shown.step) nodes.push(badge(at + pad + 7, y + h / 2 - 7, part.shown.step, moment.event?.to ?? el, part.shown.written));
    const lead = part.lead ? textWidth(`${part.lead} `, face) + 4 : 0;
    if (part.lead) nodes.push(text(inner, y + h / 2 - 3, part.lead, `${face} f-ink2`));
    nodes.push(text(inner + lead, y + h / 2 - 3, part.text, `${face} bold`));
    const below = fit(part.below, width - 2 * pad - (part.shown.step ? 16 : 0), 'small f-ink3');
    nodes.push(text(inner, y + h / 2 + 12, below, 'small f-ink3', { whole: part.below }));
    at += width;
  });
  return group(nodes, { key: `rider${el}`, enter: 'fade' });
}
