import { hex } from '../../../base/hex.ts';
import { VA } from '../../../base/addresses.ts';
import { join64 } from '../../../base/bits.ts';
import { explainWalk, type Regime, type Walk } from '../../../mmu/index.ts';
import type { Examination } from '../examination.ts';
import type { Found, Rule } from '../rule.ts';

/** Entries of the TLB that are looked at. */
const MOST_ENTRIES = 1_024;

/** The TLB keeps what it has read until a TLBI names it (Arm ARM D8.13, D8.14). */
export const staleTranslation: Rule = {
  id: 'P30',
  kind: 'broken',
  title: 'The TLB still has the old translation',
  looksAt: 'entries of the TLB that lead to another PA than the tables, and the stores that changed the tables',
  find(exam) {
    const { mmu } = exam.machine;
    const regimes: readonly Regime[] = exam.machine.cpu.el === 2 ? ['el2', 'el1'] : ['el1', 'el2'];
    const { tlb } = mmu;
    for (const regime of regimes) {
      const seen = new Set<string>();
      for (let e = 0; e < Math.min(tlb.tag.length, 4 * MOST_ENTRIES) && seen.size < MOST_ENTRIES; e++) {
        const va = VA(join64(tlb.pageLow[e], tlb.pageHigh[e]) << 12n);
        if (tlb.paPage[e] === 0 || seen.has(String(va))) continue;
        seen.add(String(va));
        const walk = explainWalk(mmu, va, { regime, el: regime === 'el2' ? 2 : 1, access: 'r' });
        const { entry, stale } = walk.tlb;
        if (!stale || !walk.result.ok || !entry || entry.pa === walk.result.pa) continue;
        const found = changed(exam, walk, entry.pa) ?? switched(exam, walk, entry.pa);
        if (found) return [found];
      }
    }
    return [];
  },
};

/** Tables that were exchanged under a VMID or an ASID: bits 63:48 of what is written to the base register. */
function switched(exam: Examination, walk: Walk, old: string): Found | undefined {
  if (!walk.result.ok || walk.regime === 'el2') return undefined;
  for (const register of ['VTTBR_EL2', 'TTBR0_EL1', 'TTBR1_EL1'] as const) {
    const writes = exam.history.writesOf(register);
    const last = writes.at(-1);
    const before = writes.at(-2);
    if (!last || !before || last.operand >> 48n !== before.operand >> 48n || last.operand === before.operand) continue;
    if (exam.history.system.some(({ n, operation }) => n > last.n && operation?.startsWith('TLBI') === true)) continue;
    const [what, tlbi] = register === 'VTTBR_EL2' ? ['VMID', 'TLBI VMALLS12E1IS'] : ['ASID', 'TLBI ASIDE1IS'];
    return {
      id: register === 'VTTBR_EL2' ? 'P30' : 'P22',
      title: `Other tables under the same ${what}`,
      sentence: `The code at ${exam.name(last.pc)} gives ${register} other tables under the same ${what}, ${last.operand >> 48n}, and no TLBI follows: ${walk.va} leads to PA ${walk.result.pa}, but the TLB still leads to PA ${old}.`,
      fix: `Give each set of tables ${what === 'VMID' ? 'a VMID' : 'an ASID'} of its own, in bits 63:48 of ${register}; or invalidate with ${tlbi} and DSB before the ${what} is used again.`,
      pc: last.pc,
      at: last.n,
      evidence: [
        exam.step(before.n, before.pc, `writes ${hex(before.operand)}`, { register, field: what, value: hex(before.operand) }),
        exam.step(last.n, last.pc, `writes ${hex(last.operand)}`, { register, field: what, value: hex(last.operand) }),
        { text: `VA ${walk.va}: PA ${old} in the TLB, ${walk.result.pa} in the tables`, address: walk.va, at: exam.at },
      ],
      links: [
        { panel: 'walk', subject: walk.va },
        { panel: 'registers', subject: register },
      ],
    };
  }
  return undefined;
}

/** The store that changed what the walk of a stale entry reads. */
function changed(exam: Examination, walk: Walk, old: string): Found | undefined {
  if (!walk.result.ok) return undefined;
  const descriptors = walk.steps.flatMap((step) => [...(step.steps ?? []), step]).filter(({ pa }) => pa !== null);
  const store = exam.history.stores.findLast(({ pa, bytes }) =>
    descriptors.some((one) => Number(BigInt(one.pa!)) >= pa && Number(BigInt(one.pa!)) < pa + bytes),
  );
  if (!store) return undefined;
  // Tables that were made once and belong to another guest or process are another matter.
  const wasValid = exam.history.stores.some(({ n, pa, before = 0n }) => pa === store.pa && n <= store.n && (before & 1n) === 1n);
  if (!wasValid) return undefined;
  const step = descriptors.find((one) => Number(BigInt(one.pa!)) >= store.pa && Number(BigInt(one.pa!)) < store.pa + store.bytes)!;
  const isStage2 = step.stage === 2;
  const tlbi = exam.history.system.find(({ n, operation }) => n > store.n && operation?.startsWith('TLBI') === true);
  return {
    id: isStage2 ? 'P30' : 'P22',
    title: isStage2 ? 'The guest still has the old memory' : 'The TLB still has the old translation',
    sentence: `The code at ${exam.name(store.pc)} changes the stage ${step.stage} descriptor at ${hex(store.pa)}, so ${walk.va} leads to PA ${walk.result.pa}, but ${tlbi ? 'no TLBI names it' : 'no TLBI follows'}: the TLB still leads to PA ${old}.`,
    fix: isStage2
      ? 'Write 0 to the entry, DSB, TLBI IPAS2E1IS with IPA >> 12, DSB, TLBI VMALLE1IS, DSB; then write the new entry.'
      : 'Write 0 to the entry, DSB, TLBI VAE1IS (at EL2 VAE2IS) with VA >> 12 and the ASID, DSB; then write the new entry and DSB.',
    pc: store.pc,
    at: store.n,
    evidence: [
      exam.step(store.n, store.pc, `${hex(store.before ?? 0n)} becomes ${hex(store.after)}`, {
        descriptorAddress: hex(store.pa),
        value: hex(store.after),
      }),
      ...(tlbi
        ? [exam.step(tlbi.n, tlbi.pc, `invalidates something else (operand ${hex(tlbi.operand)})`, { value: hex(tlbi.operand) })]
        : []),
      { text: `VA ${walk.va}: PA ${old} in the TLB, ${walk.result.pa} in the tables`, address: walk.va, at: exam.at },
    ],
    links: [{ panel: 'walk', subject: walk.va }, { panel: 'tables' }],
  };
}
