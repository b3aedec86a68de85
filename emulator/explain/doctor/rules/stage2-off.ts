import { hex } from '../../../base/hex.ts';
import { HCR_EL2 } from '../../../cpu/registers/bits.ts';
import { isFault } from '../ending.ts';
import { noun, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** With HCR_EL2.VM = 0 there is no stage 2, whatever VTTBR_EL2 holds (Arm ARM D17.2.48). */
export const stage2Off: Rule = {
  id: 'stage2-off',
  kind: 'broken',
  title: 'Stage 2 was prepared and never switched on',
  looksAt: 'a fault of a guest, VTTBR_EL2, and HCR_EL2.VM while the guest ran',
  find(exam) {
    const event = exam.open.find(({ type, from }) => isFault(type) && from < 2);
    if (!event || !exam.isStuck) return [];
    const table = exam.writer('VTTBR_EL2', event.n);
    if (!table || table.operand === 0n) return [];
    const hcr = exam.registerAt(event.n, 'HCR_EL2');
    if ((Number(hcr & 0xffff_ffffn) & HCR_EL2.VM) !== 0 || exam.history.writesOf('HCR_EL2').some(({ operand }) => (operand & 1n) !== 0n))
      return [];
    const set = exam.writer('HCR_EL2', event.n);
    return [
      {
        sentence: `${exam.name(table.pc)} writes the base of a stage 2 table to VTTBR_EL2, but HCR_EL2.VM is 0, so the guest's addresses are physical addresses: it does not run in the memory that was made for it. At ${exam.name(event.elr)} it takes ${/^[aeiouI]/.test(noun(event.type)) ? 'an' : 'a'} ${noun(event.type)}, and ${whatBecame(exam)}.`,
        fix: 'Set HCR_EL2.VM (bit 0) before the ERET into the guest.',
        ...(set ? { trial: { at: set.n + 1, set: ['HCR_EL2.VM=1'] } } : {}),
        pc: set?.pc ?? table.pc,
        at: set?.n ?? table.n,
        about: event.n,
        evidence: [
          exam.step(table.n, table.pc, `writes ${hex(table.operand)} to VTTBR_EL2`, { register: 'VTTBR_EL2', value: hex(table.operand) }),
          ...(set
            ? [
                exam.step(set.n, set.pc, `writes ${hex(set.operand)} to HCR_EL2: VM = 0`, {
                  register: 'HCR_EL2',
                  field: 'VM',
                  value: hex(set.operand),
                }),
              ]
            : [{ text: 'HCR_EL2.VM is 0', register: 'HCR_EL2', field: 'VM', value: hex(hcr), at: event.n }]),
          taken(exam, event),
          ...syndromeOf(event),
        ],
        links: [{ panel: 'registers', subject: 'HCR_EL2' }, { panel: 'maps' }],
      },
    ];
  },
};
