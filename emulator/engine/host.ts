/**
 * What the engine asks of the machine around it. Addresses cross as unsigned 32-bit halves: a bigint would cost more than the access.
 * While the machine is called, the CPU's state is that before the instruction under way (but see `finishStore`), cpu.pc is its address, and
 * `engine.elapsed` tells the steps completed since `run` began, without that instruction. The machine may throw: the run ends there.
 */
import { HostOffset } from '../base/addresses.ts';
import type { Span } from '../isa/builder.ts';
import type { Decoded } from '../isa/index.ts';

/**
 * Bits of `kind` in `dataMiss`; bits 7..0 hold the size of the access in bytes. Bits 19..12, where they are not zero, hold that of one of
 * its several elements, each in the byte order of the data; it is aligned when it is to the size of one, or with `aligned` to that of all.
 */
export const accessKind = {
  write: 0x100,
  /** LDTR, STTR: checked as at EL0 when executed at EL1. */
  unprivileged: 0x200,
  /** Exclusive, acquire, release: must be aligned to its size whatever SCTLR_ELx.A says. */
  aligned: 0x400,
  /**
   * DC ZVA: a write to the block of 64 bytes around an address, which faults on Device memory (Arm ARM C5.3). It is the machine's own
   * instruction, so generated code never asks for it.
   */
  zero: 0x800,
} as const;

const ELEMENT = 12;
/** Bytes of one element of an access. */
export const elementOf = (kind: number): number => kind >> ELEMENT || kind & 0xff;
/** `kind` of a read of these bytes. */
export const kindOf = ({ bytes, align = bytes, element = align, aligned, unprivileged }: Span): number =>
  bytes | (element < bytes ? element << ELEMENT : 0) | (aligned ? accessKind.aligned : 0) | (unprivileged ? accessKind.unprivileged : 0);

/** Results of `dataMiss` other than a host address. */
export const miss = {
  /** The access faults: the instruction is abandoned, then the engine calls `fault()`. */
  fault: HostOffset(-1),
  /**
   * A store to a device or across pages: the engine runs the instruction alone into the scratch area, then calls `finishStore()`. A load
   * may ask for the same, so that the machine has its turn after it.
   */
  store: HostOffset(-2),
} as const;

export interface EngineHost {
  /**
   * Serves an access of the instruction at pc that the fast TLB does not know, or XX of the instruction has been written yet.
   * Returns the byte offset in the memory where it reads or writes: RAM (and the host may fill the fast TLB), or `engine.scratch`, which
   * the host has filled with what a device or two pages gave; or one of `miss`.
   * Only with `storeAllowed` may a store be sent to the scratch area; without it, the answer is `miss.store`.
   */
  dataMiss(vaLow: number, vaHigh: number, kind: number, storeAllowed: boolean): HostOffset;
  /**
   * SP, which is about to be used as the base of an access, is not a multiple of 16. Returns whether that faults (SCTLR_ELx.SA, SCTLR_EL1.SA0;
   * CheckSPAlignment, Arm ARM J1.1): then the instruction is abandoned and `fault()` follows.
   */
  misalignedStackPointer(): boolean;
  /**
   * Writes the scratch area to where the store that `dataMiss` sent there belongs, and tells `engine.code.invalidate` where that is memory.
   * The store's instruction is complete: cpu.pc is the next one. `engine.elapsed` does not count it yet.
   */
  finishStore(): void;
  /**
   * Takes the exception for the fault that `dataMiss`, `misalignedStackPointer` or `fetchPage` reported last. `word` is the instruction
   * that was executed, whatever its address leads to by now; undefined where its fetch faulted. It counts as one step.
   */
  fault(word: number | undefined): void;
  /**
   * The byte offset in the memory of the 4 KiB page to fetch from, or -1 where the fetch faults (then `fault()` follows). It gets cpu.pc
   * as it is: where that is not a multiple of 4 it must fault, and where it carries a tag (TCR_ELx.TBI) the host may first set cpu.pc to
   * what AArch64.BranchAddr makes of it.
   */
  fetchPage(vaLow: number, vaHigh: number): HostOffset;
  /** Executes the instruction at pc, which generated code leaves to the machine, and moves pc on. It counts as one step. */
  system(instruction: Decoded): void;
  /** Whether floating point and SIMD may be used. It is asked again in each `run`, so that whatever changes that must end the run. */
  floatingPoint(): boolean;
  /** Takes the exception of an instruction of floating point or SIMD, which may not be used. It counts as one step. */
  floatingPointTrap(): void;
  /** The word at pc is not an allocated encoding. Takes the Undefined exception. It counts as one step. */
  undefined(word: number): void;
}
