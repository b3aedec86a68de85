/**
 * Every exception, exception return and PSCI call of the run, in order, in 64 bytes each, where objects take several hundred. `get` gives
 * one back as the event it was (without sub-steps, which are made again by running its step again).
 */
import { type IPA, VA } from '../base/addresses.ts';
import {
  exceptionClass,
  exceptionTypes,
  refusedIpa,
  type CpuEvent,
  type ExceptionEvent,
  type ExceptionType,
  type Rule,
} from '../cpu/events.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import { Column, lowerBound } from './columns.ts';
import { trapLine, type TrapLine } from './trap-line.ts';
import { TrapRecords, wide, word } from './trap-records.ts';

export type TrapKind = CpuEvent['kind'];
const kinds = ['exception', 'return', 'illegal-return', 'psci'] as const satisfies readonly TrapKind[];
/** For what is no exception, its kind. */
export type TrapType = ExceptionType | 'ERET' | 'PSCI';
const types: readonly TrapType[] = [...exceptionTypes, 'ERET', 'PSCI'];
const typeNumbers = new Map(types.map((type, number) => [type, number]));

/** Of the tags: kind in bits 1..0, level before in 3..2 and after in 5..4, which optional values there are in 11..6, type in 19..12, CPU from 20. */
const HAS_ESR = 1 << 6;
const HAS_FAR = 1 << 7;
const HAS_HPFAR = 1 << 8;
/** A call writes no FAR: its X0 is kept in that field. */
const HAS_X0 = 1 << 9;
/** In `detail`: INTID in bits 23..0, above it the list register and 1, or 0. */
const HAS_INTID = 1 << 10;
/** In `detail`: number of the reason. */
const HAS_REASON = 1 << 11;
const TYPE_SHIFT = 12;
const CPU_SHIFT = 20;
const LIST_REGISTER_SHIFT = 24;
const WITH_LISTS = 1.5;

/** Events between places where the number of traps so far is written down. */
const COUNTED_BITS = 8;
/** Events between places where the handlers that run are written down, and how many of each level: the innermost. */
const RUNNING_BITS = 12;
const MOST_RUNNING = 8;
/** Events that are looked through for a handler where more than that have returned since. */
const MOST_EVENTS = 1 << 20;

export class TrapLog {
  private records = new TrapRecords();
  /** Rules are shared constants of the CPU: few, and the same objects. */
  private knownRules = new Numbered<Rule>();
  /** Exceptions whose handlers are running, innermost last, by where they are handled: each CPU's EL2, or its EL1 for each VM. */
  private readonly open = new Map<number, number[]>();
  /** What `open` was before each event at a whole multiple of 2^RUNNING_BITS, by that multiple. */
  private readonly running = new Map<number, ReadonlyMap<number, readonly number[]>>();
  /** How many events before each of those at whole multiples of 2^COUNTED_BITS are traps. */
  private counted = new Column(Float64Array);
  /** How many of the events are traps: exceptions and PSCI calls, forgotten ones included. Returns are none: they end one. */
  traps = 0;
  /** For each level, the step of the first event that led to it. */
  private readonly reached: (number | undefined)[] = [];
  /** For each VMID, the step of the first return from EL2 to a level below it. */
  private readonly entered: (number | undefined)[] = [];
  /** The step of the first return from one level to another, by both. */
  private readonly returns: (number | undefined)[] = [];
  /** Of the steps from this one on all events are kept: the one after the last that is forgotten. */
  keptFrom = 0;
  /** How many of the events are exceptions, forgotten ones included. */
  exceptions = 0;
  /** The machine has several CPUs. */
  hasSeveralCpus = false;

  /** Events pushed, forgotten ones included. */
  get length(): number {
    return this.records.length;
  }
  /** Index of the first event that is kept. */
  get first(): number {
    return this.records.first;
  }
  /** Bytes that this takes, with what lists and pictures keep of each event (session/trap-selection.ts, session/lanes.ts). */
  get held(): number {
    return WITH_LISTS * this.records.held;
  }

