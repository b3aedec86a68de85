/**
 * Every exception, exception return and PSCI call of the run, in order, in columns: a million of them take some 80 MB, a third of what
 * objects would. `get` gives one back as the event it was (without sub-steps, which are made again by running its step again).
 */
import { hex } from '../base/hex.ts';
import {
  exceptionClass,
  instructionLength,
  instructionSpecificSyndrome,
  type CpuEvent,
  type ExceptionType,
  type Rule,
} from '../cpu/events.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import { Column } from './columns.ts';

/** One line of a trap file, as scripts read it. Values without a meaning for the event are null. */
export type TrapLine =
  | {
      readonly n: number;
      readonly kind: 'exception';
      readonly type: ExceptionType;
      readonly from: number;
      readonly to: number;
      readonly ec: number | null;
      readonly il: number | null;
      readonly iss: string | null;
      readonly esr: string | null;
      readonly far: string | null;
      readonly hpfar: string | null;
      readonly elr: string;
      readonly spsr: string;
      readonly pc: string;
      readonly vmid: number;
      readonly why: string;
    }
  | {
      readonly n: number;
      readonly kind: 'return' | 'illegal-return';
      readonly from: number;
      readonly to: number;
      readonly pc: string;
      readonly spsr: string;
    }
  | { readonly n: number; readonly kind: 'psci'; readonly from: number; readonly function: string; readonly result: string };

export type TrapKind = CpuEvent['kind'];
const kinds = ['exception', 'return', 'illegal-return', 'psci'] as const satisfies readonly TrapKind[];
const types: (ExceptionType | undefined)[] = [undefined];

/** Which of the optional values an event has. */
const HAS_ESR = 1;
const HAS_FAR = 2;
const HAS_HPFAR = 4;

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
  private readonly rules: (Rule | undefined)[] = [];

  get length(): number {
    return this.steps.length;
  }

  push(event: CpuEvent): void {
    const { n, kind, from } = event;
    this.steps.push(n);
    this.kinds.push(kinds.indexOf(kind));
    this.levels.push(from | ((kind === 'psci' ? from : event.to) << 2));
    this.vmids.push(kind === 'psci' ? 0 : event.vmid);
    this.rules.push(kind === 'psci' ? undefined : event.rule);
    const exception = kind === 'exception' ? event : undefined;
    this.types.push(exception ? typeIndex(exception.type) : 0);
    this.esr.push(exception?.esr ?? (kind === 'psci' ? event.function : 0));
    this.spsr.push(kind === 'psci' ? 0 : event.spsr);
    this.pc.push(kind === 'psci' ? event.result : event.pc);
    this.elr.push(exception?.elr ?? 0n);
    this.far.push(exception?.far ?? 0n);
    this.hpfar.push(exception?.hpfar ?? 0n);
    this.has.push(
      (exception && exception.esr !== null ? HAS_ESR : 0) |
        (exception && exception.far !== null ? HAS_FAR : 0) |
        (exception && exception.hpfar !== null ? HAS_HPFAR : 0),
    );
  }

  /** The step that did it. */
  step(index: number): number {
    return this.steps.get(index);
  }
  kind(index: number): TrapKind {
    return kinds[this.kinds.get(index)];
  }
  /** For what is no exception, its kind: "ERET", "PSCI". */
  type(index: number): ExceptionType | 'ERET' | 'PSCI' {
    return types[this.types.get(index)] ?? (this.kind(index) === 'psci' ? 'PSCI' : 'ERET');
  }
  levelBefore(index: number): ExceptionLevel {
    return (this.levels.get(index) & 3) as ExceptionLevel;
  }
  levelAfter(index: number): ExceptionLevel {
    return (this.levels.get(index) >> 2) as ExceptionLevel;
  }
  /** VTTBR_EL2.VMID at the event. A PSCI call says nothing of it: that of the event before. */
  vmidAfter(index: number): number {
    while (index > 0 && this.kind(index) === 'psci') index--;
    return this.vmids.get(index);
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

  get(index: number): CpuEvent {
    const n = this.step(index);
    const kind = this.kind(index);
    const from = this.levelBefore(index);
    if (kind === 'psci') return { kind, n, from, function: this.esr.get(index), result: this.pc.get(index) };
    const to = this.levelAfter(index);
    const common = { n, from, to, spsr: this.spsr.get(index), pc: this.pc.get(index), vmid: this.vmids.get(index) };
    const shared = { ...common, rule: this.rules[index]!, steps: undefined };
    if (kind !== 'exception') return { kind, ...shared };
    const has = this.has.get(index);
    return {
      kind,
      type: types[this.types.get(index)]!,
      ...shared,
      esr: has & HAS_ESR ? this.esr.get(index) : null,
      far: has & HAS_FAR ? this.far.get(index) : null,
      hpfar: has & HAS_HPFAR ? this.hpfar.get(index) : null,
      elr: this.elr.get(index),
    };
  }

  /** Index of the return that ends exception `index`: the next one to its level or below. Undefined where there is none (yet). */
  returnOf(index: number): number | undefined {
    const level = this.levelBefore(index);
    const handler = this.levelAfter(index);
    let depth = 0;
    for (let i = index + 1; i < this.length; i++) {
      const kind = this.kinds.get(i);
      if (kind === 0 && this.levelAfter(i) === handler && this.levelBefore(i) === handler) depth++;
      if (kind !== 1 || this.levelBefore(i) !== handler) continue;
      if (depth === 0) return this.levelAfter(i) <= level ? i : undefined;
      depth--;
    }
    return undefined;
  }
}

/** 64-bit values as two columns of halves. */
class WideColumn {
  private readonly low = new Column(Uint32Array);
  private readonly high = new Column(Uint32Array);
  push(value: bigint): void {
    this.low.push(Number(value & 0xffff_ffffn));
    this.high.push(Number(value >> 32n));
  }
  get(index: number): bigint {
    return (BigInt(this.high.get(index)) << 32n) | BigInt(this.low.get(index));
  }
}

function typeIndex(type: ExceptionType): number {
  const known = types.indexOf(type);
  return known >= 0 ? known : types.push(type) - 1;
}

/** An event as a line of a trap file. */
export function trapLine(event: CpuEvent): TrapLine {
  const { n, kind, from } = event;
  if (kind === 'psci') return { n, kind, from, function: hex(event.function), result: hex(event.result) };
  const { to, rule } = event;
  const pc = hex(event.pc);
  const spsr = hex(event.spsr);
  if (kind !== 'exception') return { n, kind, from, to, pc, spsr };
  const { type, esr, far, hpfar, elr, vmid } = event;
  return {
    n,
    kind,
    type,
    from,
    to,
    ec: esr === null ? null : exceptionClass(esr),
    il: esr === null ? null : instructionLength(esr),
    iss: esr === null ? null : hex(instructionSpecificSyndrome(esr)),
    esr: esr === null ? null : hex(esr),
    far: far === null ? null : hex(far),
    hpfar: hpfar === null ? null : hex(hpfar),
    elr: hex(elr),
    spsr,
    pc,
    vmid,
    why: rule.text,
  };
}
