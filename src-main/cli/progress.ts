/** A line on the terminal that says how far a long run is. It goes to stderr, and nowhere if that is no terminal. */

/** Nothing is said of what takes less. */
const PATIENCE_MS = 500;
const INTERVAL_MS = 100;
const CLEAR_LINE = '\r\x1b[K';

export interface Progress {
  /** `at`: the instant reached. */
  tell(at: number): void;
  /** Takes the line away. */
  end(): void;
}

/** `goal`: the instant at which it ends, where that is known. */
export function progress(who: string, goal?: number): Progress {
  if (!process.stderr.isTTY) return { tell: () => {}, end: () => {} };
  let next = performance.now() + PATIENCE_MS;
  let shown = false;
  return {
    tell(at) {
      const now = performance.now();
      if (now < next) return;
      next = now + INTERVAL_MS;
      shown = true;
      const share = goal !== undefined && goal < Infinity ? ` of ${goal.toLocaleString('en')} (${Math.floor((100 * at) / goal)} %)` : '';
      process.stderr.write(`${CLEAR_LINE}${who}: instant ${at.toLocaleString('en')}${share}`);
    },
    end() {
      if (shown) process.stderr.write(CLEAR_LINE);
      shown = false;
    },
  };
}
