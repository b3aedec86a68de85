/**
 * Tier 0 as a target, as far as its two forms agree: operands are fields of a 16-byte record, registers are in memory. Running a
 * definition's `emit` here yields its handler *and* the layout of its record, since fields are laid out as `emit` asks for them.
 */
import { cpuLayout } from '../cpu/layout.ts';
import type { IntFunction, Register, VectorRegister, Width } from '../isa/builder.ts';
import type { FlagKind } from './flags.ts';
import { accessKind } from './host.ts';
import { putPC, type HelperName } from './helpers.ts';
import { TLB_ENTRIES, TLB_ENTRY, tlbEntry, type EngineLayout } from './layout.ts';
import type { As31, Commit, DataAccess, ImmediateOperand, Target } from './target.ts';
import { constant, loaded, Value, type Bool, type Int } from './values.ts';
import type { Code } from './wasm.ts';

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
  /** In front of an instruction of floating point or SIMD: the machine must say whether it may be used. */
  floatingPoint: 9,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

/** How an operand is stored in the record: address of a register's slot, of a SIMD&FP register, data, or a distance in bytes of records. */
type Storage = 'slot' | 'vector' | 'value' | 'distance';
export interface RecordField {
  readonly operand: string;
  readonly storage: Storage;
  readonly offset: number;
  readonly bytes: 2 | 4 | 8;
}

/** A register operand: where its slot is in the record, or its number. */
export interface RegisterField {
  readonly operand: string;
  readonly offset?: number | undefined;
  readonly number?: number | undefined;
}

/** Address of a register. Slot 31 is SP: the zero register never gets here, since number 31 has its own variants. */
export const slotAddress = (layout: EngineLayout, number: number): number => layout.cpu + cpuLayout.x + number * 8;

export const vectorAddress = (layout: EngineLayout, number: number): number => layout.cpu + cpuLayout.v + number * 16;

export abstract class RecordTarget implements Target {
  readonly recordFields: RecordField[] = [];
  /** Registers read and written, each operand once, in the order of `emit`. */
  readonly reads: RegisterField[] = [];
  readonly writes: RegisterField[] = [];
  private readonly taken = new Set<number>([0, 1]); // bytes 0 and 1 are the handler's number

  /** The record of the instruction is `at` bytes behind the one in local `record`. `near`: branches stay in the page. */
  constructor(
    readonly code: Code,
    readonly layout: EngineLayout,
    protected readonly record: number,
    protected readonly at: number,
    protected readonly near: boolean,
  ) {}

  abstract setFlags(kind: FlagKind | Int, a: Int, b: Int): Commit;
  abstract holds(cond: number): Bool;
  abstract translate(address: Int, access: DataAccess): void;
  abstract checkStackPointer(sp: Int): void;
  abstract requireFloatingPoint(): void;
  abstract callHelper(name: HelperName, inputs: readonly Int[]): Int;
  abstract callFunction(called: IntFunction, inputs: readonly Int[]): Int;
  abstract leaveToMachine(): void;
  abstract next(): void;
  abstract branchBy(offset: ImmediateOperand, commit: () => void): void;
  abstract branchTo(address: Int, commit: () => void): void;

  register(r: Register, as31: As31, width: Width): Int {
    if (r.number === 31 && as31 === 'zr') return constant(width, 0n);
    const address = this.address(r);
    if (!this.reads.some(({ operand }) => operand === r.name)) this.reads.push(this.registerField(r));
    return width === 64 ? loaded('i64.load', 'i64', address, 0) : loaded('i32.load', 'i32', address, 0);
  }
  setRegister(r: Register, as31: As31, value: Int): Commit {
    if (r.number === 31 && as31 === 'zr') return { push: () => {}, pop: () => {} };
    const address = this.address(r);
    this.writes.push(this.registerField(r));
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
      record = (code: Code): void => void code.get(this.record);
    if (width === 32) return loaded(i.bytes === 2 ? 'i32.load16_s' : 'i32.load', 'i32', record, offset);
    return loaded(({ 2: 'i64.load16_s', 4: 'i64.load32_s', 8: 'i64.load' } as const)[i.bytes], 'i64', record, offset);
  }
  vectorAddress({ name, number, first, distance }: VectorRegister): (code: Code) => void {
    if (number !== undefined) return (code) => void code.i32(vectorAddress(this.layout, number));
    const offset = this.field(first ?? name, 'vector', 2),
      v0 = vectorAddress(this.layout, 0);
    return (code) => {
      code.get(this.record).access('i32.load16_u', offset);
      if (distance)
        code
          .i32(distance * 16 - v0)
          .op('i32.add')
          .i32(32 * 16 - 1)
          .op('i32.and')
          .i32(v0)
          .op('i32.add');
    };
  }
  pc(): Int {
    return new Value('i64', (code) => putPC(code, this.layout, this.record, this.at));
  }

