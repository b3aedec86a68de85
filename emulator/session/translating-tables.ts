/** All page tables that are in use at an instant. */
import type { Program } from './program.ts';
import type { TablesView } from './views.ts';
import { views } from './views/index.ts';

/** All rows, where nothing has to fit on a page. */
export const allRows = 2 ** 20;

/** Of every stage that translates: EL2's own, stage 1 of the guest, and stage 2. */
export function translatingTables(program: Program): TablesView[] {
  const on = new Map(views.tables.of(program, {}).registers.map((one) => [one.register, one.on]));
  return (['TTBR0_EL2', 'TTBR0_EL1', 'TTBR1_EL1', 'VTTBR_EL2'] as const)
    .filter((one) => on.get(one))
    .map((register) => views.tables.of(program, { register, rows: allRows }));
}
