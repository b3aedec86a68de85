/** The builder that definitions see, over any target: collects what an instruction reads, computes and writes, then writes its code. */
import { cpuLayout, systemOffset } from '../cpu/layout.ts';
import type { Access, Builder, IntFunction, PlainRegister, Register, Span, Width } from '../isa/builder.ts';
import type { IntLike } from './arithmetic.ts';
import { flagKinds, type FlagKind } from './flags.ts';
import { accessKind, kindOf } from './host.ts';
import type { As31, DataAccess, ImmediateOperand } from './target.ts';
import { binary, choose, compare, constant, loaded, local, no, Value, zeroExtend, type Bool, type Int } from './values.ts';
import { VectorBuilder } from './vector-builder.ts';
import type { AccessOpcode, Code } from './wasm.ts';

type Pointer = Value<'i32'>;
/** How an instruction goes on: to the next one, by an offset (where a condition holds), or to an address. */
interface Ending {
  readonly condition?: Bool;
  readonly offset?: ImmediateOperand;
  readonly address?: Int;
}

const zero = constant(64, 0n);

function loadOpcode({ bytes, signed, width }: Access): AccessOpcode {
  const type = width === 64 ? 'i64' : 'i32';
  return bytes * 8 === width ? `${type}.load` : (`${type}.load${bytes * 8}_${signed ? 's' : 'u'}` as AccessOpcode);
}
const storeOpcode = (bytes: number, { type, width }: Int): AccessOpcode =>
  bytes * 8 === width ? `${type}.store` : (`${type}.store${bytes * 8}` as AccessOpcode);

/** `width` is what `sf` says, 64 where the instruction has no sf. */
export class CodeBuilder extends VectorBuilder implements Builder {
  private readonly reads = new Map<string, Int>();
  private ending: Ending = {};

  /** Called even where the result goes to the zero register: it may set bits of FPSR. */
  override call(called: IntFunction, ...inputs: IntLike[]): Int {
    const value = super.call(called, ...inputs).use();
    return this.now(value.type, (code) => value.put(code)) as Int;
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
    const value = this.xSP(r);
    if (r.number === 31) {
      value.use();
      this.effects.push(() => this.target.checkStackPointer(value));
    }
    return value;
  }
  set(r: Register, value: IntLike): void {
    this.commits.push(this.target.setRegister(r, 'zr', this.int(value).use()));
  }
  setSP(r: Register, value: IntLike): void {
    this.commits.push(this.target.setRegister(r, 'sp', this.int(value).use()));
  }

  // Flags
  setNZCV(bits: Int): void {
    this.commits.push(this.target.setFlags('packed', zeroExtend(bits).use(), zero.use()));
  }
  holds(cond: number): Bool {
    return this.target.holds(cond);
  }
  adds(a: IntLike, b: IntLike): Int {
    const [x, y] = this.pair(a, b);
    this.setFlags('add', x, y);
    return binary('add', x, y);
  }
  subs(a: IntLike, b: IntLike): Int {
    const [x, y] = this.pair(a, b);
    this.setFlags('sub', x, y);
    return binary('sub', x, y);
  }
  ands(a: IntLike, b: IntLike): Int {
    const result = this.and(a, b);
    this.setFlags('logic', result, zero);
    return result;
  }
  adc(a: Int, b: Int, setFlags: boolean): Int {
    const carry = this.holds(2),
      r = this.add(this.add(a, b), a.width === 64 ? zeroExtend(carry) : carry);
    if (setFlags) {
      const top = (v: Int): Bool => compare('lt_s', v, constant(a.width, 0n));
      const c = top(this.or(this.and(a, b), this.and(this.or(a, b), this.not(r)))),
        v = top(this.and(this.xor(a, r), this.xor(b, r)));
      const bits = [top(r), this.isZero(r), c, v].reduce<Int>((sum, flag) => this.or(this.shl(sum, 1), flag), no);
      this.setNZCV(bits);
    }
    return r;
  }
  compareIf(condition: Bool, kind: 'sub' | 'add', a: IntLike, b: IntLike, nzcv: ImmediateOperand): void {
    const [x, y] = this.pair(a, b).map(atTop) as [Int, Int];
    const which = choose(condition, constant(32, BigInt(flagKinds[kind])), constant(32, BigInt(flagKinds.packed)));
    this.commits.push(this.target.setFlags(which.use(), choose(condition, x, this.int(nzcv, 64)).use(), y.use()));
  }

  // Memory
  readable(address: Int, span: Span): Pointer {
    return this.translated(address, dataAccess(span, 0));
  }
  writable(address: Int, span: Span): Pointer {
    return this.translated(address, dataAccess(span, accessKind.write));
  }
  writableIf(condition: Bool, address: Int, span: Span): Pointer {
    address.use().use().use();
    condition.use();
    return this.now('i32', (code) => {
      // Computed before the branch: what is used on both ways must not be put into its local on one of them.
      address.put(code);
      code.op('drop');
      condition.put(code);
      code.if('i32');
      this.target.translate(address, dataAccess(span, accessKind.write));
      code.else().i32(this.target.layout.scratch).end();
    });
  }
  loadAt(pointer: Pointer, offset: number, access: Access): Int {
    pointer.use();
    return this.now(access.width === 64 ? 'i64' : 'i32', (code) => {
      pointer.put(code);
      code.access(loadOpcode(access), offset);
    }) as Int;
  }
  storeAt(pointer: Pointer, offset: number, { bytes }: Access, value: Int): void {
    pointer.use();
    value.use();
    this.commits.push({
      push: (code) => {
        pointer.put(code);
        value.put(code);
      },
      pop: (code) => void code.access(storeOpcode(bytes, value), offset),
    });
  }

