import { hex } from '../../../base/hex.ts';
import { decode } from '../../../isa/index.ts';
import { syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** Code that was there, and that the program has overwritten itself: with its stack, or with data that ran over its end. */
export const codeOverwritten: Rule = {
  id: 'code-overwritten',
  kind: 'broken',
  title: 'The program has overwritten its own code',
  looksAt: 'an UNDEFINED instruction, and the last store to where it was fetched from',
  find(exam) {
    const event = exam.root;
    if (event?.type !== 'Undefined' || !exam.isOver) return [];
    const { at, word } = exam.look(event.n, 'PA and word of the fetch', () => ({
      at: exam.machine.mmu.probe(event.elr, 'execute', event.from),
      word: exam.machine.fetchWord(event.elr),
    }));
    if (!at.ok || word === undefined) return [];
    const store = exam.history.stores.findLast(({ n, pa, bytes }) => n < event.n && at.pa >= pa && at.pa < pa + bytes);
    // Memory that held nothing was not code.
    const was = store?.before === undefined ? 0 : Number((store.before >> BigInt(8 * (at.pa - store.pa))) & 0xffff_ffffn);
    if (!store || was === 0 || was === word || decode(was) === undefined) return [];
    const written = exam.look(store.n, 'instruction of the store', () => decode(exam.machine.fetchWord(store.pc) ?? 0));
    const isStack = written?.fields.Rn === 31;
    return [
      {
        title: isStack ? 'The stack has grown into the code' : 'The program has overwritten its own code',
        sentence: `The store at ${exam.name(store.pc)} overwrote the instruction at ${exam.name(event.elr)}, ${hex(was)}, with ${hex(word)}, which is UNDEFINED.${isStack ? ' It stores to the stack, which has grown that far.' : ''} When the processor came there, it took an exception, and ${whatBecame(exam)}.`,
        fix: isStack
          ? 'End the recursion, or whatever pushes without an end, or give the stack more room, away from code and data.'
          : 'Keep the store within its array: check the address and the length that it counts with.',
        pc: store.pc,
        at: store.n,
        about: event.n,
        evidence: [
          exam.step(store.n, store.pc, `writes over the code at ${hex(event.elr)}`, { value: hex(store.after) }),
          taken(exam, event),
          ...syndromeOf(event),
        ],
        links: [
          { panel: 'memory', subject: hex(event.elr) },
          { panel: 'traps', subject: String(event.index) },
        ],
      },
    ];
  },
};
