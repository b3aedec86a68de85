/**
 * ELF files (System V ABI, chapters 4 and 5; ELF for the Arm 64-bit architecture, AAELF64): 64-bit, little-endian, AArch64, linked.
 * Every number in a file is distrusted. Offsets and sizes are numbers, addresses are bigints.
 */
import { VA } from '../base/addresses.ts';
import { elfBytes, EM_AARCH64, PT_LOAD } from '../base/elf-format.ts';
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { nameAt } from '../base/names.ts';

export interface ElfSegment {
  /** Number of its program header. */
  readonly index: number;
  /** Offset of its program header in the file. */
  readonly headerOffset: number;
  readonly va: VA;
  /** As the header has it: 64 bits, which may be no PA of this machine. */
  readonly pa: bigint;
  readonly fileOffset: number;
  readonly fileBytes: number;
  /** Beyond `fileBytes`, zeros. */
  readonly memoryBytes: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
}

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  /** VA, 0 where it is not part of the program in memory. */
  readonly address: VA;
  readonly offset: number;
  readonly bytes: number;
  readonly link: number;
  readonly isAllocated: boolean;
  readonly isExecutable: boolean;
  readonly isCompressed: boolean;
  /** The section's bytes in the file; empty for those that have none (.bss). */
  readonly data: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  readonly value: VA;
  /** 0 where the file does not say: labels in assembly. */
  readonly bytes: bigint;
  readonly type: 'none' | 'object' | 'function' | 'section' | 'file' | 'other';
  readonly isLocal: boolean;
  /** Name of its section; undefined for absolute symbols. */
  readonly section: string | undefined;
}

export interface ElfFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly entry: VA;
  /** What is loaded, in the order of the file. */
  readonly segments: readonly ElfSegment[];
}

const { header: HEADER, programHeader: PROGRAM_HEADER, sectionHeader: SECTION_HEADER } = elfBytes;
const SYMBOL = 24;
/** Each is compared with all others and with all sections. Real programs have a dozen. */
const MOST_SEGMENTS = 1024;
const machines: Readonly<Record<number, string>> = {
  3: 'x86',
  8: 'MIPS',
  20: 'PowerPC',
  21: '64-bit PowerPC',
  40: '32-bit Arm',
  62: 'x86-64',
  243: 'RISC-V',
};
const sectionType = { symbols: 2, strings: 3, noBits: 8 } as const;

const expected = 'expected a linked 64-bit little-endian AArch64 program';

export const isElf = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

/** What is known of a file without its program headers, which a file of symbols has no use for. */
export type ElfHeader = Pick<ElfFile, 'file' | 'bytes' | 'entry'>;

/** Reads the header alone. `file` is for messages. Throws InputError. */
export function readElfHeader(bytes: Uint8Array, file: string): ElfHeader {
  const fields = new Fields(bytes, file);
  if (!isElf(bytes)) throw fields.error(0, 'this is not an ELF file', 'it should begin with 0x7f "ELF"');
  fields.need(0, HEADER, 'the ELF header');
  if (bytes[4] !== 2) throw fields.error(4, 'this is a 32-bit ELF file', expected);
  if (bytes[5] !== 1) throw fields.error(5, 'this is a big-endian ELF file', expected);
  const type = fields.u16(16);
  const machine = fields.u16(18);
  if (machine !== EM_AARCH64) throw fields.error(18, `this program is for ${machines[machine] ?? `machine number ${machine}`}`, expected);
  if (type === 1)
    throw fields.error(16, 'this is an object file, not a linked program', 'link it: ld or gcc -nostdlib with a linker script');
  if (type !== 2 && type !== 3) throw fields.error(16, `this is not an executable file (type ${type})`, expected);
  return { file, bytes, entry: VA(fields.u64(24)) };
}

/** Reads the header and the program headers. `file` is for messages. Throws InputError. */
export function readElf(bytes: Uint8Array, file: string): ElfFile {
  const header = readElfHeader(bytes, file);
  const fields = new Fields(bytes, file);
  const table = fields.offset(32, 'the program header table');
  const size = fields.u16(54);
  const count = fields.u16(56);
  if (count > 0 && size !== PROGRAM_HEADER) throw fields.error(54, `program headers of ${size} bytes`, `expected ${PROGRAM_HEADER} bytes`);
  if (count > MOST_SEGMENTS) throw fields.error(56, `the program has ${count} program headers`, `at most ${MOST_SEGMENTS} can be loaded`);
  fields.need(table, count * PROGRAM_HEADER, 'the program header table');
  const segments: ElfSegment[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * PROGRAM_HEADER;
    const segment = readSegment(fields, at, index);
    if (segment) segments.push(segment);
  }
  if (segments.length === 0) throw fields.error(56, 'the program has nothing to load', 'expected at least one LOAD program header');
  return { ...header, segments };
}

