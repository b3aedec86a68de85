import { hex } from '../../../base/hex.ts';
import { capital, interruptName } from '../../interrupt-words.ts';
import { taken, vectorOffset } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** An interrupt goes to a vector of its own (Arm ARM D1.3.1, "Exception vectors"), at which this program only stops. */
export const interruptNotHandled: Rule = {
  id: 'interrupt-not-handled',
  kind: 'broken',
  title: 'An interrupt comes, and its vector only stops',
  looksAt: 'a branch to itself at the vector of an interrupt that was taken',
  find(exam) {
    const event = exam.open.at(-1);
    if (!event || !exam.isHalt || !/^v?(IRQ|FIQ|SError)$/.test(event.type) || exam.machine.cpu.pc !== event.pc) return [];
    const name =
      event.intid === null || event.intid > 1019
        ? `The ${event.type}`
        : `${capital(interruptName(event.intid, exam.machine.board.regions))},`;
    const register = `VBAR_EL${event.to}`;
    return [
      {
        sentence: `${name} interrupts the program at ${exam.name(event.elr)}, and its vector, ${register} + ${hex(vectorOffset(event))}, is a branch to itself: the program never goes on.`,
        fix: `Branch from ${register} + ${hex(vectorOffset(event))} to a handler that acknowledges and ends the interrupt and returns with ERET; or leave the interrupt disabled.`,
        pc: event.pc,
        at: event.n,
        about: event.n,
        evidence: [taken(exam, event), exam.step(event.n + 1, event.pc, 'the vector')],
        links: [
          { panel: 'traps', subject: String(event.index) },
          { panel: 'registers', subject: register },
        ],
      },
    ];
  },
};
