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

/** MoveWidePreferred (Arm ARM J1.1): whether MOVZ or MOVN can make the bitmask immediate, so that ORR is not the preferred `mov`. */
export function moveWidePreferred(sf: number, N: number, imms: number, immr: number): boolean {
  const width = sf ? 64 : 32;
  if (sf ? N !== 1 : N !== 0 || imms >> 5 !== 0) return false;
  if (imms < 16) return (-immr & 15) <= 15 - imms;
  return imms >= width - 15 && (immr & 15) <= imms - (width - 15);
}