  /** Forgets about so many of the bytes that this takes, the oldest events first; the others keep their numbers. */
  forget(bytes: number): void {
    const { records } = this;
    const last = records.forget(bytes / WITH_LISTS);
    if (last === undefined) return;
    this.keptFrom = last + 1;
    const { first } = records;
    this.counted.forgetBefore(first >> COUNTED_BITS);
    for (const place of this.running.keys()) if (place < first >> RUNNING_BITS) this.running.delete(place);
    // Returns end the innermost handlers first: the others do not miss these.
    for (const open of this.open.values())
      open.splice(
        0,
        lowerBound(open.length, first, (i) => open[i]),
      );
  }

  push(event: CpuEvent): void {
    const { records } = this;
    const { cpu, n, kind, from } = event;
    const to = kind === 'psci' ? from : event.to;
    const index = records.push(n);
    if ((index & ((1 << COUNTED_BITS) - 1)) === 0) this.counted.push(this.traps);
    if ((index & ((1 << RUNNING_BITS) - 1)) === 0)
      this.running.set(index >> RUNNING_BITS, new Map([...this.open].map(([who, open]) => [who, open.slice(-MOST_RUNNING)])));
    if (kind === 'exception' || kind === 'psci') this.traps++;
    this.reached[to] ??= n;
    if (cpu > 0) this.hasSeveralCpus = true;
    if (kind === 'psci') {
      records.setWord(word.tags, tagsOf(3, from, to, 'PSCI', cpu));
      records.setWord(word.owner, event.vmid);
      records.setWide(wide.far, event.function);
      records.setWide(wide.pc, event.result);
      return;
    }
    records.setWord(word.owner, event.vmid | (this.knownRules.of(event.rule) << 16));
    records.setWord(word.spsr, event.spsr);
    records.setWide(wide.pc, event.pc);
    if (kind !== 'exception') {
      records.setWord(word.tags, tagsOf(kinds.indexOf(kind), from, to, 'ERET', cpu));
      if (kind === 'return') {
        this.returns[(from << 2) | to] ??= n;
        if (from === 2 && to < 2) this.entered[event.vmid] ??= n;
        this.close(from, to, index);
      }
      return;
    }
    this.exceptions++;
    records.setWide(wide.elr, event.elr);
    if (event.esr !== null) records.setWord(word.esr, event.esr);
    const has =
      (event.esr === null ? 0 : HAS_ESR) |
      this.keep(wide.far, event.far, HAS_FAR) |
      this.keep(wide.far, event.x0, HAS_X0) |
      this.keep(wide.hpfar, event.hpfar, HAS_HPFAR) |
      this.keepDetail(event);
    records.setWord(word.tags, tagsOf(0, from, to, event.type, cpu) | has);
    this.openOf(to, index).push(index);
  }
  /** An optional value; returns the tag that says that it is there. */
  private keep(field: typeof wide.far | typeof wide.hpfar, value: bigint | null, tag: number): number {
    if (value === null) return 0;
    this.records.setWide(field, value);
    return tag;
  }
  private keepDetail({ intid, listRegister, reason }: ExceptionEvent): number {
    if (reason) {
      this.records.setWord(word.detail, this.knownRules.of(reason));
      return HAS_REASON;
    }
    if (intid === null) return 0;
    this.records.setWord(word.detail, intid | (listRegister === null ? 0 : (listRegister + 1) << LIST_REGISTER_SHIFT));
    return HAS_INTID;
  }

