/**
 * What a definition's `emit` sees. It describes one instruction: it reads, translates addresses, computes, and names the results.
 * Results (registers, flags, memory, pc) are committed together at the end, after everything that can fault, so
 *
 *   - an instruction that faults has written nothing,
 *   - every read sees the state before the instruction, in whatever order `emit` names its results;
 *     where two results name the same register, the later one stays.
 *
 * How a register or an immediate is reached is the engine's business: a field of a predecoded record, a local, a constant.
 */

export type Width = 32 | 64;

/** An integer being computed, 32 or 64 bits wide. */
export interface Int {
  readonly width: Width;
}
/** Zero or one. */
export interface Bool extends Int {
  readonly width: 32;
}
/** A translated address. */
export interface Pointer {
  readonly width: 32;
}

/** A register operand. Its number may be known only at run time. */
export interface Register {
  readonly name: string;
  readonly number?: number | undefined;
}
/** Data of the instruction. Its value may be known only at run time. */
export interface Immediate {
  readonly name: string;
  readonly value?: bigint | undefined;
}

/** The link register as an operand. */
export const LR: Register = { name: 'LR', number: 30 };

export type IntLike = Int | Immediate | number | bigint;

/** How memory is read into a register or written from it: bytes moved, sign or zero extension, width of the register. */
export interface Access {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly signed?: boolean;
  readonly width: Width;
}

/** One memory access of an instruction, as the translation of its address needs to know it. */
export interface Span {
  /** Bytes touched from the address on: one element, or several, of at most 64 bytes in all. */
  readonly bytes: number;
  /** Alignment in bytes below which the access is unaligned: the size of an element. Default: `bytes`. */
  readonly align?: number;
  /** Bytes of one element, where an access of several must be aligned as a whole: exclusive pairs. Default: `align`. */
  readonly element?: number;
  /** Must be aligned whatever SCTLR_ELx.A says: exclusive, acquire, release (Arm ARM B2.5.2). */
  readonly aligned?: boolean;
  /** Checked as at EL0 when executed at EL1: LDTR, STTR. */
  readonly unprivileged?: boolean;
}

/** System registers that generated code reads by itself. */
export type PlainRegister =
  | 'SP_EL0'
  | 'TPIDR_EL0'
  | 'TPIDRRO_EL0'
  | 'TPIDR_EL1'
  | 'ELR_EL1'
  | 'SPSR_EL1'
  | 'TPIDR_EL2'
  | 'ELR_EL2'
  | 'SPSR_EL2'
  | 'ESR_EL2'
  | 'FAR_EL2'
  | 'HPFAR_EL2';

/** A SIMD&FP register operand, V0..V31. */
export interface VectorRegister {
  readonly name: string;
  readonly isVector: true;
  readonly number?: number | undefined;
  /** The operand that it follows, and by how many registers: see `following`. */
  readonly first?: string;
  readonly distance?: number;
}
/** The register `distance` after r, V0 following V31: the others of a list of registers. */
export const following = (r: VectorRegister, distance: number): VectorRegister =>
  distance === 0
    ? r
    : {
        name: `${r.name}+${distance}`,
        isVector: true,
        number: r.number === undefined ? undefined : (r.number + distance) % 32,
        first: r.name,
        distance,
      };
/** The 128 bits of a SIMD&FP register. */
export interface Vector {
  readonly width: 128;
}
export type LaneBits = 8 | 16 | 32 | 64;
/** Comparisons give all ones or zero. Not for all widths: `mul` from 16 to 64 bits, the unsigned comparisons, minima and maxima up to 32. */
export type LaneOperation =
  | 'add'
  | 'sub'
  | 'mul'
  | 'minS'
  | 'minU'
  | 'maxS'
  | 'maxU'
  | 'equal'
  | 'greaterS'
  | 'greaterU'
  | 'atLeastS'
  | 'atLeastU';

