import { hex } from '../../../base/hex.ts';
import { syndromeOf, taken, theFault, vectorOffset, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** The vector of an exception, in a table that was set, holds zeros: UDF #0 (Arm ARM D1.3.1, "Exception vectors"). */
export const vectorEmpty: Rule = {
  id: 'vector-empty',
  kind: 'broken',
  title: 'There is no handler at this vector',
  looksAt: 'exceptions whose vector faults at its first instruction, and what lies there',
  find(exam) {
    const index = exam.open.findIndex(
      (one, i) => exam.open[i + 1]?.n === one.n + 1 && exam.open[i + 1].elr === one.pc && exam.open[i + 1].type === 'Undefined',
    );
    if (index < 0) return [];
    const event = exam.open[index];
    const register = `VBAR_EL${event.to}`;
    const set = exam.writer(register, event.n);
    const word = exam.look(event.n + 1, 'word at vector', () => exam.machine.fetchWord(event.pc));
    if (!set || (set.operand & 0x7ffn) !== 0n || word !== 0) return [];
    // A handler that was overwritten, by a stack that has grown down to it for example, is another matter.
    const at = exam.look(event.n + 1, 'PA of vector', () => exam.machine.mmu.probe(event.pc, 'execute', event.to));
    if (at.ok && exam.history.stores.some(({ n, pa, bytes }) => n < event.n && at.pa >= pa && at.pa < pa + bytes)) return [];
    const cause = exam.detail(event).causePc;
    return [
      {
        sentence: `${theFault(exam, event).replace(/^t/, 'T')} goes to the vector ${hex(event.pc)}, ${register} + ${hex(vectorOffset(event))}, where there are only zeros: no handler was put there, and ${whatBecame(exam)}.`,
        fix: `Put code at all 16 vectors, 0x80 bytes apart: that at ${hex(vectorOffset(event))} is for ${whose(vectorOffset(event), event.to)}.`,
        pc: cause,
        at: event.n,
        about: event.n,
        evidence: [
          taken(exam, event),
          { text: `the vector holds zeros`, address: hex(event.pc), value: '0x0', at: event.n + 1 },
          exam.step(set.n, set.pc, `sets ${register}`, { register, value: hex(set.operand) }),
          ...syndromeOf(event),
        ],
        links: [
          { panel: 'code', subject: hex(event.pc) },
          { panel: 'registers', subject: register },
        ],
      },
    ];
  },
};

const kinds = ['synchronous exceptions', 'IRQs', 'FIQs', 'SErrors'] as const;
const whose = (offset: number, el: number): string =>
  `${kinds[(offset >> 7) & 3]} from ${[`EL${el} on SP_EL0`, `EL${el} on SP_EL${el}`, 'a lower level in AArch64', 'a lower level in AArch32'][offset >> 9]}`;