  /** A separate log of what the steps before instant `at` did, as it was then. */
  before(at: number): TrapLog {
    const log = new TrapLog();
    log.knownRules = this.knownRules;
    log.hasSeveralCpus = this.hasSeveralCpus;
    log.keptFrom = Math.min(at, this.keptFrom);
    const past = (n: number | undefined): number | undefined => (n !== undefined && n < at ? n : undefined);
    this.reached.forEach((n, level) => (log.reached[level] = past(n)));
    this.returns.forEach((n, levels) => (log.returns[levels] = past(n)));
    this.entered.forEach((n, vmid) => (log.entered[vmid] = past(n)));
    const length = this.firstAt(at);
    log.traps = this.trapsBefore(length);
    if (length === this.first) return log;
    log.counted = this.counted.firstOnes(((length - 1) >> COUNTED_BITS) + 1);
    log.exceptions = this.exceptions;
    for (const [place, open] of this.running) if (place << RUNNING_BITS < length) log.running.set(place, open);
    for (let index = length; index < this.length; index++) if (this.kind(index) === 'exception') log.exceptions--;
    log.records = this.records.firstOnes(length);
    for (let index = log.first; index < length; index++) {
      const end = this.returnOf(index);
      if (this.kind(index) !== 'exception' || (end !== undefined && end < length)) continue;
      log.records.setEnd(index, 0);
      log.openOf(this.levelAfter(index), index).push(index);
    }
    return log;
  }

  /** Those of a level, by an event of the same CPU and VM. */
  private openOf(level: ExceptionLevel, index: number): number[] {
    const who = (this.cpu(index) << 17) | (level === 2 ? 1 << 16 : this.vmidAfter(index));
    let open = this.open.get(who);
    if (!open) this.open.set(who, (open = []));
    return open;
  }

  /**
   * A return ends the innermost handler of its level. One that leaves the level ends all of them: whatever a handler was interrupted by
   * or went through, nothing of it is left to come back to.
   */
  private close(from: ExceptionLevel, to: ExceptionLevel, index: number): void {
    const open = this.openOf(from, index);
    const left = to < from ? 0 : Math.max(open.length - 1, 0);
    while (open.length > left) {
      const exception = open.pop()!;
      this.records.setEnd(exception, index - exception);
      this.records.setEnd(index, index - exception);
    }
  }

  /** The step that did it. */
  step(index: number): number {
    return this.records.step(index);
  }
  kind(index: number): TrapKind {
    return kinds[this.tags(index) & 3];
  }
  type(index: number): TrapType {
    return types[(this.tags(index) >>> TYPE_SHIFT) & 0xff];
  }
  /** Which CPU it was. */
  cpu(index: number): number {
    return this.tags(index) >>> CPU_SHIFT;
  }
  levelBefore(index: number): ExceptionLevel {
    return ((this.tags(index) >>> 2) & 3) as ExceptionLevel;
  }
  levelAfter(index: number): ExceptionLevel {
    return ((this.tags(index) >>> 4) & 3) as ExceptionLevel;
  }
  /** VTTBR_EL2.VMID at the event. */
  vmidAfter(index: number): number {
    return this.records.word(index, word.owner) & 0xffff;
  }
  /** The exception class; undefined where no syndrome was written. */
  exceptionClass(index: number): number | undefined {
    return this.tags(index) & HAS_ESR ? exceptionClass(this.records.word(index, word.esr)) : undefined;
  }
  /** FAR_ELx as the exception wrote it. */
  faultAddress(index: number): VA | undefined {
    return this.tags(index) & HAS_FAR ? VA(this.records.wide(index, wide.far)) : undefined;
  }
  /** The IPA of a stage-2 fault. */
  faultIpa(index: number): IPA | undefined {
    const { records } = this;
    if (!(this.tags(index) & HAS_HPFAR)) return undefined;
    return refusedIpa(records.word(index, word.esr), records.wide(index, wide.hpfar), VA(records.wide(index, wide.far)));
  }

