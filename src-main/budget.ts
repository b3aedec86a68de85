/** How much of this computer's memory a recording may take. */
import { totalmem } from 'node:os';
import { leastBudget } from '../emulator/index.ts';
import { byteCount } from './machine-options.ts';
import { UsageError } from './usage.ts';

/** Of the memory of the computer, or of the container that this runs in. There may be several sessions, each with its own recording. */
const SHARE = 1 / 8;

/** `text`: of the option --budget. Throws UsageError. */
export function recordingBudget(text: string | undefined): number {
  if (text === undefined) return Math.max(leastBudget, Math.floor(SHARE * memoryHere()));
  const bytes = byteCount(text);
  if (!(bytes >= leastBudget)) throw new UsageError(`--budget ${text}: expected ${leastBudget >> 20}M or more, such as 2G`);
  return bytes;
}

function memoryHere(): number {
  // Zero, or more than there is, where nothing limits it.
  const constrained = process.constrainedMemory() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
