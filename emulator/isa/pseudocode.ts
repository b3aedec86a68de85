/** Functions of the manual's shared pseudocode that decode fields. */

/** DecodeBitMasks (Arm ARM J1.1, aarch64/instrs/integer/bitmasks): undefined where it says UNDEFINED. */
export function decodeBitMasks(
  N: number,
  imms: number,
  immr: number,
  immediate: boolean,
): { readonly wmask: bigint; readonly tmask: bigint } | undefined {
  const length = 31 - Math.clz32((N << 6) | (~imms & 0x3f));
  if (length < 1) return undefined;
  const levels = (1 << length) - 1;
  if (immediate && (imms & levels) === levels) return undefined;
  const S = imms & levels,
    R = immr & levels,
    diff = (S - R) & levels,
    esize = BigInt(1 << length);
  const ones = (n: number): bigint => (1n << BigInt(n)) - 1n;
  const element = ones(1 << length),
    welem = ones(S + 1),
    telem = ones(diff + 1),
    r = BigInt(R);
  const rotated = ((welem >> r) | (welem << (esize - r))) & element;
  let wmask = 0n,
    tmask = 0n;
  for (let i = 0n; i < 64n; i += esize) {
    wmask |= rotated << i;
    tmask |= telem << i;
  }
  return { wmask, tmask };
}

/**
 * Whether MOVZ or MOVN can make a value of 32 or 64 bits: one halfword that is neither all zeros nor, inverted, all ones. `mov` then means
 * those, not ORR with a bitmask (MoveWidePreferred, Arm ARM J1.1).
 */
export function isWideMove(value: bigint, width: 32 | 64): boolean {
  const fits = (bits: bigint): boolean => {
    for (let shift = 0n; shift < width; shift += 16n) if ((bits & ~(0xffffn << shift)) === 0n) return true;
    return false;
  };
  return fits(BigInt.asUintN(width, value)) || fits(BigInt.asUintN(width, ~value));
}

/** Every byte of a doubleword all ones where the bit with its number is set. */
export const byteMask = (imm8: number): bigint =>
  Array.from({ length: 8 }, (_, i) => ((imm8 >> i) & 1 ? 0xffn << BigInt(i * 8) : 0n)).reduce((all, one) => all | one);
/** VFPExpandImm(): a sign, an exponent of three bits and a fraction of four as a number of 32 or 64 bits. */
export function expandImm(imm8: number, bits: 32 | 64): bigint {
  const [exponentBits, fractionBits] = bits === 64 ? [11, 52] : [8, 23];
  const isSmall = (imm8 >> 6) & 1;
  const exponent = (isSmall ? 2 ** (exponentBits - 1) - 4 : 2 ** (exponentBits - 1)) | ((imm8 >> 4) & 3);
  const fraction = BigInt(imm8 & 15) << BigInt(fractionBits - 4);
  return (BigInt(imm8 >> 7) << BigInt(bits - 1)) | (BigInt(exponent) << BigInt(fractionBits)) | fraction;
}
