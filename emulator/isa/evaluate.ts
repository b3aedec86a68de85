/**
 * What one instruction does to a given state: the third way to run `emit`, beside the interpreter's and the translator's. Explanations
 * take their results from here, so that what is said of an instruction is what its one definition does.
 */
import { VA } from '../base/addresses.ts';
import type {
  Access,
  Bool,
  Builder,
  Immediate,
  Int,
  IntLike,
  PlainRegister,
  Pointer,
  Register,
  Span,
  VectorRegister,
  Width,
} from './builder.ts';
import { bigintOf, bool, isTrue, Value } from './calculate.ts';
import type { Decoded } from './decode.ts';
import { isShape, type Shape } from './define.ts';
import { VectorEvaluator } from './evaluate-vectors.ts';
import { fields as fieldTable } from './fields.ts';

/** The state before the instruction, as it is seen from outside. A CpuState has most of it. */
export interface SeenState {
  readonly pc: VA;
  readonly sp: VA;
  /** N, Z, C, V in bits 3..0. */
  readonly nzcv: number;
  readonly el: number;
  readonly spsel: number;
  readonly daif: number;
  readonly exclusiveBytes: number;
  readonly exclusiveAddress: bigint;
  readonly fpcr: number;
  /** Data are in big-endian order. */
  readonly bigEndian: boolean;
  x(number: number): bigint;
  /** All 128 bits of a SIMD&FP register. */
  v(number: number): bigint;
  get(name: PlainRegister): bigint;
  /** Whether the stack pointer is checked and misaligned, so that no access may use it as its base. */
  refusesStackPointer(): boolean;
  /** Whether an access of the instruction is refused. */
  refuses(access: MemoryAccess): boolean;
  /** Where a branch to an address goes: without its tag, where tags are ignored (BranchAddr). */
  branchTarget(address: VA): VA;
  /** Bytes from an address on, the first as the lowest; undefined where looking cannot tell. */
  load(address: VA, bytes: number): bigint | undefined;
}

/** An access to memory by its VA. */
export interface MemoryAccess {
  readonly kind: 'read' | 'write';
  readonly address: VA;
  readonly span: Span;
}

export interface Effects {
  /** Left to the machine: it depends on more than this state. Nothing else is set then. */
  readonly leftToMachine: boolean;
  /** What refused the instruction, which has no other effect then. */
  readonly refused: MemoryAccess | 'stack pointer' | undefined;
  /** General registers by number, 31 being the stack pointer; undefined: what is loaded cannot be known. The last write of each. */
  readonly registers: ReadonlyMap<number, bigint | undefined>;
  /** SIMD&FP registers by number; undefined: what is loaded cannot be known. */
  readonly vectors: ReadonlyMap<number, bigint | undefined>;
  /** Bits of FPSR that it sets, whether they were set or not. */
  readonly fpsr: number;
  readonly nzcv: number | undefined;
  readonly daif: number | undefined;
  /** Translated, in order, whether anything is moved or not. */
  readonly accesses: readonly MemoryAccess[];
  /** Bytes as memory has them, the first as the lowest of the value. */
  readonly stores: readonly { readonly address: VA; readonly bytes: number; readonly value: bigint }[];
  /** The exclusive monitor afterwards: bytes marked, 0 when open. */
  readonly exclusive: { readonly bytes: number; readonly address: VA } | undefined;
  /** Whether a store-exclusive passes the monitor. */
  readonly passes: boolean | undefined;
  /** Whether the condition of the instruction holds. */
  readonly holds: boolean | undefined;
  /** Whether it branches; undefined for what is no branch. */
  readonly branches: boolean | undefined;
  /** Where it goes on. */
  readonly next: VA;
}

/** Runs the instruction's `emit` on a state, which does not change. Not for instructions of the machine. */
export function evaluate({ definition, fields, derived }: Decoded, state: SeenState): Effects {
  const evaluator = new Evaluator(state, fields.sf === 0 ? 32 : 64);
  const operands: Record<string, Register | VectorRegister | Immediate | number | Shape> = {};
  for (const { name } of definition.pattern.slots) {
    const value = fields[name];
    const binding = fieldTable[name][1];
    if (binding === 'shape') operands[name] = value;
    else if (binding === 'register') operands[name] = { name, number: value };
    else if (binding === 'vector') operands[name] = { name, isVector: true, number: value };
    else operands[name] = { name, value: BigInt(value) };
  }
  for (const [name, value] of Object.entries(derived)) operands[name] = isShape(value) ? value : { name, value: BigInt(value) };
  try {
    definition.emit!(evaluator, operands as never);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    return { ...evaluator.nothing(), ...error.because };
  }
  return evaluator.effects();
}

