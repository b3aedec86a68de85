/** Watchpoints (Arm ARM D2.10): four of them. */
import { linkedMatches, levelMatches } from './breakpoints.ts';
import { debugExceptionsOn } from './debug.ts';
import { DBGWCR, MDSCR_EL1, valueIn } from './registers/bits.ts';
import type { CpuState, ExceptionLevel } from './state.ts';

const controls = ([0, 1, 2, 3] as const).map((n) => `DBGWCR${n}_EL1` as const);
const values = ([0, 1, 2, 3] as const).map((n) => `DBGWVR${n}_EL1` as const);

/** VA<48:0>: what watchpoints compare. The bits above are copies of bit 48 or a tag. */
const address = (low: number, high: number): number => (high & 0x1_ffff) * 2 ** 32 + low;

/** An enabled watchpoint. */
interface Watchpoint {
  readonly control: number;
  /** The bytes watched: VA<48:0> of the first, and how many. */
  readonly start: number;
  readonly bytes: number;
}

function watchpoint(cpu: CpuState, n: number): Watchpoint | undefined {
  const control = cpu.low(controls[n]);
  const low = cpu.low(values[n]);
  const high = cpu.high(values[n]);
  if ((control & DBGWCR.E) === 0) return undefined;
  const mask = valueIn(control, DBGWCR.MASK);
  if (mask > 0) {
    // Masks of 1 and 2 are reserved: off. Bits of DBGWVR that are masked do not count.
    const bytes = 2 ** mask;
    return mask < 3 ? undefined : { control, start: address(low, high) - (low % bytes), bytes };
  }
  // BAS in a doubleword, or in a word where DBGWVR<2> = 1. Of bytes that are not contiguous, which is not allowed, the first few count.
  const BAS = valueIn(control, DBGWCR.BAS) & (low & 4 ? 0xf : 0xff);
  if (BAS === 0) return undefined;
  const first = 31 - Math.clz32(BAS & -BAS);
  const bytes = 31 - Math.clz32(~(BAS >>> first) & -~(BAS >>> first));
  return { control, start: address((low & ~3) >>> 0, high) + first, bytes };
}

const covers = ({ start, bytes }: Watchpoint, from: number, length: number): boolean => start < from + length && from < start + bytes;
/** DBGWCR.LSC: the low bit for loads, the high bit for stores. */
const concerns = ({ control }: Watchpoint, isWrite: boolean): boolean => (valueIn(control, DBGWCR.LSC) & (isWrite ? 2 : 1)) !== 0;

/** The watchpoints as the registers describe them; `refresh` after any change of those. */
export class Watchpoints {
  private list: readonly Watchpoint[] = [];

  /** Returns whether there are any. */
  refresh(cpu: CpuState): boolean {
    this.list = cpu.low('MDSCR_EL1') & MDSCR_EL1.MDE ? controls.flatMap((_, n) => watchpoint(cpu, n) ?? []) : [];
    return this.list.length > 0;
  }

  /** Whether a load or store in the page of a VA may have to be looked at, whoever makes it. */
  guards(vaLow: number, vaHigh: number, isWrite: boolean): boolean {
    const page = address((vaLow & ~0xfff) >>> 0, vaHigh);
    return this.list.some((one) => concerns(one, isWrite) && covers(one, page, 0x1000));
  }

  /**
   * `AArch64.WatchpointMatch` for an access made as at level `el` that may be done otherwise: the first watched byte of it as an offset in
   * the access, or -1.
   */
  hit(cpu: CpuState, vaLow: number, vaHigh: number, bytes: number, isWrite: boolean, el: number): number {
    if (this.list.length === 0 || !debugExceptionsOn(cpu)) return -1;
    const from = address(vaLow, vaHigh);
    const matches = (one: Watchpoint): boolean =>
      concerns(one, isWrite) &&
      covers(one, from, bytes) &&
      levelMatches(one.control, el as ExceptionLevel) &&
      (!(one.control & DBGWCR.WT) || linkedMatches(cpu, one.control));
    const found = this.list.filter(matches);
    return found.length === 0 ? -1 : Math.min(...found.map(({ start }) => Math.max(0, start - from)));
  }
}
