/** What a person typed for a new breakpoint, and the breakpoint that it means. */
import type { CommandParams, exceptionTypes } from '../../emulator/session/contract.ts';
import type { Level } from '../../emulator/session/views.ts';

export const breakpointKinds = ['code', 'level-change', 'exception', 'register-write', 'memory'] as const;
export type BreakpointKind = (typeof breakpointKinds)[number];
export const kindTitles: Readonly<Record<BreakpointKind, string>> = {
  code: 'Code',
  'level-change': 'Level',
  exception: 'Exception',
  'register-write': 'Register',
  memory: 'Memory',
};

export interface BreakpointFields {
  readonly kind: BreakpointKind;
  /** Address or symbol; register; address in memory. */
  readonly text: string;
  readonly level: Level | null;
  readonly type: (typeof exceptionTypes)[number] | null;
  readonly space: 'va' | 'ipa' | 'pa';
  readonly bytes: number;
  readonly access: 'r' | 'w' | 'rw';
}

const address = /^0x[0-9a-f]{1,16}$/i;

/** A sentence where the fields make no sense yet. */
export function breakpointOf({
  kind,
  text,
  level,
  type,
  space,
  bytes,
  access,
}: BreakpointFields): CommandParams<'addBreakpoint'>['spec'] | string {
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
  }
}
