/**
 * Where the state of one CPU lies in the WebAssembly memory. TypeScript views and generated code use the same numbers; offsets are bytes
 * from the start of the CPU's block. Everything of a CPU that a snapshot must hold is in this block and nothing else is, so that
 * saving and hashing a CPU is copying and hashing `CPU_BLOCK` bytes (after `CpuState.settle()`, which makes the flags canonical).
 */
import { storedRegisters, type StoredRegister } from './stored-registers.ts';

export const cpuLayout = {
  /** X0..X30, then the stack pointer in use (index 31); the other stack pointers are SP_EL0..SP_EL2 among the stored registers. */
  x: 0,
  /** NZCV as (kind, a, b): see engine/flags.ts. `settle()` turns it into kind 3, a = NZCV in bits 3..0, b = 0. */
  flagKind: 256,
  flagA: 264,
  flagB: 272,
  pc: 280,
  /** PSTATE without NZCV, each in 32 bits. */
  el: 288,
  spsel: 292,
  /** D, A, I, F in bits 3..0, as in the DAIF register shifted right by 6. */
  daif: 296,
  il: 300,
  ss: 304,
  /** 1 while the CPU waits in WFI. */
  waiting: 308,
  /** Local exclusive monitor: size in bytes of the marked access, 0 when open; then the VA marked (Arm ARM B2.12.5 lets a store-exclusive to another VA fail). */
  exclusiveBytes: 312,
  exclusiveAddress: 320,
  /** WFE event register. */
  event: 328,
  fpcr: 336,
  fpsr: 340,
  /** Virtual time in nanoseconds up to which the performance monitors have counted: 64 bits. */
  pmuTime: 344,
  /** Instructions executed until then: 64 bits. */
  pmuInstructions: 360,
  /** ISS of the software step exception that is pending: ISV and EX. */
  stepSyndrome: 352,
  /** V0..V31, 16 bytes each. */
  v: 512,
  /** Stored system registers, 8 bytes each, in the order of `storedRegisters`. */
  system: 1024,
} as const;

/** Bytes of one CPU's block. */
export const CPU_BLOCK = 0x2000;

const indexOf = new Map<StoredRegister, number>(storedRegisters.map((name, i) => [name, i]));

/** Offset of a stored system register in the CPU's block. */
export const systemOffset = (name: StoredRegister): number => cpuLayout.system + indexOf.get(name)! * 8;

if (cpuLayout.system + storedRegisters.length * 8 > CPU_BLOCK)
  throw new Error('the CPU block is too small for the stored system registers');
