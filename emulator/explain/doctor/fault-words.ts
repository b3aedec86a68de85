/** Faults in words that findings share. */
import { VA } from '../../base/addresses.ts';
import { hex } from '../../base/hex.ts';
import { faultStatus, type ExceptionEvent } from '../../cpu/events.ts';
import { faultStatuses } from '../../cpu/faults.ts';
import { decode, registerOf, type Decoded } from '../../isa/index.ts';
import { abortReason, trapWords } from '../trap-words.ts';
import type { DetailedException, Examination, OpenException } from './examination.ts';
import type { Evidence } from './finding.ts';

const nouns: Readonly<Record<string, string>> = {
  DataAbort: 'data abort',
  InstructionAbort: 'instruction abort',
  Undefined: 'undefined instruction',
  PCAlignment: 'PC alignment fault',
  SPAlignment: 'SP alignment fault',
  IllegalState: 'Illegal State exception',
  FP: 'floating-point trap',
  Trap: 'trap',
  SMC: 'trapped SMC',
};
/** "data abort", "IRQ". */
export const noun = (type: string): string => nouns[type] ?? type;
/** With its article. */
export const aNoun = (type: string): string => `${/^[aeiouI]|^SP|^SMC|^SVC|^HVC|^FIQ|^SError/.test(noun(type)) ? 'an' : 'a'} ${noun(type)}`;

/** "the data abort at main+0x10". */
export const theFault = (exam: Examination, { type, elr }: OpenException): string => `the ${noun(type)} at ${exam.name(elr)}`;

/** What became of it, as a clause: "loops at 0x200", "ends in a handler that never returns". */
export function whatBecame({ ending, isHalt, machine }: Examination): string {
  if (ending.kind === 'loop') return 'the same exceptions now repeat for ever';
  if (ending.kind === 'stopped')
    return machine.stop?.kind === 'exit'
      ? 'the program ends itself'
      : machine.stop?.kind === 'off'
        ? 'the program switches the machine off'
        : 'the machine stops';
  if (ending.kind === 'idle') return 'the processor waits for an interrupt that never comes';
  return isHalt ? 'the processor stays in a branch to itself' : 'nothing else happens any more';
}

/** An exception that was taken, as evidence. */
export function taken(exam: Examination, event: OpenException): Evidence {
  const detail = exam.detail(event);
  const text = `${noun(event.type)} from EL${event.from} to EL${event.to}: ${trapWords(event, exam.subject)}`;
  return exam.step(event.n, detail.causePc, text, { ...(event.far === null ? {} : { value: hex(event.far) }) });
}

/** ESR_ELx as evidence. */
export const syndromeOf = ({ to, esr, n }: OpenException): Evidence[] =>
  esr === null ? [] : [{ text: `ESR_EL${to} = ${hex(esr)}`, register: `ESR_EL${to}`, value: hex(esr), at: n }];

/** The instruction that took an exception. */
export const causeOf = ({ causeWord }: DetailedException): Decoded | undefined => (causeWord === undefined ? undefined : decode(causeWord));

/** The system register that an MSR or MRS names; undefined for all others. */
export const registerNamed = (decoded: Decoded | undefined): string | undefined =>
  decoded && (decoded.definition.name === 'MSR (register)' || decoded.definition.name === 'MRS') ? registerOf(decoded) : undefined;

/** The kinds of fault that tell a level, and the one that only data accesses have. */
type Status = 'addressSize' | 'translation' | 'accessFlag' | 'permission';
/** Whether an abort has this kind of fault status, at whatever level. */
export const hasStatus = ({ type, esr }: OpenException, kind: Status | 'alignment'): boolean =>
  esr !== null &&
  (type === 'DataAbort' || type === 'InstructionAbort') &&
  (kind === 'alignment' ? faultStatus(esr) === faultStatuses.alignment.code : levelOf(esr, kind) !== undefined);
/** The level of a fault of this kind. */
export function levelOf(esr: number, kind: Status): number | undefined {
  const { code, levels } = faultStatuses[kind];
  return levels.find((level) => faultStatus(esr) === code + level);
}
export const isAbort = ({ type }: OpenException): boolean => type === 'DataAbort' || type === 'InstructionAbort';
/** Refused by stage 2. */
export const isStage2 = ({ hpfar }: OpenException): boolean => hpfar !== null;
export const statusText = ({ esr }: OpenException): string => abortReason(esr ?? 0);

/** Where the vector of an exception lies from VBAR. */
export const vectorOffset = ({ pc }: OpenException): number => Number(pc & 0x7ffn) & 0x780;
export const vectorBase = ({ pc }: OpenException): VA => VA(pc & ~0x7ffn);

/** What the low bits of the last descriptor of a refused walk would be below the top level. */
export function descriptorKind(exam: Examination, event: ExceptionEvent): 'block' | 'other' {
  const last = exam.walkOf(event)?.steps.at(-1);
  return last?.value !== undefined && last.value !== null && (BigInt(last.value) & 3n) === 1n ? 'block' : 'other';
}
