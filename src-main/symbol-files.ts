/** Files that name the code of guests, Xen or Linux: `--symbols`, alike for every command and for the app. */
import type { SymbolSource } from '../emulator/index.ts';
import { readProgramFile } from './program-file.ts';
import { UsageError } from './usage.ts';

export const symbolFlags = { symbols: { type: 'string', multiple: true } } as const;

/** What such a file is, for messages. */
export const symbolFile = 'an ELF file with symbols, or a System.map';

const expected = 'expected FILE[@OFFSET][,el=1|2][,vmid=0..255], such as vmlinux,vmid=1 or xen-syms@0x200000,el=2';

/** A file and where its addresses hold, as they are written on a command line. Throws UsageError. */
export function symbolPlace(text: string): Omit<SymbolSource, 'name' | 'bytes'> & { readonly file: string } {
  let rest = text;
  const bound: { el?: 1 | 2; vmid?: number } = {};
  for (let option; (option = /^(.+),(\w+)=([^,]*)$/.exec(rest)); rest = option[1]) {
    const [, , name, value] = option;
    if (name === 'el' && /^[12]$/.test(value)) bound.el = value === '1' ? 1 : 2;
    else if (name === 'vmid' && /^\d{1,3}$/.test(value) && Number(value) < 256) bound.vmid = Number(value);
    else throw new UsageError(`--symbols ${text}: ${name}=${value} is not known; ${expected}`);
  }
  // What follows an @ may be part of a file's name.
  const [, file, sign, digits] = /^(.+)@(-?)(0x[0-9a-f]{1,16})$/i.exec(rest) ?? [];
  const at = file === undefined ? undefined : BigInt(digits);
  return { file: file ?? rest, ...(at !== undefined && { offset: sign ? -at : at }), ...bound };
}

/** The files that were named, read. Throws UsageError or InputError. */
export const symbolSources = (texts: readonly string[] = []): Promise<SymbolSource[]> =>
  Promise.all(
    texts.map(async (text): Promise<SymbolSource> => {
      const { file, ...place } = symbolPlace(text);
      return { ...(await readProgramFile(file, symbolFile)), ...place };
    }),
  );
