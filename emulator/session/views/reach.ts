import { PA } from '../../base/addresses.ts';
import * as v from 'valibot';
import { ipasOf, reachesOf, type Mmu } from '../../mmu/index.ts';
import { guestsOf, mmuOfGuest } from '../guests.ts';
import { address } from '../schemas.ts';
import { view } from '../view.ts';
import type { ReachSpace, ReachView } from '../views.ts';

/** More addresses than this nobody reads. */
const MOST = 16;

/** Every address that reaches a physical one: in EL2, and through both stages in each guest that has run. */
export const reach = view(v.strictObject({ pa: address }), (program, { pa }): ReachView => {
  const { machine } = program;
  const to = PA(Number(pa));
  const guests = guestsOf(program);
  const spaces: ReachSpace[] = [{ ...space(machine.mmu, 'el2', to), vmid: null, title: 'Hypervisor, EL2' }];
  for (const { vmid } of guests) spaces.push({ ...space(mmuOfGuest(program, vmid), 'el1', to), vmid, title: `Guest, VMID ${vmid}` });
  // Without stage 2 there is one EL1&0 regime, whatever VTTBR_EL2 says.
  if (!guests.some(({ isCurrent }) => isCurrent) && machine.mmu.context('el1').stage1)
    spaces.push({ ...space(machine.mmu, 'el1', to), vmid: null, title: 'EL1 and EL0, stage 2 off' });
  return { at: machine.steps, pa, name: machine.board.titleAt(to) ?? null, spaces };
});

function space(mmu: Mmu, regime: 'el1' | 'el2', pa: PA): Pick<ReachSpace, 'regime' | 'ipas' | 'vas' | 'isCut'> {
  const reaches = reachesOf(mmu, regime, pa, MOST + 1);
  return {
    regime,
    ipas: (regime === 'el1' && ipasOf(mmu, pa, MOST)) || null,
    vas: reaches.slice(0, MOST),
    isCut: reaches.length > MOST,
  };
}