/** Undefined for a header of something that is not loaded. */
function readSegment(fields: Fields, at: number, index: number): ElfSegment | undefined {
  if (fields.u32(at) !== PT_LOAD) return undefined;
  const flags = fields.u32(at + 4);
  const what = `segment ${index}`;
  const fileOffset = fields.offset(at + 8, what);
  const fileBytes = fields.offset(at + 32, what);
  const memoryBytes = fields.offset(at + 40, what);
  if (memoryBytes === 0) return undefined;
  if (fileBytes > memoryBytes)
    throw fields.error(
      at + 32,
      `${what} has ${fileBytes} bytes in the file but only ${memoryBytes} in memory`,
      'the program header is damaged',
    );
  fields.need(fileOffset, fileBytes, what);
  return {
    index,
    headerOffset: at,
    va: VA(fields.u64(at + 16)),
    pa: fields.u64(at + 24),
    fileOffset,
    fileBytes,
    memoryBytes,
    readable: (flags & 4) !== 0,
    writable: (flags & 2) !== 0,
    executable: (flags & 1) !== 0,
  };
}

/** Where the CPU begins, with its MMU off: a program linked for other VAs names one of them in its header, and begins at the PA behind it. */
export function startOf({ entry, segments }: ElfFile): VA {
  const segment = segments.find(({ va, memoryBytes }) => entry >= va && entry < va + BigInt(memoryBytes));
  return segment ? VA(entry - segment.va + segment.pa) : entry;
}

/** Reads the section headers; none in a stripped file. Throws InputError. */
export function readSections({ bytes, file }: ElfHeader): readonly ElfSection[] {
  const fields = new Fields(bytes, file);
  const table = fields.offset(40, 'the section header table');
  const size = fields.u16(58);
  const count = fields.u16(60);
  const namesIndex = fields.u16(62);
  if (table === 0 || count === 0) return [];
  if (size !== SECTION_HEADER) throw fields.error(58, `section headers of ${size} bytes`, `expected ${SECTION_HEADER} bytes`);
  fields.need(table, count * SECTION_HEADER, 'the section header table');
  const names = namesIndex < count ? sectionData(fields, table + namesIndex * SECTION_HEADER, `section ${namesIndex}`) : new Uint8Array();
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * SECTION_HEADER;
    const name = nameAt(names, fields.u32(at));
    const flags = fields.u64(at + 8);
    const what = name === '' ? `section ${index}` : `section ${name}`;
    return {
      name,
      type: fields.u32(at + 4),
      address: VA(fields.u64(at + 16)),
      offset: fields.offset(at + 24, what),
      bytes: fields.offset(at + 32, what),
      link: fields.u32(at + 40),
      isAllocated: (flags & 2n) !== 0n,
      isExecutable: (flags & 4n) !== 0n,
      isCompressed: (flags & 0x800n) !== 0n,
      data: sectionData(fields, at, what),
    };
  });
}

function sectionData(fields: Fields, header: number, what: string): Uint8Array {
  const type = fields.u32(header + 4);
  if (type === 0 || type === sectionType.noBits) return new Uint8Array();
  const offset = fields.offset(header + 24, what);
  const size = fields.offset(header + 32, what);
  fields.need(offset, size, what);
  return fields.bytes.subarray(offset, offset + size);
}

/** Reads the symbol table; empty where there is none. Throws InputError. */
export function readElfSymbols(elf: ElfHeader, sections: readonly ElfSection[]): readonly ElfSymbol[] {
  const types = ['none', 'object', 'function', 'section', 'file'] as const;
  const table = sections.find(({ type }) => type === sectionType.symbols);
  if (!table) return [];
  const fields = new Fields(elf.bytes, elf.file);
  const strings = sections[table.link];
  if (strings?.type !== sectionType.strings)
    throw fields.error(table.offset, `the symbol table names section ${table.link} for its strings, which is not a string table`);
  return Array.from({ length: Math.floor(table.data.length / SYMBOL) }, (_, index) => {
    const at = table.offset + index * SYMBOL;
    const info = fields.u8(at + 4);
    const section = fields.u16(at + 6);
    return {
      name: nameAt(strings.data, fields.u32(at)),
      value: VA(fields.u64(at + 8)),
      bytes: fields.u64(at + 16),
      type: types[info & 15] ?? 'other',
      isLocal: info >> 4 === 0,
      // Numbers from 0xff00 on are reserved: absolute and common symbols.
      section: section > 0 && section < 0xff00 ? sections[section]?.name : undefined,
    };
  });
}

/** Fields at given offsets, which the caller has made sure of by `need`. */
class Fields {
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8 = (at: number): number => this.view.getUint8(at);
  u16 = (at: number): number => this.view.getUint16(at, true);
  u32 = (at: number): number => this.view.getUint32(at, true);
  u64 = (at: number): bigint => this.view.getBigUint64(at, true);

  /** A 64-bit offset or size of `what`. */
  offset(at: number, what: string): number {
    const value = this.u64(at);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw this.error(at, `${what}: ${hex(value)} is not a plausible offset or size`, 'the file is damaged');
    return Number(value);
  }

  /** Makes sure that `what`, of this size, lies in the file. */
  need(offset: number, size: number, what: string): void {
    if (offset + size > this.bytes.length)
      throw this.error(
        offset,
        `${what} needs ${size} bytes, but the file ends at ${hex(this.bytes.length)}`,
        'the file is cut off or damaged',
      );
  }

  error(offset: number, problem: string, hint?: string): InputError {
    return new InputError(problem, { file: this.file, offset }, hint);
  }
}
