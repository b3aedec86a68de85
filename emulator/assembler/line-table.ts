/** Which line each instruction was written in, as debuggers read it: DWARF 4, sections 6.2 (line numbers) and 3.1.1 (the compilation unit). */
import { bytesOf } from './literal-pool.ts';
import type { Program } from './program.ts';

const DW_TAG_compile_unit = 0x11;
const DW_AT = { name: 0x03, stmt_list: 0x10, low_pc: 0x11, high_pc: 0x12, language: 0x13, ranges: 0x55 };
const DW_FORM = { addr: 0x01, data2: 0x05, string: 0x08, sec_offset: 0x17 };
const DW_LANG_Mips_Assembler = 0x8001;
const DW_LNS = { copy: 1, advance_pc: 2, advance_line: 3 };
const DW_LNE = { end_sequence: 1, set_address: 2 };
/** Operands of the standard opcodes 1 to 12. */
const OPCODE_LENGTHS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

/** The sections of one compilation unit, whose only file is `file`. */
export function lineSections({ sections }: Program, file: string): { readonly name: string; readonly bytes: Uint8Array }[] {
  const code = sections.filter(({ access, lines }) => access.execute && lines.length > 0);
  const attributes = [
    [DW_AT.stmt_list, DW_FORM.sec_offset],
    [DW_AT.ranges, DW_FORM.sec_offset],
    [DW_AT.low_pc, DW_FORM.addr],
    [DW_AT.name, DW_FORM.string],
    [DW_AT.language, DW_FORM.data2],
  ].flat();
  const abbreviations = [1, DW_TAG_compile_unit, 0, ...attributes, 0, 0, 0];
  const unit = [...half(4), ...word(0), 8, 1, ...word(0), ...word(0), ...double(0n), ...text(file), ...half(DW_LANG_Mips_Assembler)];
  const ranges = code.flatMap(({ base, size }) => [...double(base), ...double(base + BigInt(size))]);
  return [
    { name: '.debug_abbrev', bytes: Uint8Array.from(abbreviations) },
    { name: '.debug_info', bytes: Uint8Array.from([...word(unit.length), ...unit]) },
    { name: '.debug_ranges', bytes: Uint8Array.from([...ranges, ...double(0n), ...double(0n)]) },
    { name: '.debug_line', bytes: lineProgram(code, file) },
  ];
}

function lineProgram(code: Program['sections'], file: string): Uint8Array {
  // minimum_instruction_length 1, maximum_operations 1, default_is_stmt 1, line_base -5, line_range 14, opcode_base 13
  const header = [1, 1, 1, 256 - 5, 14, OPCODE_LENGTHS.length + 1, ...OPCODE_LENGTHS, 0, ...text(file), 0, 0, 0, 0];
  const program: number[] = [];
  for (const { base, size, lines } of code) {
    program.push(0, 9, DW_LNE.set_address, ...double(base));
    let line = 1;
    let offset = 0;
    for (const row of lines) {
      if (row.offset > offset) program.push(DW_LNS.advance_pc, ...unsigned(row.offset - offset));
      if (row.line !== line) program.push(DW_LNS.advance_line, ...signed(row.line - line));
      program.push(DW_LNS.copy);
      ({ line, offset } = row);
    }
    program.push(DW_LNS.advance_pc, ...unsigned(size - offset), 0, 1, DW_LNE.end_sequence);
  }
  const rest = [...half(4), ...word(header.length), ...header];
  const length = rest.length + program.length;
  const bytes = new Uint8Array(4 + length);
  bytes.set([...word(length), ...rest]);
  bytes.set(program, 4 + rest.length);
  return bytes;
}

const half = (value: number): Uint8Array => bytesOf(BigInt(value), 2);
const word = (value: number): Uint8Array => bytesOf(BigInt(value), 4);
const double = (value: bigint): Uint8Array => bytesOf(value, 8);
const text = (value: string): number[] => [...new TextEncoder().encode(value), 0];

/** LEB128 (DWARF 4, 7.6). */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value >>>= 7;
  } while (value);
  return bytes;
}
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 127;
    value >>= 7;
    const isLast = (value === 0 && low < 64) || (value === -1 && low >= 64);
    bytes.push(low | (isLast ? 0 : 128));
    if (isLast) return bytes;
  }
}
