/**
 * How much memory a recording may take. The machine itself and its input are enough to come to any instant again; all else is kept so that it
 * is there at once, and where it gets too much, what is oldest is forgotten.
 */

/** Something kept of the run that grows with it. */
export interface Kept {
  /** Bytes that it takes. */
  readonly held: number;
  /** Forgets about so many of them, what is oldest first. */
  forget(bytes: number): void;
}

export const defaultBudget = 2 ** 30;
/** Below this there would be too few keyframes to go back quickly. */
export const leastBudget = 2 ** 26;

/** Of the budget, what each may take. */
export const shares = { keyframes: 1 / 4, traps: 5 / 8, output: 1 / 16, guests: 1 / 16 } as const;

/** Of its share, what is forgotten at once: rarely, and then enough. */
const FORGOTTEN = 1 / 4;

export function keepWithin(most: number, kept: Kept): void {
  if (kept.held > most) kept.forget(kept.held - (1 - FORGOTTEN) * most);
}
