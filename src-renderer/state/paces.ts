/** Speeds of the machine to choose from, in instructions a second, the fastest first; null: as fast as it goes. */
export const paces: readonly (number | null)[] = [
  null,
  10_000_000,
  5_000_000,
  2_000_000,
  1_000_000,
  500_000,
  200_000,
  100_000,
  50_000,
  20_000,
  10_000,
  5_000,
  2_000,
  1_000,
  500,
  200,
  100,
  50,
  20,
  10,
  5,
  2,
  1,
];

export const paceText = (pace: number | null): string =>
  pace === null ? 'Full' : pace >= 1e6 ? `${pace / 1e6} M/s` : pace >= 1e3 ? `${pace / 1e3} k/s` : `${pace}/s`;

/** The next speed up (1) or down (-1). */
export function nextPace(pace: number | null, by: 1 | -1): number | null {
  const speed = pace ?? Infinity;
  const value = (one: number | null): number => one ?? Infinity;
  const others = by > 0 ? paces.filter((one) => value(one) > speed).reverse() : paces.filter((one) => value(one) < speed);
  return others.length > 0 ? others[0] : pace;
}
