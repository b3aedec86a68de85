import { hex } from '../../../base/hex.ts';
import { vectorBase, theFault, taken, syndromeOf, vectorOffset } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** VBAR_ELx is UNKNOWN after a reset (Arm ARM D17.2.144); here, as in QEMU, it is 0. */
export const vectorsNeverSet: Rule = {
  id: 'P10',
  kind: 'broken',
  title: 'The vectors were never set',
  looksAt: 'VBAR_ELx at the first exception to ELx that is not returned from',
  find(exam) {
    for (const event of exam.open) {
      const { to, n, pc, elr } = event;
      const register = `VBAR_EL${to}`;
      if (to === 0 || vectorBase(event) !== 0n || !exam.wasNeverWritten(register, n)) continue;
      const vector = hex(pc);
      const isLoop = exam.ending.kind === 'loop';
      return [
        {
          sentence: `${register} was never set, so ${theFault(exam, event)} ${isLoop ? 'loops at' : 'goes to'} ${vector}, where there is no handler.`,
          fix: `Write the address of a vector table, aligned to 2 KiB, to ${register} before the first exception, and an ISB after it.`,
          pc: elr === pc ? elr : exam.detail(event).causePc,
          at: n,
          about: n,
          evidence: [
            taken(exam, event),
            { text: `no instruction wrote ${register} before`, register, value: hex(vectorBase(event)), at: n },
            { text: `the vector is ${register} + ${hex(vectorOffset(event))}`, address: vector, at: n + 1 },
            ...syndromeOf(event),
          ],
          links: [
            { panel: 'registers', subject: register },
            { panel: 'traps', subject: String(event.index) },
          ],
        },
      ];
    }
    return [];
  },
};
