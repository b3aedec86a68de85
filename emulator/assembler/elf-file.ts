/** A program as an ELF file (System V ABI, chapters 4 and 5; ELF for the Arm 64-bit Architecture): what a linker would have written. */
import { elfBytes, type OutputSection } from './elf-layout.ts';
import { lineSections } from './line-table.ts';
import type { Program } from './program.ts';
import type { Section } from './section.ts';
import { Strings } from './strings.ts';

const SHF = { WRITE: 1, ALLOC: 2, EXECINSTR: 4 };
const SHT = { PROGBITS: 1, SYMTAB: 2, STRTAB: 3, NOBITS: 8 };
const STT = { NOTYPE: 0, FUNC: 2 };
const SHN_ABS = 0xfff1;
const SYMBOL_BYTES = 24;

/** A section of our own: the source itself, in UTF-8, for a program whose source is in no file. */
export const SOURCE_SECTION = '.elscope.source';

/** The file, with symbols, and with the lines of `file` that code comes from; `source` goes with it where it is given. */
export function elfOf(program: Program, file: string, source?: string): Uint8Array {
  const loaded = program.sections.map(loadedSection);
  const { bytes: symbols, names, locals } = symbolTable(program);
  const others: OutputSection[] = [
    ...lineSections(program, file).map(({ name, bytes }) => ({ ...unloaded, name, bytes })),
    {
      ...unloaded,
      name: '.symtab',
      type: SHT.SYMTAB,
      bytes: symbols,
      alignment: 8,
      link: '.strtab',
      info: locals,
      entryBytes: SYMBOL_BYTES,
    },
    { ...unloaded, name: '.strtab', type: SHT.STRTAB, bytes: names },
    ...(source === undefined ? [] : [{ ...unloaded, name: SOURCE_SECTION, bytes: new TextEncoder().encode(source) }]),
  ];
  return elfBytes([...loaded, ...others], program.entry);
}

const unloaded = { type: SHT.PROGBITS, flags: 0, address: 0n, size: 0, alignment: 1, link: undefined, info: 0, entryBytes: 0 };

function loadedSection({ name, access, isEmpty, base, bytes, size, alignment }: Section): OutputSection {
  const flags = SHF.ALLOC | (access.write ? SHF.WRITE : 0) | (access.execute ? SHF.EXECINSTR : 0);
  return { ...unloaded, name, type: isEmpty ? SHT.NOBITS : SHT.PROGBITS, flags, address: base, bytes, size, alignment };
}

/** Local symbols first, as the ABI demands; the mapping symbols $x and $d among them, for disassemblers. */
function symbolTable({ sections, symbols }: Program): { bytes: Uint8Array; names: Uint8Array; locals: number } {
  const indexOf = new Map(sections.map(({ name }, i) => [name, i + 1]));
  const mapping = sections.flatMap(({ name, base, mappings }) =>
    mappings.map(({ offset, kind }) => ({
      name: kind === 'code' ? '$x' : '$d',
      value: base + BigInt(offset),
      section: name,
      size: 0n,
      isGlobal: false,
      isFunction: false,
    })),
  );
  const named = symbols.filter(({ name }) => !name.startsWith('.L'));
  const all = [...mapping, ...named.filter(({ isGlobal }) => !isGlobal), ...named.filter(({ isGlobal }) => isGlobal)];
  const strings = new Strings();
  const view = new DataView(new ArrayBuffer(SYMBOL_BYTES * (all.length + 1)));
  all.forEach(({ name, value, section, size, isGlobal, isFunction }, i) => {
    const at = SYMBOL_BYTES * (i + 1);
    view.setUint32(at, strings.add(name), true);
    view.setUint8(at + 4, (isGlobal ? 0x10 : 0) | (isFunction ? STT.FUNC : STT.NOTYPE));
    // A section without content is left out of the file; its labels keep their values.
    view.setUint16(at + 6, (section === undefined ? undefined : indexOf.get(section)) ?? SHN_ABS, true);
    view.setBigUint64(at + 8, BigInt.asUintN(64, value), true);
    view.setBigUint64(at + 16, BigInt.asUintN(64, size), true);
  });
  const locals = 1 + all.filter(({ isGlobal }) => !isGlobal).length;
  return { bytes: new Uint8Array(view.buffer), names: strings.bytes, locals };
}
