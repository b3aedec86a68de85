/** Small pieces of English. */
import { hex } from '../base/hex.ts';
import type { RichText } from './views.ts';

export const code = (text: string): { code: string } => ({ code: text });

/** Joins text and code parts; strings beside each other become one. */
export function rich(...parts: readonly (string | { readonly code: string } | RichText)[]): RichText {
  const out: (string | { readonly code: string })[] = [];
  for (const part of parts.flat()) {
    const last = out.at(-1);
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part;
    else if (part !== '') out.push(part);
  }
  return out;
}

/** The same without marks, for alternative text and the command line. */
export const plain = (text: RichText): string => text.map((part) => (typeof part === 'string' ? part : part.code)).join('');

/** Thousands parted by thin spaces. */
export const grouped = (n: number): string => n.toLocaleString('en').replaceAll(',', '\u2009');

/** "1 byte", "4 bytes". */
export const count = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;

/** "one HVC", "one HVC and 2 IRQs", "a, b and c". */
export const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

export const hexCode = (value: bigint | number): { code: string } => code(hex(value));

/** "a", "a and b", "a, b and c". */
export function list(parts: readonly (string | { readonly code: string })[]): RichText {
  return rich(...parts.flatMap((part, i) => [i === 0 ? '' : i === parts.length - 1 ? ' and ' : ', ', part]));
}
