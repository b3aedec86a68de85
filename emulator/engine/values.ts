/**
 * Values that a definition computes with: expression nodes over WebAssembly, folded where operands are constants.
 * Nothing is written until the instruction is complete, so a value that is used twice can be put in a local the first time.
 */
import type { AccessOpcode, Code, Opcode, WasmType } from './wasm.ts';

const widths = { i32: 32, i64: 64, f32: 32, f64: 64, v128: 128 } as const satisfies Record<WasmType, number>;
type WidthOf<T extends WasmType> = (typeof widths)[T];

export class Value<T extends WasmType = WasmType> {
  readonly type: T;
  readonly inputs: readonly Value[];
  readonly constant: bigint | undefined;
  private readonly body: (code: Code) => void;
  private uses = 0;
  private local = -1;

  constructor(type: T, body: (code: Code) => void, inputs: readonly Value[] = [], constant?: bigint) {
    this.type = type;
    this.body = body;
    this.inputs = inputs;
    this.constant = constant;
  }

  get width(): WidthOf<T> {
    return widths[this.type];
  }

  /** Call once for each place that will `put` this value; inputs are counted with the first. */
  use(): this {
    if (this.uses++ === 0) for (const input of this.inputs) input.use();
    return this;
  }

  /** Leaves the value on the wasm stack. The first `put` must lie on every way to the later ones. */
  put(code: Code): void {
    if (this.local >= 0) {
      code.get(this.local);
      return;
    }
    this.body(code);
    if (this.uses > 1 && this.constant === undefined) code.tee((this.local = code.temporary(this.type)));
  }
}

/** A 32-bit or 64-bit integer. Which one is known when code is generated, and checked then. */
export type Int = Value<'i32'> | Value<'i64'>;
/** Zero or one. */
export type Bool = Value<'i32'>;

export const constant = (width: 32 | 64, value: bigint): Int => {
  const wrapped = BigInt.asIntN(width, value);
  return width === 64
    ? new Value('i64', (code) => void code.i64(wrapped), [], wrapped)
    : new Value('i32', (code) => void code.i32(Number(wrapped)), [], wrapped);
};
export const yes = constant(32, 1n) as Bool;
export const no = constant(32, 0n) as Bool;

/** A value of the type of `like`: what operators on equal widths give. */
const typed = (like: Int, body: (code: Code) => void, inputs: readonly Value[]): Int => new Value(like.type, body, inputs) as Int;

/** Operators by their names in wasm, how to compute them on constants, and the right operand that changes nothing. */
const operators = {
  add: { fold: (a, b) => a + b, neutral: 0n, commutes: true },
  sub: { fold: (a, b) => a - b, neutral: 0n },
  mul: { fold: (a, b) => a * b, neutral: 1n, commutes: true },
  div_s: {},
  div_u: {},
  and: { fold: (a, b) => a & b, neutral: -1n, commutes: true },
  or: { fold: (a, b) => a | b, neutral: 0n, commutes: true },
  xor: { fold: (a, b) => a ^ b, neutral: 0n, commutes: true },
  shl: { fold: (a, b, width) => a << amount(b, width), neutral: 0n },
  shr_s: { fold: (a, b, width) => a >> amount(b, width), neutral: 0n },
  shr_u: { fold: (a, b, width) => BigInt.asUintN(width, a) >> amount(b, width), neutral: 0n },
  rotr: {
    fold: (a, b, width) => {
      const bits = BigInt.asUintN(width, a);
      return (bits >> amount(b, width)) | (bits << (BigInt(width) - amount(b, width)));
    },
    neutral: 0n,
  },
} as const satisfies Record<string, { fold?: (a: bigint, b: bigint, width: number) => bigint; neutral?: bigint; commutes?: boolean }>;
const amount = (by: bigint, width: number): bigint => by & BigInt(width - 1);

