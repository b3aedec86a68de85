/** An exception loop in words. */
import { hex } from '../base/hex.ts';
import type { ExceptionEvent } from '../cpu/events.ts';
import { VBAR } from '../cpu/registers/bits.ts';
import type { ExceptionLoop } from '../time/exception-loop.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { disassembled } from './instruction-text.ts';
import type { Subject } from './subject.ts';
import { abortReason, trapName, trapWords } from './trap-words.ts';
import type { RichText } from './views.ts';
import { code, count, list, rich } from './words.ts';

/** Exceptions of one round that are named. */
const MOST_NAMED = 4;

/** That the processor does nothing any more but take the same exceptions, and why; undefined where that is not certain, or not so. */
export function exceptionLoopSentence(subject: Subject): RichText | undefined {
  const { timeline } = subject;
  const loop = timeline.loopAt(timeline.at);
  if (!loop) return undefined;
  const exceptions = exceptionsOf(timeline.traps, loop);
  const [event] = exceptions;
  if (loop.steps === 1 && event.elr === event.pc) return atItsVector(subject, event);
  const named = exceptions.slice(0, MOST_NAMED).map((one) => {
    const levels = one.from === one.to ? ` at EL${one.to}` : ` from EL${one.from} to EL${one.to}`;
    return `${trapName(one)}${levels} (${trapWords(one, subject)})`;
  });
  const more = exceptions.length - named.length;
  return rich(
    'The processor is in an exception loop: ',
    repetition(timeline.traps, loop),
    ': ',
    list(more > 0 ? [...named, `${more} more`] : named),
    `. ${whyEndless(exceptions.length, loop.events - exceptions.length)} Nothing can end this.`,
  );
}

/** "from step 120 on, the same 3 exceptions repeat every 17 steps". */
export function repetition(traps: TrapLog, loop: ExceptionLoop): string {
  const { length } = exceptionsOf(traps, loop);
  const which = length === 1 ? 'the same exception repeats' : `the same ${length} exceptions repeat`;
  return `from step ${traps.step(loop.first)} on, ${which} every ${loop.steps === 1 ? 'step' : count(loop.steps, 'step')}`;
}

/** The exceptions of one round. */
const exceptionsOf = (traps: TrapLog, { first, events }: ExceptionLoop): ExceptionEvent[] =>
  Array.from({ length: events }, (_, i) => traps.get(first + i)).filter((event) => event.kind === 'exception');

function whyEndless(exceptions: number, returns: number): string {
  if (returns === 0) return exceptions === 1 ? 'Its handler takes it again before it can return.' : 'No handler gets as far as its return.';
  if (returns < exceptions) return 'Not every handler gets as far as its return.';
  return exceptions === 1
    ? 'Its handler returns to the instruction that takes it again.'
    : 'A handler returns to the instruction that takes its exception again.';
}

function atItsVector({ machine }: Subject, event: ExceptionEvent): RichText {
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
