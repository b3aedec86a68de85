/** Arithmetic as WebAssembly: for the instructions, and for the functions that they call. */
import { cpuLayout } from '../cpu/layout.ts';
import type { FunctionBuilder, IntFunction, Width } from '../isa/builder.ts';
import type { HelperName } from './helpers.ts';
import type { ArithmeticTarget, ImmediateOperand } from './target.ts';
import {
  binary,
  choose,
  compare,
  constant,
  loaded,
  mulHigh,
  signExtend,
  unary,
  Value,
  low,
  zeroExtend,
  type Bool,
  type Int,
} from './values.ts';
import type { Code } from './wasm.ts';

export type IntLike = Int | ImmediateOperand | number | bigint;

export class ArithmeticBuilder implements FunctionBuilder {
  /** What is done before results are written, in order. */
  protected readonly effects: ((code: Code) => void)[] = [];

  /** `width`: that of numbers that stand alone. */
  constructor(
    private readonly environment: ArithmeticTarget,
    protected readonly width: Width,
  ) {}

  constant(width: Width, value: number | bigint): Int {
    return constant(width, BigInt(value));
  }
  add(a: IntLike, b: IntLike): Int {
    return binary('add', ...this.pair(a, b));
  }
  sub(a: IntLike, b: IntLike): Int {
    return binary('sub', ...this.pair(a, b));
  }
  mul(a: IntLike, b: IntLike): Int {
    return binary('mul', ...this.pair(a, b));
  }
  and(a: IntLike, b: IntLike): Int {
    return binary('and', ...this.pair(a, b));
  }
  or(a: IntLike, b: IntLike): Int {
    return binary('or', ...this.pair(a, b));
  }
  xor(a: IntLike, b: IntLike): Int {
    return binary('xor', ...this.pair(a, b));
  }
  not(a: IntLike): Int {
    return this.xor(a, -1n);
  }
  shl(a: IntLike, by: IntLike): Int {
    return binary('shl', ...this.pair(a, by));
  }
  shr(a: IntLike, by: IntLike): Int {
    return binary('shr_u', ...this.pair(a, by));
  }
  sar(a: IntLike, by: IntLike): Int {
    return binary('shr_s', ...this.pair(a, by));
  }
  ror(a: IntLike, by: IntLike): Int {
    return binary('rotr', ...this.pair(a, by));
  }
  divU(a: Int, b: Int): Int {
    const isZero = this.isZero(b);
    return choose(isZero, constant(a.width, 0n), binary('div_u', a, choose(isZero, constant(b.width, 1n), b)));
  }
  divS(a: Int, b: Int): Int {
    // Where wasm traps (b = 0, and the least number divided by -1), that is for b in -1..0, the quotient is the product.
    const simple = compare('le_u', this.add(b, 1), constant(b.width, 1n));
    return choose(simple, binary('mul', a, b), binary('div_s', a, choose(simple, constant(b.width, 1n), b)));
  }
  mulHigh(a: Int, b: Int, signed: boolean): Int {
    return mulHigh(a, b, signed);
  }
  countLeadingZeros(a: Int): Int {
    return unary(a.type, `${a.type}.clz`, a) as Int;
  }
  wrap(a: Int): Int {
    return low(a);
  }
  crc32(accumulator: Int, data: Int, bytes: number, polynomial: number): Int {
    return this.callHelper('crc32', accumulator, data, constant(32, BigInt(bytes)), constant(32, BigInt(polynomial)));
  }
  signExtend(a: Int): Int {
    return signExtend(a);
  }
  zeroExtend(a: Int): Int {
    return zeroExtend(a);
  }
  isZero(a: Int): Bool {
    return compare('eq', a, constant(a.width, 0n));
  }
  notZero(a: Int): Bool {
    return compare('ne', a, constant(a.width, 0n));
  }
  atLeast(a: Int, b: IntLike): Bool {
    return compare('ge_u', a, this.int(b, a.width));
  }
  less(a: Int, b: IntLike): Bool {
    return compare('lt_s', a, this.int(b, a.width));
  }
  equal(a: Int, b: IntLike): Bool {
    return compare('eq', a, this.int(b, a.width));
  }
  either(a: Bool, b: Bool): Bool {
    return binary('or', a, b) as Bool;
  }
  both(a: Bool, b: Bool): Bool {
    return binary('and', a, b) as Bool;
  }
  choose(condition: Bool, a: IntLike, b: IntLike): Int {
    return choose(condition, ...this.pair(a, b));
  }

  // Functions
  call(callee: IntFunction, ...inputs: IntLike[]): Int {
    const values = inputs.map((input, i) => this.int(input, callee.parameters[i]));
    return this.environment.callFunction(callee, values);
  }
  fpcr(): Int {
    return loaded('i32.load', 'i32', (code) => void code.i32(0), this.environment.layout.cpu + cpuLayout.fpcr);
  }
  raise(bits: Int): void {
    if (bits.constant === 0n) return;
    const at = this.environment.layout.cpu + cpuLayout.fpsr;
    bits.use();
    this.effects.push((code) => {
      code.i32(0);
      // What `bits` calls may raise others.
      bits.put(code);
      code.i32(0).access('i32.load', at).op('i32.or').access('i32.store', at);
    });
  }

  private callHelper(name: HelperName, ...inputs: Int[]): Int {
    return this.environment.callHelper(name, inputs);
  }
  /** An operand or a number as a value of the given width. */
  protected int(value: IntLike, width: Width = this.width): Int {
    if (value instanceof Value) return value;
    if (typeof value !== 'object') return constant(width, BigInt(value));
    return value.value !== undefined ? constant(width, value.value) : this.environment.immediate(value, width);
  }
  protected pair(a: IntLike, b: IntLike): [Int, Int] {
    const width = a instanceof Value ? a.width : b instanceof Value ? b.width : this.width;
    return [this.int(a, width), this.int(b, width)];
  }
}
