/** Trees of page tables as data and as text for a terminal. */
import { readTables, tablesToJson, type Mmu, type RunJson, type TableJson, type TablesJson } from '../mmu/index.ts';

/** The trees of every stage that translates: EL2's own, stage 1 of the guest, and stage 2. */
export function tablesOf(mmu: Mmu): TablesJson[] {
  const guest = mmu.context('el1');
  const registers = [
    ...(mmu.context('el2').stage1 ? (['TTBR0_EL2'] as const) : []),
    ...(guest.stage1 ? (['TTBR0_EL1', 'TTBR1_EL1'] as const) : []),
    ...(guest.stage2 ? (['VTTBR_EL2'] as const) : []),
  ];
  return registers.map((register) => tablesToJson(readTables(mmu, register)));
}

export function tablesText(trees: readonly TablesJson[]): string {
  if (trees.length === 0) return 'no stage translates: every MMU is off';
  return trees.map(treeText).join('\n\n');
}

function treeText({ stage, register, inputBits, granule, root, refusedBy, counts, isTruncated }: TablesJson): string {
  const head = `${register}, stage ${stage}, ${inputBits}-bit input addresses, ${granule / 1024} KiB granule`;
  if (!root) return `${head}: no table is read. ${refusedBy?.text ?? ''}`;
  return [
    `${head}, ${counts.tables} table${counts.tables === 1 ? '' : 's'}`,
    ...tableLines(root, '  '),
    ...(isTruncated ? ['  there is more: only the first entries are shown'] : []),
  ].join('\n');
}

function tableLines(table: TableJson, indent: string): string[] {
  const { level, address, pa, entries, runs, problem } = table;
  const where = pa === null || pa === address ? address : `${address} (PA ${pa})`;
  return [
    `${indent}level ${level} table at ${where}, ${entries} entries${problem ? `: ${problem}` : ''}`,
    ...runs.flatMap((run) => runLines(run, `${indent}  `)),
  ];
}

function runLines({ kind, index, count, input, size, value, output, leaf, table }: RunJson, indent: string): string[] {
  // What is not mapped is most of a table, and says nothing.
  if (kind === 'invalid') return [];
  const indices = count === 1 ? `[${index}]` : `[${index}..${index + count - 1}]`;
  const end = `0x${(BigInt(input) + BigInt(size) - 1n).toString(16)}`;
  const leads = output === undefined || kind === 'table' ? '' : ` -> ${output}`;
  const rights = Object.entries(leaf?.permissions ?? {}).map(([el, text]) => `EL${el} ${text}`);
  const words = leaf ? [rights.join(' '), leaf.memory, leaf.notGlobal ? 'nG' : '', leaf.refused ? `refused: ${leaf.refused}` : ''] : [];
  const line = [`${indent}${indices} ${kind}`, `${input}..${end}${leads}`, value, ...words].filter(Boolean).join('  ');
  return [line, ...(table ? tableLines(table, `${indent}  `) : [])];
}
