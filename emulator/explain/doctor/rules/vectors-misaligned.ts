import { hex } from '../../../base/hex.ts';
import { taken } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** VBAR_ELx<10:0> are RES0: the table lies where the rest says (Arm ARM D17.2.144). */
export const vectorsMisaligned: Rule = {
  id: 'P09',
  kind: 'broken',
  title: 'The vector table is not aligned to 2 KiB',
  looksAt: 'the operand of MSR VBAR_ELx, and exceptions taken through it',
  find(exam) {
    return exam.history.system.flatMap((step) => {
      const level = step.name === 'MSR (register)' ? /^VBAR_EL([12])$/.exec(step.register ?? '')?.[1] : undefined;
      if (level === undefined || (step.operand & 0x7ffn) === 0n) return [];
      const base = step.operand & ~0x7ffn;
      const isSet = (n: number): boolean => exam.writer(`VBAR_EL${level}`, n) === step;
      const used = exam.open.find(({ to, n }) => to === Number(level) && isSet(n));
      // Without an exception through it, it is wrong but harmless so far; so it is where the exceptions were returned from.
      const register = `VBAR_EL${level}`;
      return [
        {
          kind: used ? ('broken' as const) : ('suspicious' as const),
          sentence: `${register} was given ${hex(step.operand)}, but its low 11 bits do not exist: the processor takes ${hex(base)} as the table${used ? `, so the exception at ${exam.name(used.elr)} runs other code than the handler` : ''}.`,
          fix: `Align the table to 2 KiB: .balign 0x800 directly before its label.`,
          pc: step.pc,
          at: step.n,
          evidence: [
            exam.step(step.n, step.pc, `writes ${hex(step.operand)}`, { register, field: 'Vector base', value: hex(step.operand) }),
            { text: `${register} is ${hex(base)}`, register, value: hex(base), at: step.n + 1 },
            ...(used ? [taken(exam, used), { text: 'the vector that was entered', address: hex(used.pc), at: used.n + 1 }] : []),
          ],
          links: [{ panel: 'registers' as const, subject: register }],
        },
      ];
    });
  },
};
