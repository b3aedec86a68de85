import { hex } from '../../../base/hex.ts';
import { hasStatus, isStage2, syndromeOf, taken, theFault, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';
import { walkEvidence } from './mmu-switched-on.ts';

const AF = 0x400n;

/** Descriptor bit 10. A Cortex-A53 does not set it by itself (Arm ARM D8.5.2, "Access flag"). */
export const accessFlag: Rule = {
  id: 'P17',
  kind: 'broken',
  title: 'The access flag is not set',
  looksAt: 'access flag faults that are not returned from, and the descriptor',
  find(exam) {
    const event = exam.open.find((one) => hasStatus(one, 'accessFlag'));
    if (!event) return [];
    const walk = exam.walkOf(event);
    const stage = isStage2(event) ? 2 : 1;
    const last = walk?.steps.flatMap((step) => [step, ...(step.steps ?? [])]).at(-1);
    const where = !last?.pa ? '' : ` at ${last.pa}`;
    return [
      {
        sentence: `The stage ${stage} descriptor${where} maps ${hex(event.far ?? 0n)}, but its access flag (AF, bit 10) is 0, so the first access faults: ${theFault(exam, event)} is not handled, and ${whatBecame(exam)}.`,
        fix: 'Set bit 10 (AF) in every block and page descriptor: this processor does not do it by itself.',
        ...(last?.pa && last.value ? { trial: { at: event.n, set: [`[${last.pa}]=${hex(BigInt(last.value) | AF)}`] } } : {}),
        pc: exam.detail(event).causePc,
        at: event.n,
        about: event.n,
        evidence: [taken(exam, event), ...walkEvidence(walk, event.n), ...syndromeOf(event)],
        links: [{ panel: 'walk', subject: hex(event.far ?? 0n) }, { panel: 'tables' }],
      },
    ];
  },
};
