import { exceptionClass } from '../../../cpu/index.ts';
import { trappedWord } from '../../../cpu/syndrome.ts';
import { VA } from '../../../base/addresses.ts';
import { disassemble } from '../../../isa/index.ts';
import { syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** Traps of groups of registers, such as HCR_EL2.TID3, are of all registers of the group (Arm ARM D17.2.48). */
export const trapNotHandled: Rule = {
  id: 'P31',
  kind: 'broken',
  title: 'A trapped register that the hypervisor does not know',
  looksAt: 'a trapped MRS or MSR after which nothing happens, not even output',
  find(exam) {
    const event = exam.open.findLast(
      (one) => one.type === 'Trap' && one.esr !== null && exceptionClass(one.esr) === 0x18 && one.from < one.to,
    );
    if (!event || !exam.isStuck) return [];
    const { output } = exam.subject.timeline;
    const isSilent = output.lengthAt(exam.at) === output.lengthAt(event.n);
    const detail = exam.detail(event);
    const { mnemonic, operands } = disassemble(trappedWord(event.esr!), VA(0n)) ?? { mnemonic: 'sys', operands: '' };
    const named =
      operands
        .split(', ')
        .find((one) => one.includes('_el'))
        ?.toUpperCase() ?? operands;
    const [bit] = detail.rule.bits;
    return [
      {
        kind: isSilent || exam.isHalt ? 'broken' : 'suspicious',
        sentence: `The guest ${mnemonic === 'mrs' ? `reads ${named}` : `executes ${mnemonic} ${operands}`}${bit ? `, which ${bit.register}.${bit.field} = ${bit.value} traps` : ''}. The handler at EL${event.to} does not return from it, and ${whatBecame(exam)}.`,
        fix: 'Answer every register of the group that is trapped: give the guest the real value or 0, add 4 to ELR_EL2 and return.',
        pc: detail.causePc,
        at: event.n,
        about: event.n,
        evidence: [
          taken(exam, event),
          ...detail.rule.bits.map(({ register, field, value }) => ({
            text: `${register}.${field} = ${value}`,
            register,
            field,
            at: event.n,
          })),
          ...syndromeOf(event),
        ],
        links: [{ panel: 'traps', subject: String(event.index) }],
      },
    ];
  },
};
