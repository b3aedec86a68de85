/** The instruction behind an access that is refused: with its word the syndrome of a walk is what the processor writes. */
import { isOfWrite } from '../cpu/events.ts';
import type { Access } from '../mmu/walk-types.ts';
import { lastEvent } from './events.ts';
import type { Subject } from './subject.ts';

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
  return isIt && access === (isOfWrite(event.esr ?? 0) ? 'w' : 'r') ? event.causeWord : undefined;
}
