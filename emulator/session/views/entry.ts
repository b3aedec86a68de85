import { IPA } from '../../base/addresses.ts';
import * as v from 'valibot';
import { hex } from '../../base/hex.ts';
import { decodeEntry, descriptorIn, readEntry, reachIntermediate, type Mmu, type TableEntry } from '../../mmu/index.ts';
import { treeAt } from '../compared.ts';
import { mmuOfGuest } from '../guests.ts';
import { address, count, otherInstant, vmid } from '../schemas.ts';
import { atRest, view } from '../view.ts';
import { tableRegisters, type EntryView, type TableRegister } from '../views.ts';
import { compareInstant, outputSpace } from './tables.ts';

const params = v.strictObject({
  register: v.picklist(tableRegisters),
  vmid: v.optional(vmid),
  /** VA, or IPA for VTTBR_EL2, and the level of the entry. */
  input: address,
  level: v.pipe(count, v.maxValue(3)),
  compare: v.optional(otherInstant),
});

/** One descriptor of a tree: where it lies and what each of its fields means, now and at the instant compared with. */
export const entry = view(params, (program, { register, vmid, input, level, compare }, { isRunning } = atRest): EntryView => {
  const since = isRunning && compare === 'trap' ? undefined : compareInstant(program, compare);
  const mmu = mmuOfGuest(program, vmid);
  const found = readEntry(mmu, register, BigInt(input), level);
  return {
    at: program.machine.steps,
    entry: found ?? null,
    leadsTo: found ? physical(mmu, register, found) : null,
    before: since === undefined ? null : before(since),
  };

  function before(since: number): EntryView['before'] {
    const { tree, mmu } = treeAt(program, since, register, vmid);
    const descriptor = descriptorIn(tree, Number(BigInt(input) - tree.base), level);
    const context = mmu.context(register === 'TTBR0_EL2' ? 'el2' : 'el1');
    const said = decodeEntry({ context, stage: tree.stage, level, granuleBits: Math.log2(tree.granule) }, descriptor);
    return said.value === (found?.value ?? '0x0') ? null : { since, ...said };
  }
});

/** Where the memory that a block or page maps begins, through stage 2 where that goes on. */
function physical(mmu: Mmu, register: TableRegister, { stage, kind, next }: TableEntry): EntryView['leadsTo'] {
  if (next === null || (kind !== 'block' && kind !== 'page')) return null;
  if (outputSpace(mmu, { stage, register }) === 'PA') return next;
  const reached = reachIntermediate(mmu, IPA(Number(next)));
  return reached.ok ? hex(reached.pa) : null;
}
