/** How the values of attributes are written (DWARF 5, section 7.5.6; DWARF 4, section 7.5.4): one reading of every form. */
import type { DwarfReader } from './dwarf-reader.ts';

/**
 * Numbers are as they stand in the file: unsigned, but for those that are written as signed. References are offsets in .debug_info.
 * Undefined: what lies in another file.
 */
export type FormValue = bigint | string | Uint8Array | undefined;

export interface Attribute {
  readonly form: number;
  readonly value: FormValue;
}

/** What the unit of an attribute lends to its forms. */
export interface FormUnit {
  readonly version: number;
  /** Offset of the unit in .debug_info: references within it count from there. */
  readonly offset: number;
  /** The string and the address of a number, of the unit's tables of them. */
  readonly stringOf: (index: number) => string | undefined;
  readonly addressOf: (index: number) => bigint | undefined;
}

export const form = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  refAddr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  refUdata: 0x15,
  indirect: 0x16,
  secOffset: 0x17,
  exprloc: 0x18,
  flagPresent: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  refSup4: 0x1c,
  strpSup: 0x1d,
  data16: 0x1e,
  lineStrp: 0x1f,
  refSig8: 0x20,
  implicitConst: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  refSup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
  gnuRefAlt: 0x1f20,
  gnuStrpAlt: 0x1f21,
} as const;

/** Reads a value and moves on behind it. `implicit`: the value that the abbreviation itself has (DW_FORM_implicit_const). */
export function readForm(reader: DwarfReader, kind: number, unit: FormUnit, implicit: bigint | undefined): FormValue {
  const within = (offset: number | bigint): bigint => BigInt(unit.offset) + BigInt(offset);
  switch (kind) {
    case form.addr:
    case form.data8:
      return reader.address();
    case form.refSig8:
      return void reader.address();
    case form.data1:
    case form.flag:
      return BigInt(reader.u8());
    case form.data2:
      return BigInt(reader.u16());
    case form.data4:
      return BigInt(reader.u32());
    case form.data16:
      return reader.bytes(16);
    case form.sdata:
      return reader.leb64(true);
    case form.udata:
      return reader.leb64(false);
    case form.loclistx:
    case form.rnglistx:
      return BigInt(reader.uleb());
    case form.flagPresent:
      return 1n;
    case form.implicitConst:
      return implicit;
    case form.string:
      return reader.text();
    case form.strp:
      return reader.stringAt('.debug_str');
    case form.lineStrp:
      return reader.stringAt('.debug_line_str');
    case form.secOffset:
      return BigInt(reader.offset());
    // Up to version 2 an address, of 8 bytes here (DWARF 2, 7.5.4).
    case form.refAddr:
      return unit.version <= 2 ? reader.address() : BigInt(reader.offset());
    case form.ref1:
      return within(reader.u8());
    case form.ref2:
      return within(reader.u16());
    case form.ref4:
      return within(reader.u32());
    case form.ref8:
      return within(reader.address());
    case form.refUdata:
      return within(reader.uleb());
    case form.block1:
      return reader.bytes(reader.u8());
    case form.block2:
      return reader.bytes(reader.u16());
    case form.block4:
      return reader.bytes(reader.u32());
    case form.block:
    case form.exprloc:
      return reader.bytes(reader.uleb());
    case form.strx:
      return unit.stringOf(reader.uleb());
    case form.strx1:
      return unit.stringOf(reader.u8());
    case form.strx2:
      return unit.stringOf(reader.u16());
    case form.strx3:
      return unit.stringOf(reader.u24());
    case form.strx4:
      return unit.stringOf(reader.u32());
    case form.addrx:
      return unit.addressOf(reader.uleb());
    case form.addrx1:
      return unit.addressOf(reader.u8());
    case form.addrx2:
      return unit.addressOf(reader.u16());
    case form.addrx3:
      return unit.addressOf(reader.u24());
    case form.addrx4:
      return unit.addressOf(reader.u32());
    case form.refSup4:
      return void reader.u32();
    case form.refSup8:
      return void reader.address();
    case form.strpSup:
    case form.gnuRefAlt:
    case form.gnuStrpAlt:
      return void reader.offset();
    case form.indirect: {
      const inner = reader.uleb();
      if (inner === form.indirect || inner === form.implicitConst) throw reader.error('a form that names another one without end');
      return readForm(reader, inner, unit, undefined);
    }
    default:
      throw reader.error(`form 0x${kind.toString(16)} in an entry of .debug_info`);
  }
}
