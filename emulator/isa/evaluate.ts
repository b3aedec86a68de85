/**
 * What one instruction does to a given state: the third way to run `emit`, beside the interpreter's and the translator's. Explanations
 * take their results from here, so that what is said of an instruction is what its one definition does.
 */
import { VA } from '../base/addresses.ts';
import type { Access, Bool, Builder, Immediate, Int, IntLike, PlainRegister, Pointer, Register, Span, Width } from './builder.ts';
import type { Decoded } from './decode.ts';
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
  x(number: number): bigint;
  get(name: PlainRegister): bigint;
  /** Whether the stack pointer is checked and misaligned, so that no access may use it as its base. */
  refusesStackPointer(): boolean;
  /** Whether an access of the instruction is refused. */
  refuses(access: MemoryAccess): boolean;
  /** Where a branch to an address goes: without its tag, where tags are ignored (BranchAddr). */
  branchTarget(address: VA): VA;
  /** What an access of so many bytes loads; undefined where looking cannot tell. */
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
  readonly nzcv: number | undefined;
  readonly daif: number | undefined;
  /** Translated, in order, whether anything is moved or not. */
  readonly accesses: readonly MemoryAccess[];
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
  const operands: Record<string, Register | Immediate | number | boolean | string> = {};
  for (const { name } of definition.pattern.slots) {
    const value = fields[name];
    const binding = fieldTable[name][1];
    operands[name] = binding === 'shape' ? value : binding === 'register' ? { name, number: value } : { name, value: BigInt(value) };
  }
  for (const [name, value] of Object.entries(derived))
    operands[name] = typeof value === 'boolean' || typeof value === 'string' ? value : { name, value: BigInt(value) };
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

class Value implements Int {
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
class Address implements Pointer {
  readonly width = 32;
  constructor(readonly va: VA) {}
}

const bool = (condition: boolean): Bool => new Value(32, condition ? 1n : 0n) as unknown as Bool;
const isTrue = (condition: Bool): boolean => (condition as unknown as Value).value !== 0n;
const bigintOf = (value: Int): bigint => (value as Value).value;

class Evaluator implements Builder {
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
    private readonly state: SeenState,
    private readonly width: Width,
  ) {
    this.target = VA(BigInt.asUintN(64, state.pc + 4n));
  }

  effects(): Effects {
    const { registers, accesses, stores, exclusive, passes, branches } = this;
    const rest = { nzcv: this.flags, daif: this.masks, holds: this.condition, next: this.target };
    return { leftToMachine: false, refused: undefined, registers, accesses, stores, exclusive, passes, branches, ...rest };
  }
  /** What is left of an instruction that ends before it has done anything. */
  nothing(): Effects {
    const none = { exclusive: undefined, nzcv: undefined, daif: undefined, branches: undefined, passes: undefined };
    return { ...this.effects(), ...none, registers: new Map(), stores: [], next: this.state.pc };
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

  // Arithmetic
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
  both(a: Bool, b: Bool): Bool {
    return bool(isTrue(a) && isTrue(b));
  }
  choose(condition: Bool, yes: IntLike, no: IntLike): Int {
    const [a, b] = this.pair(yes, no);
    return isTrue(condition) ? a : b;
  }

  // Flags
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
    return new Address(access.address);
  }
  loadAt(pointer: Pointer, offset: number, { bytes, signed = false, width }: Access): Int {
    const value = this.state.load(at(pointer, offset), bytes);
    return new Value(width, signed ? BigInt.asIntN(bytes * 8, value ?? 0n) : (value ?? 0n), value === undefined);
  }
  storeAt(pointer: Pointer, offset: number, { bytes }: Access, value: Int): void {
    if (pointer !== nowhere) this.stores.push({ address: at(pointer, offset), bytes, value: BigInt.asUintN(bytes * 8, bigintOf(value)) });
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

  private int(value: IntLike, width: Width = this.width): Value {
    if (value instanceof Value) return value;
    if (typeof value === 'object') return new Value(width, (value as Immediate).value!);
    return new Value(width, BigInt(value));
  }
  private pair(a: IntLike, b: IntLike): [Value, Value] {
    const width = a instanceof Value ? a.width : b instanceof Value ? b.width : this.width;
    return [this.int(a, width), this.int(b, width)];
  }
  private binary(a: IntLike, b: IntLike, compute: (a: bigint, b: bigint, width: bigint) => bigint): Int {
    const [x, y] = this.pair(a, b);
    return new Value(x.width, compute(x.value, y.value, BigInt(x.width)));
  }
}

/** Where a store that the monitor stops would go. */
const nowhere = new Address(VA(0n));
const at = (pointer: Pointer, offset: number): VA => VA(BigInt.asUintN(64, (pointer as Address).va + BigInt(offset)));

/** N and Z of a result, in their places. */
const negativeAndZero = (result: Value): number => (result.signed < 0n ? 8 : 0) | (result.value === 0n ? 4 : 0);

/** ConditionHolds(cond), Arm ARM C1.2.4. */
function conditionHolds(cond: number, nzcv: number): boolean {
  const [n, z, c, v] = [8, 4, 2, 1].map((flag) => (nzcv & flag) !== 0);
  const result = [z, c, n, v, c && !z, n === v, n === v && !z, true][cond >> 1];
  return (cond & 1) !== 0 && cond !== 15 ? !result : result;
}
