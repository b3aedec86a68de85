import { hex } from '../../../base/hex.ts';
import { mmuSwitchedOn, stage1TablesAt } from '../tables-in-use.ts';
import type { Rule } from '../rule.ts';

/** TCR_ELx.IRGN0: cacheability of walks (Arm ARM D17.2.131). */
const IRGN0 = 0x300n;
const LINE = 64;

/** With the data cache off stores go to memory, past lines that a cache holds, and cacheable walks read those lines (Arm ARM D7.5). */
export const tableInCache: Rule = {
  id: 'P21',
  kind: 'hardware',
  title: 'A table was written with the cache off and is read through it',
  looksAt: 'stores to tables while SCTLR_ELx.C = 0, DC IVAC of their lines, and TCR_ELx.IRGN0',
  find(exam) {
    const { history } = exam;
    for (const el of [1, 2] as const) {
      const on = mmuSwitchedOn(exam, el);
      if (!on || (exam.registerAt(on.n, `TCR_EL${el}`) & IRGN0) === 0n) continue;
      const tables = stage1TablesAt(exam, el, on.n + 1);
      const isTable = (pa: number): boolean => tables.some((one) => pa >= one.pa && pa < one.pa + one.bytes);
      const cleaned = new Set<number>();
      let allCleaned = false;
      for (const { operation, operand } of history.system)
        if (operation === 'DC IVAC' || operation === 'DC CIVAC') cleaned.add(Math.floor(Number(operand) / LINE));
        else if (operation === 'DC ISW' || operation === 'DC CISW') allCleaned = true;
      if (allCleaned) continue;
      const store = history.stores.find(
        ({ n, pa, cached, after }) => n < on.n && !cached && after !== 0n && isTable(pa) && !cleaned.has(Math.floor(pa / LINE)),
      );
      if (!store) continue;
      return [
        {
          sentence: `The code at ${exam.name(store.pc)} writes a table at ${hex(store.pa)} with the data cache off, and the walks read it through the cache (TCR_EL${el}.IRGN0): a line that the cache still holds from before hides what was written. This machine and QEMU have no caches.`,
          fix: 'Invalidate the lines of the table with DC IVAC after it was written, then DSB, before the MMU is switched on.',
          pc: store.pc,
          at: store.n,
          evidence: [
            exam.step(store.n, store.pc, `writes ${hex(store.after)}`, { descriptorAddress: hex(store.pa), value: hex(store.after) }),
            { text: 'no DC IVAC or DC CIVAC of that line', address: hex(store.pa - (store.pa % LINE)) },
            exam.step(on.n, on.pc, 'switches the MMU on', { register: on.register!, field: 'M', value: hex(on.operand) }),
          ],
          links: [{ panel: 'tables' }],
        },
      ];
    }
    return [];
  },
};
