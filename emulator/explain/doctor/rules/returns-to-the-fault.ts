import { hex } from '../../../base/hex.ts';
import type { ExceptionEvent } from '../../../cpu/index.ts';
import { aNoun, syndromeOf } from '../fault-words.ts';
import type { Examination } from '../examination.ts';
import type { Found, Rule } from '../rule.ts';

/** A handler that neither cures a fault nor skips the instruction returns to it, for ever (Arm ARM D1.3.3, "Preferred return address"). */
export const returnsToTheFault: Rule = {
  id: 'P12',
  kind: 'broken',
  title: 'The handler returns to the instruction that traps',
  looksAt: 'exceptions that repeat: where their handlers return to, and what comes next',
  find(exam) {
    const { ending } = exam;
    if (ending.kind !== 'loop') return [];
    const { traps } = exam.subject.timeline;
    const end = traps.firstAt(exam.at);
    for (let index = Math.max(ending.first, traps.first); index < Math.min(end, ending.first + 64); index++) {
      const found = retried(exam, index);
      if (found) return [found];
    }
    return [];
  },
};

/** What its handler is meant to skip or to cure; an interrupt or a call is not. */
const retriable: ReadonlySet<string> = new Set(['Trap', 'SMC', 'DataAbort', 'InstructionAbort', 'Undefined', 'FP', 'BRK']);
/** Of these ELR is the instruction behind the call: whoever takes 4 away has the call made again. */
const calls: ReadonlySet<string> = new Set(['HVC', 'SVC']);

function retried(exam: Examination, index: number): Found | undefined {
  const { traps } = exam.subject.timeline;
  const type = traps.kind(index) === 'exception' ? traps.type(index) : undefined;
  if (type === undefined || !(retriable.has(type) || calls.has(type))) return undefined;
  const isCall = calls.has(type);
  const back = traps.returnOf(index);
  if (back === undefined || traps.kind(back) !== 'return') return undefined;
  const fault = { ...(traps.get(index) as ExceptionEvent), index };
  const to = traps.get(back);
  if (to.kind !== 'return' || to.pc !== (isCall ? fault.elr - 4n : fault.elr) || to.to !== fault.from) return undefined;
  const register = `ELR_EL${fault.to}`;
  const detail = exam.detail(fault);
  const eret = exam.look(to.n, 'pc of return', () => exam.machine.cpu.pc);
  const isAbort = type === 'DataAbort' || type === 'InstructionAbort';
  return {
    sentence: isCall
      ? `The handler of ${type} at ${exam.name(detail.causePc)} returns to the call itself, 4 bytes before ${register} as it was: it is executed again, for ever.`
      : `The handler of ${aNoun(type)} at ${exam.name(fault.elr)} returns with ${register} as it was, which is the address of that instruction: it is executed again and takes the same exception, for ever.`,
    fix: isCall
      ? `Leave ${register} as it is: of ${type} it is the address of the instruction behind the call.`
      : isAbort
        ? `Map what is missing, or carry out the access and add 4 to ${register}, before the ERET.`
        : `Carry the instruction out in the handler and add 4 to ${register} before the ERET: of a trapped instruction, ${register} is the address of the instruction itself.`,
    pc: eret,
    at: to.n,
    about: fault.n,
    evidence: [
      exam.step(fault.n, detail.causePc, `${type} from EL${fault.from} to EL${fault.to}: ${register} = ${hex(fault.elr)}`, {
        register,
        value: hex(fault.elr),
      }),
      exam.step(to.n, eret, `returns to ${hex(to.pc)}`),
      ...syndromeOf(fault),
    ],
    links: [{ panel: 'traps', subject: String(index) }],
  };
}
