/** Exit codes of the command line, and how an error becomes one line and a code. */
import { InputError, visible } from '../emulator/index.ts';
import { UsageError } from './usage.ts';

export const exitCode = {
  /** The guest powered off, or what was asked for was done. */
  done: 0,
  /** Our own fault: an error that nobody foresaw. */
  internal: 1,
  /** Bad command line or bad file. */
  badInput: 2,
  /** The limit on instructions was reached, or there is no more memory. */
  limit: 3,
  /** The program is stuck. */
  stuck: 4,
  /** Verification or comparison found a difference. */
  different: 5,
} as const;

/** A typed array, or the memory of a machine, could not be had. */
export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof RangeError && /allocation failed|could not allocate/i.test(error.message);

/** Runs `work` and gives its exit code; what it throws is printed on stderr after `who`. */
export async function exitCodeOf(who: string, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof InputError) {
      console.error(`${who}: ${visible(error.message.replaceAll('\n', ' '))}`);
      return exitCode.badInput;
    }
    if (isOutOfMemory(error)) {
      console.error(`${who}: there is not enough memory (a smaller --memory or --budget may help)`);
      return exitCode.limit;
    }
    console.error(`${who}: this is an error in ELscope itself`, error);
    return exitCode.internal;
  }
}
