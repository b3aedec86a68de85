/** What memory holds at an instant. */
import { hex } from '../base/hex.ts';
import { physicalRanges } from '../session/address.ts';
import { InputError } from '../base/errors.ts';
import { evaluate } from '../session/expression.ts';
import type { Program } from '../session/program.ts';
import type { MemoryPlace } from '../session/views.ts';
import { expectedText, isExpected, numberText, type ExpectedValue, type Expectations } from './expected.ts';
import { whoWrote, type Outcome } from './feedback.ts';

/** What can be expected of memory: a little-endian number, text, or bytes in hexadecimal. */
export const memoryKeys: readonly string[] = ['value', 'text', 'bytes'];

/** Where a task looks: one of the addresses. */
export interface MemoryQuestion {
  readonly va?: bigint | string | undefined;
  readonly ipa?: bigint | string | undefined;
  readonly pa?: bigint | string | undefined;
  readonly bytes?: number | undefined;
}

export function memoryOutcomes(program: Program, question: MemoryQuestion, expect: Expectations): Outcome[] {
  const space = question.va !== undefined ? 'va' : question.ipa !== undefined ? 'ipa' : 'pa';
  const written = question[space]!;
  const at = program.timeline.at;
  const address = typeof written === 'bigint' ? written : evaluate(program, written);
  return Object.entries(expect).map(([what, expected]): Outcome => {
    const common = { what, at, expected: expectedText(expected) };
    if (address === undefined) return { ...common, passed: false, text: `${program.name} has no symbol ${String(written)}.` };
    const length = question.bytes ?? lengthOf(what, expected);
    const name = `${space.toUpperCase()} ${hex(BigInt.asUintN(64, address))}`;
    const place: MemoryPlace = { space, address: hex(BigInt.asUintN(64, address)), bytes: length };
    const bytes = bytesAt(program, place);
    if (typeof bytes === 'string')
      return { ...common, passed: false, text: `At instant ${at}, memory at ${name} cannot be read: ${bytes}.` };
    const { passed, said } = compared(program, what, expected, bytes);
    if (passed === true) return { ...common, found: said, passed: true, text: '' };
    if (passed !== false) return { ...common, found: said, passed: false, text: `${passed}.` };
    const by = length <= 64 ? whoWrote(program, { memory: place }) : { sentence: '' };
    const { sentence, ...source } = by;
    const text = `At instant ${at}, memory at ${name} holds ${said}; expected ${common.expected}. ${sentence}`.trim();
    return { ...common, ...source, found: said, passed: false, text };
  });
}

function lengthOf(what: string, expected: ExpectedValue): number {
  const text = String(Array.isArray(expected) ? expected[0] : expected);
  if (what === 'text') return Math.max(1, new TextEncoder().encode(text).length);
  if (what === 'bytes') return Math.max(1, Math.floor(text.replace(/[^\da-f]/gi, '').length / 2));
  return 8;
}

/** The bytes, or why they cannot be read. */
function bytesAt(program: Program, place: MemoryPlace): Uint8Array | string {
  const { bus } = program.machine.board;
  try {
    const parts = physicalRanges(program, place).map(({ pa, bytes }) => bus.peekBytes(pa, bytes));
    if (parts.some((part) => part === undefined)) return 'no memory is there';
    return Uint8Array.from(parts.flatMap((part) => [...part!]));
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

function compared(program: Program, what: string, expected: ExpectedValue, bytes: Uint8Array): { passed: boolean | string; said: string } {
  if (what === 'value') {
    const value = bytes.slice(0, 8).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return { passed: isExpected(program, expected, { value }), said: numberText(value) };
  }
  const wanted = (Array.isArray(expected) ? expected : [expected]).map(String);
  if (what === 'text') {
    const text = new TextDecoder().decode(bytes);
    return { passed: wanted.includes(text), said: JSON.stringify(text) };
  }
  const plain = (text: string): string => text.replace(/[^\da-f]/gi, '').toLowerCase();
  const said = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return { passed: wanted.some((one) => plain(one) === plain(said)), said };
}
