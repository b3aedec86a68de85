/**
 * Which source line an address comes from: the line number programs of DWARF versions 2 to 5 (DWARF 5, section 6.2; for versions up to 4
 * the same section of DWARF 4). Damaged input gives what could be read, and a sentence about the rest.
 */
import type { VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { isElf, readElfHeader, readSections, type ElfSection } from '../machine/elf.ts';
import { DwarfReader, type DwarfStrings } from './dwarf-reader.ts';
import { contents } from './dwarf-sections.ts';
import { readCompilationFolders } from './dwarf-units.ts';
import { END, LineRows } from './line-rows.ts';

const HIGH = 2 ** 32;

export interface SourceFile {
  /** Path from the folder of compilation where it lies below it, else absolute. */
  readonly name: string;
  /** Where the file was when it was compiled. Relative where the program was compiled to say no more. */
  readonly path: string;
}

export interface SourceLine {
  /** Path from the folder of compilation where it lies below it, else absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

const unknownFile: SourceFile = { name: '(unknown file)', path: '' };

export class LineTable {
  /** All source files that code comes from. */
  readonly files: readonly SourceFile[];
  /** What could not be read, as a sentence; undefined where all is well. */
  readonly problem: string | undefined;
  private readonly rows: LineRows;

  /**
   * `rows`: sequences one after the other by rising address, each closed by a row with `END`. A line holds from the address of its row to
   * that of the next.
   */
  constructor(rows = new LineRows(), files: readonly SourceFile[] = [], problem?: string) {
    this.rows = rows;
    this.files = files;
    this.problem = problem;
  }

  /** The line of the instruction at a VA, as the program was linked. */
  at(address: VA): SourceLine | undefined {
    const place = this.placeOf(address);
    return place && { file: this.files[place.file].name, line: place.line };
  }

  /** The same with the number of the file in `files`. */
  placeOf(address: VA): { readonly file: number; readonly line: number } | undefined {
    const { rows } = this;
    const row = rows.firstAbove(Number(address >> 32n), Number(address & 0xffff_ffffn)) - 1;
    if (row < 0) return undefined;
    const [file, line] = [rows.file(row), rows.line(row)];
    return file !== END && line > 0 ? { file, line } : undefined;
  }

  /** Whether the code of a statement begins at exactly this VA. */
  startsAt(address: VA): boolean {
    const { rows } = this;
    for (
      let row = rows.firstAbove(Number(address >> 32n), Number(address & 0xffff_ffffn)) - 1;
      row >= 0 && rows.address(row) === address;
      row--
    )
      if (rows.file(row) !== END && rows.isStatement(row)) return true;
    return false;
  }

  /** VAs at which the code of a line begins, rising: where a breakpoint on it belongs. `file` may be the last parts of the path. */
  addresses(file: string, line: number): VA[] {
    const wanted = new Set(this.files.flatMap(({ name }, i) => (name === file || name.endsWith(`/${file}`) ? [i] : [])));
    const { rows } = this;
    const found: VA[] = [];
    for (let i = 0; i < rows.length; i++)
      if (rows.line(i) === line && wanted.has(rows.file(i)) && this.isStart(i)) found.push(rows.address(i));
    return found;
  }

  /** The lines of a file that code comes from, each with the first VA of that code; by rising line. */
  linesOf(file: number): { readonly line: number; readonly address: VA }[] {
    const { rows } = this;
    const first = new Map<number, VA>();
    for (let i = 0; i < rows.length; i++)
      if (rows.file(i) === file && rows.line(i) > 0 && !first.has(rows.line(i)) && this.isStart(i))
        first.set(rows.line(i), rows.address(i));
    return [...first].map(([line, address]) => ({ line, address })).sort((a, b) => a.line - b.line);
  }

  /** Whether a statement begins with row `i`, in place of one that only goes on. */
  private isStart(i: number): boolean {
    const { rows } = this;
    return rows.isStatement(i) && !(i > 0 && rows.file(i - 1) === rows.file(i) && rows.line(i - 1) === rows.line(i));
  }

  get size(): number {
    return this.rows.length;
  }
}

/** Reads the line table of an image; an empty one where it is no ELF file or has none. Never throws for bad input. */
export function readLineTable(bytes: Uint8Array, image: string): LineTable {
  if (!isElf(bytes)) return new LineTable();
  try {
    return readUnits(readSections(readElfHeader(bytes, image)), image);
  } catch (error) {
    if (error instanceof InputError) return new LineTable(undefined, undefined, error.message);
    throw error;
  }
}

function readUnits(sections: readonly ElfSection[], image: string): LineTable {
  const find = (name: string): Uint8Array => {
    const section = sections.find((candidate) => candidate.name === name);
    return section ? contents(section, image) : new Uint8Array();
  };
  const lines = sections.find(({ name }) => name === '.debug_line');
  if (!lines) return new LineTable();
  const strings: DwarfStrings = { '.debug_line_str': find('.debug_line_str'), '.debug_str': find('.debug_str') };
  const reader = new DwarfReader(contents(lines, image), image, lines.isCompressed ? 0 : lines.offset, strings);
  const folders = readCompilationFolders(find('.debug_info'), find('.debug_abbrev'), strings, image);
  const files = new Files();
  const rows = new LineRows();
  const sequences: Sequence[] = [];
  let problem: string | undefined;
  while (reader.remaining > 0) {
    // A unit tells its length: after one that makes no sense the next is still found.
    const offset = reader.position;
    let unit: DwarfReader | undefined;
    try {
      unit = reader.unit();
      readUnit(unit, folders.get(offset) ?? '', files, rows, sequences);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problem ??= error.message;
      if (!unit) break;
    }
  }
  const linked = inCode(
    sequences.sort((a, b) => (a.address < b.address ? -1 : 1)),
    sections,
  );
  return new LineTable(rows.picked(linked), files.all, problem);
}

/** Rows that belong together, and the address of the first. */
interface Sequence {
  readonly address: bigint;
  readonly from: number;
  readonly to: number;
}

/** Of sequences by rising address those that begin in code: the linker leaves the lines of functions that it dropped at address 0 or so. */
function inCode(sequences: readonly Sequence[], sections: readonly ElfSection[]): Sequence[] {
  const code = sections
    .filter(({ isExecutable, isAllocated }) => isExecutable && isAllocated)
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  let next = 0,
    end = 0n;
  return sequences.filter(({ address }) => {
    for (; next < code.length && code[next].address <= address; next++) {
      const sectionEnd = code[next].address + BigInt(code[next].bytes);
      if (sectionEnd > end) end = sectionEnd;
    }
    return address < end;
  });
}

/** A byte of the file can be a row, which takes 17 in memory. */
const MOST_ROWS = 4_000_000;

/** Source files, each once. */
class Files {
  readonly all: SourceFile[] = [];
  private readonly indices = new Map<string, number>();

  index(file: SourceFile): number {
    const known = this.indices.get(file.path);
    if (known !== undefined) return known;
    this.indices.set(file.path, this.all.length);
    return this.all.push(file) - 1;
  }
}

const standard = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  negateStatement: 6,
  setBasicBlock: 7,
  constAddPc: 8,
  fixedAdvancePc: 9,
  setPrologueEnd: 10,
  setEpilogueBegin: 11,
  setIsa: 12,
} as const;
const extended = { endSequence: 1, setAddress: 2, defineFile: 3 } as const;

