/** Arithmetic on plain values: for the instructions that are evaluated, and the functions that they call. */
import type { Bool, FunctionBuilder, Immediate, Int, IntFunction, IntLike, Width } from './builder.ts';

export class Value implements Int {
  readonly value: bigint;
  constructor(
    readonly width: Width,
    value: bigint,
    /** Loaded from where looking cannot tell. */
    readonly isUnknown = false,
  ) {
    this.value = BigInt.asUintN(width, value);
  }
  get signed(): bigint {
    return BigInt.asIntN(this.width, this.value);
  }
}
export const bool = (condition: boolean): Bool => new Value(32, condition ? 1n : 0n) as unknown as Bool;
export const isTrue = (condition: Bool): boolean => (condition as unknown as Value).value !== 0n;
export const bigintOf = (value: Int): bigint => (value as Value).value;

export class Calculator implements FunctionBuilder {
  /** Bits of FPSR that were set. */
  protected raised = 0;

  /** `width`: that of numbers that stand alone. */
  constructor(
    protected readonly width: Width,
    private readonly fpcrValue: number,
  ) {}

  add(a: IntLike, b: IntLike): Int {
    return this.binary(a, b, (x, y) => x + y);
  }
  sub(a: IntLike, b: IntLike): Int {
    return this.binary(a, b, (x, y) => x - y);
  }
  mul(a: IntLike, b: IntLike): Int {
    return this.binary(a, b, (x, y) => x * y);
  }
  and(a: IntLike, b: IntLike): Int {
    return this.binary(a, b, (x, y) => x & y);
  }
  or(a: IntLike, b: IntLike): Int {
    return this.binary(a, b, (x, y) => x | y);
  }
  xor(a: IntLike, b: IntLike): Int {
    return this.binary(a, b, (x, y) => x ^ y);
  }
  not(a: IntLike): Int {
    return this.xor(a, -1n);
  }
  shl(a: IntLike, by: IntLike): Int {
    return this.binary(a, by, (x, n, width) => x << (n % width));
  }
  shr(a: IntLike, by: IntLike): Int {
    return this.binary(a, by, (x, n, width) => x >> (n % width));
  }
  sar(a: IntLike, by: IntLike): Int {
    return this.binary(a, by, (x, n, width) => BigInt.asIntN(Number(width), x) >> (n % width));
  }
  ror(a: IntLike, by: IntLike): Int {
    return this.binary(a, by, (x, n, width) => (x >> (n % width)) | (x << (width - (n % width))));
  }
  divU(a: Int, b: Int): Int {
    return this.binary(a, b, (x, y) => (y === 0n ? 0n : x / y));
  }
  divS(a: Int, b: Int): Int {
    return new Value(a.width, bigintOf(b) === 0n ? 0n : (a as Value).signed / (b as Value).signed);
  }
  mulHigh(a: Int, b: Int, signed: boolean): Int {
    return new Value(64, (signed ? (a as Value).signed * (b as Value).signed : bigintOf(a) * bigintOf(b)) >> 64n);
  }
  countLeadingZeros(a: Int): Int {
    const value = bigintOf(a);
    return new Value(a.width, BigInt(a.width - (value === 0n ? 0 : value.toString(2).length)));
  }
  crc32(accumulator: Int, data: Int, bytes: number, polynomial: number): Int {
    let crc = Number(bigintOf(accumulator));
    for (let bit = 0; bit < bytes * 8; bit++) {
      if (bit % 8 === 0) crc ^= Number((bigintOf(data) >> BigInt(bit)) & 0xffn);
      crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    }
    return new Value(32, BigInt(crc));
  }
  constant(width: Width, value: number | bigint): Int {
    return new Value(width, BigInt(value));
  }
  wrap(a: Int): Int {
    return new Value(32, bigintOf(a));
  }
  signExtend(a: Int): Int {
    return new Value(64, (a as Value).signed);
  }
  zeroExtend(a: Int): Int {
    return new Value(64, bigintOf(a));
  }
  isZero(a: Int): Bool {
    return bool(bigintOf(a) === 0n);
  }
  notZero(a: Int): Bool {
    return bool(bigintOf(a) !== 0n);
  }
  atLeast(a: Int, b: IntLike): Bool {
    return bool(bigintOf(a) >= this.int(b, a.width).value);
  }
  less(a: Int, b: IntLike): Bool {
    return bool((a as Value).signed < this.int(b, a.width).signed);
  }
  equal(a: Int, b: IntLike): Bool {
    return bool(bigintOf(a) === this.int(b, a.width).value);
  }
  either(a: Bool, b: Bool): Bool {
    return bool(isTrue(a) || isTrue(b));
  }
  both(a: Bool, b: Bool): Bool {
    return bool(isTrue(a) && isTrue(b));
  }
  choose(condition: Bool, yes: IntLike, no: IntLike): Int {
    const [a, b] = this.pair(yes, no);
    return isTrue(condition) ? a : b;
  }

  call({ parameters, body }: IntFunction, ...inputs: IntLike[]): Int {
    const callee = new Calculator(64, this.fpcrValue);
    const result = body(callee, ...inputs.map((input, i) => this.int(input, parameters[i])));
    this.raised |= callee.raised;
    return result;
  }
  fpcr(): Int {
    return new Value(32, BigInt(this.fpcrValue));
  }
  raise(bits: Int): void {
    this.raised |= Number(bigintOf(bits));
  }

  protected int(value: IntLike, width: Width = this.width): Value {
    if (value instanceof Value) return value;
    if (typeof value === 'object') return new Value(width, (value as Immediate).value!);
    return new Value(width, BigInt(value));
  }
  protected pair(a: IntLike, b: IntLike): [Value, Value] {
    const width = a instanceof Value ? a.width : b instanceof Value ? b.width : this.width;
    return [this.int(a, width), this.int(b, width)];
  }
  protected binary(a: IntLike, b: IntLike, compute: (a: bigint, b: bigint, width: bigint) => bigint): Int {
    const [x, y] = this.pair(a, b);
    return new Value(x.width, compute(x.value, y.value, BigInt(x.width)));
  }
}

/** What a function gives for plain values, and the bits of FPSR that it sets. */
export function calculate(
  called: IntFunction,
  inputs: readonly bigint[],
  fpcr: number,
): { readonly value: bigint; readonly raised: number } {
  const calculator = new Outermost(64, fpcr);
  const value = calculator.call(called, ...inputs.map((input, i) => new Value(called.parameters[i], input) as unknown as Int));
  return { value: bigintOf(value), raised: calculator.flags };
}
class Outermost extends Calculator {
  get flags(): number {
    return this.raised;
  }
}
