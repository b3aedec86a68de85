import { hex } from '../../../base/hex.ts';
import { causeOf, registerNamed, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** An instruction that is UNDEFINED because a control bit says so, such as HVC with HCR_EL2.HCD = 1 (Arm ARM C6.2.122). */
export const instructionOff: Rule = {
  id: 'instruction-off',
  kind: 'broken',
  title: 'The instruction is switched off',
  looksAt: 'UNDEFINED instructions that are not returned from, and the control bit that made them so',
  find(exam) {
    const event = exam.open.find((one) => one.type === 'Undefined' && registerNamed(causeOf(exam.detail(one))) === undefined);
    const bit = event && exam.detail(event).reason?.bits.find(({ register }) => register.includes('_EL'));
    if (!event || !bit) return [];
    const detail = exam.detail(event);
    const { register, field, value } = bit;
    const write = exam.writer(register, event.n);
    const evidence = taken(exam, event);
    const other = value === '0' ? '1' : '0';
    return [
      {
        title: `${evidence.instruction?.split(' ')[0].toUpperCase() ?? 'The instruction'} is switched off by ${register}.${field}`,
        sentence: `The instruction ${evidence.instruction ?? ''} at ${exam.name(detail.causePc)} is UNDEFINED, because ${register}.${field} is ${value}, and ${whatBecame(exam)}.`,
        fix: `Set ${register}.${field} to ${other} before the instruction is executed.`,
        trial: { at: event.n, set: [`${register}.${field}=${other}`] },
        pc: detail.causePc,
        at: event.n,
        about: event.n,
        evidence: [
          evidence,
          { text: `${register}.${field} = ${value}`, register, field, at: event.n },
          ...(write
            ? [exam.step(write.n, write.pc, `writes ${hex(write.operand)} to ${register}`, { register, field, value: hex(write.operand) })]
            : []),
          ...syndromeOf(event),
        ],
        links: [{ panel: 'registers', subject: register }],
      },
    ];
  },
};
