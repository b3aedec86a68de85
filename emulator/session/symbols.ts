/** Names of the program for a person: found by part of a name, and the function that an address lies in. */
import { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import type { CodeRange } from '../time/step-out.ts';
import type { CommandParams, CommandResult, ProgramSymbol } from './contract.ts';
import { count } from '../explain/words.ts';
import type { Program } from './program.ts';
import type { SymbolFilesView } from './views.ts';

export function findSymbols({ names }: Program, { text, code, count }: CommandParams<'symbols'>): CommandResult<'symbols'> {
  const wanted = text.toLowerCase();
  const found = names.recorded.all().filter((symbol) => (!code || symbol.kind !== 'data') && symbol.name.toLowerCase().includes(wanted));
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

const regimes = { 1: 'EL1 and EL0', 2: 'EL2' } as const;

/** The files that were added, each with what its names are for. */
export const symbolRows = ({ names: { recorded } }: Program): SymbolFilesView['files'] =>
  recorded.added.map((file) => {
    const { name, symbols, offset, vmid } = file;
    const regime = recorded.regimeOf(file);
    const whose = regime
      ? `for ${regimes[regime]}${vmid === undefined ? '' : ` of VMID ${vmid}`}`
      : 'for whichever level runs at these addresses';
    const moved = offset === 0n ? '' : `, moved by ${offset < 0n ? '-' : ''}${hex(offset < 0n ? -offset : offset)}`;
    return { name, text: `${count(symbols.all.length, 'name')} ${whose}${moved}` };
  });

/** Where the function that runs at an address lies, as it runs: a program may run at its PAs at first. */
export function functionAt({ names, machine }: Program, pc: VA): CodeRange | undefined {
  const found = names.at(pc, machine.cpu.el);
  if (!found || found.symbol.kind === 'data') return undefined;
  const from = VA(pc - found.offset);
  return { from, to: VA(from + found.symbol.bytes) };
}
