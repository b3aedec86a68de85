import { hex } from '../../../base/hex.ts';
import { mmuSwitchedOn, stage1TablesAt } from '../tables-in-use.ts';
import type { Rule } from '../rule.ts';

/** Steps from the last store to a table to the MSR that switches the MMU on. */
const FAR = 2_500;

/** A walk sees a store to a table only after a DSB (Arm ARM D8.2.6, "Ordering and observability of table walks"). */
export const tableNotFinished: Rule = {
  id: 'P22',
  kind: 'hardware',
  title: 'No DSB between the tables and the MMU',
  looksAt: 'the last store to a table in use before SCTLR_ELx.M is set, and DSB in between',
  find(exam) {
    const { history } = exam;
    for (const el of [1, 2] as const) {
      const on = mmuSwitchedOn(exam, el);
      if (!on) continue;
      const tables = stage1TablesAt(exam, el, on.n + 1);
      const store = history.stores.findLast(
        ({ n, pa, el: by }) => n < on.n && by === el && tables.some((one) => pa >= one.pa && pa < one.pa + one.bytes),
      );
      if (!store || on.n - store.n > FAR || exam.barriersBetween(store.n + 1, on.n).has('DSB')) continue;
      return [
        {
          sentence: `The code at ${exam.name(store.pc)} writes a descriptor, and ${exam.name(on.pc)} switches the MMU on with no DSB in between: a Cortex-A53 may walk the tables before the write has reached them. This machine and QEMU do everything in order.`,
          fix: `Put a DSB behind the last store to the tables, and an ISB behind it, before the MSR of ${on.register}.`,
          patch: ['+ dsb  ish', '+ isb', `  msr  ${on.register!.toLowerCase()}, x0`],
          pc: store.pc,
          at: store.n,
          evidence: [
            exam.step(store.n, store.pc, `writes ${hex(store.after)}`, { descriptorAddress: hex(store.pa), value: hex(store.after) }),
            { text: `no DSB from instant ${store.n} to ${on.n}` },
            exam.step(on.n, on.pc, 'switches the MMU on', { register: on.register!, field: 'M', value: hex(on.operand) }),
          ],
          links: [{ panel: 'tables' }],
        },
      ];
    }
    return [];
  },
};
