/** Who may do what after a walk, and which stage and bit decided it. */
import { VA } from '../base/addresses.ts';
import type { AccessIntent } from '../cpu/faults.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import { decide } from './decided-by.ts';
import { stage1Refusal, stage2Refusal } from './permissions.ts';
import type { Draft } from './recorder.ts';
import type { RegimeContext } from './regime.ts';
import type { Walker } from './walk.ts';
import type { Access, Decision, Permissions } from './walk-types.ts';

export const intents: Record<Access, AccessIntent> = { r: 'read', w: 'write', x: 'execute' };

/** Of the walker's last result. `throughStage2` is false where stage 1 refused before stage 2 was asked. */
export function permissionsOf(walker: Walker, context: RegimeContext, steps: readonly Draft[], throughStage2: boolean): Permissions {
  const levels = context.regime === 'el2' ? ([2] as const) : ([0, 1] as const);
  const decidedBy = { r: {}, w: {}, x: {} } as Record<Access, Partial<Record<ExceptionLevel, Decision>>>;
  const allowed = { r: {}, w: {}, x: {} } as Record<Access, Partial<Record<ExceptionLevel, boolean>>>;
  for (const access of ['r', 'w', 'x'] as const) {
    for (const el of levels) {
      const decision = decideFor(walker, context, steps, el, intents[access], throughStage2);
      decidedBy[access][el] = decision;
      allowed[access][el] = decision.allowed;
    }
  }
  return { ...allowed, decidedBy };
}

function decideFor(
  walker: Walker,
  context: RegimeContext,
  steps: readonly Draft[],
  el: number,
  intent: AccessIntent,
  throughStage2: boolean,
): Decision {
  const { stage1Leaf, stage2Leaf } = walker;
  const first = context.stage1 ? stage1Refusal(stage1Leaf.bits, el, intent, context.writeImpliesNever) : 'none';
  const asksStage2 = context.stage2 && throughStage2;
  const second = asksStage2 ? stage2Refusal(stage2Leaf.access, stage2Leaf.never, intent) : 'none';
  const refusal = first !== 'none' ? first : second;
  const stage: Decision['stage'] = first !== 'none' ? 1 : second !== 'none' ? 2 : null;
  const answers = { stage1: first === 'none', stage2: asksStage2 ? second === 'none' : null, allowed: stage === null, stage };
  if (refusal === 'none') return { ...answers, bit: '', level: null, text: allowedText(context, asksStage2) };
  const { decidedBy, step } = decide(refusal, walker, context, steps, { va: VA(0n), bytes: 1 });
  const { kind, of, field, value, text } = decidedBy;
  return { ...answers, bit: `${kind === 'register' ? `${of}.` : ''}${field} = ${value}`, level: step?.level ?? null, text };
}

function allowedText({ stage1 }: RegimeContext, asksStage2: boolean): string {
  if (stage1 && asksStage2) return 'both stages allow it';
  if (stage1) return 'stage 1 allows it';
  return asksStage2 ? 'stage 2 allows it, stage 1 is off' : 'no stage checks it';
}
