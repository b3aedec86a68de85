/** The classes of instruction words (Arm ARM C4.1, "A64 instruction set encoding"). */

export const classes = [
  'Data processing: immediate',
  'Branches, exceptions, system instructions',
  'Loads and stores of X registers',
  'Loads and stores of V registers',
  'Data processing: register',
  'Advanced SIMD and cryptography',
  'Floating point',
  'Reserved and unallocated',
] as const;
export type InstructionClass = (typeof classes)[number];

/** By bits 28:25; then by bit 26, V, or by bits 30 and 28, which are 0 and 1 for scalar floating point (C4.1.4, C4.1.6). */
export function classOf(word: number): InstructionClass {
  const op0 = (word >>> 25) & 0xf;
  if ((op0 & 0b1110) === 0b1000) return 'Data processing: immediate';
  if ((op0 & 0b1110) === 0b1010) return 'Branches, exceptions, system instructions';
  if ((op0 & 0b0101) === 0b0100) return (word >>> 26) & 1 ? 'Loads and stores of V registers' : 'Loads and stores of X registers';
  if ((op0 & 0b0111) === 0b0101) return 'Data processing: register';
  if ((op0 & 0b0111) === 0b0111) return ((word >>> 28) & 0b101) === 0b001 ? 'Floating point' : 'Advanced SIMD and cryptography';
  return 'Reserved and unallocated';
}
