/**
 * Every exception, exception return and PSCI call of the run, in order, in columns: some 60 bytes each, where objects take several
 * hundred. `get` gives one back as the event it was (without sub-steps, which are made again by running its step again).
 */
import { exceptionClass, type CpuEvent, type ExceptionType, type Rule } from '../cpu/events.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import { Column } from './columns.ts';

export type TrapKind = CpuEvent['kind'];
const kinds = ['exception', 'return', 'illegal-return', 'psci'] as const satisfies readonly TrapKind[];
/** For what is no exception, its kind. */
export type TrapType = ExceptionType | 'ERET' | 'PSCI';

/** Which of the optional values an event has. */
const HAS_ESR = 1;
const HAS_FAR = 2;
const HAS_HPFAR = 4;
/** A call writes no FAR: its X0 is kept in that column. */
const HAS_X0 = 8;

export class TrapLog {
  private readonly steps = new Column(Float64Array);
  private readonly kinds = new Column(Uint8Array);
  private readonly types = new Column(Uint8Array);
  /** Bits 1..0 from, 3..2 to. */
  private readonly levels = new Column(Uint8Array);
  private readonly vmids = new Column(Uint8Array);
  private readonly has = new Column(Uint8Array);
  private readonly esr = new Column(Uint32Array);
  private readonly spsr = new Column(Uint32Array);
  private readonly pc = new WideColumn();
  private readonly elr = new WideColumn();
  private readonly far = new WideColumn();
  private readonly hpfar = new WideColumn();
  private readonly rule = new Column(Uint16Array);
  /** Of an exception, the index of its return plus one; 0 while there is none. */
  private readonly ends = new Column(Uint32Array);
  private readonly knownTypes = new Numbered<TrapType>();
  /** Rules are shared constants of the CPU: few, and the same objects. */
  private readonly knownRules = new Numbered<Rule | undefined>();
  /** Exceptions whose handlers run, innermost last, by who handles them: EL2, or the EL1 of each VM. */
  private readonly open = new Map<number, number[]>();
  /** The levels that an event has led to. */
  private readonly reached: (number | undefined)[] = [];

  get length(): number {
    return this.steps.length;
  }

  push(event: CpuEvent): void {
    const { n, kind, from } = event;
    const index = this.length;
    const exception = kind === 'exception' ? event : undefined;
    const to = kind === 'psci' ? from : event.to;
    this.steps.push(n);
    this.kinds.push(kinds.indexOf(kind));
    this.types.push(this.knownTypes.of(exception ? exception.type : kind === 'psci' ? 'PSCI' : 'ERET'));
    this.levels.push(from | (to << 2));
    // A PSCI call says nothing of it: that of the event before.
    this.vmids.push(kind === 'psci' ? (index === 0 ? 0 : this.vmids.get(index - 1)) : event.vmid);
    this.rule.push(this.knownRules.of(kind === 'psci' ? undefined : event.rule));
    this.esr.push(exception?.esr ?? (kind === 'psci' ? event.function : 0));
    this.spsr.push(kind === 'psci' ? 0 : event.spsr);
    this.pc.push(kind === 'psci' ? event.result : event.pc);
    this.elr.push(exception?.elr ?? 0n);
    this.far.push(exception?.far ?? exception?.x0 ?? 0n);
    this.hpfar.push(exception?.hpfar ?? 0n);
    this.has.push(
      (exception && exception.esr !== null ? HAS_ESR : 0) |
        (exception && exception.far !== null ? HAS_FAR : 0) |
        (exception && exception.hpfar !== null ? HAS_HPFAR : 0) |
        (exception && exception.x0 !== null ? HAS_X0 : 0),
    );
    this.ends.push(0);
    this.reached[to] ??= n;
    if (exception) this.openOf(to).push(index);
    else if (kind === 'return') this.close(from, to, index);
  }

  private openOf(level: ExceptionLevel): number[] {
    const who = level === 2 ? -1 : this.vmids.get(this.length - 1);
    let open = this.open.get(who);
    if (!open) this.open.set(who, (open = []));
    return open;
  }

  /**
   * A return ends the innermost handler of its level. One that leaves the level ends all of them: whatever a handler was interrupted by
   * or went through, nothing of it is left to come back to.
   */
  private close(from: ExceptionLevel, to: ExceptionLevel, index: number): void {
    const open = this.openOf(from);
    const ended = to < from ? open.splice(0) : open.splice(-1);
    for (const exception of ended) this.ends.set(exception, index + 1);
  }