/** Reads one unit: its header (6.2.4) and its program (6.2.5). Finished sequences are added to `rows` and `sequences`. */
function readUnit(unit: DwarfReader, folder: string, files: Files, rows: LineRows, sequences: Sequence[]): void {
  const header = readHeader(unit, folder);
  const names = [...header.files];
  /** By the numbers of the unit, those of all files. */
  const numbers: number[] = [];
  let from = rows.length;
  // Halves of the address: a number of 64 bits for each row takes longer than all else.
  let [high, low] = [0, 0];
  let file = 1,
    line = 1,
    isStatement = header.defaultIsStatement;
  const add = (number: number): void => {
    if (rows.length === MOST_ROWS) {
      // Of a sequence without its end nothing is used.
      rows.length = from;
      throw unit.error(`more than ${MOST_ROWS} rows of line numbers`, 'the rest is left out');
    }
    rows.push(high, low, number, line, isStatement);
  };
  const emit = (): void => add((numbers[file] ??= files.index(names[file] ?? unknownFile)));
  const advanceBytes = (bytes: number): void => {
    const sum = low + bytes;
    if (sum >= HIGH) high = (high + Math.floor(sum / HIGH)) >>> 0;
    low = sum % HIGH;
  };
  const advance = (operations: number): void => advanceBytes(operations * header.instructionBytes);
  try {
    readProgram();
  } finally {
    rows.length = from;
  }

  function readProgram(): void {
    while (unit.remaining > 0) {
      const opcode = unit.u8();
      if (opcode >= header.opcodeBase) {
        const adjusted = opcode - header.opcodeBase;
        advance(Math.floor(adjusted / header.lineRange));
        line += header.lineBase + (adjusted % header.lineRange);
        emit();
        continue;
      }
      switch (opcode) {
        case 0: {
          const length = unit.uleb();
          if (length === 0) throw unit.error('an extended operation of no length');
          const operation = unit.slice(length);
          const code = operation.u8();
          if (code === extended.endSequence) {
            add(END);
            rows.keepRising(from);
            if (rows.length > from + 1) sequences.push({ address: rows.address(from), from, to: rows.length });
            else rows.length = from;
            from = rows.length;
            [high, low] = [0, 0];
            file = line = 1;
            isStatement = header.defaultIsStatement;
          } else if (code === extended.setAddress) {
            const address = operation.address();
            [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
          } else if (code === extended.defineFile) names.push(sourceFile(folder, '', operation.text()));
          break;
        }
        case standard.copy:
          emit();
          break;
        case standard.advancePc:
          advance(unit.uleb());
          break;
        case standard.advanceLine:
          line += unit.sleb();
          break;
        case standard.setFile:
          file = unit.uleb();
          break;
        case standard.negateStatement:
          isStatement = !isStatement;
          break;
        case standard.constAddPc:
          advance(Math.floor((255 - header.opcodeBase) / header.lineRange));
          break;
        case standard.fixedAdvancePc:
          advanceBytes(unit.u16());
          break;
        default:
          // Columns, basic blocks and the like, and operations of later versions: the header tells how many operands to skip.
          for (let i = 0; i < header.operands[opcode - 1]; i++) unit.uleb();
      }
    }
  }
}

interface Header {
  readonly instructionBytes: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** How many operands each standard operation has, from 1 on. */
  readonly operands: readonly number[];
  /** By the numbers that programs use: from 0 in version 5, from 1 before. */
  readonly files: readonly SourceFile[];
}

/** The files of the unit of lines that the reader is at, by the numbers that .debug_info uses for them too. */
export const filesOfUnit = (reader: DwarfReader, folder: string): readonly SourceFile[] => readHeader(reader.unit(), folder).files;

/** `folder`: that of compilation as .debug_info names it, empty where it does not. */
function readHeader(unit: DwarfReader, folder: string): Header {
  const version = unit.u16();
  if (version < 2 || version > 5) throw unit.error(`line numbers in version ${version} of DWARF`, 'expected version 2 to 5');
  if (version === 5) {
    const addressBytes = unit.u8();
    const segmentBytes = unit.u8();
    if (addressBytes !== 8 || segmentBytes !== 0)
      throw unit.error(`addresses of ${addressBytes} bytes, segments of ${segmentBytes}`, 'expected 8 and 0');
  }
  const length = unit.offset();
  const rest = unit.remaining - length;
  if (rest < 0) throw unit.error('the header of the line numbers is longer than its unit');
  const instructionBytes = unit.u8();
  // Operations per instruction: for processors that bundle several, which this is not.
  if (version >= 4) unit.u8();
  const defaultIsStatement = unit.u8() !== 0;
  const lineBase = unit.i8();
  const lineRange = unit.u8();
  const opcodeBase = unit.u8();
  if (lineRange === 0 || opcodeBase === 0) throw unit.error('the line range or the opcode base is zero');
  const operands = Array.from({ length: opcodeBase - 1 }, () => unit.u8());
  const files = version === 5 ? namesV5(unit) : namesV4(unit, folder);
  unit.skip(unit.remaining - rest);
  return { instructionBytes, defaultIsStatement, lineBase, lineRange, opcodeBase, operands, files };
}

/** Before version 5: folder 0 is that of compilation, which only .debug_info names; file 0 does not exist. */
function namesV4(unit: DwarfReader, compilation: string): SourceFile[] {
  const folders = [''];
  for (let name = unit.text(); name !== ''; name = unit.text()) folders.push(name);
  const files = [unknownFile];
  for (let name = unit.text(); name !== ''; name = unit.text()) {
    const folder = unit.uleb();
    // Time and size of the file.
    unit.uleb();
    unit.uleb();
    files.push(sourceFile(compilation, folders[folder] ?? '', name));
  }
  return files;
}

function namesV5(unit: DwarfReader): SourceFile[] {
  const folders = unit.entries().map(({ path }) => path);
  const compilation = folders[0] ?? '';
  return unit.entries().map(({ path, folder }) => sourceFile(compilation, folder === 0 ? '' : (folders[folder] ?? ''), path));
}

function sourceFile(compilation: string, folder: string, name: string): SourceFile {
  const path = joinPath(compilation, folder, name);
  const home = joinPath(compilation, '', '');
  return { name: home !== '' && path.startsWith(`${home}/`) ? path.slice(home.length + 1) : path, path };
}

/** A path without detours; each part may be absolute, and then those before it do not count. */
function joinPath(...paths: readonly string[]): string {
  const last = paths.findLastIndex((path) => path.startsWith('/'));
  const parts: string[] = [];
  for (const part of paths.slice(Math.max(0, last)).join('/').split('/')) {
    if (part === '.' || part === '') continue;
    if (part === '..' && parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else parts.push(part);
  }
  return (last >= 0 ? '/' : '') + parts.join('/');
}
