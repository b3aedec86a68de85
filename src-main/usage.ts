/** Words on a command line, taken apart with errors that a person can act on. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The command line itself is wrong; the message is one line. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** `parseArgs` of Node, with its errors in our words. Positionals are allowed; count them with `onePositional` or the like. */
export function parseWords<T extends NonNullable<ParseArgsConfig['options']>>(words: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { message } = error as Error;
    // Node adds advice after the first sentence.
    throw new UsageError(message.split('. ')[0].replace(/^U/, 'u'));
  }
}

/** The only word that is no option, or undefined. */
export function atMostOne(positionals: readonly string[], what: string): string | undefined {
  if (positionals.length > 1) throw new UsageError(`expected at most one ${what}, but got ${positionals.length}: ${positionals.join(' ')}`);
  return positionals[0];
}

/** A whole number, decimal or with 0x, from `least` to `most`. */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) throw new UsageError(`${option} ${text}: expected a whole number from ${least} to ${most}`);
  return value;
}

/** An address of 64 bits, with or without 0x. */
export function address(option: string, text: string): bigint {
  if (!/^(0x)?[0-9a-f]{1,16}$/i.test(text)) throw new UsageError(`${option} ${text}: expected a hexadecimal address such as 0x40080000`);
  return BigInt(text.startsWith('0x') || text.startsWith('0X') ? text : `0x${text}`);
}

/** One of a few words. */
export function oneOf(option: string, text: string, words: readonly string[]): string {
  if (!words.includes(text)) throw new UsageError(`${option} ${text}: expected one of ${words.join(', ')}`);
  return text;
}
