/**
 * A handler inside the loop: one instruction, or one part of a sequence. It holds no call, so that V8 keeps the loop's locals in machine
 * registers: whatever is not the straight way (a TLB miss, an unaligned access, flags of an unusual kind) leaves the loop in front of the
 * instruction, of which nothing has been written yet, and the instruction's own handler is called.
 *
 * Steps are not counted one by one. `limit` is where the record would be at which the budget ends if all code were straight:
 * steps left = (limit - record) / RECORD. So only branches change it, and the top of the loop looks whether enough is left for any handler.
 */
import type { IntFunction, Register, Width } from '../isa/builder.ts';
import { conditionHolds, flagKinds, type FlagKind } from './flags.ts';
import { intType } from './functions.ts';
import { PAGE_CACHE_ENTRIES, RECORD, type EngineLayout } from './layout.ts';
import { nativeOf } from './native-float.ts';
import type { PassedValues } from './passed-values.ts';
import type { As31, Commit, DataAccess, ImmediateOperand } from './target.ts';
import { RecordTarget } from './tier0-target.ts';
import { local, Value, yes, type Bool, type Int } from './values.ts';
import type { Code } from './wasm.ts';

/** Locals and labels of the loop. */
export interface Loop {
  readonly record: number;
  readonly limit: number;
  readonly tlb: number;
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  /** Runs the record in the local, if enough steps are left. */
  readonly top: number;
  /** Ends the loop with the record in the local. */
  readonly leave: number;
}

/** Which instruction of a sequence it is, and what is known in front of it. */
export interface Part {
  readonly index: number;
  readonly isLast: boolean;
  readonly near: boolean;
  /** What the flags are, where that is known. */
  readonly kind: FlagKind | undefined;
  readonly passed: PassedValues;
}

export class FastTarget extends RecordTarget {
  /** What the flags are after the instruction, where that is known. */
  kindAfter: FlagKind | undefined;

  constructor(
    code: Code,
    layout: EngineLayout,
    private readonly loop: Loop,
    private readonly part: Part,
  ) {
    super(code, layout, loop.record, part.index * RECORD, part.near);
    this.kindAfter = part.kind;
  }

  override register(r: Register, as31: As31, width: Width): Int {
    const value = super.register(r, as31, width);
    return value.constant === undefined ? this.part.passed.read(r.name, value) : value;
  }
  override setRegister(r: Register, as31: As31, value: Int): Commit {
    return super.setRegister(r, as31, r.number === 31 && as31 === 'zr' ? value : this.part.passed.written(value));
  }

  setFlags(kind: FlagKind | Int, a: Int, b: Int): Commit {
    const { loop } = this;
    this.kindAfter = typeof kind === 'string' ? kind : undefined;
    return {
      push: (code) => {
        a.put(code);
        b.put(code);
        if (typeof kind === 'string') code.i32(flagKinds[kind]);
        else kind.put(code);
      },
      pop: (code) => void code.set(loop.kind).set(loop.b).set(loop.a),
    };
  }
  holds(cond: number): Bool {
    if (cond >= 14) return yes;
    const { loop } = this,
      { kind } = this.part;
    const value = (as: FlagKind): Bool => conditionHolds(cond, as, local('i64', loop.a), local('i64', loop.b)).use();
    if (kind) return new Value('i32', (code) => value(kind).put(code));
    // Most conditions follow a comparison. N, Z and V of `logic` are those of a comparison with zero; C is not.
    const isCarry = [1, 4].includes(cond >> 1);
    return new Value('i32', (code) => {
      code.get(loop.kind);
      if (!isCarry) code.i32(~flagKinds.logic).op('i32.and');
      code.if();
      this.leave();
      code.end();
      value('sub').put(code);
    });
  }

