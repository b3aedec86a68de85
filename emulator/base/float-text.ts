/** A number of single or double precision in decimal, in as few digits as tell it from its neighbours. */
export function floatText(bits: bigint, width: 32 | 64): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, width === 64 ? bits : bits << 32n));
  const value = width === 64 ? view.getFloat64(0) : view.getFloat32(0);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value < 0 ? '-infinity' : 'infinity';
  if (width === 64 || value === 0) return Object.is(value, -0) ? '-0' : String(value);
  const digits = [1, 2, 3, 4, 5, 6, 7, 8].find((n) => Math.fround(Number(value.toPrecision(n))) === value) ?? 9;
  return String(Number(value.toPrecision(digits)));
}
