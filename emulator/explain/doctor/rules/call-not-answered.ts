import { VA } from '../../../base/addresses.ts';
import { hex } from '../../../base/hex.ts';
import { psciName } from '../../../machine/psci.ts';
import { syndromeOf, taken, whatBecame } from '../fault-words.ts';
import { goesOnFrom } from '../intent.ts';
import type { Rule } from '../rule.ts';

const calls: ReadonlySet<string> = new Set(['HVC', 'SMC', 'SVC']);

/** Asked where no other rule knows why: a handler that does not know a call, and stops without a word. */
export const callNotAnswered: Rule = {
  id: 'call-not-answered',
  kind: 'broken',
  title: 'A call that its handler does not answer',
  looksAt: 'the last HVC, SMC or SVC that is not returned from, where nothing happens after it, and what its caller does next',
  find(exam) {
    const event = exam.open.at(-1);
    if (!event || !calls.has(event.type) || !exam.isStuck || exam.ending.kind === 'loop') return [];
    const { output } = exam.subject.timeline;
    // A hypervisor that ends its guest says so, and a guest may ask for its end.
    if (output.lengthAt(exam.at) !== output.lengthAt(event.n)) return [];
    const asked = event.type === 'SVC' || event.x0 === null ? undefined : psciName(event.x0);
    if (asked !== undefined && /OFF|RESET|SUSPEND/.test(asked)) return [];
    const call = exam.detail(event).causePc;
    const next = VA(call + 4n);
    const goesOn = exam.look(event.n, 'goes on after its call', () => goesOnFrom(exam.machine, next));
    const caller = event.from === event.to ? 'The program' : event.from === 0 ? 'The program at EL0' : 'The guest';
    return [
      {
        kind: goesOn ? 'broken' : 'suspicious',
        sentence: `${caller} executes ${event.type} at ${exam.name(call)}, which is taken to EL${event.to}. The handler does not return from it, and ${whatBecame(exam)}${exam.isHalt ? '' : ` at ${exam.name(exam.waitsAt)}`}, with no word of why.${goesOn ? ` The caller has more to do, at ${exam.name(next)}.` : ''}`,
        fix: `Answer this call in the handler at ${exam.name(event.pc)}${event.type === 'SMC' ? `, and add 4 to ELR_EL${event.to}, which is the address of the SMC itself` : ''}; let the handler print ESR_EL${event.to} and ELR_EL${event.to} before it stops.`,
        pc: call,
        at: event.n,
        about: event.n,
        evidence: [taken(exam, event), ...syndromeOf(event), exam.step(exam.at, exam.waitsAt, 'where the handler stopped')],
        links: [
          { panel: 'traps', subject: String(event.index) },
          { panel: 'code', subject: hex(event.pc) },
        ],
      },
    ];
  },
};
