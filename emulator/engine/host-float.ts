/** WebAssembly's floating point on values that are kept as integers, and what tells whether its result is to be trusted. */
import type { Int } from './values.ts';
import type { Code, Opcode } from './wasm.ts';

export type FloatBits = 32 | 64;

/** Mask of the exponent, where it begins, and the largest exponent of a number. */
const formats = {
  32: { mask: 0x7f80_0000n, at: 23, largest: 254 },
  64: { mask: 0x7ff0_0000_0000_0000n, at: 52, largest: 2046 },
} as const;

export class HostFloat {
  constructor(
    readonly code: Code,
    /** Leaves the instruction where what is on the stack is not zero. */
    readonly leaveIf: () => void,
  ) {}

  /** The value in a local, which serves as often as it is wanted. */
  keep(value: Int): number {
    const index = this.code.temporary(value.type);
    value.put(this.code);
    this.code.set(index);
    return index;
  }
  float(bits: FloatBits, value: Int): this {
    value.put(this.code);
    return this.fromInteger(bits);
  }
  floatOf(bits: FloatBits, index: number): this {
    this.code.get(index);
    return this.fromInteger(bits);
  }
  fromInteger(bits: FloatBits): this {
    this.code.op(bits === 64 ? 'f64.reinterpret_i64' : 'f32.reinterpret_i32');
    return this;
  }
  toBits(bits: FloatBits): this {
    this.code.op(bits === 64 ? 'i64.reinterpret_f64' : 'i32.reinterpret_f32');
    return this;
  }
  op(bits: FloatBits, name: 'add' | 'sub' | 'mul' | 'div' | 'sqrt' | 'min' | 'max' | 'abs' | 'eq' | 'lt' | 'gt' | 'le' | 'ge'): this {
    this.code.op(`f${bits}.${name}` as Opcode);
    return this;
  }

  /** Turns the float on the stack into its bits; leaves where it is an infinity or NaN. */
  finite(bits: FloatBits): void {
    const { code } = this,
      { mask } = formats[bits],
      result = code.temporary(`i${bits}`);
    this.toBits(bits);
    code.tee(result);
    this.integer(bits, mask);
    code.op(`i${bits}.and`);
    this.integer(bits, mask);
    code.op(`i${bits}.eq`);
    this.leaveIf();
    code.get(result);
  }
  /**
   * Likewise, and leaves where it is smaller than twice the smallest normal number, where it may be too small before rounding; but not for
   * a zero unless what `isInexact` leaves on the stack is not zero.
   */
  normal(bits: FloatBits, isInexact: () => void): void {
    const { code } = this,
      { mask, at, largest } = formats[bits],
      result = code.temporary(`i${bits}`);
    this.toBits(bits);
    code.tee(result);
    this.integer(bits, mask);
    code.op(`i${bits}.and`);
    this.integer(bits, BigInt(at));
    code.op(`i${bits}.shr_u`);
    if (bits === 64) code.op('i32.wrap_i64');
    code
      .i32(2)
      .op('i32.sub')
      .i32(largest - 2)
      .op('i32.gt_u')
      .if();
    isInexact();
    this.isNotZero(bits, result);
    code.op('i32.or');
    this.leaveIf();
    code.end().get(result);
  }
  /** Leaves on the stack whether the float in a local is not zero, of either sign. */
  isNotZero(bits: FloatBits, index: number): void {
    this.code.get(index);
    this.integer(bits, 1n);
    this.code.op(`i${bits}.shl`);
    this.integer(bits, 0n);
    this.code.op(`i${bits}.ne`);
  }
  /** Leaves where one of them is a NaN. */
  ordered(bits: FloatBits, a: number, b: number): void {
    for (const index of [a, b]) this.floatOf(bits, index).floatOf(bits, index).code.op(`f${bits}.ne`);
    this.code.op('i32.or');
    this.leaveIf();
  }

  /** To an integer, towards zero; leaves where it does not fit. */
  toInteger(bits: FloatBits, width: 32 | 64, isUnsigned: boolean, value: Int): void {
    const { code } = this,
      number = code.temporary('f64');
    this.float(bits, value);
    if (bits === 32) code.op('f64.promote_f32');
    code.tee(number);
    if (isUnsigned) code.f64(0).op('f64.ge').get(number);
    else code.op('f64.abs');
    code.f64(2 ** (isUnsigned ? width : width - 1)).op('f64.lt');
    if (isUnsigned) code.op('i32.and');
    code.op('i32.eqz');
    this.leaveIf();
    code.get(number).op(`i${width}.trunc_f64_${isUnsigned ? 'u' : 's'}`);
  }

  private integer(bits: FloatBits, value: bigint): void {
    if (bits === 64) this.code.i64(value);
    else this.code.i32(Number(value));
  }
}
