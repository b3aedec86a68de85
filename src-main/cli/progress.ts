/** A line on the terminal that says how far a long run is. It goes to stderr, and nowhere if that is no terminal. */

/** Shorter work shows nothing. */
const PATIENCE_MS = 500;
const INTERVAL_MS = 100;
const CLEAR_LINE = '\r\x1b[K';

export interface Progress {
  /** `at`: the instant, or the share from 0 to 1, that is reached. */
  tell(at: number): void;
  /** Takes the line away. */
  end(): void;
}

/** `goal`: the instant at which it ends, where that is known. */
export const progress = (who: string, goal?: number): Progress =>
  line((at) => {
    const share = goal !== undefined && goal < Infinity ? ` of ${goal.toLocaleString('en')} (${Math.floor((100 * at) / goal)} %)` : '';
    return `${who}: instant ${at.toLocaleString('en')}${share}`;
  });

/** Of work whose share is known. */
export const percentProgress = (who: string): Progress => line((share) => `${who}: ${Math.floor(100 * share)} %`);

function line(text: (at: number) => string): Progress {
  if (!process.stderr.isTTY) return { tell: () => {}, end: () => {} };
  let next = performance.now() + PATIENCE_MS;
  let shown = false;
  return {
    tell(at) {
      const now = performance.now();
      if (now < next) return;
      next = now + INTERVAL_MS;
      shown = true;
      process.stderr.write(`${CLEAR_LINE}${text(at)}`);
    },
    end() {
      if (shown) process.stderr.write(CLEAR_LINE);
      shown = false;
    },
  };
}
