import { hex } from '../../../base/hex.ts';
import { HCR_EL2 } from '../../../cpu/registers/bits.ts';
import { cleaningToMemory, LINE, maintained } from '../maintenance.ts';
import type { Rule } from '../rule.ts';

/** SCTLR_EL1.M and C. */
const CACHED = 5n;

/** What a cacheable store wrote may be in the cache alone, and non-cacheable reads go to memory (Arm ARM B2.8, D7.5). */
export const guestInCache: Rule = {
  id: 'guest-in-cache',
  kind: 'hardware',
  title: 'A guest whose image is only in the cache is entered with its caches off',
  looksAt: 'ERET to EL1 with SCTLR_EL1.C = 0 and HCR_EL2.DC = 0, and cacheable stores to where it goes',
  find(exam) {
    const { history } = exam;
    const written = history.stores.filter(({ cached, el }) => cached && el === 2);
    if (written.length === 0) return [];
    for (const step of history.system.filter(({ name, el }) => name === 'ERET' && el === 2).slice(0, 16)) {
      const guest = exam.look(step.n + 1, 'guest entered', () => {
        const { cpu, mmu } = exam.machine;
        const uncached = cpu.el === 1 && (cpu.get('SCTLR_EL1') & CACHED) !== CACHED && (cpu.low('HCR_EL2') & HCR_EL2.DC) === 0;
        const fetch = uncached ? mmu.probe(cpu.pc, 'execute', 1) : undefined;
        return fetch?.ok ? { pc: cpu.pc, pa: fetch.pa } : undefined;
      });
      if (!guest) continue;
      const line = Math.floor(guest.pa / LINE);
      const store = written.findLast(({ n, pa }) => n < step.n && Math.floor(pa / LINE) === line);
      if (!store || maintained(exam, store, step.n, cleaningToMemory)) continue;
      return [
        {
          sentence: `The hypervisor writes the guest's code at ${hex(store.pa)} through its data cache, and enters the guest with the guest's caches off: a Cortex-A53 may fetch from memory what was there before. This machine and QEMU have no caches.`,
          fix: 'Clean the image with DC CVAC, line by line, then DSB, before the ERET; or let the guest run with HCR_EL2.DC = 1.',
          patch: ['+ dc   cvac, x0', '+ dsb  sy'],
          pc: store.pc,
          at: store.n,
          evidence: [
            exam.step(store.n, store.pc, `writes ${hex(store.after)} through the cache`, { value: hex(store.after) }),
            { text: `no DC CVAC of that line from instant ${store.n} to ${step.n}` },
            exam.step(step.n, step.pc, `enters EL1 at ${hex(guest.pc)} with SCTLR_EL1.C = 0`, { register: 'SCTLR_EL1', field: 'C' }),
          ],
          links: [{ panel: 'memory', subject: hex(store.va) }],
        },
      ];
    }
    return [];
  },
};
