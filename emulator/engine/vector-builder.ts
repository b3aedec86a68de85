/** SIMD&FP registers as WebAssembly: by lanes, and where WebAssembly has the operation, whole. */
import type { LaneBits, LaneOperation, VectorRegister, Width } from '../isa/builder.ts';
import { ArithmeticBuilder, type IntLike } from './arithmetic.ts';
import type { Commit, Target } from './target.ts';
import { loaded, low, Value, type Int } from './values.ts';
import type { AccessOpcode, Code, VectorOpcode } from './wasm.ts';

type Vector = Value<'v128'>;

const shapes = { 8: 'i8x16', 16: 'i16x8', 32: 'i32x4', 64: 'i64x2' } as const;
const laneOpcodes = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  minS: 'min_s',
  minU: 'min_u',
  maxS: 'max_s',
  maxU: 'max_u',
  equal: 'eq',
  greaterS: 'gt_s',
  greaterU: 'gt_u',
  atLeastS: 'ge_s',
  atLeastU: 'ge_u',
} as const satisfies Record<LaneOperation, string>;
const shiftOpcodes = { shl: 'shl', shr: 'shr_u', sar: 'shr_s' } as const;

export class VectorBuilder extends ArithmeticBuilder {
  /** Results, in the order in which they were named. */
  protected readonly commits: Commit[] = [];
  /** Whether CheckFPAdvSIMDEnabled64 comes first. */
  protected usesFloatingPoint = false;
  private readonly vectors = new Map<string, Vector>();

  constructor(
    protected readonly target: Target,
    width: Width,
  ) {
    super(target, width);
  }

  lane(r: VectorRegister, bits: LaneBits, index: number): Int {
    return this.loadLane(r, bits, index, 'u');
  }
  signedLane(r: VectorRegister, bits: LaneBits, index: number): Int {
    return this.loadLane(r, bits, index, 's');
  }
  private loadLane(r: VectorRegister, bits: LaneBits, index: number, sign: 's' | 'u'): Int {
    const at = (index * bits) / 8;
    if (bits === 64) return loaded('i64.load', 'i64', this.address(r), at);
    return loaded(bits === 32 ? 'i32.load' : `i32.load${bits}_${sign}`, 'i32', this.address(r), at);
  }
  setLanes(r: VectorRegister, bits: LaneBits, values: readonly Int[]): void {
    const address = this.address(r),
      bytes = (values.length * bits) / 8;
    for (const value of values) value.use();
    this.commits.push({
      push: (code) => {
        for (const value of values) {
          address(code);
          value.put(code);
        }
      },
      pop: (code) => {
        for (let index = values.length - 1; index >= 0; index--) code.access(storeOpcode(bits, values[index]), (index * bits) / 8);
        if (bytes <= 8) clear(code, address, 8);
        if (bytes < 8) clear(code, address, 0, bytes);
      },
    });
  }
  setLane(r: VectorRegister, bits: LaneBits, index: number, value: Int): void {
    const address = this.address(r);
    value.use();
    this.commits.push({
      push: (code) => {
        address(code);
        value.put(code);
      },
      pop: (code) => void code.access(storeOpcode(bits, value), (index * bits) / 8),
    });
  }

  vector(r: VectorRegister): Vector {
    const value = this.vectors.get(r.name) ?? loaded('v128.load', 'v128', this.address(r), 0);
    this.vectors.set(r.name, value);
    return value;
  }
  setVector(r: VectorRegister, value: Vector, bits: 64 | 128): void {
    const address = this.address(r);
    value.use();
    this.commits.push({
      push: (code) => {
        address(code);
        value.put(code);
        if (bits === 64) code.extractLane('i64x2', 0);
      },
      pop: (code) => {
        code.access(bits === 64 ? 'i64.store' : 'v128.store', 0);
        if (bits === 64) clear(code, address, 8);
      },
    });
  }
  bitwise(operation: 'and' | 'or' | 'xor' | 'andNot', a: Vector, b: Vector): Vector {
    return computed(`v128.${operation === 'andNot' ? 'andnot' : operation}`, a, b);
  }
  bitSelect(mask: Vector, a: Vector, b: Vector): Vector {
    return computed('v128.bitselect', a, b, mask);
  }
  lanewise(operation: LaneOperation, bits: LaneBits, a: Vector, b: Vector): Vector {
    return computed(`${shapes[bits]}.${laneOpcodes[operation]}` as VectorOpcode, a, b);
  }
  shiftLanes(operation: 'shl' | 'shr' | 'sar', bits: LaneBits, a: Vector, by: IntLike): Vector {
    return computed(`${shapes[bits]}.${shiftOpcodes[operation]}`, a, low(this.int(by, 32)));
  }
  splat(bits: LaneBits, value: Int): Vector {
    return computed(`${shapes[bits]}.splat`, bits === 64 ? value : low(value));
  }

  shuffle(a: Vector, b: Vector, bytes: readonly number[]): Vector {
    return new Value(
      'v128',
      (code) => {
        a.put(code);
        b.put(code);
        code.shuffle(bytes);
      },
      [a, b],
    );
  }
  lookUp(table: Vector, indices: Vector): Vector {
    return computed('i8x16.swizzle', table, indices);
  }

  override fpcr(): Int {
    this.usesFloatingPoint = true;
    return super.fpcr();
  }

  private address(r: VectorRegister): (code: Code) => void {
    this.usesFloatingPoint = true;
    return this.target.vectorAddress(r);
  }
}

const storeOpcode = (bits: LaneBits, { type, width }: Int): AccessOpcode =>
  bits === width ? `${type}.store` : (`${type}.store${bits}` as AccessOpcode);

/** Zeroes 8 bytes of a register from `at` on, less the first `kept` of them. */
function clear(code: Code, address: (code: Code) => void, at: 0 | 8, kept = 0): void {
  address(code);
  if (kept === 0) code.i64(0n).access('i64.store', at);
  else {
    address(code);
    code.access(kept === 4 ? 'i64.load32_u' : kept === 2 ? 'i64.load16_u' : 'i64.load8_u', at).access('i64.store', at);
  }
}

const computed = (opcode: VectorOpcode, ...inputs: Value[]): Vector =>
  new Value(
    'v128',
    (code) => {
      for (const input of inputs) input.put(code);
      code.vector(opcode);
    },
    inputs,
  );
