/** The gate on the way between levels: the rule and the control bits that decided it; and the line that stage 2 draws below EL2. */
import type { LevelsView, Rule } from '../../../emulator/session/views.ts';
import { group, line, rect, text, type SceneNode } from '../scene.ts';
import { fit, textWidth, wrap } from '../text.ts';
import type { Layout } from './layout.ts';

export const ruleBits = (rule: Rule): string => rule.bits.map((bit) => `${bit.register}.${bit.field} = ${bit.value}`).join(', ');
/** Bits that the sentence of the rule does not name itself. */
export const unnamedBits = (rule: Rule): string =>
  ruleBits({ ...rule, bits: rule.bits.filter((bit) => !rule.text.includes(`${bit.register}.${bit.field} = ${bit.value}`)) });

/** One line of a rule: control bits in the code face. */
function ruleLine(x: number, y: number, content: string, bold: string): SceneNode[] {
  const nodes: SceneNode[] = [];
  let at = x;
  for (const part of content.split(/([A-Z][A-Z0-9_]*_EL\d\.\w+(?: = (?:0x[0-9a-f]+|[0-9]+))?)/)) {
    if (part === '') continue;
    const style = /^[A-Z].*_EL\d\./.test(part) ? bold : 'f-ink2';
    nodes.push(text(at, y, part, style));
    at += textWidth(part, style);
  }
  return nodes;
}
const ruleWidth = (content: string, bold: string): number =>
  textWidth(content, '') + textWidth((/[A-Z][A-Z0-9_]*_EL\d\.\w+(?: = (?:0x[0-9a-f]+|[0-9]+))?/g.exec(content) ?? [''])[0], bold) * 0.12;

export interface Gate {
  readonly nodes: readonly SceneNode[];
  /** Extent of the pill, 0 when there is none. */
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

export function gate(view: LevelsView, layout: Layout): Gate {
  const { x: columns } = layout;
  const move = view.event ?? view.preflight;
  const nodes: SceneNode[] = [];
  const stage2 = view.stage2 ? 'Stage 2 translation applies below' : 'Stage 2 is off';
  const boundary = (until: number): void => {
    const { y } = layout.band;
    const width = textWidth(stage2, 'small');
    const room = until - columns.left - 40;
    nodes.push(line(columns.left, y, until, y, view.stage2 ? 's-el2 dashed' : 's-line2 dashed', { key: 'boundary' }));
    if (width < room) {
      nodes.push(rect(columns.label - 4, y - 9, width + 8, 18, 'f-surface', 0, { key: 'boundary-back' }));
      nodes.push(text(columns.label, y + 4, stage2, view.stage2 ? 'small f-el2-ink' : 'small f-ink3', { key: 'boundary-text' }));
    }
  };
  if (!move) {
    boundary(columns.right);
    return { nodes, x: columns.right, top: layout.band.y, bottom: layout.band.y };
  }
  const illegal = view.event?.kind === 'illegal-return' || move.to === null;
  const question = view.event?.kind === 'exception' ? `Why EL${view.event.to}?` : illegal ? 'Illegal return' : 'Where to?';
  const bits = unnamedBits(move.rule);
  const colour = illegal ? 'm-fault' : `el${Math.max(move.from, move.to ?? 0)}`;
  const questionClass = `bold f-${colour}-ink`;
  const bitsClass = layout.compact ? 'mono small bold' : 'mono bold';
  const questionWidth = textWidth(question, questionClass) + 8;
  const bitsWidth = bits ? textWidth(bits, bitsClass) + 14 : 0;
  const most = columns.right - columns.left - 12;
  const oneLine = 36 + questionWidth + ruleWidth(move.rule.text, bitsClass) + bitsWidth;
  const width = Math.min(most, Math.max(oneLine, columns.right - columns.gutter + 30));
  const two = oneLine > most;
  const x = columns.right - width;
  const h = two ? 40 : 34;
  const y = layout.gateY - h / 2;
  if (layout.gateY === layout.band.y) boundary(x);
  else boundary(columns.right);
  const baseline = two ? y + 16.5 : y + h / 2 + 4.5;
  const inner = x + 18;
  const room = width - 36 - questionWidth;
  const lines = two ? wrap(move.rule.text, room, '', bits ? 1 : 2) : [move.rule.text];
  nodes.push(
    group(
      [
        rect(x, y, width, h, `f-surface s-${colour}`, h / 2),
        text(inner, baseline, question, questionClass),
        ...lines.flatMap((content, i) => ruleLine(inner + questionWidth, baseline + i * 16, content, bitsClass)),
        bits && !two ? text(x + width - 18, baseline, bits, `${bitsClass} end`) : null,
        bits && two ? text(inner + questionWidth, baseline + 16, fit(bits, room, bitsClass), bitsClass) : null,
      ],
      { key: 'gate', id: 'gate', label: 'the rule that decided' },
    ),
  );
  return { nodes, x, top: y, bottom: y + h };
}
