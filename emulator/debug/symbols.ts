/** Names of addresses, from the symbol table of an ELF. */
import { readElf, readElfSymbols, readSections } from '../machine/elf.ts';

interface NamedRange {
  readonly name: string;
  readonly start: bigint;
  /** Exclusive; labels in assembly reach to the next symbol. */
  readonly end: bigint;
}

export class Symbols {
  constructor(private readonly ranges: readonly NamedRange[]) {}

  /** "main+0x10", or "main" at its first byte; undefined where no symbol covers the address. */
  describe(address: bigint): string | undefined {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ranges[middle]!.start <= address) low = middle + 1;
      else high = middle;
    }
    const range = this.ranges[low - 1];
    if (!range || address >= range.end) return undefined;
    return address === range.start ? range.name : `${range.name}+0x${(address - range.start).toString(16)}`;
  }

  /** The address of a symbol. */
  find(name: string): bigint | undefined {
    return this.ranges.find((range) => range.name === name)?.start;
  }
}

/** Throws InputError for a damaged ELF. */
export function readSymbols(bytes: Uint8Array, file: string): Symbols {
  const elf = readElf(bytes, file);
  const sections = readSections(elf);
  // Mapping symbols ($x, $d) only say what is code and what is data (Arm ELF for the 64-bit architecture, 5.7).
  const symbols = readElfSymbols(elf, sections)
    .filter(
      ({ name, type, section }) => name !== '' && !name.startsWith('$') && type !== 'file' && type !== 'section' && section !== undefined,
    )
    .sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  const ends = new Map(sections.map(({ name, address, bytes: size }) => [name, address + BigInt(size)]));
  return new Symbols(
    symbols.map(({ name, value, bytes: size, section }, i) => {
      const next = symbols.slice(i + 1).find((symbol) => symbol.value > value)?.value;
      const sectionEnd = ends.get(section!) ?? value + 1n;
      const reach = next !== undefined && next < sectionEnd ? next : sectionEnd;
      return { name, start: value, end: size > 0n ? value + size : reach };
    }),
  );
}
