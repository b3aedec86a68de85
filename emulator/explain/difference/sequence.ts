/** The traps of a run as they are compared with those of another: what each is, in names that both runs share, and what else it says. */
import { VA } from '../../base/addresses.ts';
import { hex } from '../../base/hex.ts';
import { exceptionClass, isInterrupt, type CpuEvent, type ExceptionEvent } from '../../cpu/events.ts';
import { ISS_DATA, ISS_SYSTEM, SPSR } from '../../cpu/registers/bits.ts';
import { exceptionClasses } from '../../cpu/syndrome.ts';
import type { OutputLog } from '../../time/output-log.ts';
import { trapLine, type TrapFields } from '../../time/trap-line.ts';
import type { TrapLog } from '../../time/trap-log.ts';
import { placeOf, type RecordedNames } from '../subject.ts';
import { causeAddress, trapName } from '../trap-words.ts';
import type { Place } from '../views.ts';

/** What is compared of a run. */
export interface ComparedRun {
  readonly name: string;
  /** The program's file. */
  readonly bytes: Uint8Array;
  readonly names: RecordedNames;
  readonly traps: TrapLog;
  readonly output: OutputLog;
  /** The instant up to which it was run. */
  readonly end: number;
  /** It ended there by itself; otherwise it was just not run any further. */
  readonly isWhole: boolean;
}

/** Texts that are the same for the same place in two builds of a program. */
export interface SharedNames {
  inOlder(address: VA): string;
  inNewer(address: VA): string;
}

export interface TrapSequence {
  /** Index of the first trap that is known, and how many there are with the forgotten ones. */
  readonly first: number;
  readonly length: number;
  /** The instants are not known, so how far apart traps are is not compared: `step` counts them. */
  readonly isTimeless?: boolean;
  step(index: number): number;
  /** What it is: the same for the same trap of the other run. */
  key(index: number): string;
  /** Of what sort it is: traps of one sort may be the same one with other values. */
  sort(index: number): string;
  /** All that is compared, by the names of a trap file. */
  fields(index: number): TrapFields;
  /** Whether a trap of another sequence is certainly the same in all fields: spares making them. */
  isSame(index: number, other: TrapSequence, otherIndex: number): boolean;
  /** "HVC", as `trapName`. */
  name(index: number): string;
  isReturn(index: number): boolean;
  /** Where it came from, or where a return led; undefined where that is not known. */
  place(index: number): Place | undefined;
  /** Where an interrupt came in between; undefined for all else. */
  interrupted(index: number): string | undefined;
}

/** The sequences of two runs. Between two builds the condition flags that a trap saves are not compared: they are left from whatever compared last. */
export function sequencesOf(older: ComparedRun, newer: ComparedRun, shared: SharedNames): readonly [TrapSequence, TrapSequence] {
  if (isSameProgram(older, newer)) return [new LoggedTraps(older, hex), new LoggedTraps(newer, hex)];
  const flags = SPSR.N | SPSR.Z | SPSR.C | SPSR.V;
  return [new LoggedTraps(older, (va) => shared.inOlder(VA(va)), flags), new LoggedTraps(newer, (va) => shared.inNewer(VA(va)), flags)];
}

export const isSameProgram = ({ bytes: a }: Pick<ComparedRun, 'bytes'>, { bytes: b }: Pick<ComparedRun, 'bytes'>): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

interface Made {
  readonly key: string;
  readonly fields: TrapFields;
}
const MOST_KEPT = 20_000;

class LoggedTraps implements TrapSequence {
  private readonly kept = new Map<string, Made>();

  constructor(
    private readonly run: ComparedRun,
    /** The name of an address that both runs share. */
    private readonly nameOf: (address: bigint) => string,
    private readonly ignored = 0,
  ) {}

  get first(): number {
    return this.run.traps.first;
  }
  get length(): number {
    return this.run.traps.length;
  }
  step(index: number): number {
    return this.run.traps.step(index);
  }

  isSame(index: number, other: TrapSequence, otherIndex: number): boolean {
    return other instanceof LoggedTraps && this.nameOf === other.nameOf && this.run.traps.isAlike(index, otherIndex, other.run.traps);
  }
  key(index: number): string {
    return this.made(index).key;
  }
  fields(index: number): TrapFields {
    return this.made(index).fields;
  }
  /** Traps that come again and again are made once. */
  private made(index: number): Made {
    const { traps } = this.run;
    const likeness = `${traps.likeness(index)} ${traps.vmidAfter(index)} ${traps.kind(index) === 'return' && this.endsInterrupt(index)}`;
    const known = this.kept.get(likeness);
    if (known) return known;
    if (this.kept.size >= MOST_KEPT) this.kept.clear();
    const made = { key: this.makeKey(index), fields: this.makeFields(index) };
    this.kept.set(likeness, made);
    return made;
  }

