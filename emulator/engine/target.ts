/** What the builder asks of a way to run code: how the state is reached and how execution goes on. The interpreter is one, a translator would be another. */
import type { Immediate, IntFunction, Register, VectorRegister, Width } from '../isa/builder.ts';
import type { FlagKind } from './flags.ts';
import type { HelperName } from './helpers.ts';
import type { EngineLayout } from './layout.ts';
import type { Bool, Int } from './values.ts';
import type { Code } from './wasm.ts';

/** Meaning of register number 31: the zero register or the stack pointer. */
export type As31 = 'zr' | 'sp';

/** Data of the instruction; `bytes` is the room it takes in a record. */
export interface ImmediateOperand extends Immediate {
  readonly bytes: 2 | 4 | 8;
}

/** A result waiting for the commit: `push` computes it on the wasm stack, `pop` stores it. */
export interface Commit {
  readonly push: (code: Code) => void;
  readonly pop: (code: Code) => void;
}

/** An access to memory as the fast path sees it. */
export interface DataAccess {
  readonly bytes: number;
  readonly align: number;
  /** Bits of `accessKind` with the size, as `dataMiss` gets them. */
  readonly kind: number;
}

/** What arithmetic needs where it does not stand alone. */
export interface ArithmeticTarget {
  readonly layout: EngineLayout;
  immediate(i: ImmediateOperand, width: Width): Int;
  callHelper(name: HelperName, inputs: readonly Int[]): Int;
  callFunction(called: IntFunction, inputs: readonly Int[]): Int;
}

export interface Target extends ArithmeticTarget {
  readonly code: Code;
  register(r: Register, as31: As31, width: Width): Int;
  setRegister(r: Register, as31: As31, value: Int): Commit;
  /** Leaves the address of the register on the stack. */
  vectorAddress(r: VectorRegister): (code: Code) => void;
  pc(): Int;
  setFlags(kind: FlagKind | Int, a: Int, b: Int): Commit;
  holds(cond: number): Bool;
  /** Writes the translation of the VA, which leaves a host address on the stack; on a fault it leaves the function. */
  translate(address: Int, access: DataAccess): void;
  /** Leaves the function where SP is not a multiple of 16 and that faults. */
  checkStackPointer(sp: Int): void;
  /** CheckFPAdvSIMDEnabled64: leaves the function where it is not known that floating point may be used. */
  requireFloatingPoint(): void;
  /** Leaves the function: the machine executes the instruction. */
  leaveToMachine(): void;
  /** Goes on with the next instruction; the results are written. */
  next(): void;
  /** Goes on by an offset in words, or at a VA. `commit` writes the results; what may still leave the function must come before. */
  branchBy(offset: ImmediateOperand, commit: () => void): void;
  branchTo(address: Int, commit: () => void): void;
}
