/** Single leaves of a tree: the one that translates an address, and the largest run of them. */
import type { TableNode, TableRun, TableTree } from './table-types.ts';

export interface TreeLeaf {
  readonly level: number;
  /** First input address that the entry translates, from the start of the range (`TableTree.base`). */
  readonly input: number;
}

/** The leaf that translates an input address, given from the start of the range; undefined where none does. */
export function leafAt({ root }: TableTree, input: number): TreeLeaf | undefined {
  let node = root;
  while (node) {
    const index = Math.floor((input - node.input) / node.bytesPerEntry);
    const run = node.runs.find((one) => index >= one.index && index < one.index + one.count);
    if (run?.leaf) return { level: node.level, input: node.input + index * node.bytesPerEntry };
    node = run?.table;
  }
  return undefined;
}

/** The first entry of the run of leaves that translates most; undefined where nothing is mapped. */
export function largestRun({ root }: TableTree): TreeLeaf | undefined {
  let most = 0;
  let largest: TreeLeaf | undefined;
  const look = (node: TableNode): void => {
    for (const run of node.runs) {
      if (run.table) look(run.table);
      else if (run.leaf && bytesOf(node, run) > most) {
        most = bytesOf(node, run);
        largest = { level: node.level, input: node.input + run.index * node.bytesPerEntry };
      }
    }
  };
  if (root) look(root);
  return largest;
}

const bytesOf = (node: TableNode, { count }: TableRun): number => count * node.bytesPerEntry;