  // The local exclusive monitor
  markExclusive(address: Int, bytes: number): void {
    this.setState('i32.store', cpuLayout.exclusiveBytes, constant(32, BigInt(bytes)));
    this.setState('i64.store', cpuLayout.exclusiveAddress, address);
  }
  exclusivePasses(address: Int, bytes: number): Bool {
    const marked = this.state('i32.load', cpuLayout.exclusiveBytes),
      markedAddress = this.state('i64.load', cpuLayout.exclusiveAddress);
    return this.both(compare('eq', marked, constant(32, BigInt(bytes))), compare('eq', markedAddress, address));
  }
  clearExclusive(): void {
    this.setState('i32.store', cpuLayout.exclusiveBytes, no);
  }

  // PSTATE and system registers
  currentEL(): Int {
    return this.state('i32.load', cpuLayout.el);
  }
  spsel(): Int {
    return this.state('i32.load', cpuLayout.spsel);
  }
  daif(): Int {
    return this.state('i32.load', cpuLayout.daif);
  }
  setDaif(value: Int): void {
    this.setState('i32.store', cpuLayout.daif, value);
  }
  stored(name: PlainRegister): Int {
    return this.state('i64.load', systemOffset(name));
  }
  machineUnless(condition: Bool): void {
    condition.use();
    this.effects.push((code) => {
      condition.put(code);
      code.op('i32.eqz').if();
      this.target.leaveToMachine();
      code.end();
    });
  }
  /** State in the CPU's block. */
  private state(opcode: 'i32.load' | 'i64.load', offset: number): Int {
    const { cpu } = this.target.layout;
    return loaded(opcode, opcode === 'i64.load' ? 'i64' : 'i32', (code) => void code.i32(0), cpu + offset) as Int;
  }
  private setState(opcode: 'i32.store' | 'i64.store', offset: number, value: Int): void {
    value.use();
    this.commits.push({
      push: (code) => {
        code.i32(0);
        value.put(code);
      },
      pop: (code) => void code.access(opcode, this.target.layout.cpu + offset),
    });
  }

  // Where to go on
  pc(): Int {
    return this.target.pc();
  }
  nextPC(): Int {
    return this.add(this.target.pc(), 4);
  }
  branch(offset: ImmediateOperand): void {
    this.ending = { offset };
  }
  branchIf(condition: Bool, offset: ImmediateOperand): void {
    this.ending = { condition: condition.use(), offset };
  }
  branchTo(address: Int): void {
    this.ending = { address: address.use() };
  }

  /** Writes the instruction: what may fault, then all results on the stack, then all stores, then the way on. */
  finish(): void {
    const { target } = this,
      { code } = target,
      { condition, offset, address } = this.ending;
    const commit = (): void => {
      for (const { push } of [...this.commits].reverse()) push(code);
      for (const { pop } of this.commits) pop(code);
    };
    if (this.usesFloatingPoint) target.requireFloatingPoint();
    for (const effect of this.effects) effect(code);
    if (condition && offset) {
      condition.put(code);
      commit();
      code.if();
      target.branchBy(offset, () => {});
      code.end();
      target.next();
    } else if (offset) target.branchBy(offset, commit);
    else if (address) target.branchTo(address, commit);
    else {
      commit();
      target.next();
    }
  }

  private read(r: Register, as31: As31, width: Width): Int {
    const key = `${r.name} ${as31} ${width}`;
    const value = this.reads.get(key) ?? this.target.register(r, as31, width);
    this.reads.set(key, value);
    return value;
  }
  private setFlags(kind: FlagKind, a: Int, b: Int): void {
    this.commits.push(this.target.setFlags(kind, atTop(a).use(), atTop(b).use()));
  }
  private translated(address: Int, access: DataAccess): Pointer {
    address.use().use();
    return this.now('i32', () => this.target.translate(address, access));
  }
  /** A value computed at this point of the order, into a local. `body` leaves it on the stack; its inputs have been counted. */
  private now<T extends 'i32' | 'i64'>(type: T, body: (code: Code) => void): Value<T> {
    let index = -1;
    this.effects.push((code) => {
      body(code);
      code.set((index = code.temporary(type)));
    });
    return new Value(type, (code) => local(type, index).put(code));
  }
}

/** 32-bit flag operands are kept in the upper half (see flags.ts). */
const atTop = (v: Int): Int => (v.type === 'i64' ? v : binary('shl', zeroExtend(v), constant(64, 32n)));

const dataAccess = (span: Span, write: number): DataAccess => ({
  bytes: span.bytes,
  align: span.align ?? span.bytes,
  kind: kindOf(span) | write,
});
