import { hex } from '../../../base/hex.ts';
import { causeOf, registerNamed, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** A register whose name ends in _ELx is accessible from ELx on: below, the instruction is UNDEFINED (Arm ARM D17.1). */
export const registerOfHigherLevel: Rule = {
  id: 'P05',
  kind: 'broken',
  title: 'A register of a higher exception level',
  looksAt: 'the instruction of an Undefined exception that is not returned from',
  find(exam) {
    const event = exam.open.find((one) => one.type === 'Undefined' && levelOf(registerNamed(causeOf(exam.detail(one)))) > one.from);
    if (!event) return [];
    const detail = exam.detail(event);
    const register = registerNamed(causeOf(detail))!;
    const level = levelOf(register);
    const withoutEl2 = level === 2 && !exam.machine.options.el2;
    const id = level === 3 ? 'P05' : withoutEl2 ? 'P06' : register === 'HCR_EL2' ? 'P08' : 'register-of-el2';
    return [
      {
        id,
        title: withoutEl2 ? 'This machine was started without EL2' : `${register} is not accessible at EL${event.from}`,
        sentence: withoutEl2
          ? `The program accesses ${register}, but it runs at EL${event.from} of a machine without EL2, so the instruction is UNDEFINED, and ${whatBecame(exam)}.`
          : `${register} belongs to EL${level}, and the program runs at EL${event.from}: the instruction is UNDEFINED, and ${whatBecame(exam)}.`,
        fix: withoutEl2
          ? 'Start the machine with EL2 (in QEMU -machine virt,virtualization=on), or read CurrentEL first and leave the set-up of EL2 out at EL1.'
          : level === 3
            ? `Leave ${register} to the firmware at EL3; read CurrentEL to find out where the program starts.`
            : `Write ${register} at EL2, before the ERET that goes down to EL1.`,
        pc: detail.causePc,
        at: event.n,
        about: event.n,
        evidence: [
          taken(exam, event),
          { text: `CurrentEL is EL${event.from}`, register: 'CurrentEL', field: 'EL', at: event.n },
          ...syndromeOf(event),
        ],
        links: [{ panel: 'levels' }, { panel: 'code', subject: hex(detail.causePc) }],
      },
    ];
  },
};

/** The level of _EL1, _EL2 and _EL3; 0 for all others. */
const levelOf = (register: string | undefined): number => Number(/_EL([123])$/.exec(register ?? '')?.[1] ?? 0);
