/** Which exceptions, returns and calls of the firmware came, and in what order. */
import { hex } from '../base/hex.ts';
import { detailedEvent } from '../explain/events.ts';
import { disassembled } from '../explain/instruction-text.ts';
import { exceptionClass, instructionSpecificSyndrome, type CpuEvent } from '../cpu/events.ts';
import { evaluate } from '../session/expression.ts';
import type { Program } from '../session/program.ts';
import { trapLine, type TrapLine } from '../time/trap-line.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { placeText, type Outcome } from './feedback.ts';
import { numberText } from './expected.ts';
import type { EventPattern } from './task.ts';

/** Events up to the instant of the machine that hold all patterns, one after another, others between them. */
export function traceOutcomes(program: Program, patterns: readonly EventPattern[]): Outcome[] {
  const { traps, at } = program.timeline;
  const end = traps.firstAt(at);
  let next = traps.first;
  let last: CpuEvent | undefined;
  let isBroken = false;
  return patterns.map((pattern, i): Outcome => {
    const expected = patternText(pattern);
    const common = { what: `trace ${i + 1}`, at, expected };
    if (isBroken)
      return { ...common, passed: false, text: `${capital(expected)} could not be looked for: what comes before it is missing.` };
    const index = firstOf(traps, next, end, matcher(program, pattern));
    if (index === undefined) {
      isBroken = true;
      const after = last ? eventText(program, last) : 'the beginning';
      return { ...common, passed: false, text: `${capital(expected)} is missing after ${after}.${nearest(program, pattern)}` };
    }
    last = traps.get(index);
    next = index + 1;
    return { ...common, passed: true, text: '' };
  });
}

export function neverOutcomes(program: Program, patterns: readonly EventPattern[]): Outcome[] {
  return patterns.map((pattern, i): Outcome => {
    const expected = `never ${patternText(pattern)}`;
    const common = { what: `never ${i + 1}`, at: program.timeline.at, expected };
    const { traps, at } = program.timeline;
    const index = firstOf(traps, traps.first, traps.firstAt(at), matcher(program, pattern));
    if (index === undefined) return { ...common, passed: true, text: '' };
    const event = traps.get(index);
    const { why } = { why: '', ...trapLine(event) };
    const { instruction, place: source } = causeOf(program, event);
    const text = `${capital(eventText(program, event))}, which must not happen. ${why}`.trim();
    return { ...common, at: event.n, instruction, source, passed: false, text };
  });
}

/** Whether an event of the log is meant. Of what a log has by millions, columns are asked before an event is made of them. */
type Matcher = (traps: TrapLog, index: number) => boolean;

function firstOf(traps: TrapLog, from: number, end: number, isMeant: Matcher): number | undefined {
  for (let index = from; index < end; index++) if (isMeant(traps, index)) return index;
  return undefined;
}

function matcher(program: Program, pattern: EventPattern): Matcher {
  if ('return' in pattern) return (traps, index) => traps.kind(index) === 'return' && isBetween(pattern.return, traps, index);
  if ('psci' in pattern) {
    const { function: wanted, from } = pattern.psci;
    return (traps, index) => {
      if (traps.kind(index) !== 'psci' || (from !== undefined && from !== traps.levelBefore(index))) return false;
      const event = traps.get(index);
      return wanted === undefined || (event.kind === 'psci' && event.function === wanted);
    };
  }
  const { type, ec, imm, iss, esr, vmid, intid } = pattern;
  const [far, elr, pc] = [pattern.far, pattern.elr, pattern.pc].map((place) => addressOf(program, place));
  const number = (wanted: bigint | undefined, found: number | null): boolean =>
    wanted === undefined || (found !== null && BigInt(found) === wanted);
  const address = (wanted: bigint | undefined, found: bigint | null): boolean => wanted === undefined || wanted === found;
  return (traps, index) => {
    if (traps.kind(index) !== 'exception' || (type !== undefined && traps.type(index) !== type)) return false;
    if (!isBetween(pattern, traps, index)) return false;
    const event = traps.get(index);
    if (event.kind !== 'exception') return false;
    const syndrome = event.esr === null ? null : instructionSpecificSyndrome(event.esr);
    return (
      number(ec, event.esr === null ? null : exceptionClass(event.esr)) &&
      number(iss, syndrome) &&
      number(imm, syndrome === null ? null : syndrome & 0xffff) &&
      number(esr, event.esr === null ? null : event.esr >>> 0) &&
      number(vmid, event.vmid) &&
      number(intid, event.intid) &&
      address(far, event.far) &&
      address(elr, event.elr) &&
      address(pc, event.pc)
    );
  };
}
/** No address is the one of a symbol that the submission does not have. */
function addressOf(program: Program, place: bigint | string | undefined): bigint | undefined {
  if (place === undefined) return undefined;
  const value = typeof place === 'bigint' ? place : evaluate(program, place);
  return value === undefined ? NOWHERE : BigInt.asUintN(64, value);
}
const NOWHERE = -1n;

interface Levels {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}
const isBetween = ({ from, to }: Levels, traps: TrapLog, index: number): boolean =>
  (from === undefined || from === traps.levelBefore(index)) && (to === undefined || to === traps.levelAfter(index));

/** "an exception HVC from EL1 to EL2 with imm 7". */
function patternText(pattern: EventPattern): string {
  const way = ({ from, to }: Levels): string => `${from === undefined ? '' : ` from EL${from}`}${to === undefined ? '' : ` to EL${to}`}`;
  if ('return' in pattern) return `a return${way(pattern.return)}`;
  if ('psci' in pattern)
    return `a PSCI call${pattern.psci.function === undefined ? '' : ` ${hex(pattern.psci.function)}`}${way(pattern.psci)}`;
  const { type, from, to, ...rest } = pattern;
  const others = Object.entries(rest).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${typeof value === 'bigint' ? numberText(value) : value}`],
  );
  return `${type === undefined ? 'an exception' : `an exception ${type}`}${way({ from, to })}${others.length > 0 ? ` with ${others.join(', ')}` : ''}`;
}

function eventText(program: Program, event: CpuEvent): string {
  const line: TrapLine = trapLine(event);
  const { instruction, place } = causeOf(program, event);
  if (line.kind === 'psci') return `the PSCI call ${line.function} at instant ${line.n}`;
  const what = line.kind === 'exception' ? `the exception ${line.type}` : 'the return';
  return `${what} from EL${line.from} to EL${line.to} at instant ${line.n}, ${instruction} at ${place}`;
}

/** The instruction that caused it, and its place. */
function causeOf(program: Program, { n }: CpuEvent): { readonly instruction: string; readonly place: string } {
  const { causePlace: place, causePc, causeWord } = detailedEvent(program, n);
  return { instruction: causeWord === undefined ? 'an instruction' : disassembled(causeWord, causePc), place: placeText(place) };
}

/** Of an exception of the same type, what it was like. */
function nearest(program: Program, pattern: EventPattern): string {
  if ('psci' in pattern) return '';
  const { traps, at } = program.timeline;
  const like = 'return' in pattern ? { return: {} } : { type: pattern.type };
  const index = firstOf(traps, traps.first, traps.firstAt(at), matcher(program, like));
  return index === undefined ? '' : ` There was ${eventText(program, traps.get(index))}.`;
}

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);
