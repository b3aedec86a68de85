/** Symbols as `nm` lists them, in the form of Linux's System.map: an address, a letter for the kind, a name. */
import { VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { longestName, visible } from '../base/names.ts';
import { namesOf, Symbols, type Symbol } from './symbols.ts';

/** Linux has two hundred thousand. */
const MOST_SYMBOLS = 2_000_000;
/** With sizes as `nm -S` has them, and with the module that a name of /proc/kallsyms is from. */
const LINE = /^([0-9a-f]{8,16}) (?:([0-9a-f]{8,16}) )?([A-Za-z?-]) (\S+)(?:\s+\[\S+\])?$/i;
/** Symbols that the file needs and has not. */
const UNDEFINED = /^\s*[UvwW] \S+$/;
/** Of a line that is quoted. */
const QUOTED = 60;

/** Whether the bytes look like text at all. */
export const isText = (bytes: Uint8Array): boolean => bytes.length > 0 && !bytes.subarray(0, 4096).includes(0);

/** Throws InputError for the first line that is not of this form. */
export function readSystemMap(bytes: Uint8Array, file: string): Symbols {
  const found: { readonly address: bigint; readonly bytes: bigint; readonly letter: string; readonly name: string }[] = [];
  let number = 0;
  for (const line of linesOf(bytes)) {
    number++;
    if (line === '' || UNDEFINED.test(line)) continue;
    const [, address, size, letter, name] = LINE.exec(line) ?? [];
    if (address === undefined)
      throw new InputError(
        `line ${number} is ${JSON.stringify(line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line)}`,
        { file },
        'expected an address, a letter and a name, as nm prints them: ffff800008000000 T _text',
      );
    // Absolute symbols are numbers, and $x and $d tell code from data.
    if (/[aA]/.test(letter) || /^\$[xd]/.test(name)) continue;
    if (found.length === MOST_SYMBOLS) throw new InputError(`line ${number}: more than ${MOST_SYMBOLS} symbols`, { file });
    const short = visible(name.length > longestName ? `${name.slice(0, longestName)}…` : name);
    found.push({ address: BigInt(`0x${address}`), bytes: size === undefined ? 0n : BigInt(`0x${size}`), letter, name: short });
  }
  if (found.length === 0) throw new InputError('the file has no symbols', { file }, 'expected what nm prints, such as a System.map');
  // Of several names for one address a global one comes first: its letter is a capital.
  found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.letter < b.letter ? -1 : 1));
  const best = found.filter((symbol, i) => i === 0 || found[i - 1].address !== symbol.address);
  const all = best.map(({ address, bytes: size, letter, name }, i): Symbol => {
    const room = i + 1 < best.length ? best[i + 1].address - address : 0n;
    const isCode = /[tTwWiI]/.test(letter);
    return {
      ...namesOf(name),
      address: VA(address),
      bytes: size || room,
      kind: isCode ? 'function' : 'data',
      section: letter.toLowerCase(),
    };
  });
  return new Symbols(file, all);
}

/** The lines of a text, one at a time: all together they would be as large again. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder();
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(10, from);
    const to = end < 0 ? bytes.length : end;
    // No line of this form is longer.
    yield decoder.decode(bytes.subarray(from, Math.min(to, from + 4096))).replace(/\r$/, '');
    from = to + 1;
  }
}
