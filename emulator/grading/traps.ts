/** Which exceptions, returns and calls of the firmware came, and in what order. */
import { hex } from '../base/hex.ts';
import { detailedEvent } from '../explain/events.ts';
import { disassembled } from '../explain/instruction-text.ts';
import type { CpuEvent } from '../cpu/events.ts';
import { evaluate } from '../session/expression.ts';
import type { Program } from '../session/program.ts';
import { trapLine, type TrapLine } from '../time/trap-line.ts';
import { placeText, type Outcome } from './feedback.ts';
import { numberText } from './expected.ts';
import type { EventPattern } from './task.ts';

/** Events up to the instant of the machine that hold all patterns, one after another, others between them. */
export function traceOutcomes(program: Program, patterns: readonly EventPattern[]): Outcome[] {
  const events = eventsOf(program);
  let next = events.next();
  let last: CpuEvent | undefined;
  let isBroken = false;
  return patterns.map((pattern, i): Outcome => {
    const expected = patternText(pattern);
    const common = { what: `trace ${i + 1}`, at: program.timeline.at, expected };
    if (isBroken)
      return { ...common, passed: false, text: `${capital(expected)} could not be looked for: what comes before it is missing.` };
    while (!next.done && !matches(program, pattern, next.value)) next = events.next();
    if (next.done) {
      isBroken = true;
      return {
        ...common,
        passed: false,
        text: `${capital(expected)} is missing after ${last ? eventText(program, last) : 'the beginning'}.${nearest(program, pattern)}`,
      };
    }
    last = next.value;
    next = events.next();
    return { ...common, passed: true, text: '' };
  });
}

export function neverOutcomes(program: Program, patterns: readonly EventPattern[]): Outcome[] {
  return patterns.map((pattern, i): Outcome => {
    const expected = `never ${patternText(pattern)}`;
    const common = { what: `never ${i + 1}`, at: program.timeline.at, expected };
    for (const event of eventsOf(program)) {
      if (!matches(program, pattern, event)) continue;
      const { why } = { why: '', ...trapLine(event) };
      const { instruction, place: source } = causeOf(program, event);
      return {
        ...common,
        at: event.n,
        instruction,
        source,
        passed: false,
        text: `${capital(eventText(program, event))}, which must not happen. ${why}`.trim(),
      };
    }
    return { ...common, passed: true, text: '' };
  });
}

function* eventsOf({ timeline }: Program): Generator<CpuEvent, undefined, void> {
  const { traps, at } = timeline;
  for (let i = traps.first; i < traps.length && traps.step(i) < at; i++) yield traps.get(i);
  return undefined;
}

function matches(program: Program, pattern: EventPattern, event: CpuEvent): boolean {
  const line = trapLine(event);
  if ('return' in pattern) return line.kind === 'return' && levels(pattern.return, line);
  if ('psci' in pattern) {
    const { function: wanted, from } = pattern.psci;
    return line.kind === 'psci' && (from === undefined || line.from === from) && (wanted === undefined || BigInt(line.function) === wanted);
  }
  if (line.kind !== 'exception') return false;
  const { type, from, to, ec, imm, iss, esr, vmid, intid } = pattern;
  const number = (wanted: bigint | undefined, found: string | number | null | undefined): boolean =>
    wanted === undefined || (found !== null && found !== undefined && BigInt(found) === wanted);
  const place = (wanted: bigint | string | undefined, found: string | null): boolean =>
    wanted === undefined ||
    (found !== null && BigInt(found) === (typeof wanted === 'bigint' ? BigInt.asUintN(64, wanted) : evaluate(program, wanted)));
  return (
    (type === undefined || line.type === type) &&
    levels({ from, to }, line) &&
    number(ec, line.ec) &&
    number(iss, line.iss) &&
    number(esr, line.esr) &&
    number(vmid, line.vmid) &&
    number(intid, line.intid) &&
    (imm === undefined || (line.iss !== null && (BigInt(line.iss) & 0xffffn) === imm)) &&
    place(pattern.far, line.far) &&
    place(pattern.elr, line.elr) &&
    place(pattern.pc, line.pc)
  );
}
interface Levels {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}
const levels = (wanted: Levels, line: Levels): boolean =>
  (wanted.from === undefined || wanted.from === line.from) && (wanted.to === undefined || wanted.to === line.to);

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
  for (const event of eventsOf(program)) {
    const isLike = 'return' in pattern ? event.kind === 'return' : event.kind === 'exception' && event.type === pattern.type;
    if (isLike) return ` There was ${eventText(program, event)}.`;
  }
  return '';
}

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);
