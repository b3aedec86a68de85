import { hex } from '../../../base/hex.ts';
import { inputOf, readEntry, readTables, type TableNode } from '../../../mmu/index.ts';
import type { Rule } from '../rule.ts';
import { tablesInUse } from '../tables-in-use.ts';

/** Descriptor bit 52, in its upper half. */
const CONTIGUOUS = 1 << 20;
const MOST_ENTRIES = 200_000;

/** All entries of a group say the same, or what the TLB makes of it is CONSTRAINED UNPREDICTABLE (Arm ARM D8.7.1). */
export const contiguousGroup: Rule = {
  id: 'contiguous-not-uniform',
  kind: 'hardware',
  title: 'A contiguous group of entries is not uniform',
  looksAt: 'entries with Contiguous = 1 in tables in use, and their neighbours',
  find(exam) {
    const { mmu } = exam.machine;
    for (const register of new Set(tablesInUse(exam.machine).map((one) => one.register))) {
      const { root, base } = readTables(mmu, register, { maxEntries: MOST_ENTRIES });
      for (const { node, index } of root ? contiguousRuns(root) : []) {
        const entry = readEntry(mmu, register, base + BigInt(inputOf(node, { index })), node.level);
        const field = entry?.fields['Contiguous'];
        if (!entry || field?.note !== 'warning') continue;
        const store = exam.history.stores.findLast(({ pa }) => hex(pa) === entry.pa);
        return [
          {
            sentence: `Entry ${index} of a level ${node.level} table of ${register} has Contiguous = 1, and that is ${field.text}. This machine and QEMU take each entry for itself.`,
            fix: `Set Contiguous only in all entries of an aligned group with the same attributes and outputs that follow one another.`,
            pc: store?.pc,
            at: store?.n,
            evidence: [
              ...(store
                ? [
                    exam.step(store.n, store.pc, `writes ${hex(store.after)}`, {
                      descriptorAddress: hex(store.pa),
                      value: hex(store.after),
                    }),
                  ]
                : []),
              { text: field.text, ...(entry.pa && { descriptorAddress: entry.pa }), field: 'Contiguous', at: exam.at },
            ],
            links: [{ panel: 'tables' }],
          },
        ];
      }
    }
    return [];
  },
};

/** The first entries of runs with the bit. */
function* contiguousRuns(node: TableNode): Generator<{ readonly node: TableNode; readonly index: number }> {
  for (const { index, kind, high } of node.runs)
    if ((kind === 'block' || kind === 'page') && (high & CONTIGUOUS) !== 0) yield { node, index };
  for (const below of node.tables) yield* contiguousRuns(below);
}
