import { hex } from '../../../base/hex.ts';
import { HCR_EL2 } from '../../../cpu/registers/bits.ts';
import type { Examination } from '../examination.ts';
import type { Store } from '../history.ts';
import type { Found, Rule } from '../rule.ts';
import { tablesInUse, type TableInUse } from '../tables-in-use.ts';

/** Output or next-level address, type, memory attribute and Contiguous: what may not change from valid to valid (Arm ARM D8.14.1). */
const BREAKING = 0x0010_ffff_ffff_f01en;
const BREAKING_STAGE_2 = 0x0010_ffff_ffff_f03en;
/** Steps from a store to the TLBI that belongs to it. */
const NEAR = 400;

/** A valid entry is first made invalid and dropped from the TLBs (Arm ARM D8.14.1, "Using break-before-make"). */
export const breakBeforeMake: Rule = {
  id: 'P22',
  kind: 'hardware',
  title: 'A valid entry is replaced by another valid one',
  looksAt: 'stores to tables in use from valid to valid, and DSB before TLBI',
  find(exam) {
    const tables = tablesInUse(exam.machine);
    const inUse = (store: Store): TableInUse | undefined =>
      tables.find((one) => store.pa >= one.pa && store.pa < one.pa + one.bytes && store.bytes === 8 && isOn(exam, one, store.n));
    const stores = exam.history.stores.flatMap((store) => {
      const table = inUse(store);
      return table && store.before !== undefined && store.before !== store.after ? [{ store, table }] : [];
    });
    const found: Found[] = [];
    const broken = stores.find(
      ({ store: { before = 0n, after }, table }) =>
        (before & after & 1n) === 1n && ((before ^ after) & (table.register === 'VTTBR_EL2' ? BREAKING_STAGE_2 : BREAKING)) !== 0n,
    );
    if (broken) found.push(notBroken(exam, broken.store));
    const early = stores
      .filter(({ store }) => ((store.before ?? 0n) & 1n) === 1n)
      .slice(0, 8)
      .find(({ store }) => tooEarly(exam, store));
    if (early && !broken) found.push(notFinished(exam, early.store));
    return found;
  },
};

/** Whether the stage that walks a table was on at an instant. */
function isOn(exam: Examination, { register }: TableInUse, n: number): boolean {
  const { history } = exam;
  const [control, bit] = register === 'VTTBR_EL2' ? ['HCR_EL2', BigInt(HCR_EL2.VM)] : [`SCTLR_EL${register.slice(-1)}`, 1n];
  return ((history.lastWrite(control, n)?.operand ?? 0n) & bit) !== 0n;
}

const notBroken = (exam: Examination, store: Store): Found => ({
  sentence: `The code at ${exam.name(store.pc)} replaces the valid descriptor ${hex(store.before!)} by ${hex(store.after)} in one store, without break-before-make: a Cortex-A53 may hold both translations, and use one, the other or a mixture. This machine and QEMU do not.`,
  fix: 'Write 0 to the entry, DSB, TLBI of its address, DSB; only then write the new value and DSB.',
  pc: store.pc,
  at: store.n,
  evidence: [
    exam.step(store.n, store.pc, `${hex(store.before!)} becomes ${hex(store.after)}: valid to valid`, {
      descriptorAddress: hex(store.pa),
      value: hex(store.after),
    }),
    { text: 'bit 0 of both is 1', descriptorAddress: hex(store.pa), field: 'Valid', at: store.n },
  ],
  links: [{ panel: 'tables' }],
});

/** The TLBI that follows a store with no DSB in between. */
function tooEarly(exam: Examination, store: Store): boolean {
  const tlbi = tlbiAfter(exam, store);
  return tlbi !== undefined && !exam.barriersBetween(store.n + 1, tlbi.n).has('DSB');
}
const tlbiAfter = (exam: Examination, store: Store) =>
  exam.history.system.find(({ n, operation }) => n > store.n && n - store.n < NEAR && operation?.startsWith('TLBI') === true);

function notFinished(exam: Examination, store: Store): Found {
  const tlbi = tlbiAfter(exam, store)!;
  return {
    title: 'TLBI before the table write is finished',
    sentence: `The code at ${exam.name(store.pc)} changes a descriptor, and ${exam.name(tlbi.pc)} invalidates the TLB with no DSB in between: a Cortex-A53 may read the old entry again after the TLBI. This machine writes in order.`,
    fix: 'Put dsb ishst between the store and the TLBI, and dsb ish behind the TLBI.',
    pc: tlbi.pc,
    at: tlbi.n,
    evidence: [
      exam.step(store.n, store.pc, `${hex(store.before!)} becomes ${hex(store.after)}`, {
        descriptorAddress: hex(store.pa),
        value: hex(store.after),
      }),
      { text: `no DSB from instant ${store.n} to ${tlbi.n}` },
      exam.step(tlbi.n, tlbi.pc, 'invalidates the TLB', { value: hex(tlbi.operand) }),
    ],
    links: [{ panel: 'tables' }],
  };
}
