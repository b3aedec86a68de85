/** The guests that a program has run so far, each by the registers that it was last left with. */
import { InputError } from '../base/errors.ts';
import { mmuWith, type Controls, type Mmu } from '../mmu/index.ts';
import type { Guest } from './address-views.ts';
import type { Program } from './program.ts';

/** By rising VMID. Empty while stage 2 has never been used. */
export function guestsOf({ machine, timeline }: Program): Guest[] {
  const { stage2, vmid: current } = machine.mmu.context('el1');
  const vmids = new Set(timeline.guests.seenBefore(timeline.at));
  if (stage2) vmids.add(current);
  return [...vmids].sort((a, b) => a - b).map((vmid) => ({ vmid, isCurrent: stage2 && vmid === current }));
}

/** Whether this is a guest other than the current one: none of the registers are its own. */
export const isWaiting = ({ machine }: Program, mmu: Mmu): boolean => mmu !== machine.mmu;

const waiting = new WeakMap<Controls, Mmu>();

/** The MMU as a guest has it: the machine's own for the current one, or without a VMID. Throws InputError for a VMID that has not run. */
export function mmuOfGuest(program: Program, vmid: number | undefined): Mmu {
  const { machine, timeline } = program;
  const { stage2, vmid: current } = machine.mmu.context('el1');
  if (vmid === undefined || (stage2 && vmid === current)) return machine.mmu;
  const controls = timeline.guests.leftBefore(vmid, timeline.at);
  if (!controls) {
    const hasRun = timeline.guests.seenBefore(timeline.at).includes(vmid);
    throw new InputError(
      hasRun ? `what guest ${vmid} was left with here is no longer recorded` : `no guest with VMID ${vmid} has run so far`,
      {},
      ...(hasRun ? ['go to an instant at which it runs'] : []),
    );
  }
  let mmu = waiting.get(controls);
  if (!mmu) waiting.set(controls, (mmu = mmuWith(controls, machine.mmu.memory)));
  return mmu;
}
