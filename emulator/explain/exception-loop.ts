/** An exception loop in words. */
import { hex } from '../base/hex.ts';
import type { ExceptionEvent } from '../cpu/events.ts';
import { VBAR } from '../cpu/registers/bits.ts';
import { exceptionLoop } from '../time/exception-loop.ts';
import { disassembled } from './instruction-text.ts';
import type { Subject } from './subject.ts';
import { abortReason } from './trap-words.ts';
import type { RichText } from './views.ts';
import { code, rich } from './words.ts';

/** That the processor does nothing any more but take one exception, and why; undefined where that is not certain, or not so. */
export function exceptionLoopSentence({ machine, timeline }: Subject): RichText | undefined {
  const event = exceptionLoop(timeline.traps, machine.cpu, timeline.at);
  // What a person changed since then is not in the recording of what happened.
  if (!event || timeline.inputs.changesAt(timeline.at).length > 0) return undefined;
  const base = machine.cpu.get(`VBAR_EL${event.to as 1 | 2}`) & VBAR['Vector base'];
  return rich(
    `The processor is in an exception loop at EL${event.to}: the vector at `,
    code(hex(event.pc)),
    ` (VBAR_EL${event.to} = `,
    code(hex(base)),
    ', offset ',
    code(hex(event.pc - base)),
    ') ',
    ...whatIsThere(event, machine.fetchWord(event.pc)),
    ', so each entry takes the same exception again. Nothing can end this.',
  );
}

function whatIsThere({ type, esr, far, pc }: ExceptionEvent, word: number | undefined): RichText {
  const status = abortReason(esr!);
  if (type === 'InstructionAbort') return rich(`cannot be fetched (${status})`);
  const instruction = word === undefined ? rich('an instruction') : rich(code(disassembled(word, pc)));
  switch (type) {
    case 'Undefined':
      return word === 0 ? rich('holds zeros, which encode ', code('udf #0')) : rich('holds an UNDEFINED instruction, ', instruction);
    case 'DataAbort':
      return rich('begins with ', instruction, ', which accesses VA ', code(hex(far ?? 0n)), ` (${status})`);
    case 'SPAlignment':
      return rich('begins with ', instruction, ', and SP is misaligned');
    default:
      return rich('begins with ', instruction, `, which takes this exception (${type})`);
  }
}
