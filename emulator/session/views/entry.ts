import { decodeEntry, descriptorIn, readEntry } from '../../mmu/index.ts';
import { treeAt } from '../compared.ts';
import { mmuOfGuest } from '../guests.ts';
import type { Program } from '../program.ts';
import type { Session } from '../session.ts';
import type { EntryParams, EntryView } from '../views.ts';
import { compareInstant } from './tables.ts';

/** One descriptor of a tree: where it lies and what each of its fields means, now and at the instant compared with. */
export function entryView(session: Session, { register, vmid, input, level, compare }: EntryParams): EntryView {
  const program = session.needProgram();
  const since = session.isRunning && compare === 'trap' ? undefined : compareInstant(program, compare);
  const entry = readEntry(mmuOfGuest(program, vmid), register, BigInt(input), level);
  return { at: program.machine.steps, entry: entry ?? null, before: since === undefined ? null : before(program, since) };

  function before(program: Program, since: number): EntryView['before'] {
    const { tree, mmu } = treeAt(program, since, register, vmid);
    const descriptor = descriptorIn(tree, Number(BigInt(input) - tree.base), level);
    const context = mmu.context(register === 'TTBR0_EL2' ? 'el2' : 'el1');
    const said = decodeEntry({ context, stage: tree.stage, level, granuleBits: Math.log2(tree.granule) }, descriptor);
    return said.value === (entry?.value ?? '0x0') ? null : { since, ...said };
  }
}
