/**
 * What a run stops at, beside its end: an address, a change of level, an exception, an access to memory, a write to a register. Conditions
 * of addresses stop in front of the instruction, all others after the step that fulfils them. Each may demand more: that an expression
 * holds then, or that it is fulfilled for a certain time. Times are counted from the start of the run, so that an instant has the same
 * number whichever way it is come to.
 */
import { IPA, type PA, type VA } from '../base/addresses.ts';
import { exceptionClass, instructionSpecificSyndrome, isOfWrite, isOnTableWalk, refusedIpa, type ExceptionEvent } from '../cpu/events.ts';
import type { CpuEvent, ExceptionLevel, ExceptionType } from '../cpu/index.ts';
import { ISS_DATA, valueIn } from '../cpu/registers/bits.ts';
import type { Machine, RunLimit, RunStop } from '../machine/machine.ts';
import { reachIntermediate } from '../mmu/index.ts';
import { nothingWatched, type PendedInterrupt, type Watched, type WatchedRange, type WatchReport } from '../machine/watches.ts';
import { lowerBound } from './columns.ts';

export type Condition =
  | { readonly kind: 'address'; readonly va: VA }
  /** To `to`, or to any level. */
  | { readonly kind: 'level-change'; readonly to?: ExceptionLevel | undefined }
  /** Of one of these types, and with this class in ESR_ELx; without either any exception. */
  | { readonly kind: 'exception'; readonly types?: readonly ExceptionType[] | undefined; readonly ec?: number | undefined }
  /** A name that `watchableRegister` gives. */
  | { readonly kind: 'register-write'; readonly register: string }
  | { readonly kind: 'memory'; readonly ranges: readonly WatchedRange[] }
  /** Stage 2 refuses an access or a fetch. */
  | { readonly kind: 'stage2-fault' }
  /** A load or store of EL1 or EL0 to these IPAs, whether stage 2 lets it through or refuses it. */
  | { readonly kind: 'guest-access'; readonly ipa: IPA; readonly bytes: number; readonly access: 'r' | 'w' | 'rw' }
  /** An IRQ or FIQ, physical or virtual, for which the GIC signals this INTID. */
  | { readonly kind: 'intid'; readonly intid: number }
  /** The GIC makes this INTID pending: the distributor, or a hypervisor in a list register. */
  | { readonly kind: 'pended'; readonly intid: number };

/** What else it takes for a fulfilled condition to stop the run. */
export interface Demand {
  /** Asked at the instant at which the run would stop. */
  readonly holds?: (() => boolean) | undefined;
  /** Only for the time of this number, or every so many times. */
  readonly nth?: number | undefined;
  readonly every?: number | undefined;
}

/** What fulfilled a condition: arrival at an address, an event, or what the machine's watches reported. */
export type Cause =
  | { readonly kind: 'address'; readonly va: VA }
  | { readonly kind: 'event'; readonly event: CpuEvent }
  | WatchReport
  | PendedInterrupt;

export interface Hit {
  /** The number under which the condition was set. */
  readonly id: number;
  readonly cause: Cause;
}

export class Breakpoints {
  /** Why the last `run` stopped: what the step before the machine's instant fulfilled. Empty where it stopped for something else. */
  hits: readonly Hit[] = [];
  /** What the conditions are about of what the machine can watch. */
  watched: Watched = nothingWatched;
  private readonly conditions = new Map<number, Condition>();
  private readonly demands = new Map<number, Demand>();
  private readonly counts = new Map<number, Count>();
  /** Where the IPAs of `guest-access` lie at the moment. */
  private guestRanges: readonly WatchedRange[] = [];
  private addresses: ReadonlySet<VA> = new Set();
  private listening = false;
  private sawEvent = false;
  /** An IPA that is watched leads elsewhere now. */
  private isRemapped = false;

  constructor(private readonly machine: Machine) {
    machine.onEvent.on((event) => this.happened(event));
    machine.watches.onReport.on((report) => this.reported(report));
    machine.watches.onPended.on((pended) => {
      if (this.listening) this.hit('pended', (one) => one.intid === pended.intid, pended);
    });
  }

  /** Sets the condition of a number, or takes it away. */
  set(id: number, condition: Condition | undefined, demand: Demand = {}): void {
    if (condition) this.conditions.set(id, condition);
    else this.conditions.delete(id);
    this.demands.set(id, demand);
    this.counts.delete(id);
    if (condition && (demand.nth !== undefined || demand.every !== undefined)) this.counts.set(id, new Count());
    this.addresses = new Set(this.all('address').map(({ va }) => va));
    this.guestRanges = this.findGuestRanges();
    this.watch();
  }

