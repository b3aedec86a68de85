/** Where the window was and how large, kept from one run to the next in a small file; one that is lost or spoiled costs nothing. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { replaceFile } from '../saved-file.ts';

const whole = v.pipe(v.number(), v.safeInteger());
const bounds = v.object({ x: whole, y: whole, width: whole, height: whole });
const state = v.object({ bounds, maximised: v.boolean() });
export type Bounds = v.InferOutput<typeof bounds>;
export type WindowState = v.InferOutput<typeof state>;

/** What the page can still be used in: one column, as a usual window at twice the size has it. */
export const leastSize = { width: 360, height: 400 } as const;
const firstSize = { width: 1440, height: 900 } as const;
/** So much of the window must be on a screen for a hand to reach it. */
const REACHABLE = 100;

/** What to open the window with; `screens` are the parts of the displays that windows may cover. */
export function recallWindow(file: string, screens: readonly Bounds[]): Partial<Bounds> & { readonly maximised: boolean } {
  const known = v.safeParse(state, readJson(file));
  if (!known.success) return { ...firstSize, maximised: false };
  const { bounds: last, maximised } = known.output;
  const size = { width: Math.max(last.width, leastSize.width), height: Math.max(last.height, leastSize.height) };
  // A display that is gone takes its windows with it.
  const isReachable = screens.some(
    ({ x, y, width, height }) =>
      last.y >= y && last.y < y + height - REACHABLE && last.x + size.width > x + REACHABLE && last.x < x + width - REACHABLE,
  );
  return { ...size, ...(isReachable && { x: last.x, y: last.y }), maximised };
}

export function rememberWindow(file: string, window: WindowState): void {
  try {
    replaceFile(file, JSON.stringify(window));
  } catch (error) {
    console.error(`The position of the window could not be saved: ${String(error)}`);
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