  private makeKey(index: number): string {
    const event = this.run.traps.get(index);
    const { kind, from, vmid } = event;
    if (kind === 'psci') return [kind, from, vmid, event.function].join(' ');
    if (kind !== 'exception') {
      const where = this.endsInterrupt(index) ? 'interrupted' : this.nameOf(event.pc);
      return [kind, from, event.to, vmid, where].join(' ');
    }
    const { type, to, esr, far, hpfar, x0, intid } = event;
    const where = isAsynchronous(event) ? '' : this.nameOf(causeAddress(event));
    return [type, from, to, vmid, where, esr === null ? '' : whatItNames(esr), this.value(far), hpfar ?? '', this.value(x0), intid].join(
      ' ',
    );
  }

  sort(index: number): string {
    const event = this.run.traps.get(index);
    const { kind, from, vmid } = event;
    if (kind === 'psci') return [kind, from, vmid].join(' ');
    const { to } = event;
    if (kind !== 'exception') return [kind, from, to, vmid].join(' ');
    return [event.type, from, to, vmid, event.esr === null ? '' : exceptionClass(event.esr)].join(' ');
  }

  private makeFields(index: number): TrapFields {
    const event = this.run.traps.get(index);
    const { n: _step, ...line } = trapLine(event);
    if (event.kind === 'psci') return line;
    const spsr = hex((event.spsr & ~this.ignored) >>> 0);
    if (event.kind !== 'exception') return { ...line, spsr, pc: this.endsInterrupt(index) ? null : this.nameOf(event.pc) };
    return {
      ...line,
      spsr,
      far: this.value(event.far),
      elr: isAsynchronous(event) ? null : this.nameOf(event.elr),
      pc: this.nameOf(event.pc),
      x0: this.value(event.x0),
    };
  }

  name(index: number): string {
    return trapName(this.run.traps.get(index));
  }
  isReturn(index: number): boolean {
    return this.run.traps.kind(index) === 'return';
  }
  place(index: number): Place | undefined {
    const event = this.run.traps.get(index);
    if (event.kind === 'psci') return undefined;
    const { vmid, n } = event;
    const isException = event.kind === 'exception';
    const names = this.run.names.met(isException ? event.from : event.to, vmid, n);
    return placeOf(names, isException ? causeAddress(event) : event.pc);
  }
  interrupted(index: number): string | undefined {
    const event = this.run.traps.get(index);
    return event.kind === 'exception' && isAsynchronous(event) ? this.nameOf(event.elr) : undefined;
  }

  private value(value: bigint | null): string | null {
    return value === null ? null : this.nameOf(value);
  }
  /** An interrupt comes in anywhere, so its return leads anywhere. */
  private endsInterrupt(index: number): boolean {
    const { traps } = this.run;
    const entry = traps.endedBy(index);
    if (entry === undefined) return false;
    const event: CpuEvent = traps.get(entry);
    return event.kind === 'exception' && isAsynchronous(event);
  }
}

const isAsynchronous = ({ type }: ExceptionEvent): boolean => isInterrupt(type) || type === 'SError' || type === 'vSError';

/** The syndrome without the general-purpose register of the access, which the compiler chooses. */
function whatItNames(esr: number): number {
  const ec = exceptionClass(esr);
  if (ec === exceptionClasses.systemAccess) return (esr & ~ISS_SYSTEM.Rt) >>> 0;
  return ec === exceptionClasses.dataAbortLower || ec === exceptionClasses.dataAbortSame ? (esr & ~ISS_DATA.SRT) >>> 0 : esr;
}

/** The traps of a file, which says nothing about the program. */
export const sequenceOfFile = (lines: readonly TrapFields[], isTimeless = false): TrapSequence => ({
  isTimeless,
  first: 0,
  length: lines.length,
  step: (index) => Number(lines[index].n),
  key: (index) => JSON.stringify({ ...lines[index], n: null, spsr: null, why: null }),
  sort: (index) => JSON.stringify([lines[index].kind, lines[index].type, lines[index].from, lines[index].to]),
  fields: (index) => {
    const { n: _step, ...fields } = lines[index];
    return fields;
  },
  isSame: () => false,
  name: (index) => nameOfLine(lines[index]),
  isReturn: (index) => lines[index].kind === 'return',
  place: () => undefined,
  interrupted: () => undefined,
});

function nameOfLine({ kind, type }: TrapFields): string {
  if (kind === 'psci') return 'PSCI';
  return String((kind === 'exception' ? type : kind === 'return' ? 'Return' : 'Illegal return') ?? kind);
}