  /**
   * Looks for the page of `address` in the fast TLB: leaves on the stack whether it is *not* there. The entry's address is put into local
   * `entry`. An unaligned address is never there; but one of a quadword is, where all of it is in the page and the page is not strict:
   * what copies memory by quadwords seldom aligns both sides.
   */
  protected lookUp(address: Int, access: DataAccess, entry: number, bank: () => void): void {
    const { code } = this,
      { bytes, align, kind } = access;
    const mayBeUnaligned = align >= 16 && !(kind & accessKind.aligned);
    // The page of the last element, with the bits that must be zero in an aligned address ...
    const last = mayBeUnaligned ? bytes - 1 : bytes - align;
    address.put(code);
    if (last > 0) code.i64(BigInt(last)).op('i64.add');
    code.i64(mayBeUnaligned ? ~0xfffn : ~0xfffn | BigInt(align - 1)).op('i64.and');
    // ... is the tag of the entry for the first one.
    address.put(code);
    code
      .op('i32.wrap_i64')
      .i32(Math.log2(4096 / TLB_ENTRY))
      .op('i32.shr_u')
      .i32((TLB_ENTRIES - 1) * TLB_ENTRY)
      .op('i32.and');
    if (kind & accessKind.unprivileged) code.i32(0).access('i32.load', this.layout.unprivilegedTlb);
    else bank();
    code.op('i32.add').tee(entry);
    code.access('i64.load', kind & accessKind.write ? tlbEntry.writeTag : tlbEntry.readTag).op('i64.ne');
    if (!mayBeUnaligned) return;
    code.i32(0).get(entry).access('i32.load', tlbEntry.strict).op('i32.sub');
    address.put(code);
    code
      .op('i32.wrap_i64')
      .i32(align - 1)
      .op('i32.and', 'i32.and', 'i32.or');
  }
  /** Leaves the host address on the stack, by an entry that `lookUp` found. */
  protected putHostAddress(address: Int, entry: number): void {
    address.put(this.code);
    this.code.op('i32.wrap_i64').get(entry).access('i32.load', tlbEntry.addend).op('i32.add');
  }
  /** The VA of a branch that does not stay in the page. */
  protected farAddress(offset: ImmediateOperand): Int {
    const words = this.immediate(offset, 64),
      pc = this.pc();
    return new Value(
      'i64',
      (code) => {
        pc.put(code);
        words.put(code);
        code.i64(2n).op('i64.shl', 'i64.add');
      },
      [pc, words],
    );
  }
  /** Leaves the distance in bytes to the record of a near branch on the stack. */
  protected putDistance(offset: ImmediateOperand): void {
    this.code.get(this.record).access('i32.load', this.field(offset.name, 'distance', 4));
  }
  protected flag(which: 'flagKind' | 'flagA' | 'flagB'): number {
    return this.layout.cpu + cpuLayout[which];
  }

  /** Leaves the address of a register's slot on the stack. */
  private address(r: Register): (code: Code) => void {
    if (r.number !== undefined) {
      const slot = slotAddress(this.layout, r.number);
      return (code) => void code.i32(slot);
    }
    const offset = this.field(r.name, 'slot', 2);
    return (code) => void code.get(this.record).access('i32.load16_u', offset);
  }
  private registerField({ name, number }: Register): RegisterField {
    const field = this.recordFields.find(({ operand, storage }) => operand === name && storage === 'slot');
    return { operand: name, offset: number === undefined ? field?.offset : undefined, number };
  }
  /** Where an operand is, seen from local `record`; small ones from the front, four bytes from the back, eight bytes at 8. */
  private field(operand: string, storage: Storage, bytes: 2 | 4 | 8): number {
    const known = this.recordFields.find((f) => f.operand === operand && f.storage === storage);
    if (known) return this.at + known.offset;
    const places = bytes === 2 ? [2, 4, 6, 8, 10, 12, 14] : bytes === 4 ? [12, 8, 4] : [8];
    const free = (at: number): boolean => Array.from({ length: bytes }, (_, i) => at + i).every((i) => !this.taken.has(i));
    const offset = places.find(free);
    if (offset === undefined) throw new Error(`the record has no room for ${operand}`);
    for (let i = 0; i < bytes; i++) this.taken.add(offset + i);
    this.recordFields.push({ operand, storage, offset, bytes });
    return this.at + offset;
  }
}