  /** The instant up to which it is known how often each condition that is counted was fulfilled. */
  get countedTo(): number {
    return Math.min(Infinity, ...[...this.counts.values()].map(({ knownTo }) => knownTo));
  }
  /** What comes after an instant will be another run. */
  forgetAfter(at: number): void {
    for (const count of this.counts.values()) count.forgetAfter(at);
  }

  /** `Machine.run`, up to where a condition is fulfilled: then it answers "breakpoint", and `hits` says which. */
  run({ breakpoints, ...limit }: Omit<RunLimit, 'watched'>): RunStop {
    const { machine } = this;
    const goal = machine.steps + limit.steps;
    for (;;) {
      const from = machine.steps;
      this.updateGuestRanges();
      this.sawEvent = false;
      const stop = this.runOnce(breakpoints, { ...limit, steps: goal - from });
      const isOurs = this.hits.length > 0 || this.isRemapped;
      this.hits = this.wanted(this.hits);
      for (const count of this.counts.values()) count.lookedAt(from, machine.steps);
      if (this.hits.length > 0) return 'breakpoint';
      const isAsked = (stop === 'breakpoint' && breakpoints.has(machine.cpu.pc)) || (stop === 'event' && limit.untilEvent && this.sawEvent);
      if (!isOurs || isAsked || (stop !== 'event' && stop !== 'breakpoint')) return stop;
      if (machine.steps >= goal) return 'budget';
    }
  }

  private runOnce(breakpoints: ReadonlySet<VA>, limit: Omit<RunLimit, 'watched' | 'breakpoints'>): RunStop {
    const { machine, addresses, watched } = this;
    const start = machine.steps;
    this.hits = [];
    this.isRemapped = false;
    this.listening = true;
    try {
      const all = breakpoints.size === 0 ? addresses : new Set([...addresses, ...breakpoints]);
      const stop = machine.run({ ...limit, breakpoints: all, watched });
      const { pc } = machine.cpu;
      if (machine.steps > start && addresses.has(pc)) this.hit('address', (one) => one.va === pc, { kind: 'address', va: pc });
      return stop;
    } finally {
      this.listening = false;
    }
  }

  /** Those of the fulfilled conditions that have all that they demand. */
  private wanted(hits: readonly Hit[]): readonly Hit[] {
    const isWanted = new Map(
      [...new Set(hits.map(({ id }) => id))].map((id) => {
        const { holds, nth, every } = this.demands.get(id) ?? {};
        if (holds && !holds()) return [id, false] as const;
        const number = this.counts.get(id)?.numberOf(this.machine.steps);
        return [id, number === undefined || number === nth || (every !== undefined && number % every === 0)] as const;
      }),
    );
    return hits.filter(({ id }) => isWanted.get(id));
  }

  private all<K extends Condition['kind']>(kind: K): Extract<Condition, { kind: K }>[] {
    return [...this.conditions.values()].filter((one): one is Extract<Condition, { kind: K }> => one.kind === kind);
  }

  private watch(): void {
    this.watched = {
      memory: [...this.all('memory').flatMap(({ ranges }) => ranges), ...this.guestRanges],
      registers: [...new Set(this.all('register-write').map(({ register }) => register))],
      pended: [...new Set(this.all('pended').map(({ intid }) => intid))],
    };
  }

  /** Only EL2 changes what an IPA leads to: it is looked at again when EL2 returns to a guest. */
  private updateGuestRanges(): void {
    if (this.all('guest-access').length === 0) return;
    const now = this.findGuestRanges();
    if (isSame(now, this.guestRanges)) return;
    this.guestRanges = now;
    this.watch();
  }
  private findGuestRanges(): readonly WatchedRange[] {
    return this.all('guest-access').flatMap(({ ipa, bytes, access }) => {
      const ranges: WatchedRange[] = [];
      for (let from: number = ipa; from < ipa + bytes; from = from - (from % 4096) + 4096) {
        const reached = reachIntermediate(this.machine.mmu, IPA(from));
        const to = Math.min(ipa + bytes, from - (from % 4096) + 4096);
        if (reached.ok) ranges.push({ pa: reached.pa, bytes: to - from, access });
      }
      return ranges;
    });
  }

  /** Whether what comes in from outside in `act`, between two steps, fulfils a condition; nobody asks unless `isAsked`. */
  isMet(isAsked: boolean, act: () => void): boolean {
    const known = this.hits;
    this.hits = [];
    this.listening = isAsked;
    try {
      act();
    } finally {
      this.listening = false;
    }
    const found = this.wanted(this.hits);
    this.hits = [...known, ...found];
    return found.length > 0;
  }