/** Nothing of the instruction happens. */
class Ended extends Error {
  constructor(readonly because: Partial<Effects>) {
    super();
  }
}

class Address implements Pointer {
  readonly width = 32;
  /** `element`: bytes of an element, which is what the order of bytes is about. */
  constructor(
    readonly va: VA,
    readonly element: number,
  ) {}
}

class Evaluator extends VectorEvaluator implements Builder {
  private readonly registers = new Map<number, bigint | undefined>();
  private readonly accesses: MemoryAccess[] = [];
  private readonly stores: { address: VA; bytes: number; value: bigint }[] = [];
  private flags: number | undefined;
  private masks: number | undefined;
  private exclusive: Effects['exclusive'];
  private passes: boolean | undefined;
  private condition: boolean | undefined;
  private branches: boolean | undefined;
  private target: VA;

  constructor(
    protected override readonly state: SeenState,
    width: Width,
  ) {
    super(state, width);
    this.target = VA(BigInt.asUintN(64, state.pc + 4n));
  }

  effects(): Effects {
    const { registers, accesses, stores, exclusive, passes, branches } = this;
    const rest = { vectors: this.vectors, fpsr: this.raised, nzcv: this.flags, daif: this.masks, holds: this.condition, next: this.target };
    return { leftToMachine: false, refused: undefined, registers, accesses, stores, exclusive, passes, branches, ...rest };
  }
  /** What is left of an instruction that ends before it has done anything. */
  nothing(): Effects {
    const none = { exclusive: undefined, nzcv: undefined, daif: undefined, branches: undefined, passes: undefined };
    return { ...this.effects(), ...none, registers: new Map(), vectors: new Map(), fpsr: 0, stores: [], next: this.state.pc };
  }

  // Registers
  r(r: Register): Int {
    return this.read(r, 'zr', this.width);
  }
  x(r: Register): Int {
    return this.read(r, 'zr', 64);
  }
  w(r: Register): Int {
    return this.read(r, 'zr', 32);
  }
  rSP(r: Register): Int {
    return this.read(r, 'sp', this.width);
  }
  xSP(r: Register): Int {
    return this.read(r, 'sp', 64);
  }
  base(r: Register): Int {
    if (r.number === 31 && this.state.refusesStackPointer()) throw new Ended({ refused: 'stack pointer' });
    return this.xSP(r);
  }
  private read({ number }: Register, as31: 'zr' | 'sp', width: Width): Int {
    return new Value(width, number! < 31 ? this.state.x(number!) : as31 === 'sp' ? this.state.sp : 0n);
  }
  set({ number }: Register, value: IntLike): void {
    if (number !== 31) this.write(number!, this.int(value));
  }
  setSP({ number }: Register, value: IntLike): void {
    this.write(number!, this.int(value));
  }
  private write(number: number, { value, isUnknown }: Value): void {
    this.registers.set(number, isUnknown ? undefined : value);
  }

  // Flags
  setNZCV(bits: Int): void {
    this.flags = Number(bigintOf(bits));
  }
  holds(cond: number): Bool {
    this.condition = conditionHolds(cond, this.state.nzcv);
    return bool(this.condition);
  }
  adds(a: IntLike, b: IntLike): Int {
    const [x, y] = this.pair(a, b);
    return this.addWithCarry(x, y.value, 0n, true);
  }
  subs(a: IntLike, b: IntLike): Int {
    const [x, y] = this.pair(a, b);
    return this.addWithCarry(x, BigInt.asUintN(x.width, ~y.value), 1n, true);
  }
  ands(a: IntLike, b: IntLike): Int {
    const result = this.and(a, b) as Value;
    this.flags = negativeAndZero(result);
    return result;
  }
  adc(a: Int, b: Int, setFlags: boolean): Int {
    return this.addWithCarry(a as Value, bigintOf(b), BigInt((this.state.nzcv >> 1) & 1), setFlags);
  }
  compareIf(condition: Bool, kind: 'sub' | 'add', a: IntLike, b: IntLike, nzcv: Immediate): void {
    if (!isTrue(condition)) this.flags = Number(nzcv.value);
    else if (kind === 'add') this.adds(a, b);
    else this.subs(a, b);
  }
  /** AddWithCarry() of the manual. */
  private addWithCarry(a: Value, b: bigint, carry: bigint, setFlags: boolean): Value {
    const { width } = a;
    const result = new Value(width, a.value + b + carry);
    const isCarry = a.value + b + carry !== result.value;
    const isOverflow = a.signed + BigInt.asIntN(width, b) + carry !== result.signed;
    if (setFlags) this.flags = negativeAndZero(result) | (isCarry ? 2 : 0) | (isOverflow ? 1 : 0);
    return result;
  }

