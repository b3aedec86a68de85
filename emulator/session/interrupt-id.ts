/** What a person, a link or the command line calls an interrupt. */
import { INTERRUPTS } from '../devices/gic/index.ts';
import type { InterruptId } from './views.ts';

/** An INTID, or the bit of HCR_EL2 that makes a virtual one pending. Undefined: there is none of this name. */
export function interruptIdOf(text: string): InterruptId | undefined {
  const name = text.trim().toUpperCase();
  if (name === 'VI' || name === 'VF' || name === 'VSE') return name;
  return /^\d{1,3}$/.test(name) && Number(name) < INTERRUPTS ? Number(name) : undefined;
}
