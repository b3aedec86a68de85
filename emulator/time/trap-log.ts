/**
 * Every exception, exception return and PSCI call of the run, in order, in rows of 64 bytes: a million of them take some 70 MB, a third of
 * what objects would. `get` gives one back as the event it was (without sub-steps, which are made again by running its step again).
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

/** Bytes of a row, and rows that are allocated at once. */
const ROW = 64;
const ROWS = 4096;
/** Where a row has what, in units of its own size: `step` in f64, `pc` to `hpfar` in u64, the others in u32. */
const at = {
  step: 0,
  /** Kind in bits 3..0, levels before and after in 5..4 and 7..6, which values it has in 15..8, type in 31..16. */
  what: 2,
  vmid: 3,
  esr: 4,
  spsr: 5,
  pc: 3,
  elr: 4,
  far: 5,
  hpfar: 6,
} as const;

interface Rows {
  readonly f64: Float64Array;
  readonly u32: Uint32Array;
  readonly u64: BigUint64Array;
}
function newRows(): Rows {
  const buffer = new ArrayBuffer(ROWS * ROW);
  return { f64: new Float64Array(buffer), u32: new Uint32Array(buffer), u64: new BigUint64Array(buffer) };
}

export class TrapLog {
  private readonly rows: Rows[] = [];
  private readonly rules: (Rule | undefined)[] = [];
  length = 0;

  push(event: CpuEvent): void {
    const { n, kind, from } = event;
    if (this.length % ROWS === 0) this.rows.push(newRows());
    const { f64, u32, u64 } = this.rows[this.rows.length - 1];
    const row = this.length % ROWS;
    const [narrow, wide] = [row * (ROW / 4), row * (ROW / 8)];
    this.length++;
    f64[wide + at.step] = n;
    const isPsci = kind === 'psci';
    const exception = kind === 'exception' ? event : undefined;
    const has = exception
      ? (exception.esr === null ? 0 : HAS_ESR) | (exception.far === null ? 0 : HAS_FAR) | (exception.hpfar === null ? 0 : HAS_HPFAR)
      : 0;
    u32[narrow + at.what] =
      kinds.indexOf(kind) |
      (from << 4) |
      ((isPsci ? from : event.to) << 6) |
      (has << 8) |
      ((exception ? typeIndex(exception.type) : 0) << 16);
    u32[narrow + at.vmid] = isPsci ? 0 : event.vmid;
    u32[narrow + at.esr] = exception?.esr ?? (isPsci ? event.function : 0);
    u32[narrow + at.spsr] = isPsci ? 0 : event.spsr;
    u64[wide + at.pc] = isPsci ? event.result : event.pc;
    if (exception) {
      u64[wide + at.elr] = exception.elr;
      if (exception.far !== null) u64[wide + at.far] = exception.far;
      if (exception.hpfar !== null) u64[wide + at.hpfar] = exception.hpfar;
    }
    this.rules.push(isPsci ? undefined : event.rule);
  }

  private u32(index: number, word: number): number {
    return this.rows[Math.floor(index / ROWS)].u32[(index % ROWS) * (ROW / 4) + word];
  }
  private u64(index: number, word: number): bigint {
    return this.rows[Math.floor(index / ROWS)].u64[(index % ROWS) * (ROW / 8) + word];
  }

  /** The step that did it. */
  step(index: number): number {
    return this.rows[Math.floor(index / ROWS)].f64[(index % ROWS) * (ROW / 8) + at.step];
  }
  kind(index: number): TrapKind {
    return kinds[this.u32(index, at.what) & 15];
  }
  /** For what is no exception, its kind: "ERET", "PSCI". */
  type(index: number): ExceptionType | 'ERET' | 'PSCI' {
    return types[this.u32(index, at.what) >>> 16] ?? (this.kind(index) === 'psci' ? 'PSCI' : 'ERET');
  }
  levelBefore(index: number): ExceptionLevel {
    return ((this.u32(index, at.what) >> 4) & 3) as ExceptionLevel;
  }
  levelAfter(index: number): ExceptionLevel {
    return ((this.u32(index, at.what) >> 6) & 3) as ExceptionLevel;
  }
  /** VTTBR_EL2.VMID at the event. A PSCI call says nothing of it: that of the event before. */
  vmidAfter(index: number): number {
    while (index > 0 && this.kind(index) === 'psci') index--;
    return this.u32(index, at.vmid);
  }

  /** Index of the first event done by step `n` or a later one. */
  firstAt(n: number): number {
    return this.lowerBound(n);
  }
  /** The event that step `n` did; the last where it did several. */
  indexOfStep(n: number): number | undefined {
    const index = this.lowerBound(n + 1) - 1;
    return index >= 0 && this.step(index) === n ? index : undefined;
  }

  private lowerBound(n: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.step(middle) < n) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get(index: number): CpuEvent {
    const n = this.step(index);
    const kind = this.kind(index);
    const from = this.levelBefore(index);
    const pc = this.u64(index, at.pc);
    if (kind === 'psci') return { kind, n, from, function: this.u32(index, at.esr), result: pc };
    const common = { n, from, to: this.levelAfter(index), spsr: this.u32(index, at.spsr), pc, vmid: this.u32(index, at.vmid) };
    const shared = { ...common, rule: this.rules[index]!, steps: undefined };
    if (kind !== 'exception') return { kind, ...shared };
    const what = this.u32(index, at.what);
    const has = what >>> 8;
    return {
      kind,
      type: types[what >>> 16]!,
      ...shared,
      esr: has & HAS_ESR ? this.u32(index, at.esr) : null,
      far: has & HAS_FAR ? this.u64(index, at.far) : null,
      hpfar: has & HAS_HPFAR ? this.u64(index, at.hpfar) : null,
      elr: this.u64(index, at.elr),
    };
  }

  /** Index of the return that ends exception `index`: the next one to its level or below. Undefined where there is none (yet). */
  returnOf(index: number): number | undefined {
    const level = this.levelBefore(index);
    const handler = this.levelAfter(index);
    let depth = 0;
    for (let i = index + 1; i < this.length; i++) {
      const kind = this.kind(i);
      if (kind === 'exception' && this.levelAfter(i) === handler && this.levelBefore(i) === handler) depth++;
      if (kind !== 'return' || this.levelBefore(i) !== handler) continue;
      if (depth === 0) return this.levelAfter(i) <= level ? i : undefined;
      depth--;
    }
    return undefined;
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