  translate(address: Int, access: DataAccess): void {
    const { code } = this,
      entry = code.temporary('i32');
    this.lookUp(address, access, entry, () => code.get(this.loop.tlb));
    code.if();
    this.leave();
    code.end();
    this.putHostAddress(address, entry);
  }
  checkStackPointer(sp: Int): void {
    sp.put(this.code);
    this.code.op('i32.wrap_i64').i32(15).op('i32.and').if();
    this.leave();
    this.code.end();
  }
  requireFloatingPoint(): void {
    this.code.i32(0).access('i32.load', this.layout.floatingPoint).op('i32.eqz').if();
    this.leave();
    this.code.end();
  }
  callHelper(): never {
    throw new Error('the loop calls nothing');
  }
  /** Computed by the host where that gives the same result and sets no new flag. */
  callFunction(callee: IntFunction, inputs: readonly Int[]): Int {
    const native = nativeOf(callee, inputs);
    if (!native) throw new Error('the loop calls nothing');
    return new Value(
      intType(callee.result),
      (code) => {
        native(code, this.layout, () => {
          code.if();
          this.leave();
          code.end();
        });
      },
      inputs,
    ) as Int;
  }
  leaveToMachine(): void {
    this.leave();
  }

  next(): void {
    if (!this.part.isLast) return;
    this.code
      .get(this.record)
      .i32(this.at + RECORD)
      .op('i32.add')
      .set(this.record)
      .branch(this.loop.top);
  }
  branchBy(offset: ImmediateOperand, commit: () => void): void {
    if (!this.near) return this.branchTo(this.farAddress(offset).use(), commit);
    const { code, loop } = this,
      distance = code.temporary('i32');
    commit();
    this.putDistance(offset);
    code.set(distance);
    code.get(loop.limit).get(distance).op('i32.add').i32(RECORD).op('i32.sub').set(loop.limit);
    code.get(this.record).get(distance).op('i32.add');
    if (this.at) code.i32(this.at).op('i32.add');
    code.set(this.record).branch(loop.top);
  }
  branchTo(address: Int, commit: () => void): void {
    const { code } = this,
      va = code.temporary('i64'),
      target = code.temporary('i32');
    address.put(code);
    code.set(va);
    this.findRecord(va, target);
    commit();
    this.goTo(va, target, this.at + RECORD);
  }
  /** The end of a page: on to the first record of the next one, which is no step. */
  pageEnd(): void {
    const { code } = this,
      va = code.temporary('i64'),
      target = code.temporary('i32');
    code.i32(0).access('i64.load', this.layout.pageVA).i64(4096n).op('i64.add').set(va);
    this.findRecord(va, target);
    this.goTo(va, target, 0);
  }

  /** Puts the record of the VA into local `target`, or leaves where its page is not in the page cache: as the helper `lookup` does it. */
  private findRecord(va: number, target: number): void {
    const { code, layout } = this;
    code.get(va).op('i32.wrap_i64').i32(8).op('i32.shr_u');
    code
      .i32((PAGE_CACHE_ENTRIES - 1) << 4)
      .op('i32.and')
      .tee(target)
      .access('i64.load', layout.pageCache);
    code.get(va).i64(~0xffcn).op('i64.and').i32(0).access('i64.load', layout.bankKey).op('i64.or', 'i64.ne').if();
    this.leave();
    code.end();
    code.get(target).access('i32.load', layout.pageCache + 8);
    code
      .get(va)
      .op('i32.wrap_i64')
      .i32(0xfff)
      .op('i32.and')
      .i32(Math.log2(RECORD / 4))
      .op('i32.shl', 'i32.add')
      .set(target);
  }
  /** Goes on at `target`. Behind `done` bytes of records from local `record` on straight code would have gone on with the same budget. */
  private goTo(va: number, target: number, done: number): void {
    const { code, loop } = this;
    code.i32(0).get(va).i64(~0xfffn).op('i64.and').access('i64.store', this.layout.pageVA);
    code.get(loop.limit).get(target).op('i32.add').get(this.record).op('i32.sub');
    if (done) code.i32(done).op('i32.sub');
    code.set(loop.limit).get(target).set(this.record).branch(loop.top);
  }
  private leave(): void {
    const { code } = this;
    if (this.at) code.get(this.record).i32(this.at).op('i32.add').set(this.record);
    code.branch(this.loop.leave);
  }
}
