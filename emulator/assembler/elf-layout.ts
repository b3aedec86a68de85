/** Sections to the bytes of an ELF file: header, program headers, contents, section headers. */
import { elfBytes as sizes, EM_AARCH64, PT_LOAD } from '../base/elf-format.ts';
import { Strings } from './strings.ts';

export interface OutputSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** In memory; that of `bytes` where it is not loaded. */
  readonly size: number;
  readonly alignment: number;
  /** Name of the section that it refers to. */
  readonly link: string | undefined;
  readonly info: number;
  readonly entryBytes: number;
}

const { header: HEADER, programHeader: PROGRAM_HEADER, sectionHeader: SECTION_HEADER } = sizes;
const PAGE = 4096;
const ET_EXEC = 2;
const SHT_STRTAB = 3;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;

/** Loaded sections come first, each with a program header; VA and PA are the same. */
export function elfBytes(sections: readonly OutputSection[], entry: bigint): Uint8Array {
  const names = new Strings();
  for (const name of ['', '.shstrtab', ...sections.map((section) => section.name)]) names.add(name);
  const table: OutputSection = {
    name: '.shstrtab',
    type: SHT_STRTAB,
    flags: 0,
    address: 0n,
    bytes: names.bytes,
    size: 0,
    alignment: 1,
    link: undefined,
    info: 0,
    entryBytes: 0,
  };
  const all = [...sections, table];
  const loaded = all.filter(({ flags }) => flags & SHF_ALLOC);
  let next = HEADER + PROGRAM_HEADER * loaded.length;
  const offsets = all.map(({ flags, address, bytes, alignment }) => {
    // A segment's place in the file and in memory agree modulo the page size, so that it can be mapped.
    if (flags & SHF_ALLOC) next += (Number(address % BigInt(PAGE)) - (next % PAGE) + PAGE) % PAGE;
    else next = Math.ceil(next / alignment) * alignment;
    const offset = next;
    next += bytes.length;
    return offset;
  });
  const headers = Math.ceil(next / 8) * 8;
  const file = new Uint8Array(headers + SECTION_HEADER * (all.length + 1));
  const view = new DataView(file.buffer);
  const put = { half: view.setUint16.bind(view), word: view.setUint32.bind(view), double: view.setBigUint64.bind(view) };
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  put.half(16, ET_EXEC, true);
  put.half(18, EM_AARCH64, true);
  put.word(20, 1, true);
  put.double(24, entry, true);
  put.double(32, BigInt(HEADER), true);
  put.double(40, BigInt(headers), true);
  put.half(52, HEADER, true);
  put.half(54, PROGRAM_HEADER, true);
  put.half(56, loaded.length, true);
  put.half(58, SECTION_HEADER, true);
  put.half(60, all.length + 1, true);
  put.half(62, all.length, true);
  all.forEach(({ name, type, flags, address, bytes, size, alignment, link, info, entryBytes }, i) => {
    file.set(bytes, offsets[i]);
    const at = headers + SECTION_HEADER * (i + 1);
    put.word(at, names.add(name), true);
    put.word(at + 4, type, true);
    put.double(at + 8, BigInt(flags), true);
    put.double(at + 16, address, true);
    put.double(at + 24, BigInt(offsets[i]), true);
    put.double(at + 32, BigInt(type === SHT_NOBITS ? size : bytes.length), true);
    put.word(at + 40, link === undefined ? 0 : 1 + all.findIndex((section) => section.name === link), true);
    put.word(at + 44, info, true);
    put.double(at + 48, BigInt(alignment), true);
    put.double(at + 56, BigInt(entryBytes), true);
  });
  // They come first, so that their numbers are those of all.
  loaded.forEach(({ flags, address, bytes, size }, i) => {
    const at = HEADER + PROGRAM_HEADER * i;
    put.word(at, PT_LOAD, true);
    // R, and W and X where the section has them.
    put.word(at + 4, 4 | (flags & 1 ? 2 : 0) | (flags & 4 ? 1 : 0), true);
    put.double(at + 8, BigInt(offsets[i]), true);
    put.double(at + 16, address, true);
    put.double(at + 24, address, true);
    put.double(at + 32, BigInt(bytes.length), true);
    put.double(at + 40, BigInt(size), true);
    put.double(at + 48, BigInt(PAGE), true);
  });
  return file;
}
