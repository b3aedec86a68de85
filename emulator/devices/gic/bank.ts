/** The states of the SGIs and PPIs of a CPU other than the first, whose lie with those of the SPIs in the distributor. */
import { RegisterDevice, registersOf } from '../registers.ts';
import { words } from '../state.ts';
import { SGI_BITS } from './interrupts.ts';

const parts = (enabled: number) => ({
  ISENABLER: words(1, { reset: [enabled] }),
  latched: words(1),
  ISACTIVER: words(1),
  IGROUPR: words(1),
  IPRIORITYR: words(8),
  edge: words(1, { reset: [SGI_BITS] }),
  level: words(1, { survivesReset: true }),
});
const kept = { alwaysEnabled: registersOf()({}, parts(SGI_BITS)), disabled: registersOf()({}, parts(0)) };

export class Bank extends RegisterDevice<typeof kept.disabled> {
  /** `sgis`: whether they can be disabled. */
  constructor(sgis: keyof typeof kept) {
    super('bank', kept[sgis]);
  }
}
