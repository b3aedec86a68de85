/** The tower of exception levels as text for a terminal. */
import type { Floor, LevelEvent, LevelsView, Place, RegisterValue } from './views.ts';

export function levelsText(view: LevelsView): string {
  const { at, pc, pstate, floors, event, preflight } = view;
  const masked = (['d', 'a', 'i', 'f'] as const).filter((mask) => pstate[mask]).map((mask) => mask.toUpperCase());
  const flags = (['n', 'z', 'c', 'v'] as const).filter((flag) => pstate[flag]).map((flag) => flag.toUpperCase());
  const lines = [
    `instant ${at}, PC ${placeText(pc)}`,
    `PSTATE: EL${pstate.el}${pstate.sp ? 'h' : 't'}, masked ${masked.join('') || 'none'}, flags ${flags.join('') || 'none'}${pstate.il ? ', IL' : ''}`,
    ...(event ? ['', ...eventText(event)] : []),
    ...(preflight ? ['', `next: ${preflight.cause.text}, ${preflight.rule.text}`] : []),
    ...(preflight?.checks ?? []).map(({ title, value, text, verdict }) => `  ${verdict.padEnd(7)}  ${title}: ${value}. ${text}`),
  ];
  for (const floor of floors) lines.push('', ...floorText(floor));
  return lines.join('\n');
}

/** An exception or return: its cause, the rule that decided, and its sub-steps in order. */
export function eventText({ type, from, to, n, cause, target, rule, steps }: LevelEvent): string[] {
  const width = Math.max(0, ...steps.map((step) => step.target.length));
  return [
    `${type} in step ${n}: EL${from} -> EL${to}, by ${[cause.text, cause.operands && `(${cause.operands})`].filter(Boolean).join(' ')} at ${placeText(cause.place)}`,
    `goes on at ${placeText(target)}`,
    `rule: ${rule.text}`,
    ...rule.bits.map(({ register, field, value }) => `  ${register}.${field} = ${value}`),
    ...steps.map(
      (step, i) => `  ${String(i + 1).padStart(2)}  ${step.target.padEnd(width)}  ${step.before} -> ${step.after}  ${step.text}`,
    ),
  ];
}

export const placeText = ({ address, symbol, file, line }: Place): string =>
  [address, symbol, file === undefined ? '' : `${file}:${line}`].filter(Boolean).join(' ');

function floorText({ el, present, running, title, notes, registers }: Floor): string[] {
  const width = Math.max(0, ...registers.map(({ name }) => name.length));
  const line = ({ name, value, text }: RegisterValue): string => `  ${name.padEnd(width)}  ${value.padEnd(18)}  ${text}`.trimEnd();
  return [`${running ? '>' : ' '} EL${el}  ${present ? [title, ...notes].join(', ') : 'not there'}`, ...registers.map(line)];
}
