/**
 * Every named field of an A64 encoding, in the manual's spelling, with its width and its *binding*:
 *
 *   register   a register number, perhaps known only at run time
 *   vector     the number of a SIMD&FP register, likewise
 *   immediate  data, perhaps known only at run time (`signed` ones are sign-extended when they are read from the word)
 *   offset     a signed distance to another instruction, counted in instructions
 *   shape      decides which code is needed (operand width, condition ...): always known when `emit` runs, one variant for each value
 *
 * The binding is what makes one `emit` serve an interpreter and a translator: TypeScript lets a definition branch on a shape field
 * (a number) but not on a Register or an Immediate.
 */
export type Binding = 'register' | 'vector' | 'immediate' | 'signed' | 'offset' | 'shape';

export const fields = {
  // registers
  Rd: [5, 'register'],
  Rn: [5, 'register'],
  Rm: [5, 'register'],
  Ra: [5, 'register'],
  Rt: [5, 'register'],
  Rt2: [5, 'register'],
  Rs: [5, 'register'],
  Vd: [5, 'vector'],
  Vn: [5, 'vector'],
  Vm: [5, 'vector'],
  Va: [5, 'vector'],
  /** The low bits of Vm where M is its highest, or belongs to an index. */
  Vm4: [4, 'immediate'],
  Vt: [5, 'vector'],
  Vt2: [5, 'vector'],
  // data
  imm3: [3, 'immediate'],
  imm5: [5, 'immediate'],
  imm6: [6, 'immediate'],
  imm12: [12, 'immediate'],
  imm16: [16, 'immediate'],
  imm7: [7, 'signed'],
  imm9: [9, 'signed'],
  immlo: [2, 'immediate'],
  immhi: [19, 'signed'],
  N: [1, 'immediate'],
  immr: [6, 'immediate'],
  imms: [6, 'immediate'],
  sh: [1, 'immediate'],
  b5: [1, 'immediate'],
  b40: [5, 'immediate'],
  nzcv: [4, 'immediate'],
  o0: [1, 'immediate'],
  op1: [3, 'immediate'],
  CRn: [4, 'immediate'],
  CRm: [4, 'immediate'],
  op2: [3, 'immediate'],
  prfop: [5, 'immediate'],
  // distances
  imm14: [14, 'offset'],
  imm19: [19, 'offset'],
  imm26: [26, 'offset'],
  // shape
  sf: [1, 'shape'],
  hw: [2, 'shape'],
  shift: [2, 'shape'],
  option: [3, 'shape'],
  S: [1, 'shape'],
  cond: [4, 'shape'],
  // ... of SIMD and floating point
  Q: [1, 'shape'],
  size: [2, 'shape'],
  ftype: [2, 'shape'],
  /** size<0> where size<1> belongs to the opcode: single or double precision. */
  sz: [1, 'shape'],
  /** imm5 of the copies: element size and index. */
  lane5: [5, 'shape'],
  /** imm4 of INS and EXT. */
  lane4: [4, 'shape'],
  L: [1, 'shape'],
  M: [1, 'shape'],
  H: [1, 'shape'],
  len: [2, 'shape'],
  cmode: [4, 'shape'],
  op: [1, 'shape'],
  // ... and its data
  immh: [4, 'immediate'],
  immb: [3, 'immediate'],
  scale: [6, 'immediate'],
  imm8: [8, 'immediate'],
  abc: [3, 'immediate'],
  defgh: [5, 'immediate'],
} as const satisfies Record<string, readonly [width: number, binding: Binding]>;

export type FieldName = keyof typeof fields;
export type BindingOf<N extends FieldName> = (typeof fields)[N][1];

/** Field values as an instruction word holds them; signed ones are sign-extended. */
export type Fields<N extends FieldName> = { readonly [K in N]: number };
