/** Breakpoints as a person writes them on a command line: "guest_main if x0 == 3", "write ipa 0x9000000 every 10". */
import { InputError } from '../base/errors.ts';
import { exceptionTypes } from '../cpu/events.ts';
import { hex } from '../base/hex.ts';
import { evaluate } from './expression.ts';
import type { Program } from './program.ts';
import type { BreakpointKind, BreakpointSpec } from './views.ts';

const accesses = { read: 'r', write: 'w', access: 'rw' } as const;

/** Throws InputError. */
export function breakpointFrom(program: Program, text: string): BreakpointSpec {
  const [, rest, how, number] = /^(.*?)(?:\s+(time|every)\s+(\d+))?\s*$/s.exec(text)!;
  const [, what, when] = /^(.*?)(?:\s+if\s+(.+))?$/s.exec(rest)!;
  return {
    ...kindFrom(program, what.trim()),
    ...(when !== undefined && { when }),
    ...(how === 'time' && { nth: Number(number) }),
    ...(how === 'every' && { every: Number(number) }),
  };
}

function kindFrom(program: Program, text: string): BreakpointKind {
  if (text === 'stage2-fault') return { kind: text };
  const [, intid, pended] = /^intid\s+(\d+)(\s+pended)?$/.exec(text) ?? [];
  if (intid !== undefined && Number(intid) < 1020) return { kind: pended === undefined ? 'intid' : 'pended', intid: Number(intid) };
  const [, level] = /^level(?:\s+(?:EL)?([012]))?$/i.exec(text) ?? [];
  if (/^level(\s|$)/i.test(text) && (level !== undefined || text.length === 5))
    return { kind: 'level-change', ...(level !== undefined && { to: Number(level) as 0 | 1 | 2 }) };
  const [isException, type] = /^exception(?:\s+(\w+))?$/i.exec(text) ?? [];
  const known = exceptionTypes.find((one) => one.toLowerCase() === type?.toLowerCase());
  if (isException !== undefined && (known || type === undefined)) return { kind: 'exception', ...(known && { types: [known] }) };
  const [, verb, space, place, bytes = '8'] = /^(read|write|access)\s+(ipa|va|pa)\s+([^,]+)(?:,\s*(\d+))?$/i.exec(text) ?? [];
  if (verb !== undefined) {
    const access = accesses[verb.toLowerCase() as keyof typeof accesses];
    const address = hex(valueOf(program, place));
    const where = space.toLowerCase() as 'ipa' | 'va' | 'pa';
    return where === 'ipa'
      ? { kind: 'guest-access', ipa: address, bytes: Number(bytes), access }
      : { kind: 'memory', space: where, address, bytes: Number(bytes), access };
  }
  const [, register] = /^write\s+(\w+)$/i.exec(text) ?? [];
  if (register !== undefined) return { kind: 'register-write', register };
  return program.names.find(text) === undefined ? { kind: 'address', va: hex(valueOf(program, text)) } : { kind: 'symbol', name: text };
}

function valueOf(program: Program, text: string): bigint {
  const value = evaluate(program, text);
  if (value === undefined || value < 0n || value >> 64n !== 0n)
    throw new InputError(
      `${JSON.stringify(text)} is neither an address nor a symbol of ${program.name}`,
      {},
      'guest_main, 0x40080000 or write ipa 0x9000000',
    );
  return value;
}
