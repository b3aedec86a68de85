/** The sections of an ELF file that hold debug information, each unpacked when it is first asked for. */
import { InputError } from '../base/errors.ts';
import { inflate } from '../base/inflate.ts';
import { isElf, readElfHeader, readSections, type ElfSection } from '../machine/elf.ts';
import { DwarfReader, type DwarfStrings } from './dwarf-reader.ts';

/** A compressed section of real line numbers or names becomes some ten times as long; one that becomes much longer is made to. */
const MOST_EXPANSION = 64;

/** The bytes of a section, unpacked where they are compressed (gABI, "Section Compression"). */
export function contents({ data, isCompressed, offset, name }: ElfSection, image: string): Uint8Array {
  if (!isCompressed) return data;
  const CHDR = 24;
  const ELFCOMPRESS_ZLIB = 1;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < CHDR + 2 || view.getUint32(0, true) !== ELFCOMPRESS_ZLIB)
    throw new InputError(`section ${name} is compressed in an unknown way`, { file: image, offset }, 'expected zlib');
  // Two bytes of zlib header (RFC 1950) stand before the data.
  return inflate(data, CHDR + 2, { file: `${image} (${name})`, limitBytes: Math.min(1 << 28, MOST_EXPANSION * data.length) }).bytes;
}

export class DwarfSections {
  private readonly sections: readonly ElfSection[];
  private readonly unpacked = new Map<string, Uint8Array>();

  /** Throws InputError for a damaged file; one that is no ELF file has no sections. */
  constructor(
    bytes: Uint8Array,
    readonly image: string,
  ) {
    this.sections = isElf(bytes) ? readSections(readElfHeader(bytes, image)) : [];
  }

  /** Empty where there is none. Throws InputError for one that cannot be unpacked. */
  bytes(name: string): Uint8Array {
    let data = this.unpacked.get(name);
    if (!data) {
      const section = this.find(name);
      this.unpacked.set(name, (data = section ? contents(section, this.image) : new Uint8Array()));
    }
    return data;
  }

  reader(name: string): DwarfReader {
    const section = this.find(name);
    return new DwarfReader(this.bytes(name), this.image, section && !section.isCompressed ? section.offset : 0, this.strings);
  }

  /** VA at which a section that is part of the program lies. */
  address(name: string): bigint {
    return this.find(name)?.address ?? 0n;
  }

  /** Whether code may be at an address: the linker leaves what it knew of functions that it dropped at address 0 or so. */
  isCode(address: bigint): boolean {
    return this.sections.some(
      ({ isExecutable, isAllocated, address: from, bytes }) =>
        isExecutable && isAllocated && address >= from && address < from + BigInt(bytes),
    );
  }

  private find(name: string): ElfSection | undefined {
    return this.sections.find((section) => section.name === name);
  }

  private readonly strings: DwarfStrings = ((sections: DwarfSections) => ({
    get '.debug_str'() {
      return sections.bytes('.debug_str');
    },
    get '.debug_line_str'() {
      return sections.bytes('.debug_line_str');
    },
  }))(this);
}
