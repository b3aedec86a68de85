/**
 * The folder in which each unit was compiled. Up to DWARF 4 only .debug_info tells it (DWARF 4, sections 7.5.1 to 7.5.4), in the first entry
 * of a unit; from version 5 on the line table itself does. What cannot be read is left out: a folder is only where to look for sources.
 */
import { InputError } from '../base/errors.ts';
import { readForm, type FormUnit } from './dwarf-forms.ts';
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
      const offset = units.position;
      const unit = units.unit();
      const version = unit.u16();
      if (version < 2 || version > 4) continue;
      const table = unit.offset();
      unit.u8();
      const shape = shapeOf(new DwarfReader(abbreviations.subarray(table), image, table, strings), unit.uleb(), spend);
      const { lines, folder } = firstEntry(unit, { version, offset, stringOf: () => undefined, addressOf: () => undefined }, shape, spend);
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

function firstEntry(reader: DwarfReader, unit: FormUnit, shape: Shape, spend: () => void): { lines?: number; folder?: string } {
  const found: { lines?: number; folder?: string } = {};
  for (const [name, form] of shape) {
    spend();
    const value = readForm(reader, form, unit, undefined);
    if (name === attribute.lineTable && typeof value === 'bigint') found.lines = Number(value);
    if (name === attribute.compilationFolder && typeof value === 'string') found.folder = value;
  }
  return found;
}
