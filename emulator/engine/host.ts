/**
 * What the engine asks of the machine around it. Addresses cross as unsigned 32-bit halves: a bigint would cost more than the access.
 * While the machine is called, `engine.elapsed` tells the steps completed since `run` began, without the instruction under way.
 */
import type { Decoded } from '../isa/decode.ts';

/** Bits of `kind` in `dataMiss`; bits 7..0 hold the size of the access in bytes. */
export const accessKind = {
  write: 0x100,
  /** LDTR, STTR: checked as at EL0 when executed at EL1. */
  unprivileged: 0x200,
  /** Exclusive, acquire, release: must be aligned to its size whatever SCTLR_ELx.A says. */
  aligned: 0x400,
  /** Not an access to memory but DC ZVA: a write of 64 bytes that faults on Device memory (Arm ARM C5.3). */
  zero: 0x800,
} as const;

/** Results of `dataMiss` other than a host address. */
export const miss = {
  /** The access faults: the instruction is abandoned, then the engine calls `fault()`. */
  fault: -1,
  /** A store to a device or across pages: the engine runs the instruction alone into the scratch area, then calls `finishStore()`. */
  store: -2,
} as const;

export interface EngineHost {
  /**
   * Serves an access of the instruction at pc that the fast TLB does not know. Nothing of the instruction has been written yet.
   * Returns the byte offset in the WebAssembly memory where it reads or writes: RAM (and the host may fill the fast TLB), or the
   * scratch area, which the host has filled with what a device or two pages gave; or one of `miss`.
   * With `storeAllowed` a store to a device goes to the scratch area.
   */
  dataMiss(vaLow: number, vaHigh: number, kind: number, storeAllowed: boolean): number;
  /** Writes the scratch area to where the store that `dataMiss` let through last belongs. */
  finishStore(): void;
  /** Takes the exception for the fault that `dataMiss` or `fetchPage` reported last. It counts as one step. */
  fault(): void;
  /** The physical address of the 4 KiB page to fetch from at VA, or -1 where the fetch faults (then `fault()` follows). */
  fetchPage(vaLow: number, vaHigh: number): number;
  /** Executes the instruction at pc, which generated code leaves to the machine, and moves pc on. It counts as one step. */
  system(instruction: Decoded): void;
  /** The word at pc is not an allocated encoding. Takes the Undefined exception. It counts as one step. */
  undefined(word: number): void;
  /** The word at a physical address of RAM or flash, without side effects. Only asked for pages that `fetchPage` returned. */
  fetchWord(pa: number): number;
}
