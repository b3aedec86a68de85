/** Names of the program for a person: found by part of a name, and the function that an address lies in. */
import { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import type { CodeRange } from '../time/step-out.ts';
import type { CommandParams, CommandResult, ProgramSymbol } from './contract.ts';
import type { Program } from './program.ts';

export function findSymbols({ symbols }: Program, { text, code, count }: CommandParams<'symbols'>): CommandResult<'symbols'> {
  const wanted = text.toLowerCase();
  const found = symbols.all.filter((symbol) => (!code || symbol.kind !== 'data') && symbol.name.toLowerCase().includes(wanted));
  // Without a text in the order of addresses; else names that begin with it first, short ones before long ones.
  if (wanted !== '') {
    const rank = (name: string): number => (name.toLowerCase().startsWith(wanted) ? 0 : 1000) + name.length;
    found.sort((a, b) => rank(a.name) - rank(b.name));
  }
  const shown = found
    .slice(0, count)
    .map(({ name, address, bytes, kind }): ProgramSymbol => ({ name, address: hex(address), bytes: Number(bytes), kind }));
  return { total: found.length, symbols: shown };
}

/** Where the function that runs at an address lies, as it runs: a program may run at its PAs at first. */
export function functionAt({ symbols }: Program, pc: VA): CodeRange | undefined {
  const found = symbols.at(pc);
  if (!found || found.symbol.kind === 'data') return undefined;
  const from = VA(pc - found.offset);
  return { from, to: VA(from + found.symbol.bytes) };
}
