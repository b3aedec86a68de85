import { VA } from '../../../base/addresses.ts';
import { hex } from '../../../base/hex.ts';
import { decode } from '../../../isa/index.ts';
import type { Examination } from '../examination.ts';
import type { Store } from '../history.ts';
import { cleaning, invalidatingCode, maintained } from '../maintenance.ts';
import type { Rule } from '../rule.ts';

/** Stores that may have written code, and instants at which the program comes to one. */
const [MOST_PLACES, MOST_ARRIVALS] = [4_096, 64];

/** Instruction and data caches are separate: code is cleaned to the point of unification and invalidated (Arm ARM B2.4.4, D7.5). */
export const codeNotCleaned: Rule = {
  id: 'code-not-cleaned',
  kind: 'hardware',
  title: 'Code is executed that the caches may not have',
  looksAt: 'stores to what is executed later, and DC CVAU, IC IVAU and ISB in between',
  find(exam) {
    for (const { store, n, pc, again } of executed(exam)) {
      const clean = maintained(exam, store, n, cleaning);
      const invalid = maintained(exam, store, n, invalidatingCode);
      // With the data cache off the store is in memory at once; what was never fetched before is in no instruction cache after a reset.
      const needsClean = store.cached && !clean;
      const needsInvalid = !invalid && (again || store.cached);
      const last = Math.max(clean?.n ?? store.n, invalid?.n ?? store.n);
      const needsIsb = !needsClean && !needsInvalid && again && !exam.barriersBetween(last + 1, n).has('ISB');
      if (!needsClean && !needsInvalid && !needsIsb) continue;
      const missing = [needsClean ? 'DC CVAU' : '', needsInvalid ? 'IC IVAU' : '', needsIsb ? 'ISB' : ''].filter(Boolean).join(' and ');
      return [
        {
          sentence: `The code at ${exam.name(store.pc)} writes an instruction to ${hex(store.va)}, and it is executed at ${exam.name(pc)} with no ${missing} in between: a Cortex-A53 may execute what was there before. This machine and QEMU see the new code at once.`,
          fix: 'Behind the last store: DC CVAU for each line, DSB ISH, IC IVAU for each line, DSB ISH, ISB.',
          patch: ['+ dc   cvau, x0', '+ dsb  ish', '+ ic   ivau, x0', '+ dsb  ish', '+ isb'],
          pc: store.pc,
          at: store.n,
          evidence: [
            exam.step(store.n, store.pc, `writes ${hex(store.after)} to ${hex(store.va)}`, { value: hex(store.after) }),
            { text: `no ${missing} from instant ${store.n} to ${n}` },
            exam.step(n, pc, 'executes it'),
          ],
          links: [{ panel: 'code', subject: hex(pc) }],
        },
      ];
    }
    return [];
  },
};

interface Executed {
  readonly store: Store;
  readonly n: number;
  readonly pc: VA;
  /** What was there before had been executed already. */
  readonly again: boolean;
}

/** The first execution of each instruction that the program wrote, in their order. */
function executed(exam: Examination): Executed[] {
  const { subject, history } = exam;
  const { timeline, machine } = subject;
  const stores = history.stores.filter(isCode).slice(0, MOST_PLACES);
  if (stores.length === 0) return [];
  const end = Math.min(exam.pastEnd, history.until);
  const stopAt = new Set(stores.flatMap(({ va, bytes }) => (bytes === 8 ? [va, VA(va + 4n)] : [va])));
  return timeline.excursion(
    0,
    () => {
      const found: Executed[] = [];
      const ran = new Set<VA>();
      // An instruction that is reached before it is written, or written again, is of interest again from then on.
      const later: { readonly n: number; readonly pc: VA }[] = [];
      while (timeline.at < end && found.length < MOST_ARRIVALS) {
        const until = later.reduce((first, { n }) => Math.min(first, n), end);
        const stop = timeline.forward(until - timeline.at, { stopAt });
        for (const one of later.filter(({ n }) => n <= timeline.at)) {
          later.splice(later.indexOf(one), 1);
          stopAt.add(one.pc);
        }
        if (stop === 'budget' && timeline.at < end) continue;
        if (stop !== 'breakpoint') break;
        const { pc } = machine.cpu;
        const written = stores.filter(({ va, bytes }) => pc >= va && pc < va + BigInt(bytes));
        const store = written.findLast(({ n }) => n < timeline.at);
        if (store) found.push({ store, n: timeline.at, pc, again: ran.has(pc) });
        const next = written.find(({ n }) => n >= timeline.at);
        stopAt.delete(pc);
        if (next) later.push({ n: next.n + 1, pc });
        ran.add(pc);
        timeline.forward(1);
      }
      return found;
    },
    { key: 'code that was written', moves: true },
  );
}

/** A store of whole words, the first of which is an instruction: nearly all data is none, or is never executed. */
const isCode = ({ bytes, va, after }: Store): boolean =>
  (bytes === 4 || bytes === 8) && va % 4n === 0n && after !== 0n && decode(Number(after & 0xffff_ffffn)) !== undefined;