  /** Index of the first event that is kept and was done by step `n` or a later one. */
  firstAt(n: number): number {
    return this.records.lowerBound(n);
  }
  /** The event that step `n` did; the last where it did several. */
  indexOfStep(n: number): number | undefined {
    const index = this.records.lowerBound(n + 1) - 1;
    return index >= this.first && this.step(index) === n ? index : undefined;
  }
  /** The step of the first event that led to a level. */
  firstReached(level: ExceptionLevel): number | undefined {
    return this.reached[level];
  }
  /** The step of the first return from one level to another. */
  firstReturn(from: ExceptionLevel, to: ExceptionLevel): number | undefined {
    return this.returns[(from << 2) | to];
  }
  /** The instants at which EL1 or EL0 first ran with a VMID, one for each, rising; a system without stage 2 has one too. */
  get firstRuns(): number[] {
    return this.entered.flatMap((n) => (n === undefined ? [] : [n + 1])).sort((a, b) => a - b);
  }
  /**
   * The exception whose handler runs at a level before event `end`: the last one to it that had not been returned from by then. `vmid`: of
   * the VM whose EL1 that is.
   */
  handledBefore(end: number, level: ExceptionLevel, vmid: number): number | undefined {
    const place = (end - 1) >> RUNNING_BITS;
    const near = this.lastHandled(end - 1, Math.max(this.first, place << RUNNING_BITS), end, level, vmid);
    if (near !== undefined) return near;
    const known = this.running.get(place)?.get(level === 2 ? -1 : vmid) ?? [];
    const found = known.findLast((index) => index >= this.first && this.isOpen(index, end));
    if (found !== undefined || known.length < MOST_RUNNING) return found;
    return this.lastHandled(known[0] - 1, Math.max(this.first, end - MOST_EVENTS), end, level, vmid);
  }
  private lastHandled(from: number, to: number, end: number, level: ExceptionLevel, vmid: number): number | undefined {
    for (let index = from; index >= to; index--) {
      if (level < 2 && this.vmidAfter(index) !== vmid) continue;
      // What happened in a handler that has returned is over.
      if (this.levelBefore(index) === level) index = this.endedBy(index) ?? index;
      if (this.kind(index) === 'exception' && this.levelAfter(index) === level && this.isOpen(index, end)) return index;
    }
    return undefined;
  }
  private isOpen(index: number, end: number): boolean {
    return (this.returnOf(index) ?? Infinity) >= end;
  }
  /** Whether an event before instant `at` led to a level. */
  hasReached(level: ExceptionLevel, at: number): boolean {
    return (this.reached[level] ?? Infinity) < at;
  }

  get(index: number): CpuEvent {
    const { records } = this;
    const n = this.step(index);
    const kind = this.kind(index);
    const from = this.levelBefore(index);
    const esr = records.word(index, word.esr);
    const pc = records.wide(index, wide.pc);
    const vmid = this.vmidAfter(index);
    const cpu = this.cpu(index);
    if (kind === 'psci') return { kind, cpu, n, from, vmid, function: records.wide(index, wide.far), result: pc };
    const spsr = records.word(index, word.spsr);
    const shared = {
      cpu,
      n,
      from,
      to: this.levelAfter(index),
      spsr,
      pc: VA(pc),
      vmid,
      rule: this.rule(index)!,
      steps: undefined,
    };
    if (kind !== 'exception') return { kind, ...shared };
    const tags = this.tags(index);
    const detail = records.word(index, word.detail);
    const isVirtual = tags & HAS_INTID && detail >>> LIST_REGISTER_SHIFT;
    return {
      kind,
      type: this.type(index) as ExceptionType,
      ...shared,
      esr: tags & HAS_ESR ? esr : null,
      far: tags & HAS_FAR ? VA(records.wide(index, wide.far)) : null,
      hpfar: tags & HAS_HPFAR ? records.wide(index, wide.hpfar) : null,
      elr: VA(records.wide(index, wide.elr)),
      x0: tags & HAS_X0 ? records.wide(index, wide.far) : null,
      intid: tags & HAS_INTID ? detail & 0xff_ffff : null,
      listRegister: isVirtual ? (detail >>> LIST_REGISTER_SHIFT) - 1 : null,
      reason: tags & HAS_REASON ? this.knownRules.get(detail) : null,
    };
  }

  /** The event as a line of a trap file. */
  line(index: number): TrapLine {
    return trapLine(this.get(index), this.hasSeveralCpus);
  }

