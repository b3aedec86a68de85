/** Finds traps by instant: the list is in the order of time, so a binary search over single rows does. */
import type { MachineSession } from './session.svelte.ts';

/** Index of the last trap whose step was before `at`; null when there is none. */
export async function lastTrapBefore(session: MachineSession, at: number): Promise<number | null> {
  const row = async (index: number): Promise<number | undefined> => (await session.get('traps', { first: index, count: 1 })).rows[0]?.n;
  let low = 0;
  let high = session.status.traps;
  while (low < high) {
    const middle = (low + high) >> 1;
    const n = await row(middle);
    if (n !== undefined && n < at) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : low - 1;
}
