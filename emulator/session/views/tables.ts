import { readTables, tablesToJson, type Mmu, type TablesJson } from '../../mmu/index.ts';
import type { Program } from '../program.ts';
import type { Session } from '../session.ts';
import { tableRegisters, type TableRegister, type TablesView, type Views } from '../views.ts';

/** More runs than this are no picture. */
const MOST_RUNS = 4000;

export const tablesView = (session: Session, { register }: Views['tables']['params']): TablesView =>
  programTables(session.needProgram(), register);

/** The tree of a base register; without one, of the guest's own tables once they are on, else of what translates at all. */
export function programTables({ machine }: Program, asked?: TableRegister): TablesView {
  const { mmu, steps } = machine;
  const registers = tableRegisters.map((register) => ({ register, on: isOn(mmu, register) }));
  const register = asked ?? registers.find(({ on }) => on)?.register ?? 'TTBR0_EL2';
  const tree = tablesToJson(readTables(mmu, register, { maxRuns: MOST_RUNS }));
  return { at: steps, register, registers, tree, sentence: sentence(tree, registers.find((one) => one.register === register)!.on) };
}

function isOn(mmu: Mmu, register: TableRegister): boolean {
  if (register === 'TTBR0_EL2') return mmu.context('el2').stage1;
  const guest = mmu.context('el1');
  return register === 'VTTBR_EL2' ? guest.stage2 : guest.stage1;
}

function sentence({ register, stage, root, refusal, counts, isTruncated }: TablesJson, on: boolean): string {
  const what = stage === 2 ? 'the hypervisor maps guest-physical addresses (IPA) to real ones' : 'virtual addresses are mapped';
  if (!root) return `${register} has no table to read: ${refusal}.`;
  const { page, block } = counts.entries;
  const off = on ? '' : ' This stage is off at this instant.';
  const rest = isTruncated ? ' There is more than can be shown.' : '';
  return `With ${counts.tables} table${counts.tables === 1 ? '' : 's'}, ${page} page${page === 1 ? '' : 's'} and ${block} block${block === 1 ? '' : 's'}, ${what}.${off}${rest}`;
}