  /** The step that did it. */
  step(index: number): number {
    return this.steps.get(index);
  }
  kind(index: number): TrapKind {
    return kinds[this.kinds.get(index)];
  }
  type(index: number): TrapType {
    return this.knownTypes.get(this.types.get(index));
  }
  levelBefore(index: number): ExceptionLevel {
    return (this.levels.get(index) & 3) as ExceptionLevel;
  }
  levelAfter(index: number): ExceptionLevel {
    return (this.levels.get(index) >> 2) as ExceptionLevel;
  }
  /** VTTBR_EL2.VMID at the event. */
  vmidAfter(index: number): number {
    return this.vmids.get(index);
  }
  /** The exception class; undefined where no syndrome was written. */
  exceptionClass(index: number): number | undefined {
    return this.has.get(index) & HAS_ESR ? exceptionClass(this.esr.get(index)) : undefined;
  }
  /** FAR_ELx as the exception wrote it. */
  faultAddress(index: number): bigint | undefined {
    return this.has.get(index) & HAS_FAR ? this.far.get(index) : undefined;
  }
  /** The IPA of a stage-2 fault: HPFAR_EL2 gives the page, FAR_EL2 the offset in it. */
  faultIpa(index: number): bigint | undefined {
    return this.has.get(index) & HAS_HPFAR ? ((this.hpfar.get(index) >> 4n) << 12n) | (this.far.get(index) & 0xfffn) : undefined;
  }

  /** Index of the first event done by step `n` or a later one. */
  firstAt(n: number): number {
    return this.steps.lowerBound(n);
  }
  /** The event that step `n` did; the last where it did several. */
  indexOfStep(n: number): number | undefined {
    const index = this.steps.lowerBound(n + 1) - 1;
    return index >= 0 && this.step(index) === n ? index : undefined;
  }
  /** Whether an event before instant `at` led to a level. */
  hasReached(level: ExceptionLevel, at: number): boolean {
    return (this.reached[level] ?? Infinity) < at;
  }

  get(index: number): CpuEvent {
    const n = this.step(index);
    const kind = this.kind(index);
    const from = this.levelBefore(index);
    if (kind === 'psci') return { kind, n, from, function: this.esr.get(index), result: this.pc.get(index) };
    const to = this.levelAfter(index);
    const common = { n, from, to, spsr: this.spsr.get(index), pc: this.pc.get(index), vmid: this.vmids.get(index) };
    const shared = { ...common, rule: this.knownRules.get(this.rule.get(index))!, steps: undefined };
    if (kind !== 'exception') return { kind, ...shared };
    const has = this.has.get(index);
    return {
      kind,
      type: this.type(index) as ExceptionType,
      ...shared,
      esr: has & HAS_ESR ? this.esr.get(index) : null,
      far: has & HAS_FAR ? this.far.get(index) : null,
      hpfar: has & HAS_HPFAR ? this.hpfar.get(index) : null,
      elr: this.elr.get(index),
      x0: has & HAS_X0 ? this.far.get(index) : null,
    };
  }

  /** Index of the return that ends the handler of exception `index`. Undefined where there is none (yet). */
  returnOf(index: number): number | undefined {
    const end = this.ends.get(index);
    return end === 0 ? undefined : end - 1;
  }

  /** The exception whose handler return `index` ends: the outermost where it leaves several. Undefined where it ends none. */
  endedBy(index: number): number | undefined {
    let ended: number | undefined;
    for (let i = index - 1; i >= 0; i--) {
      if (this.ends.get(i) === index + 1) ended = i;
    }
    return ended;
  }

  /** A text that is the same for events that differ in nothing but when they happened, and in which VM. */
  likeness(index: number): string {
    const { kinds, types, esr, spsr, pc, elr, far, hpfar, rule } = this;
    const parts = [kinds, types, rule, esr, spsr].map((column) => column.get(index));
    return `${parts.join()} ${pc.text(index)} ${elr.text(index)} ${far.text(index)} ${hpfar.text(index)}`;
  }

  /** Whether event `index` is in every way the same as event `index` of another log: a sound shortcut for comparing their lines. */
  isSame(index: number, other: TrapLog): boolean {
    return (
      this.steps.get(index) === other.steps.get(index) &&
      this.kinds.get(index) === other.kinds.get(index) &&
      this.levels.get(index) === other.levels.get(index) &&
      this.vmids.get(index) === other.vmids.get(index) &&
      this.has.get(index) === other.has.get(index) &&
      this.esr.get(index) === other.esr.get(index) &&
      this.spsr.get(index) === other.spsr.get(index) &&
      this.pc.isSame(index, other.pc) &&
      this.elr.isSame(index, other.elr) &&
      this.far.isSame(index, other.far) &&
      this.hpfar.isSame(index, other.hpfar) &&
      this.type(index) === other.type(index) &&
      this.knownRules.get(this.rule.get(index)) === other.knownRules.get(other.rule.get(index))
    );
  }
}

/** 64-bit values: stored as they come, since taking a bigint apart costs more than all the rest. */
class WideColumn {
  private store = new BigUint64Array(1024);
  private length = 0;
  push(value: bigint): void {
    if (this.length === this.store.length) {
      const larger = new BigUint64Array(this.length * 2);
      larger.set(this.store);
      this.store = larger;
    }
    this.store[this.length++] = value;
  }
  get(index: number): bigint {
    return this.store[index];
  }
  text(index: number): string {
    return this.store[index].toString(16);
  }
  isSame(index: number, other: WideColumn): boolean {
    return this.store[index] === other.store[index];
  }
}

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
