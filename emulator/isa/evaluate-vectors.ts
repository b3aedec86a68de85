/** SIMD&FP registers on plain values. */
import type { Int, IntLike, LaneBits, LaneOperation, Vector, VectorRegister, Width } from './builder.ts';
import { bigintOf, Calculator, Value } from './calculate.ts';

/** The SIMD&FP registers before the instruction. */
export interface SeenVectors {
  readonly fpcr: number;
  v(number: number): bigint;
}

class Whole implements Vector {
  readonly width = 128;
  constructor(readonly value: bigint) {}
}
const bitsOf = (vector: Vector): bigint => (vector as Whole).value;
const whole = (value: bigint): Vector => new Whole(BigInt.asUintN(128, value));

const flagOf = (condition: boolean): bigint => (condition ? -1n : 0n);
/** On lanes read as unsigned, or for the names that end with S as signed. */
const operations: Record<LaneOperation, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  minS: (a, b) => (a < b ? a : b),
  minU: (a, b) => (a < b ? a : b),
  maxS: (a, b) => (a > b ? a : b),
  maxU: (a, b) => (a > b ? a : b),
  equal: (a, b) => flagOf(a === b),
  greaterS: (a, b) => flagOf(a > b),
  greaterU: (a, b) => flagOf(a > b),
  atLeastS: (a, b) => flagOf(a >= b),
  atLeastU: (a, b) => flagOf(a >= b),
};

export class VectorEvaluator extends Calculator {
  protected readonly vectors = new Map<number, bigint | undefined>();

  constructor(
    protected readonly state: SeenVectors,
    width: Width,
  ) {
    super(width, state.fpcr);
  }

  lane({ number }: VectorRegister, bits: LaneBits, index: number): Int {
    return new Value(bits === 64 ? 64 : 32, laneOf(this.state.v(number!), bits, index));
  }
  signedLane({ number }: VectorRegister, bits: LaneBits, index: number): Int {
    const value = BigInt.asIntN(bits, laneOf(this.state.v(number!), bits, index));
    return new Value(bits === 64 ? 64 : 32, value);
  }
  setLanes({ number }: VectorRegister, bits: LaneBits, values: readonly Int[]): void {
    this.vectors.set(number!, values.some(isUnknown) ? undefined : joined(bits, values.map(bigintOf)));
  }
  setLane({ number }: VectorRegister, bits: LaneBits, index: number, value: Int): void {
    const before = this.vectors.has(number!) ? this.vectors.get(number!) : this.state.v(number!);
    const at = BigInt(bits * index);
    const rest = before === undefined ? undefined : before & ~(mask(bits) << at);
    this.vectors.set(number!, rest === undefined || isUnknown(value) ? undefined : rest | (BigInt.asUintN(bits, bigintOf(value)) << at));
  }

  vector({ number }: VectorRegister): Vector {
    return whole(this.state.v(number!));
  }
  setVector({ number }: VectorRegister, value: Vector, bits: 64 | 128): void {
    this.vectors.set(number!, BigInt.asUintN(bits, bitsOf(value)));
  }
  bitwise(operation: 'and' | 'or' | 'xor' | 'andNot', a: Vector, b: Vector): Vector {
    const [x, y] = [bitsOf(a), bitsOf(b)];
    return whole(operation === 'and' ? x & y : operation === 'or' ? x | y : operation === 'xor' ? x ^ y : x & ~y);
  }
  bitSelect(by: Vector, a: Vector, b: Vector): Vector {
    return whole((bitsOf(a) & bitsOf(by)) | (bitsOf(b) & ~bitsOf(by)));
  }
  lanewise(operation: LaneOperation, bits: LaneBits, a: Vector, b: Vector): Vector {
    const isSigned = operation.endsWith('S');
    const lane = (vector: Vector, index: number): bigint => {
      const value = laneOf(bitsOf(vector), bits, index);
      return isSigned ? BigInt.asIntN(bits, value) : value;
    };
    return eachLane(bits, (index) => operations[operation](lane(a, index), lane(b, index)));
  }
  shiftLanes(operation: 'shl' | 'shr' | 'sar', bits: LaneBits, a: Vector, by: IntLike): Vector {
    const amount = this.int(by, 32).value;
    return eachLane(bits, (index) => {
      const lane = laneOf(bitsOf(a), bits, index);
      return operation === 'shl' ? lane << amount : (operation === 'sar' ? BigInt.asIntN(bits, lane) : lane) >> amount;
    });
  }
  splat(bits: LaneBits, value: Int): Vector {
    return eachLane(bits, () => bigintOf(value));
  }
  shuffle(a: Vector, b: Vector, bytes: readonly number[]): Vector {
    const both = bitsOf(a) | (bitsOf(b) << 128n);
    return eachLane(8, (index) => laneOf(both, 8, bytes[index]));
  }
  lookUp(table: Vector, indices: Vector): Vector {
    return eachLane(8, (index) => laneOf(bitsOf(table), 8, Number(laneOf(bitsOf(indices), 8, index))));
  }
}

const isUnknown = (value: Int): boolean => (value as Value).isUnknown;
const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n;
const laneOf = (vector: bigint, bits: number, index: number): bigint => (vector >> BigInt(bits * index)) & mask(bits);
const joined = (bits: number, values: readonly bigint[]): bigint =>
  values.reduce((sum, value, index) => sum | (BigInt.asUintN(bits, value) << BigInt(bits * index)), 0n);
const eachLane = (bits: number, lane: (index: number) => bigint): Vector =>
  whole(
    joined(
      bits,
      Array.from({ length: 128 / bits }, (_, index) => lane(index)),
    ),
  );
