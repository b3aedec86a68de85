/** ShiftReg() and ExtendReg() of the manual: how data-processing instructions prepare their second operand. */
import type { Access, Builder, Immediate, Int, Register, Width } from '../builder.ts';

type ShiftedOperand = { readonly Rm: Register; readonly shift: number; readonly imm6: Immediate };

/** Rm shifted by imm6; shift = LSL LSR ASR ROR. */
export function shifted(b: Builder, { Rm, shift, imm6 }: ShiftedOperand): Int {
  const value = b.r(Rm);
  return shift === 0 ? b.shl(value, imm6) : shift === 1 ? b.shr(value, imm6) : shift === 2 ? b.sar(value, imm6) : b.ror(value, imm6);
}

/** Rm extended to `width` bits; option = UXTB UXTH UXTW UXTX SXTB SXTH SXTW SXTX. */
export function extended(b: Builder, Rm: Register, option: number, width: Width): Int {
  const bits = 8 << (option & 3),
    signed = option & 4;
  if (bits >= width) return width === 64 ? b.x(Rm) : b.w(Rm);
  if (bits === 32) return signed ? b.signExtend(b.w(Rm)) : b.zeroExtend(b.w(Rm));
  const value = width === 64 ? b.x(Rm) : b.w(Rm),
    unused = width - bits;
  return signed ? b.sar(b.shl(value, unused), unused) : b.and(value, (1 << bits) - 1);
}

export const load = (b: Builder, access: Access, address: Int): Int => b.loadAt(b.readable(address, access), 0, access);
export const store = (b: Builder, access: Access, address: Int, value: Int): void =>
  b.storeAt(b.writable(address, access), 0, access, value);
