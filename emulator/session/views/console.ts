import * as v from 'valibot';
import { hex } from '../../base/hex.ts';
import { disassembled } from '../../explain/instruction-text.ts';
import { placeOf } from '../../explain/subject.ts';
import { InputError } from '../../base/errors.ts';
import { count } from '../schemas.ts';
import { sendersOf } from '../senders.ts';
import { atRest, view } from '../view.ts';
import type { ConsoleView as Output, SenderView } from '../views.ts';

/** Bytes sent at once: more than a terminal keeps. While the machine runs flat out, more than anybody can see of one display frame. */
const MOST_BYTES = 512 << 10;
const MOST_FLEETING = 128 << 10;

/**
 * Output from byte `from` on, or from a later one where that is too much or no longer kept, as it stood at this instant. What was cut back
 * since the caller's epoch is sent again.
 */
export const consoleView = view(
  v.strictObject({ from: count, epoch: count }),
  ({ timeline }, { from, epoch }, { outputEpoch, isRunning } = atRest): Output => {
    const { output, at } = timeline;
    const length = output.lengthAt(at);
    const most = isRunning ? MOST_FLEETING : MOST_BYTES;
    const start = Math.max(output.first, length - most, epoch === outputEpoch && from <= length ? from : 0);
    return {
      from: start,
      bytes: output.slice(start, length),
      senders: sendersOf(timeline, start, length),
      length,
      epoch: outputEpoch,
    };
  },
);

/** What sent a byte of the console: found by going there. */
export const sender = view(v.strictObject({ offset: count }), ({ machine, timeline, names }, { offset }): SenderView => {
  const n = timeline.output.stepOf(offset);
  if (n === undefined) throw new InputError(`the console has no byte ${offset}`);
  const look = (): SenderView => {
    const { pc, el } = machine.cpu;
    const word = machine.fetchWord(pc);
    const { stage2, vmid } = machine.mmu.describe('el1');
    return {
      n,
      el,
      vmid: el < 2 && stage2?.on ? (vmid ?? 0) : 0,
      place: placeOf(names.of(el), pc),
      instruction: word === undefined ? hex(pc) : disassembled(word, pc),
    };
  };
  return timeline.excursion(n, look, { key: 'sender' });
});
