/**
 * NZCV, kept lazily as (kind, a, b): what was computed rather than the four bits.
 *
 *   sub     a - b        add     a + b        logic   a        packed  NZCV in a[3:0]
 *
 * 32-bit operands are stored shifted left by 32: sum, difference and all four flags then come out right from 64-bit arithmetic,
 * so there is one kind per operation and not one per width.
 */
import { flagKinds } from '../cpu/state.ts';
import { binary, compare, constant, low, no, not, yes, type Bool, type Int } from './values.ts';

export type FlagKind = keyof typeof flagKinds;
export const flagKindNames = Object.keys(flagKinds) as FlagKind[];
export { flagKinds };

const zero = constant(64, 0n);
const both = (a: Bool, b: Bool): Bool => binary('and', a, b) as Bool;
const negative = (a: Int): Bool => compare('lt_s', a, zero);
const bit = (a: Int, n: number): Bool => binary('and', low(binary('shr_u', a, constant(64, BigInt(n)))), yes) as Bool;

/** N, Z, C and V of a known kind. */
function flagsOf(kind: FlagKind, a: Int, b: Int): { n: Bool; z: Bool; c: Bool; v: Bool } {
  switch (kind) {
    case 'sub': {
      const r = binary('sub', a, b);
      return {
        n: negative(r),
        z: compare('eq', a, b),
        c: compare('ge_u', a, b),
        v: negative(binary('and', binary('xor', a, b), binary('xor', a, r))),
      };
    }
    case 'add': {
      const r = binary('add', a, b);
      return {
        n: negative(r),
        z: compare('eq', r, zero),
        c: compare('lt_u', r, a),
        v: negative(binary('and', binary('xor', a, r), binary('xor', b, r))),
      };
    }
    case 'logic':
      return { n: negative(a), z: compare('eq', a, zero), c: no, v: no };
    case 'packed':
      return { n: bit(a, 3), z: bit(a, 2), c: bit(a, 1), v: bit(a, 0) };
  }
}

/** ConditionHolds(cond) (Arm ARM C1.2.4) for flags of a known kind: one comparison after `cmp`. */
export function conditionHolds(cond: number, kind: FlagKind, a: Int, b: Int): Bool {
  const direct = (): Bool => {
    const f = flagsOf(kind, a, b),
      isSub = kind === 'sub';
    switch (cond >> 1) {
      case 0:
        return f.z;
      case 1:
        return f.c;
      case 2:
        return f.n;
      case 3:
        return f.v;
      case 4:
        return isSub ? compare('gt_u', a, b) : both(f.c, not(f.z));
      case 5:
        return isSub ? compare('ge_s', a, b) : compare('eq', f.n, f.v);
      case 6:
        return isSub ? compare('gt_s', a, b) : both(compare('eq', f.n, f.v), not(f.z));
      default:
        return yes;
    }
  };
  return cond & 1 && cond !== 15 ? not(direct()) : direct();
}

/** NZCV as four bits. */
export function pack(kind: FlagKind, a: Int, b: Int): Int {
  const { n, z, c, v } = flagsOf(kind, a, b);
  return [n, z, c, v].reduce<Int>((bits, flag) => binary('or', binary('shl', bits, yes), flag), no);
}
