/** Programs whose tables multiply: each is small, and what it asks for is gigabytes or hours. */
import { deflateSync } from 'node:zlib';

interface Section {
  readonly type: number;
  readonly data?: Uint8Array;
  /** Offset of its name in the table of names; 0: it has none. */
  readonly name?: number;
  readonly flags?: number;
  readonly address?: number;
  /** Bytes that it claims. */
  readonly size?: number;
  readonly link?: number;
  readonly entryBytes?: number;
}

const le = (...fields: readonly (readonly [bytes: number, value: number])[]): Uint8Array => {
  const out = new Uint8Array(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of fields) for (let i = 0; i < bytes; i++) out[at++] = Math.floor(value / 2 ** (8 * i)) & 0xff;
  return out;
};
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Lists as they are, since a call takes only so many arguments. */
const joined = (...parts: readonly (Uint8Array | readonly Uint8Array[])[]): Uint8Array => new Uint8Array(Buffer.concat(parts.flat()));
const repeated = (part: Uint8Array, times: number): Uint8Array => {
  const out = new Uint8Array(part.length * times);
  for (let i = 0; i < times; i++) out.set(part, i * part.length);
  return out;
};
const uleb = (value: number): Uint8Array => {
  const bytes: number[] = [];
  for (let rest = value; ; rest = rest >>> 7) {
    if (rest < 0x80) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
};

const TEXT = 0x4008_0000;
const NAMES = ['.text', '.symtab', '.strtab', '.debug_line', '.debug_line_str', '.debug_info', '.debug_abbrev'] as const;
const nameTable = ascii(`\0${NAMES.join('\0')}\0`);
const named = (name: (typeof NAMES)[number]): number => `\0${NAMES.join('\0')}\0`.indexOf(`\0${name}\0`) + 1;
const text: Section = { type: 1, name: named('.text'), flags: 6, address: TEXT, data: le([4, 0x1400_0000]) };

/** An ELF with one segment of one instruction, and these sections. */
function elf(sections: readonly Section[], { names = nameTable, segments = [] as readonly number[] } = {}): Uint8Array {
  const code = le([4, 0x1400_0000]);
  const headerAt = 64;
  const codeAt = headerAt + 56 * (1 + segments.length);
  const all: readonly Section[] = [{ type: 0 }, ...sections, { type: 3, data: names }];
  let at = codeAt + code.length;
  const placed = all.map((section) => {
    const offset = at;
    at += section.data?.length ?? 0;
    return { ...section, offset };
  });
  const segment = (va: number, offset: number, fileBytes: number, memoryBytes: number, flags: number): Uint8Array =>
    le([4, 1], [4, flags], [8, offset], [8, va], [8, va], [8, fileBytes], [8, memoryBytes], [8, 1]);
  return joined(
    le([4, 0x464c_457f], [4, 0x0001_0102], [8, 0], [2, 2], [2, 183], [4, 1], [8, TEXT], [8, headerAt], [8, at], [4, 0]),
    le([2, 64], [2, 56], [2, 1 + segments.length], [2, 64], [2, all.length], [2, all.length - 1]),
    segment(TEXT, codeAt, 4, 4, 5),
    segments.map((va) => segment(va, codeAt, 0, 1, 6)),
    code,
    placed.map(({ data = new Uint8Array() }) => data),
    placed.map(({ type, name = 0, flags = 0, address = 0, data, size = data?.length ?? 0, link = 0, entryBytes = 0, offset }) =>
      le([4, name], [4, type], [8, flags], [8, address], [8, offset], [8, size], [4, link], [4, 0], [8, 1], [8, entryBytes]),
    ),
  );
}

const opcodes = Uint8Array.from([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
/** A line-number program of DWARF 3, or of DWARF 5 with tables of names. */
function lineUnit(code: Uint8Array, tables?: Uint8Array): Uint8Array {
  const head = joined(Uint8Array.from([1, ...(tables ? [1] : []), 1, 0xfb, 14, 13]), opcodes, tables ?? ascii('\0a.c\0\0\0\0\0'));
  const body = joined(le([2, tables ? 5 : 3]), ...(tables ? [Uint8Array.from([8, 0])] : []), le([4, head.length]), head, code);
  return joined(le([4, body.length]), body);
}
const setAddress = (address: number): Uint8Array => joined(Uint8Array.from([0, 9, 2]), le([8, address]));
const endOfSequence = Uint8Array.from([0, 1, 1]);
const debug = (name: (typeof NAMES)[number], data: Uint8Array, flags = 0): Section => ({ type: 1, name: named(name), data, flags });

/** A table that has as many entries as may be, all with the same name, which is as long as may be. */
function sharedNames(symbols: number, length: number): Uint8Array {
  const table = Array.from({ length: symbols }, (_, i) => le([4, 1 + (i % 16)], [1, 0x12], [1, 0], [2, 1], [8, TEXT + 4 * i], [8, 4]));
  return elf([
    text,
    { type: 2, name: named('.symtab'), link: 3, entryBytes: 24, data: joined(new Uint8Array(24), table) },
    { type: 3, name: named('.strtab'), data: joined(ascii('\0'), new Uint8Array(length).fill(65), ascii('\0')) },
  ]);
}
const sharedSectionNames = (sections: number, length: number): Uint8Array =>
  elf(
    Array.from({ length: sections }, (_, i) => ({ type: 1, name: 1 + (i % 16), flags: 2 })),
    { names: joined(ascii('\0'), new Uint8Array(length).fill(66), ascii('\0')) },
  );
function rows(count: number, compressed: boolean): Uint8Array {
  const unit = lineUnit(joined(setAddress(TEXT), new Uint8Array(count).fill(19), Uint8Array.from([0, 1, 1])));
  if (!compressed) return elf([text, debug('.debug_line', unit)]);
  return elf([text, debug('.debug_line', joined(le([4, 1], [4, 0], [8, unit.length], [8, 1]), deflateSync(unit)), 0x800)]);
}
function units(count: number, abbreviations: Uint8Array, code: number): Uint8Array {
  const unit = joined(le([2, 4], [4, 0], [1, 8]), uleb(code));
  const info = repeated(joined(le([4, unit.length]), unit), count);
  return elf([text, debug('.debug_line', lineUnit(new Uint8Array())), debug('.debug_info', info), debug('.debug_abbrev', abbreviations)]);
}
const unitsTimesAbbreviations = (count: number, entries: number): Uint8Array =>
  units(
    count,
    joined(
      Array.from({ length: entries }, (_, i) => joined(uleb(i + 1), Uint8Array.from([0x11, 0, 0, 0]))),
      le([1, 0]),
    ),
    entries,
  );
const unitsTimesAttributes = (count: number, attributes: number): Uint8Array =>
  units(count, joined(Uint8Array.from([1, 0x11, 0]), repeated(Uint8Array.from([0x3f, 0x19]), attributes), new Uint8Array(3)), 1);
function filesWithOneName(files: number, length: number): Uint8Array {
  const entry = (format: number): Uint8Array => joined(Uint8Array.from([1, 1]), uleb(format));
  const tables = joined(
    entry(0x1f),
    uleb(1),
    le([4, 0]),
    entry(0x1f),
    uleb(files),
    ...Array.from({ length: files }, (_, i) => le([4, i % 64])),
  );
  const name = joined(ascii('/'), new Uint8Array(length).fill(67), ascii('\0'));
  return elf([text, debug('.debug_line', lineUnit(new Uint8Array(), tables)), debug('.debug_line_str', name)]);
}
const sequencesTimesSections = (sequences: number, sections: number): Uint8Array =>
  elf([
    text,
    ...Array.from({ length: sections }, () => ({ type: 1, flags: 6, address: 0x5000_0000, size: 1 })),
    debug('.debug_line', lineUnit(repeated(joined(setAddress(0x1000), Uint8Array.from([1]), endOfSequence), sequences))),
  ]);
const segmentsTimesSections = (segments: number, sections: number): Uint8Array =>
  elf([text, ...Array.from({ length: sections }, () => ({ type: 1, flags: 2, address: 0x9000_0000, size: 1 }))], {
    segments: Array.from({ length: segments }, (_, i) => 0x4100_0000 + 16 * i),
  });
const overlapping = (segments: number): Uint8Array => elf([text], { segments: new Array<number>(segments).fill(0x4100_0000) });

/** Made when they are asked for; `size` 1 is the largest, smaller ones are quicker. */
export const bombs: Readonly<Record<string, (size: number) => Uint8Array>> = {
  'symbols that share a long name': (size) => sharedNames(20_000 * size, (1 << 20) * size),
  'sections that share a long name': (size) => sharedSectionNames(60_000 * size, (1 << 19) * size),
  'two hundred million rows in a few kilobytes': (size) => rows(200_000_000 * size, true),
  'twenty million rows': (size) => rows(20_000_000 * size, false),
  'units with as many abbreviations': (size) => unitsTimesAbbreviations(100_000 * size, 200_000 * size),
  'units with as many attributes': (size) => unitsTimesAttributes(100_000 * size, 100_000 * size),
  'files that share a long name': (size) => filesWithOneName(50_000 * size, (1 << 20) * size),
  'sequences and sections': (size) => sequencesTimesSections(50_000 * size, 60_000 * size),
  'segments and sections': (size) => segmentsTimesSections(60_000 * size, 60_000 * size),
  'segments on each other': (size) => overlapping(60_000 * size),
};
