/** The interrupt whose way is shown, shared by the picture and the text beside it. */
import { interruptIdOf } from '../../emulator/session/interrupt-id.ts';
import type { InterruptId, InterruptsView } from '../../emulator/session/views.ts';
import type { ViewParams } from '../../emulator/session/views/index.ts';

export class InterruptBrowser {
  /** Null: the one that tells most about the instant. */
  chosen = $state<InterruptId | null>(null);

  get params(): ViewParams<'interrupts'> {
    return this.chosen === null ? {} : { id: this.chosen };
  }
  /** Another program is open. */
  forget(): void {
    this.chosen = null;
  }
  /** The next or the previous of those in use. */
  step({ interrupts, chosen }: InterruptsView, by: 1 | -1): void {
    const at = interrupts.findIndex(({ id }) => id === chosen.id);
    this.chosen = interrupts[(at + by + interrupts.length) % interrupts.length].id;
  }
  /** By what a person types or a link says: an INTID, or the bit of HCR_EL2. False: there is none of this name. */
  choose(text: string): boolean {
    const id = interruptIdOf(text);
    if (id === undefined) return false;
    this.chosen = id;
    return true;
  }
}
