/** Names of a file's addresses, as it was linked, from the symbol table of an ELF file. Where they lie in memory: address-names.ts. */
import { VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { visible } from '../base/names.ts';
import { demangled } from './demangle/index.ts';
import { isElf, readElfHeader, readElfSymbols, readSections, type ElfSection, type ElfSymbol } from '../machine/elf.ts';

export interface Symbol {
  readonly name: string;
  /** As the linker sees it, where that is another: of C++ and Rust. */
  readonly mangled?: string;
  /** VA as the program was linked. */
  readonly address: VA;
  /** Bytes that belong to it: what the file says, else up to the next symbol or the end of its section. */
  readonly bytes: bigint;
  readonly kind: 'function' | 'label' | 'data';
  /** "(absolute)" for symbols that lie in no section. */
  readonly section: string;
}

export interface NamedAddress {
  readonly symbol: Symbol;
  /** Bytes from the symbol's address on. */
  readonly offset: bigint;
}

export class Symbols {
  /** By rising address. */
  readonly all: readonly Symbol[];
  /** File name of the image. */
  readonly image: string;
  /** What could not be read, as a sentence; undefined where all is well. */
  readonly problem: string | undefined;
  private readonly byName: ReadonlyMap<string, Symbol>;

  constructor(image: string, all: readonly Symbol[], problem?: string) {
    this.image = image;
    this.all = all;
    this.problem = problem;
    const first = [...all].reverse();
    const mangled = first.flatMap((symbol) => (symbol.mangled === undefined ? [] : [[symbol.mangled, symbol] as const]));
    this.byName = new Map([...mangled, ...first.map((symbol) => [symbol.name, symbol] as const)]);
  }

  /** The symbol whose bytes hold an address; one without bytes holds its own address. */
  at(address: VA): NamedAddress | undefined {
    const symbol = this.all[this.firstFrom(VA(address + 1n)) - 1];
    if (!symbol) return undefined;
    const offset = address - symbol.address;
    return offset < symbol.bytes || offset === 0n ? { symbol, offset } : undefined;
  }

  /** "main" or "main+0x10"; undefined outside known symbols. */
  describe(address: VA): string | undefined {
    const found = this.at(address);
    if (!found) return undefined;
    return found.offset === 0n ? found.symbol.name : `${found.symbol.name}+0x${found.offset.toString(16)}`;
  }

  /** The VA of a symbol, by either of its names. */
  find(name: string): VA | undefined {
    return this.byName.get(name)?.address;
  }

  /** Symbols from an address on, up to another. */
  inRange(from: VA, to: VA): readonly Symbol[] {
    const found: Symbol[] = [];
    for (let i = this.firstFrom(from); i < this.all.length && this.all[i].address < to; i++) found.push(this.all[i]);
    return found;
  }

  inSection(section: string): readonly Symbol[] {
    return this.all.filter((symbol) => symbol.section === section);
  }

  /** Index of the first symbol at an address or behind it. */
  private firstFrom(address: VA): number {
    const { all } = this;
    let low = 0,
      high = all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (all[middle].address < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const noSymbols = (image: string, problem?: string): Symbols => new Symbols(image, [], problem);

/** Reads the symbols of an image; none for one that is no ELF file. Damage is reported in `problem`, never thrown. */
export function readSymbols(bytes: Uint8Array, image: string): Symbols {
  if (!isElf(bytes)) return noSymbols(image);
  try {
    const elf = readElfHeader(bytes, image);
    const sections = readSections(elf);
    return new Symbols(image, arrange(readElfSymbols(elf, sections), sections));
  } catch (error) {
    if (error instanceof InputError) return noSymbols(image, error.message);
    throw error;
  }
}

/** For a person, and for the linker where that is another. */
export function namesOf(mangled: string): Pick<Symbol, 'name' | 'mangled'> {
  // Escapes in it may stand for signs that act on what is around them.
  const name = visible(demangled(mangled));
  return name === mangled ? { name } : { name, mangled };
}

/** The mapping symbols $x and $d tell code from data (AAELF64, section 5.5.6), and are no names. */
const isMapping = (name: string): boolean => /^\$[xdt](\.|$)/.test(name);

function arrange(symbols: readonly ElfSymbol[], sections: readonly ElfSection[]): Symbol[] {
  const sectionOf = new Map(sections.map((section) => [section.name, section]));
  const kinds: Partial<Record<ElfSymbol['type'], Symbol['kind']>> = { function: 'function', object: 'data', none: 'label' };
  // Of several names for one address the best comes first: functions, then data, then labels; global before local.
  const rank = ({ type, isLocal }: ElfSymbol): number => ['function', 'object', 'none'].indexOf(type) * 2 + (isLocal ? 1 : 0);
  const named = symbols
    .filter(
      ({ name, type, section }) =>
        name !== '' && kinds[type] && !isMapping(name) && (section === undefined || sectionOf.get(section)?.isAllocated),
    )
    // An absolute symbol is a number that the linker knows by name. Only one with a size covers any bytes.
    .filter(({ section, bytes }) => section !== undefined || bytes > 0n)
    .sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : rank(a) - rank(b)));
  const best = named.filter((symbol, i) => i === 0 || named[i - 1].value !== symbol.value);
  return best.map(({ name, value, bytes, type, section }, i) => {
    const home = section === undefined ? undefined : sectionOf.get(section);
    const sectionEnd = home ? home.address + BigInt(home.bytes) : value;
    const next = best[i + 1]?.value ?? sectionEnd;
    const room = (next < sectionEnd ? next : sectionEnd) - value;
    return {
      ...namesOf(name),
      address: VA(value),
      bytes: bytes > 0n ? bytes : room > 0n ? room : 0n,
      kind: kinds[type]!,
      section: section ?? '(absolute)',
    };
  });
}