/** Integer arithmetic. Immediates and numbers take the width of the value beside them, or the instruction's: 64 in a function. */
export interface Arithmetic {
  constant(width: Width, value: number | bigint): Int;
  add(a: IntLike, b: IntLike): Int;
  sub(a: IntLike, b: IntLike): Int;
  mul(a: IntLike, b: IntLike): Int;
  and(a: IntLike, b: IntLike): Int;
  or(a: IntLike, b: IntLike): Int;
  xor(a: IntLike, b: IntLike): Int;
  not(a: IntLike): Int;
  /** Shifts take the amount modulo the width, as LSLV and its like do. */
  shl(a: IntLike, by: IntLike): Int;
  shr(a: IntLike, by: IntLike): Int;
  sar(a: IntLike, by: IntLike): Int;
  ror(a: IntLike, by: IntLike): Int;
  /** Quotients, zero where the divisor is zero. */
  divU(a: Int, b: Int): Int;
  divS(a: Int, b: Int): Int;
  /** Bits 127..64 of the product of two 64-bit integers. */
  mulHigh(a: Int, b: Int, signed: boolean): Int;
  countLeadingZeros(a: Int): Int;
  /** One step of a reflected CRC over the lowest `bytes` bytes of `data`; `polynomial` is given bit-reversed. */
  crc32(accumulator: Int, data: Int, bytes: number, polynomial: number): Int;
  /** 32 bits to 64 bits. */
  signExtend(a: Int): Int;
  zeroExtend(a: Int): Int;

  /** The low 32 bits. */
  wrap(a: Int): Int;

  isZero(a: Int): Bool;
  notZero(a: Int): Bool;
  /** a >= b, unsigned. */
  atLeast(a: Int, b: IntLike): Bool;
  /** a < b, signed. */
  less(a: Int, b: IntLike): Bool;
  equal(a: Int, b: IntLike): Bool;
  both(a: Bool, b: Bool): Bool;
  either(a: Bool, b: Bool): Bool;
  choose(condition: Bool, yes: IntLike, no: IntLike): Int;
}

/** A function that instructions call: see functions.ts. */
export interface IntFunction {
  readonly name: string;
  readonly parameters: readonly Width[];
  readonly result: Width;
  readonly body: (b: FunctionBuilder, ...inputs: Int[]) => Int;
}

/** What the body of a function sees, and what it calls. */
export interface FunctionBuilder extends Arithmetic {
  call(called: IntFunction, ...inputs: IntLike[]): Int;
  /** FPCR, 32 bits. */
  fpcr(): Int;
  /** Sets these bits of FPSR beside those that are set. */
  raise(bits: Int): void;
}

/** What an instruction does. Any use of a SIMD&FP register, of FPCR or of FPSR makes it one that CheckFPAdvSIMDEnabled64 may trap, before all else. */
export interface Builder extends FunctionBuilder {
  // Registers. r: the instruction's width (sf); x: 64 bits; w: 32 bits. With SP, number 31 is the stack pointer, else the zero register.
  r(r: Register): Int;
  x(r: Register): Int;
  w(r: Register): Int;
  rSP(r: Register): Int;
  xSP(r: Register): Int;
  /** A base register of an address: the stack pointer is checked first (CheckSPAlignment, Arm ARM J1.1), which may fault. */
  base(r: Register): Int;
  /** Results. A 32-bit value clears the upper half. */
  set(r: Register, value: IntLike): void;
  setSP(r: Register, value: IntLike): void;

