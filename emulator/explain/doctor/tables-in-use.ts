/** The tables that walks read at an instant, as the machine's own reader of trees finds them. */
import type { PA } from '../../base/addresses.ts';
import type { Machine } from '../../machine/machine.ts';
import { readTables, type TableNode } from '../../mmu/index.ts';
import type { Examination } from './examination.ts';
import type { SystemStep } from './history.ts';

export interface TableInUse {
  readonly register: 'TTBR0_EL1' | 'TTBR1_EL1' | 'TTBR0_EL2' | 'VTTBR_EL2';
  readonly level: number;
  readonly pa: PA;
  readonly bytes: number;
}

const MOST_ENTRIES = 200_000;

/** Of the stages that are on. */
export function tablesInUse({ mmu, options }: Machine): TableInUse[] {
  const found: TableInUse[] = [];
  const el1 = mmu.describe('el1');
  const stages = [
    ...(el1.stage1.on ? el1.stage1.roots : []),
    ...(el1.stage2?.on ? el1.stage2.roots : []),
    ...(options.el2 && mmu.describe('el2').stage1.on ? mmu.describe('el2').stage1.roots : []),
  ];
  for (const { register, refusal } of stages) {
    if (refusal !== 'none') continue;
    const { root } = readTables(mmu, register, { maxEntries: MOST_ENTRIES });
    const add = (node: TableNode): void => {
      if (node.pa !== undefined) found.push({ register, level: node.level, pa: node.pa, bytes: node.entries * 8 });
      for (const below of node.tables) add(below);
    };
    if (root) add(root);
  }
  return found;
}

/** The first MSR by `el` that switches its own MMU on. */
export function mmuSwitchedOn({ history }: Examination, el: 1 | 2): SystemStep | undefined {
  return history
    .writesOf(`SCTLR_EL${el}`)
    .find((step) => step.el === el && (step.operand & 1n) === 1n && ((step.before ?? 0n) & 1n) === 0n);
}

/** The tables of stage 1 of `el` at an instant. */
export function stage1TablesAt(exam: Examination, el: 1 | 2, at: number): readonly TableInUse[] {
  return exam
    .look(at, 'tables', () => tablesInUse(exam.machine))
    .filter(({ register }) => register.endsWith(`_EL${el}`) && register !== 'VTTBR_EL2');
}
