/** A file that names the code of a guest, of Xen or of Linux, beside the program that was opened. */
import { InputError } from '../base/errors.ts';
import { visible } from '../base/names.ts';
import { isElf } from '../machine/elf.ts';
import { recordedSymbols } from '../time/recorded-symbols.ts';
import type { AddedSymbols } from './address-names.ts';
import { DebugInfo } from './debug-info.ts';
import { LineTable, readLineTable } from './dwarf-lines.ts';
import { readSymbols } from './symbols.ts';
import { isText, readSystemMap } from './system-map.ts';

/** A file as it was given, and where its addresses hold. */
export interface SymbolSource {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What is added to its addresses; 0 if absent. */
  readonly offset?: bigint | undefined;
  /** Whose VAs they are: of EL2, or of EL1 and EL0 (1). Absent: of those that run code at these addresses. */
  readonly el?: 1 | 2 | undefined;
  /** Of one guest alone. */
  readonly vmid?: number | undefined;
  /** Where it lies, where the shell knows it. */
  readonly path?: string | undefined;
}

/** Reads an ELF file with symbols, or a System.map. Throws InputError. */
export function readSymbolFile({ name: given, bytes, offset = 0n, el, vmid, path }: SymbolSource): AddedSymbols {
  const name = visible(given);
  if (vmid !== undefined && el === 2)
    throw new InputError('a VMID belongs to a guest, not to EL2', { file: name }, 'leave out one of the two');
  const place = { name, offset, el: vmid === undefined ? el : 1, vmid } as const;
  const bound = { ...place, recorded: recordedSymbols({ ...place, path }, bytes) };
  if (!isElf(bytes)) {
    if (!isText(bytes))
      throw new InputError('this is neither an ELF file nor a list of symbols', { file: name }, 'expected vmlinux, xen-syms or System.map');
    return { ...bound, symbols: readSystemMap(bytes, name), lines: new LineTable(), debug: new DebugInfo(bytes, name) };
  }
  const symbols = readSymbols(bytes, name);
  if (symbols.problem !== undefined) throw new InputError(symbols.problem);
  if (symbols.all.length === 0)
    throw new InputError('the file has no symbol table', { file: name }, 'it was stripped: add the file that the linker made');
  return { ...bound, symbols, lines: readLineTable(bytes, name), debug: new DebugInfo(bytes, name) };
}