  // Memory
  readable(address: Int, span: Span): Pointer {
    return this.translated('read', address, span);
  }
  writable(address: Int, span: Span): Pointer {
    return this.translated('write', address, span);
  }
  writableIf(condition: Bool, address: Int, span: Span): Pointer {
    this.passes = isTrue(condition);
    return this.passes ? this.writable(address, span) : nowhere;
  }
  private translated(kind: MemoryAccess['kind'], address: Int, span: Span): Address {
    const access: MemoryAccess = { kind, address: VA(bigintOf(address)), span };
    this.accesses.push(access);
    if (this.state.refuses(access)) throw new Ended({ refused: access });
    return new Address(access.address, span.element ?? span.align ?? span.bytes);
  }
  loadAt(pointer: Pointer, offset: number, { bytes, signed = false, width }: Access): Int {
    const value = this.state.load(this.place(pointer, offset, bytes), bytes);
    if (value === undefined) return new Value(width, 0n, true);
    const ordered = this.ordered(pointer, value, bytes);
    return new Value(width, signed ? BigInt.asIntN(bytes * 8, ordered) : ordered);
  }
  storeAt(pointer: Pointer, offset: number, { bytes }: Access, value: Int): void {
    if (pointer === nowhere) return;
    const stored = this.ordered(pointer, BigInt.asUintN(bytes * 8, bigintOf(value)), bytes);
    this.stores.push({ address: this.place(pointer, offset, bytes), bytes, value: stored });
  }
  /** Where bytes of an access are: those of part of a big-endian element are at its other end. */
  private place(pointer: Pointer, offset: number, bytes: number): VA {
    const { va, element } = pointer as Address;
    const within = offset % element;
    const at = this.state.bigEndian && bytes < element ? offset - within + (element - within - bytes) : offset;
    return VA(BigInt.asUintN(64, va + BigInt(at)));
  }
  /** Bytes as memory has them from those of a register, or the other way: in big-endian order each element is reversed. */
  private ordered(pointer: Pointer, value: bigint, bytes: number): bigint {
    if (!this.state.bigEndian) return value;
    const size = Math.min((pointer as Address).element, bytes);
    const byte = (i: number): bigint => (value >> BigInt(8 * i)) & 0xffn;
    let result = 0n;
    for (let i = 0; i < bytes; i++) result |= byte(i - (i % size) + (size - 1 - (i % size))) << BigInt(8 * i);
    return result;
  }

  // The local exclusive monitor
  markExclusive(address: Int, bytes: number): void {
    this.exclusive = { bytes, address: VA(bigintOf(address)) };
  }
  exclusivePasses(address: Int, bytes: number): Bool {
    const { exclusiveBytes, exclusiveAddress } = this.state;
    return bool(exclusiveBytes === bytes && exclusiveAddress === bigintOf(address));
  }
  clearExclusive(): void {
    this.exclusive = { bytes: 0, address: VA(0n) };
  }

  // PSTATE and system registers
  currentEL(): Int {
    return new Value(32, BigInt(this.state.el));
  }
  spsel(): Int {
    return new Value(32, BigInt(this.state.spsel));
  }
  daif(): Int {
    return new Value(32, BigInt(this.state.daif));
  }
  setDaif(value: Int): void {
    this.masks = Number(bigintOf(value));
  }
  stored(name: PlainRegister): Int {
    return new Value(64, this.state.get(name));
  }
  machineUnless(condition: Bool): void {
    if (!isTrue(condition)) throw new Ended({ leftToMachine: true });
  }

  // Where to go on
  pc(): Int {
    return new Value(64, this.state.pc);
  }
  nextPC(): Int {
    return new Value(64, this.state.pc + 4n);
  }
  branch(offset: Immediate): void {
    this.branches = true;
    this.target = this.state.branchTarget(VA(BigInt.asUintN(64, this.state.pc + offset.value! * 4n)));
  }
  branchIf(condition: Bool, offset: Immediate): void {
    if (isTrue(condition)) this.branch(offset);
    else this.branches = false;
  }
  branchTo(address: Int): void {
    this.branches = true;
    this.target = this.state.branchTarget(VA(bigintOf(address)));
  }
}

/** Where a store that the monitor stops would go. */
const nowhere = new Address(VA(0n), 1);

/** N and Z of a result, in their places. */
const negativeAndZero = (result: Value): number => (result.signed < 0n ? 8 : 0) | (result.value === 0n ? 4 : 0);

/** ConditionHolds(cond), Arm ARM C1.2.4. */
function conditionHolds(cond: number, nzcv: number): boolean {
  const [n, z, c, v] = [8, 4, 2, 1].map((flag) => (nzcv & flag) !== 0);
  const result = [z, c, n, v, c && !z, n === v, n === v && !z, true][cond >> 1];
  return (cond & 1) !== 0 && cond !== 15 ? !result : result;
}
