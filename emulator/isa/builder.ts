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
  /** Bytes touched from the address on: one element, or two for a pair. */
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

export interface Builder {
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

  // Arithmetic. Immediates and numbers take the width of the value beside them, or the instruction's.
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

  isZero(a: Int): Bool;
  notZero(a: Int): Bool;
  /** a >= b, unsigned. */
  atLeast(a: Int, b: IntLike): Bool;
  both(a: Bool, b: Bool): Bool;
  choose(condition: Bool, yes: IntLike, no: IntLike): Int;

  // Flags
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