  /** Index of the return that ends the handler of exception `index`. Undefined where there is none (yet). */
  returnOf(index: number): number | undefined {
    return this.kind(index) === 'exception' ? this.otherEnd(index, 1) : undefined;
  }
  /** The exception whose handler ends with return `index`: the outermost one if it leaves several, undefined if it ends none that is kept. */
  endedBy(index: number): number | undefined {
    return this.kind(index) === 'return' ? this.otherEnd(index, -1) : undefined;
  }
  /** Which trap of the run it is, from 1 on; of a return the trap whose handler it ends. Undefined for one that ends none that is kept. */
  number(index: number): number | undefined {
    const begin = this.isTrap(index) ? index : this.endedBy(index);
    return begin === undefined ? undefined : this.trapsBefore(begin) + 1;
  }
  /** The number of the first trap that is kept, or that will come. */
  get firstNumber(): number {
    return this.trapsBefore(this.first) + 1;
  }
  private isTrap(index: number): boolean {
    const kind = this.kind(index);
    return kind === 'exception' || kind === 'psci';
  }
  /** Traps among the events before `index`, forgotten ones included. */
  private trapsBefore(index: number): number {
    if (index >= this.length) return this.traps;
    let count = this.counted.get(index >> COUNTED_BITS);
    for (let i = (index >> COUNTED_BITS) << COUNTED_BITS; i < index; i++) if (this.isTrap(i)) count++;
    return count;
  }
  private otherEnd(index: number, direction: 1 | -1): number | undefined {
    const distance = this.records.word(index, word.end);
    const end = index + direction * distance;
    return distance === 0 || end < this.first ? undefined : end;
  }

  /** A text that is the same for events that differ only in when they happened and in which VM. */
  likeness(index: number): string {
    const { records } = this;
    const words = eventWords.map((field) => records.word(index, field));
    const wides = eventWides.map((field) => records.wide(index, field).toString(16));
    return `${words.join()} ${records.word(index, word.owner) >>> 16} ${wides.join()}`;
  }

  /** Whether two events, of this log or one of another, differ only in when they happened. */
  isAlike(index: number, other: number, log: TrapLog = this): boolean {
    return (
      this.vmidAfter(index) === log.vmidAfter(other) &&
      this.rule(index) === log.rule(other) &&
      eventWords.every((field) => this.records.word(index, field) === log.records.word(other, field)) &&
      eventWides.every((field) => this.records.wide(index, field) === log.records.wide(other, field))
    );
  }

  /** Whether event `index` is in every way the same as event `index` of another log. */
  isSame(index: number, log: TrapLog): boolean {
    return this.step(index) === log.step(index) && this.isAlike(index, index, log);
  }

  private tags(index: number): number {
    return this.records.word(index, word.tags);
  }
  /** Undefined for a PSCI call. */
  private rule(index: number): Rule | undefined {
    return this.kind(index) === 'psci' ? undefined : this.knownRules.get(this.records.word(index, word.owner) >>> 16);
  }
}

/** What an event says beside its step, VM and rule. */
const eventWords = [word.tags, word.esr, word.spsr, word.detail] as const;
const eventWides = [wide.pc, wide.elr, wide.far, wide.hpfar] as const;

const tagsOf = (kind: number, from: ExceptionLevel, to: ExceptionLevel, type: TrapType, cpu: number): number =>
  kind | (from << 2) | (to << 4) | (typeNumbers.get(type)! << TYPE_SHIFT) | (cpu << CPU_SHIFT);

/** Values that come again and again, by small numbers. */
class Numbered<T> {
  private readonly numbers = new Map<T, number>();
  private readonly values: T[] = [];
  of(value: T): number {
    const known = this.numbers.get(value);
    if (known !== undefined) return known;
    this.numbers.set(value, this.values.length);
    return this.values.push(value) - 1;
  }
  get(number: number): T {
    return this.values[number];
  }
}