  private happened(event: CpuEvent): void {
    if (!this.listening || event.kind === 'psci') return;
    this.sawEvent = true;
    const { from, to } = event;
    if (from === 2 && to < 2 && this.all('guest-access').length > 0 && !isSame(this.findGuestRanges(), this.guestRanges)) {
      this.isRemapped = true;
      this.machine.pause();
    }
    if (from !== to) this.hit('level-change', (one) => one.to === undefined || one.to === to, { kind: 'event', event });
    if (event.kind !== 'exception') return;
    const { type, esr } = event;
    const isMeant = (one: Condition & { kind: 'exception' }): boolean =>
      (!one.types || one.types.includes(type)) && (one.ec === undefined || (esr !== null && exceptionClass(esr) === one.ec));
    this.hit('exception', isMeant, { kind: 'event', event });
    if (event.intid !== null) this.hit('intid', (one) => one.intid === event.intid, { kind: 'event', event });
    const refused = stage2Refusal(event);
    if (!refused) return;
    this.hit('stage2-fault', () => true, { kind: 'event', event });
    const { ipa, bytes, access } = refused;
    const touches = (one: Condition & { kind: 'guest-access' }): boolean =>
      access !== undefined && one.access.includes(access) && ipa < one.ipa + one.bytes && one.ipa < ipa + bytes;
    this.hit('guest-access', touches, { kind: 'event', event });
  }

  private reported(report: WatchReport): void {
    if (!this.listening) return;
    if (report.kind === 'register') this.hit('register-write', (one) => one.register === report.register, report);
    else {
      const { pa, access, after } = report;
      const touches = (range: WatchedRange): boolean =>
        range.pa < pa + after.length && pa < range.pa + range.bytes && range.access.includes(access);
      this.hit('memory', (one) => one.ranges.some(touches), report);
      if (report.el < 2 && report.device === undefined)
        this.hit('guest-access', (one) => one.access.includes(access) && this.reaches(one, pa, after.length), report);
    }
  }

  /** Whether IPAs of a condition lead to bytes of memory now. */
  private reaches({ ipa, bytes }: Condition & { kind: 'guest-access' }, pa: PA, length: number): boolean {
    for (let from: number = ipa; from < ipa + bytes; from = from - (from % 4096) + 4096) {
      const reached = reachIntermediate(this.machine.mmu, IPA(from));
      const to = Math.min(ipa + bytes, from - (from % 4096) + 4096);
      if (reached.ok && reached.pa < pa + length && pa < reached.pa + to - from) return true;
    }
    return false;
  }

  /** Notes what of a kind is fulfilled, and ends the run after the step. */
  private hit<K extends Condition['kind']>(
    kind: K,
    isFulfilled: (condition: Extract<Condition, { kind: K }>) => boolean,
    cause: Cause,
  ): void {
    const met = [...this.conditions].filter(([, one]) => one.kind === kind && isFulfilled(one as Extract<Condition, { kind: K }>));
    if (met.length === 0) return;
    this.hits = [...this.hits, ...met.map(([id]) => ({ id, cause }))];
    this.machine.pause();
  }
}

const isSame = (a: readonly WatchedRange[], b: readonly WatchedRange[]): boolean =>
  a.length === b.length && a.every(({ pa, bytes, access }, i) => pa === b[i].pa && bytes === b[i].bytes && access === b[i].access);

/** The IPA that stage 2 refused, and the access; without one for a fetch, a walk of stage 1 and maintenance of caches. */
function stage2Refusal(
  event: ExceptionEvent,
): { readonly ipa: IPA; readonly bytes: number; readonly access: 'r' | 'w' | undefined } | undefined {
  const { type, to, esr, hpfar, far } = event;
  if (to !== 2 || esr === null || hpfar === null || far === null || (type !== 'DataAbort' && type !== 'InstructionAbort')) return undefined;
  const iss = instructionSpecificSyndrome(esr);
  const isAccess = type === 'DataAbort' && !isOnTableWalk(iss) && (iss & ISS_DATA.CM) === 0;
  const bytes = iss & ISS_DATA.ISV ? 1 << valueIn(iss, ISS_DATA.SAS) : 1;
  return { ipa: refusedIpa(esr, hpfar, far), bytes, access: isAccess ? (isOfWrite(iss) ? 'w' : 'r') : undefined };
}

/** When a condition was fulfilled, with all else that it demands. */
class Count {
  /** The run has been looked through from its start to here. */
  knownTo = 0;
  /** Rising. */
  private readonly instants: number[] = [];

  /** The number of the time at an instant, from 1. */
  numberOf(at: number): number {
    const place = lowerBound(this.instants.length, at, (i) => this.instants[i]);
    if (this.instants[place] !== at) this.instants.splice(place, 0, at);
    return place + 1;
  }
  lookedAt(from: number, to: number): void {
    if (from <= this.knownTo) this.knownTo = Math.max(this.knownTo, to);
  }
  forgetAfter(at: number): void {
    this.knownTo = Math.min(this.knownTo, at);
    while (this.instants.length > 0 && this.instants.at(-1)! > at) this.instants.pop();
  }
}
