/**
 * A handler as its own function: it gets the address of its record and returns that of the next one, or the complement of the exit to
 * take. It can do all that its instruction may ask for. The flags are in memory, and so is the count of steps left, without this one.
 */
import type { IntFunction } from '../isa/builder.ts';
import { flagKinds, type FlagKind } from './flags.ts';
import { called, intType } from './functions.ts';
import { helperSignatures, type HelperName } from './helpers.ts';
import { RECORD, type EngineLayout } from './layout.ts';
import { nativeOf } from './native-float.ts';
import type { Commit, DataAccess, ImmediateOperand } from './target.ts';
import { Exit, RecordTarget } from './tier0-target.ts';
import { Value, yes, type Bool, type Int } from './values.ts';
import { Code, type Signature } from './wasm.ts';

export const handlerSignature: Signature = { parameters: ['i32'], results: ['i32'] };

/** The number, in its module, of a helper or of a function (isa/functions.ts). */
export type FunctionIndex = (name: string) => number;

export class CalledTarget extends RecordTarget {
  /** Whether the loop may do without what it calls to compute something. */
  isSimple = true;
  readonly calls = new Set<IntFunction>();

  constructor(
    layout: EngineLayout,
    private readonly indexOf: FunctionIndex,
    near: boolean,
  ) {
    super(new Code(handlerSignature), layout, 0, 0, near);
  }

  setFlags(kind: FlagKind | Int, a: Int, b: Int): Commit {
    return {
      push: (code) => {
        code.i32(0);
        a.put(code);
        code.i32(0);
        b.put(code);
        code.i32(0);
        if (typeof kind === 'string') code.i32(flagKinds[kind]);
        else kind.put(code);
      },
      pop: (code) =>
        void code
          .access('i32.store', this.flag('flagKind'))
          .access('i64.store', this.flag('flagB'))
          .access('i64.store', this.flag('flagA')),
    };
  }
  holds(cond: number): Bool {
    if (cond >= 14) return yes;
    return new Value('i32', (code) => {
      code.i32(0).access('i32.load', this.flag('flagKind'));
      code.i32(0).access('i64.load', this.flag('flagA'));
      code.i32(0).access('i64.load', this.flag('flagB'));
      code.i32(cond).call(this.indexOf('holds'));
    });
  }

  translate(address: Int, access: DataAccess): void {
    const { code } = this,
      entry = code.temporary('i32'),
      host = code.temporary('i32');
    this.lookUp(address, access, entry, () => code.i32(0).access('i32.load', this.layout.dataTlb));
    code.if('i32');
    address.put(code);
    code.i32(access.kind).get(this.record).get(entry).call(this.indexOf('miss'));
    code.tee(host).i32(-2).op('i32.ge_u').if();
    code.get(host).op('return').end();
    code.get(host);
    code.else();
    this.putHostAddress(address, entry);
    code.end();
  }
  checkStackPointer(sp: Int): void {
    const { code } = this;
    sp.put(code);
    code.op('i32.wrap_i64').i32(15).op('i32.and').if();
    code.get(this.record).call(this.indexOf('stackPointer')).if();
    this.return(Exit.fault);
    code.end().end();
  }
  requireFloatingPoint(): void {
    this.code.i32(0).access('i32.load', this.layout.floatingPoint).op('i32.eqz').if();
    this.leave(Exit.floatingPoint);
    this.code.end();
  }
  callHelper(name: HelperName, inputs: readonly Int[]): Int {
    this.isSimple = false;
    return called(this.indexOf(name), helperSignatures[name].results[0]!, inputs);
  }
  callFunction(callee: IntFunction, inputs: readonly Int[]): Int {
    this.isSimple &&= nativeOf(callee, inputs) !== undefined;
    this.calls.add(callee);
    return called(this.indexOf(callee.name), intType(callee.result), inputs);
  }
  leaveToMachine(): void {
    this.leave(Exit.guarded);
  }

  next(): void {
    this.code.get(this.record).i32(RECORD).op('i32.add', 'return');
  }
  branchBy(offset: ImmediateOperand, commit: () => void): void {
    if (!this.near) return this.branchTo(this.farAddress(offset).use(), commit);
    commit();
    this.code.get(this.record);
    this.putDistance(offset);
    this.code.op('i32.add', 'return');
  }
  branchTo(address: Int, commit: () => void): void {
    const { code } = this,
      next = code.temporary('i32');
    address.put(code);
    commit();
    code.call(this.indexOf('lookup')).tee(next).op('i32.eqz').if();
    // The branch is complete; where it leads, TypeScript must find.
    code.i32(0);
    code.i32(0).access('i32.load', this.layout.count).i32(1).op('i32.sub').access('i32.store', this.layout.count);
    this.return(Exit.fetch);
    code.end().get(next).op('return');
  }

  /** Back to TypeScript, to go on later with the current record. */
  leave(exit: Exit): void {
    this.code.get(this.record).call(this.indexOf('leave'));
    this.return(exit);
  }
  /** The end of a page: on to the first record of the next one, which is no step. */
  pageEnd(): void {
    const { code, layout } = this,
      next = code.temporary('i32');
    code.i32(0).access('i64.load', layout.pageVA).i64(4096n).op('i64.add').call(this.indexOf('lookup')).tee(next).op('i32.eqz').if();
    this.return(Exit.fetch);
    code.end();
    // The caller counts a step.
    code.i32(0);
    code.i32(0).access('i32.load', layout.count).i32(1).op('i32.add').access('i32.store', layout.count);
    code.get(next).op('return');
  }
  private return(exit: Exit): void {
    this.code.i32(~exit).op('return');
  }
}
