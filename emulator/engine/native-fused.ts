/** Multiply-add in one rounding, from the host's multiplications and additions. */
import type { FloatBits, HostFloat } from './host-float.ts';
import type { Int } from './values.ts';

/** Inputs: addend, a, b. */
export function fusedMultiplyAdd(f: HostFloat, bits: FloatBits, [addend, a, b]: readonly Int[]): void {
  if (bits === 32) inDouble(f, addend, a, b);
  else exactly(f, addend, a, b);
}

/**
 * Singles: their product is exact in double precision, and the rounding of the sum to double spoils that to single only where the double
 * lies halfway between two singles.
 */
function inDouble(f: HostFloat, addend: Int, a: Int, b: Int): void {
  const { code } = f,
    sum = code.temporary('i64');
  f.float(32, a).code.op('f64.promote_f32');
  f.float(32, b).code.op('f64.promote_f32');
  f.op(64, 'mul');
  f.float(32, addend).code.op('f64.promote_f32');
  f.op(64, 'add').toBits(64);
  code.tee(sum).i64(0x1fff_ffffn).op('i64.and').i64(0x1000_0000n).op('i64.eq');
  f.leaveIf();
  f.floatOf(64, sum).code.op('f32.demote_f64');
  f.normal(32, () => f.isNotZero(64, sum));
}

/**
 * Doubles, by S. Boldo and G. Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd" (2008):
 * the exact product and sums as pairs of doubles, their low parts added with rounding to odd. Exponents stay where nothing overflows or
 * gets too small.
 */
function exactly(f: HostFloat, addend: Int, a: Int, b: Int): void {
  const { code } = f;
  const temporary = (): number => code.temporary('f64');
  const input = (value: Int): number => {
    const kept = f.keep(value),
      number = temporary();
    code
      .get(kept)
      .i64(52n)
      .op('i64.shr_u', 'i32.wrap_i64')
      .i32(0x7ff)
      .op('i32.and')
      .i32(1023 - 300)
      .op('i32.sub')
      .i32(600)
      .op('i32.gt_u')
      .if();
    f.isNotZero(64, kept);
    f.leaveIf();
    code.end();
    f.floatOf(64, kept).code.set(number);
    return number;
  };
  const [c, x, y] = [input(addend), input(a), input(b)];
  /** Veltkamp's split in halves of at most 26 bits. */
  const split = (whole: number): [high: number, low: number] => {
    const [big, high, low] = [temporary(), temporary(), temporary()];
    code
      .get(whole)
      .f64(2 ** 27 + 1)
      .op('f64.mul')
      .tee(big);
    code.get(big).get(whole).op('f64.sub', 'f64.sub').set(high);
    code.get(whole).get(high).op('f64.sub').set(low);
    return [high, low];
  };
  /** Knuth's sum of two with its error. */
  const twoSum = (p: number, q: number): [sum: number, error: number] => {
    const [sum, part, error] = [temporary(), temporary(), temporary()];
    code.get(p).get(q).op('f64.add').tee(sum).get(p).op('f64.sub').set(part);
    code.get(p).get(sum).get(part).op('f64.sub', 'f64.sub').get(q).get(part).op('f64.sub', 'f64.add').set(error);
    return [sum, error];
  };
  const [xHigh, xLow] = split(x),
    [yHigh, yLow] = split(y),
    product = temporary(),
    rest = temporary();
  code.get(x).get(y).op('f64.mul').set(product);
  code.get(xHigh).get(yHigh).op('f64.mul').get(product).op('f64.sub');
  code.get(xHigh).get(yLow).op('f64.mul', 'f64.add').get(xLow).get(yHigh).op('f64.mul', 'f64.add');
  code.get(xLow).get(yLow).op('f64.mul', 'f64.add').set(rest);
  const [middle, middleRest] = twoSum(c, rest),
    [high, highRest] = twoSum(product, middle),
    [low, error] = twoSum(middleRest, highRest);
  // Rounding to odd: an even result that is not exact becomes its odd neighbour on the side of the error.
  const bits = code.temporary('i64'),
    result = code.temporary('i64');
  code.get(low).op('i64.reinterpret_f64').tee(bits);
  code.i64(1n).i64(-1n).get(bits).get(error).op('i64.reinterpret_f64', 'i64.xor').i64(0n).op('i64.ge_s', 'select');
  code.i64(0n).get(error).f64(0).op('f64.ne').get(bits).op('i32.wrap_i64').i32(1).op('i32.and', 'i32.eqz', 'i32.and', 'select', 'i64.add');
  f.fromInteger(64).code.get(high).op('f64.add', 'i64.reinterpret_f64').tee(result);
  // The sign of a sum that cancels is left to the exact way.
  code.i64(1n).op('i64.shl', 'i64.eqz');
  f.leaveIf();
  code.get(result);
}
