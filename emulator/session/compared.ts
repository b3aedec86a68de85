/** The table tree of another instant, kept while it is compared with. */
import { mmuWith, readControls, readTables, switchedOn, type Mmu, type TableTree } from '../mmu/index.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { guestsOf, mmuOfGuest } from './guests.ts';
import type { Program } from './program.ts';
import type { TableRegister } from './views.ts';

export interface OtherInstant {
  readonly at: number;
  readonly tree: TableTree;
  /** The registers that the tree was read with, and the memory as it is now. */
  readonly mmu: Mmu;
  /** The stage did not translate then: its memory was read with the registers of the instant shown. */
  readonly wasOff: boolean;
}

/** By the log of traps, which is another one after a change of the past. */
const kept = new WeakMap<TrapLog, Map<string, OtherInstant>>();
/** Trees kept at most: each may be as large as all tables of the guest. */
const MOST_KEPT = 4;

export function treeAt(program: Program, at: number, register: TableRegister, vmid: number | undefined): OtherInstant {
  const { timeline, machine } = program;
  let known = kept.get(timeline.traps);
  if (!known) kept.set(timeline.traps, (known = new Map<string, OtherInstant>()));
  const now = readControls(mmuOfGuest(program, vmid).cpu);
  const key = `${at}/${register}/${vmid ?? ''}/${now.join(' ')}`;
  const found = known.get(key);
  if (found) return found;
  const look = (): OtherInstant => {
    const then = vmid === undefined || isKnown(program, vmid) ? mmuOfGuest(program, vmid) : undefined;
    const wasOff = !then || !translates(then, register);
    const mmu = mmuWith(wasOff ? switchedOn(now, register) : readControls(then.cpu), machine.mmu.memory);
    return { at: timeline.at, tree: readTables(mmu, register, { keep: true }), mmu, wasOff };
  };
  const other = timeline.excursion(at, look, { key: `tree ${key}` });
  if (known.size >= MOST_KEPT) known.delete(known.keys().next().value!);
  known.set(key, other);
  return other;
}

const isKnown = (program: Program, vmid: number): boolean => guestsOf(program).some((guest) => guest.vmid === vmid);

/** Whether the stage of a base register is on. */
export function translates(mmu: Mmu, register: TableRegister): boolean {
  if (register === 'TTBR0_EL2') return mmu.context('el2').stage1;
  const guest = mmu.context('el1');
  return register === 'VTTBR_EL2' ? guest.stage2 : guest.stage1;
}
