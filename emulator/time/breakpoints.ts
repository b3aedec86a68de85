/**
 * What a run stops at, beside its end: an address, a change of level, an exception, an access to memory, a write to a register. Conditions
 * of addresses stop in front of the instruction, all others after the step that fulfils them.
 */
import type { VA } from '../base/addresses.ts';
import { exceptionClass, type CpuEvent, type ExceptionLevel, type ExceptionType } from '../cpu/index.ts';
import type { Machine, RunLimit, RunStop } from '../machine/machine.ts';
import { nothingWatched, type Watched, type WatchedRange, type WatchReport } from '../machine/watches.ts';

export type Condition =
  | { readonly kind: 'address'; readonly va: VA }
  /** To `to`, or to any level. */
  | { readonly kind: 'level-change'; readonly to?: ExceptionLevel | undefined }
  /** Of one of these types, and with this class in ESR_ELx; without either any exception. */
  | { readonly kind: 'exception'; readonly types?: readonly ExceptionType[] | undefined; readonly ec?: number | undefined }
  /** A name that `watchableRegister` gives. */
  | { readonly kind: 'register-write'; readonly register: string }
  | { readonly kind: 'memory'; readonly ranges: readonly WatchedRange[] };

/** What fulfilled a condition: arrival at an address, an event, or what the machine's watches reported. */
export type Cause = { readonly kind: 'address'; readonly va: VA } | { readonly kind: 'event'; readonly event: CpuEvent } | WatchReport;

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
  private addresses: ReadonlySet<VA> = new Set();
  private listening = false;

  constructor(private readonly machine: Machine) {
    machine.onEvent.on((event) => this.happened(event));
    machine.watches.onReport.on((report) => this.reported(report));
  }

  /** Sets the condition of a number, or takes it away. */
  set(id: number, condition: Condition | undefined): void {
    if (condition) this.conditions.set(id, condition);
    else this.conditions.delete(id);
    const all = [...this.conditions.values()];
    this.addresses = new Set(all.flatMap((one) => (one.kind === 'address' ? [one.va] : [])));
    this.watched = {
      memory: all.flatMap((one) => (one.kind === 'memory' ? one.ranges : [])),
      registers: [...new Set(all.flatMap((one) => (one.kind === 'register-write' ? [one.register] : [])))],
    };
  }

  /** `Machine.run`, up to where a condition is fulfilled: then it answers "breakpoint", and `hits` says which. */
  run({ breakpoints, ...limit }: Omit<RunLimit, 'watched'>): RunStop {
    const { machine, addresses, watched } = this;
    const start = machine.steps;
    this.hits = [];
    this.listening = true;
    try {
      const all = breakpoints.size === 0 ? addresses : new Set([...addresses, ...breakpoints]);
      const stop = machine.run({ ...limit, breakpoints: all, watched });
      const { pc } = machine.cpu;
      if (machine.steps > start && addresses.has(pc)) this.hit('address', (one) => one.va === pc, { kind: 'address', va: pc });
      return this.hits.length > 0 ? 'breakpoint' : stop;
    } finally {
      this.listening = false;
    }
  }

  /** Whether what comes in from outside in `act`, between two steps, fulfils a condition; nobody asks unless `isAsked`. */
  isMet(isAsked: boolean, act: () => void): boolean {
    const known = this.hits.length;
    this.listening = isAsked;
    try {
      act();
    } finally {
      this.listening = false;
    }
    return isAsked && this.hits.length > known;
  }

  private happened(event: CpuEvent): void {
    if (!this.listening || event.kind === 'psci') return;
    const { from, to } = event;
    if (from !== to) this.hit('level-change', (one) => one.to === undefined || one.to === to, { kind: 'event', event });
    if (event.kind !== 'exception') return;
    const { type, esr } = event;
    const isMeant = (one: Condition & { kind: 'exception' }): boolean =>
      (!one.types || one.types.includes(type)) && (one.ec === undefined || (esr !== null && exceptionClass(esr) === one.ec));
    this.hit('exception', isMeant, { kind: 'event', event });
  }

  private reported(report: WatchReport): void {
    if (!this.listening) return;
    if (report.kind === 'register') this.hit('register-write', (one) => one.register === report.register, report);
    else {
      const { pa, access, after } = report;
      const touches = (range: WatchedRange): boolean =>
        range.pa < pa + after.length && pa < range.pa + range.bytes && range.access.includes(access);
      this.hit('memory', (one) => one.ranges.some(touches), report);
    }
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
