import { hex } from '../../../base/hex.ts';
import { isStage2, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** VTCR_EL2.T0SZ and SL0 must fit each other and the processor (Arm ARM D8.2.8). */
export const stage2Sizes: Rule = {
  id: 'P26',
  kind: 'broken',
  title: 'VTCR_EL2.SL0 does not fit T0SZ',
  looksAt: 'VTCR_EL2 while HCR_EL2.VM = 1',
  find(exam) {
    const event = exam.open.find((one) => isStage2(one));
    const n = event?.n ?? exam.at;
    const root = exam.look(n, 'stage 2 sizes', () => {
      const { stage2 } = exam.machine.mmu.describe('el1');
      return stage2?.on ? stage2.roots[0] : undefined;
    });
    const by = root?.refusedBy;
    if (!by || root.refusal === 'none') return [];
    const write = exam.writer('VTCR_EL2', n);
    const value = exam.registerAt(n, 'VTCR_EL2');
    return [
      {
        title: by.of === 'VTCR_EL2' ? `VTCR_EL2.${by.field} is refused` : 'VTTBR_EL2 points outside memory',
        sentence: `${by.text} Every access of the guest is a stage 2 fault, and ${whatBecame(exam)}.`,
        fix:
          root.refusal === 'base'
            ? 'Put the first table where VTCR_EL2.PS can reach it.'
            : 'With the 4 KiB granule, SL0 = 1 starts at level 1, for IPAs of 31 to 40 bits (T0SZ 33 to 24), and SL0 = 0 at level 2, for up to 34 bits (T0SZ 30 or more); a Cortex-A53 has 40 bits at most.',
        pc: write?.pc,
        at: write?.n ?? n,
        evidence: [
          { text: by.text, register: 'VTCR_EL2', field: by.field, value: hex(value), at: n },
          ...(write
            ? [
                exam.step(write.n, write.pc, `writes ${hex(write.operand)} to VTCR_EL2`, {
                  register: 'VTCR_EL2',
                  field: by.field,
                  value: hex(write.operand),
                }),
              ]
            : []),
          ...(event ? [{ text: `the stage 2 fault at ${exam.name(event.elr)}`, address: hex(event.elr), at: event.n }] : []),
        ],
        links: [
          { panel: 'registers', subject: 'VTCR_EL2' },
          ...(!event || event.far === null ? [] : [{ panel: 'walk' as const, subject: hex(event.far) }]),
        ],
      },
    ];
  },
};
