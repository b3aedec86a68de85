import { hex } from '../../../base/hex.ts';
import { plain } from '../../words.ts';
import { trapSentence } from '../../trap-words.ts';
import { isAbort, noun, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';
import { walkEvidence } from './mmu-switched-on.ts';

/** What no other rule knows better: a fault at a program's own level that ends it. */
export const faultNotHandled: Rule = {
  id: 'fault-not-handled',
  kind: 'broken',
  title: 'A fault that nothing handles',
  looksAt: 'the first fault that is not returned from, where nothing happens after its handler',
  find(exam) {
    const event = exam.root;
    // A trapped instruction is a request to the hypervisor, which may end the guest for it.
    if (!event || ((event.type === 'Trap' || event.type === 'SMC') && exam.ending.kind !== 'loop')) return [];
    const detail = exam.detail(event);
    // A hypervisor that ends its guest, and a program that ends after a fault, may mean it: then it says so.
    const { output } = exam.subject.timeline;
    const isSilent = isAbort(event) && output.lengthAt(exam.at) === output.lengthAt(event.n);
    const isCertain = exam.isStuck && (exam.ending.kind === 'loop' || event.from === event.to || isSilent);
    const decided = isAbort(event) ? exam.walkOf(event) : undefined;
    return [
      {
        kind: isCertain ? 'broken' : 'suspicious',
        title: `A ${noun(event.type)} that nothing handles`.replace(/^A (?=[aeiu])/, 'An '),
        sentence: `${plain(trapSentence(detail, exam.subject)).replace(/ EL\d is about to run the first instruction of its handler\.$/, '')} Its handler does not return, and ${whatBecame(exam)}.`,
        fix:
          event.type === 'Undefined'
            ? 'Correct the instruction, or what lies at its address; the register ELR says where it is.'
            : 'Correct the access or the map; ESR, FAR and ELR of the level that took it say what and where.',
        pc: detail.causePc,
        at: event.n,
        evidence: [taken(exam, event), ...walkEvidence(decided, event.n), ...syndromeOf(event)],
        links: [
          { panel: 'traps', subject: String(event.index) },
          ...(event.far === null ? [] : [{ panel: 'walk' as const, subject: hex(event.far) }]),
        ],
      },
    ];
  },
};
