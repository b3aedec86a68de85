/** The instruction behind an access that is refused: with its word the syndrome of a walk is what the processor writes. */
import type { Access } from '../mmu/walk-types.ts';
import { lastEvent } from './events.ts';
import type { Subject } from './subject.ts';

/** ESR_ELx.ISS.WnR of a data abort. */
const WnR = 1 << 6;

/**
 * The word of the next instruction, where its step takes a data abort for this access. The step is done to see that, and the machine stands
 * where it stood afterwards; the recording has the step then.
 */
export function refusedWord(subject: Subject, va: bigint, access: Access): number | undefined {
  const { timeline } = subject;
  const { at } = timeline;
  timeline.forward(1);
  const event = timeline.at > at ? lastEvent(subject) : undefined;
  timeline.seek(at);
  const isIt = event?.kind === 'exception' && event.type === 'DataAbort' && event.far === va;
  return isIt && access === ((event.esr ?? 0) & WnR ? 'w' : 'r') ? event.causeWord : undefined;
}
