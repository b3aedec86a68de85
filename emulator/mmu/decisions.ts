/** Who may do what after a walk, and which stage and bit decided it. */
import type { AccessIntent } from '../cpu/faults.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import { stage1Refusal, stage2Refusal, type Refusal } from './permissions.ts';
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
      const decision = decide(walker, context, steps, el, intents[access], throughStage2);
      decidedBy[access][el] = decision;
      allowed[access][el] = decision.allowed;
    }
  }
  return { ...allowed, decidedBy };
}

function decide(
  walker: Walker,
  context: RegimeContext,
  steps: readonly Draft[],
  el: number,
  intent: AccessIntent,
  throughStage2: boolean,
): Decision {
  const first = context.stage1 ? stage1Refusal(walker.stage1Bits, el, intent, context.writeImpliesNever) : 'none';
  const asksStage2 = context.stage2 && throughStage2;
  const second = asksStage2 ? stage2Refusal(walker.stage2LeafLow, walker.stage2Never, intent) : 'none';
  const refusal = first !== 'none' ? first : second;
  const stage = first !== 'none' ? 1 : second !== 'none' ? 2 : null;
  const source = findSource(refusal, context, steps);
  return {
    stage1: first === 'none',
    stage2: asksStage2 ? second === 'none' : null,
    allowed: stage === null,
    stage,
    bit: source?.bit ?? '',
    level: source?.step?.level ?? null,
    text: refusal === 'none' ? allowedText(context, asksStage2) : texts[refusal],
  };
}

function allowedText({ stage1 }: RegimeContext, asksStage2: boolean): string {
  if (stage1 && asksStage2) return 'both stages allow it';
  if (stage1) return 'stage 1 allows it';
  return asksStage2 ? 'stage 2 allows it, stage 1 is off' : 'no stage checks it';
}

const texts: Record<Exclude<Refusal, 'none'>, string> = {
  readOnly: 'read-only',
  privileged: 'not for EL0',
  unprivilegedNever: 'never executable at EL0',
  never: 'never executable at EL2',
  privilegedNever: 'never executable at EL1',
  unprivilegedWritable: 'writable at EL0, therefore never executable at EL1',
  writable: 'writable, and writable memory is never executable here',
  stage2NoRead: 'stage 2 does not allow reading',
  stage2NoWrite: 'stage 2 does not allow writing',
  stage2Never: 'stage 2 does not allow execution',
};

interface Source {
  readonly bit: string;
  /** The descriptor and its field that refuse; absent where a system register does. */
  readonly step?: Draft;
  readonly field?: string;
}

/** The descriptor that a refusal comes from: the leaf, or the first table above it that says so for everything below. */
export function findSource(refusal: Refusal, context: RegimeContext, steps: readonly Draft[]): Source | undefined {
  const control = context.regime === 'el2' ? 'SCTLR_EL2' : 'SCTLR_EL1';
  switch (refusal) {
    case 'none':
      return undefined;
    case 'writable':
      return { bit: `${control}.WXN = 1` };
    case 'readOnly':
      return inLeaf(steps, 1, 'AP', (v) => v[0] === '1') ?? inTable(steps, 'APTable', (v) => v[0] === '1');
    case 'privileged':
      return inLeaf(steps, 1, 'AP', (v) => v[1] === '0') ?? inTable(steps, 'APTable', (v) => v[1] === '1');
    case 'unprivilegedWritable':
      return inLeaf(steps, 1, 'AP', () => true);
    case 'unprivilegedNever':
      return inLeaf(steps, 1, 'UXN', (v) => v === '1') ?? inTable(steps, 'UXNTable', (v) => v === '1');
    case 'never':
      return inLeaf(steps, 1, 'XN', (v) => v === '1') ?? inTable(steps, 'XNTable', (v) => v === '1');
    case 'privilegedNever':
      return inLeaf(steps, 1, 'PXN', (v) => v === '1') ?? inTable(steps, 'PXNTable', (v) => v === '1');
    case 'stage2NoRead':
    case 'stage2NoWrite':
      return inLeaf(steps, 2, 'S2AP', () => true);
    case 'stage2Never':
      return inLeaf(steps, 2, 'XN', () => true);
  }
}

function inLeaf(steps: readonly Draft[], stage: 1 | 2, field: string, holds: (value: string) => boolean): Source | undefined {
  const step = steps.findLast((s) => s.stage === stage && (s.kind === 'page' || s.kind === 'block'));
  const value = step?.fields[field]?.value;
  return step && value !== undefined && holds(value) ? { bit: `${field} = ${value}`, step, field } : undefined;
}

function inTable(steps: readonly Draft[], field: string, holds: (value: string) => boolean): Source | undefined {
  for (const step of steps) {
    const value = step.kind === 'table' && step.stage === 1 ? step.fields[field]?.value : undefined;
    if (value !== undefined && holds(value)) return { bit: `${field} = ${value}`, step, field };
  }
  return undefined;
}
