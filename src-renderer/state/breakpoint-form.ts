/** What a person typed for a new breakpoint, and the breakpoint that it means. */
import type { CommandParams, exceptionTypes } from '../../emulator/session/contract.ts';
import type { Level } from '../../emulator/session/views.ts';

export const breakpointKinds = [
  'code',
  'level-change',
  'exception',
  'register-write',
  'memory',
  'guest-access',
  'stage2-fault',
  'intid',
  'pended',
] as const;
export type BreakpointKind = (typeof breakpointKinds)[number];
export const kindTitles: Readonly<Record<BreakpointKind, string>> = {
  code: 'Stop before an instruction',
  'level-change': 'Stop when the exception level changes',
  exception: 'Stop at an exception',
  'register-write': 'Stop when a register is written',
  memory: 'Stop when memory is accessed',
  'guest-access': 'Stop when the guest accesses an IPA',
  'stage2-fault': 'Stop at a stage 2 fault',
  intid: 'Stop when an interrupt is taken',
  pended: 'Stop when an interrupt becomes pending',
};

export interface BreakpointFields {
  readonly kind: BreakpointKind;
  /** Address or symbol; register; address in memory; IPA; INTID. */
  readonly text: string;
  readonly level: Level | null;
  readonly type: (typeof exceptionTypes)[number] | null;
  readonly space: 'va' | 'ipa' | 'pa';
  readonly bytes: number;
  readonly access: 'r' | 'w' | 'rw';
  /** A condition; empty for none. */
  readonly when: string;
  /** Each time, or only the time of a number, or every so many times. */
  readonly times: 'each' | 'nth' | 'every';
  readonly number: number;
}

const address = /^0x[0-9a-f]{1,16}$/i;

type Spec = CommandParams<'addBreakpoint'>['spec'];

/** A sentence where the fields make no sense yet. */
export function breakpointOf(fields: BreakpointFields): Spec | string {
  const { when, times, number } = fields;
  const spec = kindOf(fields);
  if (typeof spec === 'string') return spec;
  if (times !== 'each' && (!Number.isSafeInteger(number) || number < 1)) return 'Times are counted from 1.';
  return { ...spec, ...(when.trim() && { when: when.trim() }), ...(times !== 'each' && { [times]: number }) };
}

function kindOf({ kind, text, level, type, space, bytes, access }: BreakpointFields): Spec | string {
  const word = text.trim();
  switch (kind) {
    case 'code':
      if (word === '') return 'Type an address such as 0x40080000, or the name of a function.';
      return address.test(word) ? { kind: 'address', va: word.toLowerCase() } : { kind: 'symbol', name: word };
    case 'level-change':
      return { kind, ...(level !== null && { to: level }) };
    case 'exception':
      return { kind, ...(type !== null && { types: [type] }) };
    case 'register-write':
      return word === '' ? 'Type the name of a register, such as HCR_EL2 or x0.' : { kind, register: word };
    case 'memory':
      if (!address.test(word)) return 'Type an address such as 0x41040000, a register or a symbol.';
      if (!Number.isSafeInteger(bytes) || bytes < 1) return 'A range is at least one byte long.';
      return { kind, space, address: word.toLowerCase(), bytes, access };
    case 'guest-access':
      if (!address.test(word)) return 'Type an IPA such as 0x9000000, a register or a symbol.';
      if (!Number.isSafeInteger(bytes) || bytes < 1) return 'A range is at least one byte long.';
      return { kind, ipa: word.toLowerCase(), bytes, access };
    case 'stage2-fault':
      return { kind };
    case 'intid':
    case 'pended':
      return /^\d{1,4}$/.test(word) && Number(word) < 1020 ? { kind, intid: Number(word) } : 'Type an INTID from 0 to 1019, such as 27.';
  }
}
