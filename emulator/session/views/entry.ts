import { hex } from '../../base/hex.ts';
import { decodeEntry, descriptorIn, readEntry, reach, type Mmu, type TableEntry } from '../../mmu/index.ts';
import { treeAt } from '../compared.ts';
import { mmuOfGuest } from '../guests.ts';
import type { Program } from '../program.ts';
import type { Session } from '../session.ts';
import type { EntryParams, EntryView, TableRegister } from '../views.ts';
import { compareInstant, outputSpace } from './tables.ts';

/** One descriptor of a tree: where it lies and what each of its fields means, now and at the instant compared with. */
export function entryView(session: Session, { register, vmid, input, level, compare }: EntryParams): EntryView {
  const program = session.needProgram();
  const since = session.movement.isRunning && compare === 'trap' ? undefined : compareInstant(program, compare);
  const mmu = mmuOfGuest(program, vmid);
  const entry = readEntry(mmu, register, BigInt(input), level);
  return {
    at: program.machine.steps,
    entry: entry ?? null,
    leadsTo: entry ? physical(mmu, register, entry) : null,
    before: since === undefined ? null : before(program, since),
  };

  function before(program: Program, since: number): EntryView['before'] {
    const { tree, mmu } = treeAt(program, since, register, vmid);
    const descriptor = descriptorIn(tree, Number(BigInt(input) - tree.base), level);
    const context = mmu.context(register === 'TTBR0_EL2' ? 'el2' : 'el1');
    const said = decodeEntry({ context, stage: tree.stage, level, granuleBits: Math.log2(tree.granule) }, descriptor);
    return said.value === (entry?.value ?? '0x0') ? null : { since, ...said };
  }
}

/** Where the memory that a block or page maps begins, through stage 2 where that goes on. */
function physical(mmu: Mmu, register: TableRegister, { stage, kind, next }: TableEntry): EntryView['leadsTo'] {
  if (next === null || (kind !== 'block' && kind !== 'page')) return null;
  if (outputSpace(mmu, { stage, register }) === 'PA') return next;
  const reached = reach(mmu, 'ipa', BigInt(next), 1);
  return reached.ok ? hex(reached.pa) : null;
}
