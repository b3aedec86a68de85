/**
 * The folder in which each unit was compiled. Up to DWARF 4 only .debug_info tells it (DWARF 4, sections 7.5.1 to 7.5.4), in the first entry
 * of a unit; from version 5 on the line table itself does. What cannot be read is left out: a folder is only where to look for sources.
 */
import { InputError } from '../base/errors.ts';
import { DwarfReader, type DwarfStrings } from './dwarf-reader.ts';

const attribute = { lineTable: 0x10, compilationFolder: 0x1b } as const;

/** Attributes of an entry: what each is, and how it is written. */
type Shape = readonly (readonly [name: number, form: number])[];

/** Folders by the offset of the unit's lines in .debug_line. */
export function readCompilationFolders(
  info: Uint8Array,
  abbreviations: Uint8Array,
  strings: DwarfStrings,
  image: string,
): ReadonlyMap<number, string> {
  const folders = new Map<number, string>();
  const units = new DwarfReader(info, image, 0, strings);
  // Units can share one long table: what is read may not become more than what is there. Real ones read a few attributes each.
  let left = info.length + abbreviations.length;
  const spend = (): void => {
    if (--left < 0) throw units.error('more attributes than the sections have bytes');
  };
  try {
    while (units.remaining > 0) {
      const unit = units.unit();
      const version = unit.u16();
      if (version < 2 || version > 4) continue;
      const table = unit.offset();
      unit.u8();
      const shape = shapeOf(new DwarfReader(abbreviations.subarray(table), image, table, strings), unit.uleb(), spend);
      const { lines, folder } = firstEntry(unit, shape, spend);
      if (lines !== undefined && folder !== undefined) folders.set(lines, folder);
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return folders;
}

/** The shape with number `code` in a table of them. */
function shapeOf(table: DwarfReader, code: number, spend: () => void): Shape {
  for (let number = table.uleb(); number !== 0; number = table.uleb()) {
    // Tag, and whether it has children.
    table.uleb();
    table.u8();
    const shape: [number, number][] = [];
    for (;;) {
      spend();
      const name = table.uleb();
      const form = table.uleb();
      if (name === 0 && form === 0) break;
      shape.push([name, form]);
    }
    if (number === code) return shape;
  }
  return [];
}

function firstEntry(unit: DwarfReader, shape: Shape, spend: () => void): { lines?: number; folder?: string } {
  const found: { lines?: number; folder?: string } = {};
  for (const [name, form] of shape) {
    spend();
    const value = valueOf(unit, form);
    if (name === attribute.lineTable && typeof value === 'number') found.lines = value;
    if (name === attribute.compilationFolder && typeof value === 'string') found.folder = value;
  }
  return found;
}

/** Reads past a value (7.5.4) and gives it where it is a number or a string. */
function valueOf(unit: DwarfReader, form: number): number | string | undefined {
  switch (form) {
    case 0x01: // addr
    case 0x07: // data8
    case 0x14: // ref8
    case 0x20: // ref_sig8
      return void unit.skip(8);
    case 0x03: // block2
      return void unit.skip(unit.u16());
    case 0x04: // block4
      return void unit.skip(unit.u32());
    case 0x05: // data2
    case 0x12: // ref2
      return unit.u16();
    case 0x06: // data4, also a place in another section up to version 3
    case 0x13: // ref4
      return unit.u32();
    case 0x08:
      return unit.text();
    case 0x09: // block
    case 0x18: // exprloc
      return void unit.skip(unit.uleb());
    case 0x0a: // block1
      return void unit.skip(unit.u8());
    case 0x0b: // data1
    case 0x0c: // flag
    case 0x11: // ref1
      return unit.u8();
    case 0x0d: // sdata
      return unit.sleb();
    case 0x0e:
      return unit.stringAt('.debug_str');
    case 0x0f: // udata
    case 0x15: // ref_udata
      return unit.uleb();
    case 0x10: // ref_addr
    case 0x17: // sec_offset
      return unit.offset();
    case 0x19: // flag_present
      return undefined;
    default:
      throw unit.error(`form 0x${form.toString(16)} in an entry of .debug_info`);
  }
}
