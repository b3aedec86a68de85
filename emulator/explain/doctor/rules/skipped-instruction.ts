import { hex } from '../../../base/hex.ts';
import type { ExceptionEvent } from '../../../cpu/index.ts';
import type { Rule } from '../rule.ts';

/** ELR_ELx of a call is the instruction behind it already (Arm ARM D1.3.3, "Preferred return address"). */
export const skippedInstruction: Rule = {
  id: 'P12',
  kind: 'broken',
  title: 'The instruction behind a call is skipped',
  looksAt: 'ELR_ELx at HVC, SVC and SMC, and where their handlers return to',
  find(exam) {
    const { traps } = exam.subject.timeline;
    const end = Math.min(traps.firstAt(exam.at), traps.first + MOST_EVENTS);
    for (let index = traps.first; index < end; index++) {
      const type = traps.kind(index) === 'exception' ? traps.type(index) : undefined;
      if (type !== 'HVC' && type !== 'SVC') continue;
      const back = traps.returnOf(index);
      if (back === undefined || back >= end) continue;
      const call = traps.get(index) as ExceptionEvent;
      const to = traps.get(back);
      if (to.kind !== 'return' || to.pc !== call.elr + 4n || to.to !== call.from) continue;
      const register = `ELR_EL${call.to}`;
      const write = exam.writer(register, to.n);
      const isIts = write !== undefined && write.n > call.n;
      return [
        {
          sentence: `The handler of ${type} adds 4 to ${register}, which already held the address of the instruction behind ${type.toLowerCase()}: the instruction at ${exam.name(call.elr)} is skipped.`,
          fix: `Return from ${type} with ${register} as it is; add 4 only for an instruction that was trapped or aborted.`,
          pc: isIts ? write.pc : undefined,
          at: isIts ? write.n : to.n,
          evidence: [
            exam.step(
              call.n,
              (call.elr - 4n) as typeof call.elr,
              `${type} from EL${call.from} to EL${call.to}: ${register} = ${hex(call.elr)}`,
              { register, value: hex(call.elr) },
            ),
            ...(isIts
              ? [exam.step(write.n, write.pc, `writes ${hex(write.operand)} to ${register}`, { register, value: hex(write.operand) })]
              : []),
            { text: `goes on at ${hex(to.pc)}`, address: hex(to.pc), ...exam.source(to.pc), at: to.n },
          ],
          links: [{ panel: 'traps', subject: String(index) }],
        },
      ];
    }
    return [];
  },
};
const MOST_EVENTS = 20_000;
