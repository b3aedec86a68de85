/**
 * Tier 0 as a target: operands are fields of a 16-byte record, registers are in memory, and each handler goes on to the next record by
 * itself. Running a definition's `emit` here yields its handler *and* the layout of its record, since fields are laid out as `emit`
 * asks for them.
 */
import { cpuLayout } from '../cpu/layout.ts';
import type { Register, Width } from '../isa/builder.ts';
import { conditionHolds, flagKinds, type FlagKind } from './flags.ts';
import { putPC, type HelperName } from './helpers.ts';
import { RECORD, TLB_ENTRIES, TLB_ENTRY, tlbEntry, type EngineLayout } from './layout.ts';
import type { As31, Commit, DataAccess, ImmediateOperand, Target } from './target.ts';
import { constant, loaded, local, Value, yes, type Bool, type Int } from './values.ts';
import { accessKind } from './host.ts';
import type { Code, Signature } from './wasm.ts';

/** Why generated code came back to TypeScript. Fault and store are the complements of what `dataMiss` returned (-1, -2). */
export const Exit = {
  fault: 0,
  store: 1,
  budget: 2,
  /** There are no records for cpu.pc in the page cache. */
  fetch: 3,
  decode: 4,
  undefined: 5,
  /** The machine executes the instruction: of a record made for that, and of one whose handler could not. */
  machine: 6,
  guarded: 7,
  /** In front of an instruction where the run is to stop. */
  stop: 8,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

/** How an operand is stored in the record: address of a register's slot, data, or a distance in bytes of records. */
type Storage = 'slot' | 'value' | 'distance';
export interface RecordField {
  readonly operand: string;
  readonly storage: Storage;
  readonly offset: number;
  readonly bytes: 2 | 4 | 8;
}

/** Address of a register. Slot 31 is SP: the zero register never gets here, since number 31 has variants of its own. */
export const slotAddress = (layout: EngineLayout, number: number): number => layout.cpu + cpuLayout.x + number * 8;

/** Locals that every handler has: the current record, steps left, the fast TLB for data, and the flags. */
export interface Registers {
  readonly record: number;
  readonly count: number;
  readonly tlb: number;
  readonly kind: number;
  readonly a: number;
  readonly b: number;
}

/** A handler that is called gets them as parameters. */
export const handlerSignature: Signature = { parameters: ['i32', 'i32', 'i32', 'i32', 'i64', 'i64'], results: ['i32'] };
export const handlerRegisters: Registers = { record: 0, count: 1, tlb: 2, kind: 3, a: 4, b: 5 };

/**
 * How a handler goes on: inside the one big loop it branches to its top; called by the loop, it returns the next record, or the
 * complement of the exit to take.
 */
export type Dispatch = { readonly kind: 'loop'; readonly top: number } | { readonly kind: 'called' };

export class Tier0Target implements Target {
  readonly code: Code;
  readonly layout: EngineLayout;
  readonly recordFields: RecordField[] = [];
  private readonly helpers: Readonly<Record<HelperName, number>>;
  private readonly dispatch: Dispatch;
  private readonly locals: Registers;
  /** Whether branches stay in the page. */
  private readonly near: boolean;
  private readonly taken = new Set<number>([0, 1]); // bytes 0 and 1 are the handler's number

  constructor(
    code: Code,
    layout: EngineLayout,
    helpers: Readonly<Record<HelperName, number>>,
    dispatch: Dispatch,
    locals: Registers,
    near: boolean,
  ) {
    this.code = code;
    this.layout = layout;
    this.helpers = helpers;
    this.dispatch = dispatch;
    this.locals = locals;
    this.near = near;
  }

  register(r: Register, as31: As31, width: Width): Int {
    if (r.number === 31 && as31 === 'zr') return constant(width, 0n);
    const address = this.address(r);
    return width === 64 ? loaded('i64.load', 'i64', address, 0) : loaded('i32.load', 'i32', address, 0);
  }
  setRegister(r: Register, as31: As31, value: Int): Commit {
    if (r.number === 31 && as31 === 'zr') return { push: () => {}, pop: () => {} };
    const address = this.address(r);
    return {
      push: (code) => {
        address(code);
        value.put(code);
        if (value.type === 'i32') code.op('i64.extend_i32_u');
      },
      pop: (code) => void code.access('i64.store', 0),
    };
  }
  immediate(i: ImmediateOperand, width: Width): Int {
    const offset = this.field(i.name, 'value', i.bytes),
      record = (code: Code): void => void code.get(this.locals.record);
    if (width === 32) return loaded(i.bytes === 2 ? 'i32.load16_s' : 'i32.load', 'i32', record, offset);
    return loaded(({ 2: 'i64.load16_s', 4: 'i64.load32_s', 8: 'i64.load' } as const)[i.bytes], 'i64', record, offset);
  }
  pc(): Int {
    return new Value('i64', (code) => putPC(code, this.layout, this.locals.record));
  }

  setFlags(kind: FlagKind | Int, a: Int, b: Int): Commit {
    const { locals } = this;
    return {
      push: (code) => {
        a.put(code);
        b.put(code);
        if (typeof kind === 'string') code.i32(flagKinds[kind]);
        else kind.put(code);
      },
      pop: (code) => void code.set(locals.kind).set(locals.b).set(locals.a),
    };
  }
  holds(cond: number): Bool {
    if (cond >= 14) return yes;
    const { kind, a, b } = this.locals;
    // Most conditions follow a comparison: test for that here, leave the rest to the helper.
    return new Value('i32', (code) => {
      code.get(kind).i32(flagKinds.sub).op('i32.eq').if('i32');
      conditionHolds(cond, 'sub', local('i64', a), local('i64', b)).use().put(code);
      code.else().get(kind).get(a).get(b).i32(cond).call(this.helpers.holds).end();
    });
  }

  translate(address: Int, { bytes, align, kind }: DataAccess): void {
    const { code } = this,
      { record, count, tlb } = this.locals,
      entry = code.local('i32'),
      host = code.local('i32');
    // The page of the last element, with the bits that must be zero in an aligned address ...
    address.put(code);
    if (bytes !== align) code.i64(BigInt(bytes - align)).op('i64.add');
    code.i64(~0xfffn | BigInt(align - 1)).op('i64.and');
    // ... is the tag of the entry for the first one.
    address.put(code);
    code
      .op('i32.wrap_i64')
      .i32(Math.log2(4096 / TLB_ENTRY))
      .op('i32.shr_u');
    code.i32((TLB_ENTRIES - 1) * TLB_ENTRY).op('i32.and');
    if (kind & accessKind.unprivileged) code.i32(0).access('i32.load', this.layout.unprivilegedTlb);
    else code.get(tlb);
    code.op('i32.add').tee(entry);
    code
      .access('i64.load', kind & accessKind.write ? tlbEntry.writeTag : tlbEntry.readTag)
      .op('i64.eq')
      .if('i32');
    address.put(code);
    code.op('i32.wrap_i64').get(entry).access('i32.load', tlbEntry.addend).op('i32.add');
    code.else();
    this.spillFlags();
    address.put(code);
    code.i32(kind).get(record).get(count).get(entry).call(this.helpers.miss);
    code.tee(host).i32(-2).op('i32.ge_u').if();
    code.get(host);
    if (this.dispatch.kind === 'loop') code.i32(-1).op('i32.xor');
    code.op('return').end();
    code.get(host).end();
  }
  checkStackPointer(sp: Int): void {
    const { code } = this,
      { record, count } = this.locals;
    sp.put(code);
    code.op('i32.wrap_i64').i32(15).op('i32.and').if();
    this.spillFlags();
    code.get(record).get(count).call(this.helpers.stackPointer).if();
    this.return(Exit.fault);
    code.end().end();
  }
  leaveToMachine(): void {
    this.leave(Exit.guarded);
  }
  helper(name: HelperName): number {
    return this.helpers[name];
  }

  next(): void {
    this.code.get(this.locals.record).i32(RECORD).op('i32.add');
    this.goOn();
  }
  branchBy(offset: ImmediateOperand): void {
    const { code } = this,
      { record } = this.locals;
    if (this.near) {
      code
        .get(record)
        .get(record)
        .access('i32.load', this.field(offset.name, 'distance', 4))
        .op('i32.add');
      this.goOn();
      return;
    }
    this.pc().put(code);
    this.immediate(offset, 64).put(code);
    code.i64(2n).op('i64.shl', 'i64.add');
    this.branchTo();
  }
  branchTo(): void {
    const { code } = this,
      next = code.local('i32');
    code.call(this.helpers.lookup).tee(next).op('i32.eqz').if();
    // The branch is complete; where it leads, TypeScript must find.
    code.i32(0).get(this.locals.count).i32(1).op('i32.sub').access('i32.store', this.layout.count);
    this.spillFlags();
    this.return(Exit.fetch);
    code.end().get(next);
    this.goOn();
  }

  /** Back to TypeScript, to go on later with the current record. */
  leave(exit: Exit): void {
    const { record, count } = this.locals;
    this.spillFlags();
    this.code.get(record).get(count).call(this.helpers.leave);
    this.return(exit);
  }
  /** The instruction is complete; the next record is on the stack. */
  goOn(): void {
    const { code, dispatch } = this,
      { record, count } = this.locals;
    if (dispatch.kind === 'called') {
      this.spillFlags();
      code.op('return');
      return;
    }
    code.set(record).get(count).i32(1).op('i32.sub').tee(count).op('i32.eqz').if();
    this.leave(Exit.budget);
    code.end().branch(dispatch.top);
  }
  /** The end of a page: on to the first record of the next one, which is no step. Only in the loop. */
  pageEnd(top: number): void {
    const { code } = this,
      { record, count } = this.locals;
    code.i32(0).access('i64.load', this.layout.pageVA).i64(4096n).op('i64.add').call(this.helpers.lookup).tee(record).op('i32.eqz').if();
    code.i32(0).get(count).access('i32.store', this.layout.count);
    this.spillFlags();
    this.return(Exit.fetch);
    code.end().branch(top);
  }
  loadFlags(): void {
    const { kind, a, b } = this.locals;
    this.code.i32(0).access('i32.load', this.flag('flagKind')).set(kind);
    this.code.i32(0).access('i64.load', this.flag('flagA')).set(a);
    this.code.i32(0).access('i64.load', this.flag('flagB')).set(b);
  }
  private spillFlags(): void {
    const { kind, a, b } = this.locals;
    this.code.i32(0).get(kind).access('i32.store', this.flag('flagKind'));
    this.code.i32(0).get(a).access('i64.store', this.flag('flagA'));
    this.code.i32(0).get(b).access('i64.store', this.flag('flagB'));
  }
  private flag(which: 'flagKind' | 'flagA' | 'flagB'): number {
    return this.layout.cpu + cpuLayout[which];
  }
  private return(exit: Exit): void {
    this.code.i32(this.dispatch.kind === 'called' ? ~exit : exit).op('return');
  }

  /** Leaves the address of a register's slot on the stack. */
  private address(r: Register): (code: Code) => void {
    if (r.number !== undefined) {
      const slot = slotAddress(this.layout, r.number);
      return (code) => void code.i32(slot);
    }
    const offset = this.field(r.name, 'slot', 2);
    return (code) => void code.get(this.locals.record).access('i32.load16_u', offset);
  }
  /** Place of an operand in the record; small ones from the front, four bytes from the back, eight bytes at 8. */
  private field(operand: string, storage: Storage, bytes: 2 | 4 | 8): number {
    const known = this.recordFields.find((f) => f.operand === operand && f.storage === storage);
    if (known) return known.offset;
    const places = bytes === 2 ? [2, 4, 6, 8, 10, 12, 14] : bytes === 4 ? [12, 8, 4] : [8];
    const free = (at: number): boolean => Array.from({ length: bytes }, (_, i) => at + i).every((i) => !this.taken.has(i));
    const offset = places.find(free);
    if (offset === undefined) throw new Error(`the record has no room for ${operand}`);
    for (let i = 0; i < bytes; i++) this.taken.add(offset + i);
    this.recordFields.push({ operand, storage, offset, bytes });
    return offset;
  }
}