export function binary(name: keyof typeof operators, a: Int, b: Int): Int {
  sameWidth(a, b);
  const { fold, neutral, commutes }: { fold?: (a: bigint, b: bigint, width: number) => bigint; neutral?: bigint; commutes?: boolean } =
    operators[name];
  if (a.constant !== undefined && b.constant !== undefined && fold) return constant(a.width, fold(a.constant, b.constant, a.width));
  if (b.constant !== undefined && b.constant === neutral) return a;
  if (commutes && a.constant !== undefined && a.constant === neutral) return b;
  return typed(
    a,
    (code) => {
      a.put(code);
      b.put(code);
      code.op(`${a.type}.${name}`);
    },
    [a, b],
  );
}

type Comparison = 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'gt_s' | 'gt_u' | 'le_s' | 'le_u' | 'ge_s' | 'ge_u';

export function compare(how: Comparison, a: Int, b: Int): Bool {
  sameWidth(a, b);
  if (b.constant === 0n && how === 'eq') return unary('i32', `${a.type}.eqz`, a);
  return new Value(
    'i32',
    (code) => {
      a.put(code);
      b.put(code);
      code.op(`${a.type}.${how}`);
    },
    [a, b],
  );
}

function sameWidth(a: Int, b: Int): void {
  if (a.type !== b.type) throw new Error(`operands of different width: ${a.type}, ${b.type}`);
}

/** An instruction with one operand: conversions, counts, sign extensions. */
export const unary = <T extends WasmType>(type: T, opcode: Opcode, a: Value): Value<T> =>
  new Value(
    type,
    (code) => {
      a.put(code);
      code.op(opcode);
    },
    [a],
  );

export const not = (a: Bool): Bool => unary('i32', 'i32.eqz', a);
export const low = (a: Int): Int =>
  a.type === 'i32' ? a : a.constant !== undefined ? constant(32, a.constant) : unary('i32', 'i32.wrap_i64', a);
export const signExtend = (a: Int): Int => (a.constant !== undefined ? constant(64, a.constant) : unary('i64', 'i64.extend_i32_s', a));
export const zeroExtend = (a: Int): Int =>
  a.constant !== undefined ? constant(64, BigInt.asUintN(32, a.constant)) : unary('i64', 'i64.extend_i32_u', a);

export function choose(condition: Bool, a: Int, b: Int): Int {
  sameWidth(a, b);
  if (condition.constant !== undefined) return condition.constant ? a : b;
  return typed(
    a,
    (code) => {
      a.put(code);
      b.put(code);
      condition.put(code);
      code.op('select');
    },
    [a, b, condition],
  );
}

/** The upper half of a 128-bit product from four products of halves; signed: less what two's complement added. */
export function mulHigh(a: Int, b: Int, signed: boolean): Int {
  const k = (n: bigint): Int => constant(64, n),
    lower = (v: Int): Int => binary('and', v, k(0xffffffffn)),
    upper = (v: Int): Int => binary('shr_u', v, k(32n));
  const middle = binary('add', binary('mul', upper(a), lower(b)), upper(binary('mul', lower(a), lower(b))));
  const cross = binary('add', binary('mul', lower(a), upper(b)), lower(middle));
  const product = binary('add', binary('add', binary('mul', upper(a), upper(b)), upper(middle)), upper(cross));
  const ifNegative = (sign: Int, v: Int): Int => binary('and', binary('shr_s', sign, k(63n)), v);
  return signed ? binary('sub', binary('sub', product, ifNegative(a, b)), ifNegative(b, a)) : product;
}

/** What is at the address that `address` leaves on the stack, plus `offset`. */
export const loaded = <T extends WasmType>(opcode: AccessOpcode, type: T, address: (code: Code) => void, offset: number): Value<T> =>
  new Value(type, (code) => {
    address(code);
    code.access(opcode, offset);
  });

/** A parameter or local of the function. */
export const local = <T extends WasmType>(type: T, index: number): Value<T> => new Value(type, (code) => void code.get(index));
