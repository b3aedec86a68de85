/** What breakpoints wait for, and what they found, as sentences. */
import type { PA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { exceptionClassName } from '../cpu/index.ts';
import { isStepped } from '../machine/watches.ts';
import type { Cause } from '../time/breakpoints.ts';
import { interruptName } from './interrupt-words.ts';
import { placeOf, type Subject } from './subject.ts';
import type { BreakpointKind, BreakpointSpec, MemoryPlace, Place, Write } from './views.ts';
import { count, list, plain } from './words.ts';
import { writeOf } from './writes.ts';

const either = (names: readonly string[]): string => plain(list(names)).replace(/ and /, ' or ');

/** "main.c:12"; without source lines the function, without that the address. */
const shortPlace = ({ address, symbol, file, line }: Place): string => (file === undefined ? (symbol ?? address) : `${file}:${line}`);
/** "main (main.c:12)". */
const entryPlace = ({ address, symbol, file, line }: Place): string =>
  `${symbol ?? address}${file === undefined ? '' : ` (${file}:${line})`}`;

/** "the 8 bytes at VA 0x40080000 of EL1". */
export const memoryPlaceText = ({ space, address, bytes, el }: MemoryPlace): string =>
  `${bytes === 1 ? 'the byte' : `the ${count(bytes, 'byte')}`} at ${space.toUpperCase()} ${address}${space === 'va' && el !== undefined ? ` of EL${el}` : ''}`;

/** What a breakpoint does, as a sentence. */
export function breakpointSentence(spec: BreakpointSpec): string {
  const { when, nth, every } = spec;
  const condition = when === undefined ? '' : `, if ${when}`;
  const times = nth === undefined ? (every === undefined ? '' : `, every ${ordinal(every)} time`) : `, the ${ordinal(nth)} time`;
  return kindSentence(spec).replace(/\.( |$)/, `${condition}${times}.$1`);
}

function ordinal(number: number): string {
  const isTeen = Math.floor(number / 10) % 10 === 1;
  const ending = isTeen ? undefined : { 1: 'st', 2: 'nd', 3: 'rd' }[number % 10];
  return `${number}${ending ?? 'th'}`;
}

function kindSentence(spec: BreakpointKind): string {
  switch (spec.kind) {
    case 'address':
      return `Stops before the instruction at ${spec.va}.`;
    case 'symbol':
      return `Stops before the first instruction of ${spec.name}.`;
    case 'level-change':
      return spec.to === undefined ? 'Stops after each change of exception level.' : `Stops after each change to EL${spec.to}.`;
    case 'exception': {
      const { types, ec } = spec;
      const which = types && types.length > 0 ? `exception of type ${either(types)}` : 'exception';
      return `Stops after each ${which}${ec === undefined ? '' : ` with class ${hex(ec)} (${exceptionClassName(ec * 2 ** 26)})`}.`;
    }
    case 'register-write':
      return isStepped(spec.register)
        ? `Stops when the value of ${spec.register} changes. The machine single-steps to detect this.`
        : `Stops after each write to ${spec.register}.`;
    case 'memory': {
      const verb = { r: 'read from', w: 'write to', rw: 'access to' }[spec.access];
      return `Stops after each ${verb} ${memoryPlaceText(spec)}.`;
    }
    case 'stage2-fault':
      return 'Stops at each stage 2 fault.';
    case 'guest-access': {
      const { ipa, bytes, access } = spec;
      const verb = { r: 'reads', w: 'writes', rw: 'reads or writes' }[access];
      return `Stops when the guest ${verb} ${bytes === 1 ? '' : `the ${count(bytes, 'byte')} at `}IPA ${ipa}.`;
    }
    case 'intid':
      return `Stops when the interrupt with INTID ${spec.intid} is taken.`;
    case 'pended':
      return `Stops when the interrupt with INTID ${spec.intid} becomes pending, at the GIC or in a list register.`;
  }
}

/** Why the run stopped, as a sentence without its full stop. The step that fulfilled the breakpoint must be in the recording. */
export function causeSentence(subject: Subject, cause: Cause): string {
  const { names, timeline } = subject;
  switch (cause.kind) {
    case 'address':
      return `reached ${entryPlace(placeOf(names.of(subject.machine.cpu.el), cause.va))}`;
    case 'event': {
      const { event } = cause;
      const { cpu } = subject.machine;
      const at = shortPlace(timeline.excursion(event.n, () => placeOf(names.of(cpu.el), cpu.pc), { key: 'place' }));
      if (event.kind === 'exception') return `${event.type} from EL${event.from} to EL${event.to}, at ${at}`;
      return event.kind === 'psci' ? `a firmware call at ${at}` : `eret from EL${event.from} to EL${event.to}, at ${at}`;
    }
    case 'pended': {
      const { intid, listRegister, pc, el } = cause;
      const where = listRegister === undefined ? '' : ` in GICH_LR${listRegister}`;
      const by = pc !== undefined ? `, at ${shortPlace(placeOf(names.of(el), pc))}` : '';
      return `${interruptName(intid, subject.machine.board.regions)} became pending${where}${by}`;
    }
    case 'register':
      return writeSentence(`${cause.register} was`, writeOf(subject, cause));
    case 'memory': {
      const write = writeOf(subject, cause);
      const what = whatWasAccessed(subject, cause.pa, cause.after.length);
      return cause.access === 'w' ? writeSentence(what, write) : `${what} read: ${write.after} by ${writerText(write)}`;
    }
  }
}

/**
 * "HCR_EL2 was written: 0x0 became 0x80000000 by msr at main.c:12", "x0 was changed by hand at instant 12: 0x0 became 0x1". `subject` is what
 * was written, with its verb; there is no full stop.
 */
export function writeSentence(subject: string, write: Write): string {
  const { at, before, after, by } = write;
  const change = before === null ? ` with ${after ?? 'an unknown value'}` : `: ${before} ${before === after ? 'again' : `became ${after}`}`;
  return by.kind === 'hand'
    ? `${subject} changed by hand at instant ${at}${change}`
    : `${subject} written${change} by ${writerText(write)}`;
}

function writerText(write: Write): string {
  const { kind, name } = write.by;
  const by = kind === 'exception' ? `the entry to an exception (${name})` : kind === 'device' ? `the device ${name}` : name;
  return `${by} at ${shortPlace({ address: write.pc, ...write })}`;
}

const whatWasAccessed = ({ names }: Subject, pa: PA, bytes: number): string => {
  const symbol = names.physical(pa);
  return `${count(bytes, 'byte')} at PA ${hex(pa)}${symbol === undefined ? '' : ` (${symbol})`}`;
};