  // SIMD&FP registers. A lane is `bits` wide; lane 0 is the lowest.
  /** A lane, zero-extended to 32 bits, or of 64. */
  lane(r: VectorRegister, bits: LaneBits, index: number): Int;
  /** A lane sign-extended to 32 bits, or of 64. */
  signedLane(r: VectorRegister, bits: LaneBits, index: number): Int;
  /** The register becomes these lanes, from lane 0 on, and zero above them. Bits of a value above the lane's width do not matter. */
  setLanes(r: VectorRegister, bits: LaneBits, values: readonly Int[]): void;
  /** One lane; the others stay. */
  setLane(r: VectorRegister, bits: LaneBits, index: number, value: Int): void;
  // The same for all lanes at once, where hosts can do that.
  vector(r: VectorRegister): Vector;
  /** The low 64 or all 128 bits; the others become zero. */
  setVector(r: VectorRegister, value: Vector, bits: 64 | 128): void;
  bitwise(operation: 'and' | 'or' | 'xor' | 'andNot', a: Vector, b: Vector): Vector;
  /** Bits of `a` where `mask` has ones, else of `b`. */
  bitSelect(mask: Vector, a: Vector, b: Vector): Vector;
  lanewise(operation: LaneOperation, bits: LaneBits, a: Vector, b: Vector): Vector;
  /** Every lane shifted by an amount below `bits`. */
  shiftLanes(operation: 'shl' | 'shr' | 'sar', bits: LaneBits, a: Vector, by: IntLike): Vector;
  /** The value in every lane. */
  splat(bits: LaneBits, value: Int): Vector;
  /** 16 bytes by their numbers: 0 to 15 of `a`, 16 to 31 of `b`. */
  shuffle(a: Vector, b: Vector, bytes: readonly number[]): Vector;
  /** Each byte is that of the table with the number in `indices`, or zero for numbers above 15. */
  lookUp(table: Vector, indices: Vector): Vector;

  // Flags
  setNZCV(bits: Int): void;
  /** ConditionHolds(cond) on the flags before this instruction (Arm ARM C1.2.4). */
  holds(cond: number): Bool;
  /** The sum, difference, conjunction, which also set NZCV. */
  adds(a: IntLike, b: IntLike): Int;
  subs(a: IntLike, b: IntLike): Int;
  ands(a: IntLike, b: IntLike): Int;
  /** AddWithCarry(a, b, PSTATE.C), setting NZCV if asked. */
  adc(a: Int, b: Int, setFlags: boolean): Int;
  /** The flags of `a - b` or `a + b` if the condition holds, else `nzcv`. */
  compareIf(condition: Bool, kind: 'sub' | 'add', a: IntLike, b: IntLike, nzcv: Immediate): void;

  // Memory. Addresses are virtual; translation may fault, and happens in the order written.
  readable(address: Int, span: Span): Pointer;
  writable(address: Int, span: Span): Pointer;
  /** Writable where the condition holds; otherwise nothing is translated, and what is stored there goes nowhere. */
  writableIf(condition: Bool, address: Int, span: Span): Pointer;
  loadAt(pointer: Pointer, offset: number, access: Access): Int;
  storeAt(pointer: Pointer, offset: number, access: Access, value: Int): void;

  // The local exclusive monitor (Arm ARM B2.9.1)
  /** Marks `bytes` bytes at `address` as an exclusive access. */
  markExclusive(address: Int, bytes: number): void;
  /** Whether exactly these bytes are marked. */
  exclusivePasses(address: Int, bytes: number): Bool;
  clearExclusive(): void;

  // PSTATE and system registers, for the few instructions on them that need no machine
  /** PSTATE.EL, PSTATE.SP, and PSTATE.{D,A,I,F} in bits 3..0. */
  currentEL(): Int;
  spsel(): Int;
  daif(): Int;
  setDaif(value: Int): void;
  /** A system register that is plain storage, whoever reads it. */
  stored(name: PlainRegister): Int;
  /** Where the condition does not hold the machine executes the instruction, of which nothing has been done. */
  machineUnless(condition: Bool): void;

  // Where to go on (default: the next instruction)
  pc(): Int;
  nextPC(): Int;
  branch(offset: Immediate): void;
  branchIf(condition: Bool, offset: Immediate): void;
  branchTo(address: Int): void;
}
