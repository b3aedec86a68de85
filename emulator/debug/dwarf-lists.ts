/** Lists of address ranges and of locations by address (DWARF 5, sections 2.6.2, 2.17.3, 7.7.3, 7.25; DWARF 4, the same sections). */
import { form, type Attribute } from './dwarf-forms.ts';
import type { DwarfReader } from './dwarf-reader.ts';

export interface AddressRange {
  readonly from: bigint;
  /** The first address behind it. */
  readonly to: bigint;
}
export interface RangedExpression extends AddressRange {
  readonly expression: Uint8Array;
}

/** What the unit of a list lends to it. */
export interface ListUnit {
  readonly version: number;
  readonly lowPc: bigint;
  readonly addressOf: (index: number) => bigint | undefined;
  /** Offset of list `index` in a section. */
  listAt(section: string, index: number): number;
  section(name: string): DwarfReader;
}

/** Entries of one list. */
const MOST_ENTRIES = 1 << 16;
const ALL = 0xffff_ffff_ffff_ffffn;

/** Where the code is that an attribute lists. */
export const rangesOf = (unit: ListUnit, attribute: Attribute): AddressRange[] =>
  readList(unit, listOf(unit, attribute, unit.version < 5 ? '.debug_ranges' : '.debug_rnglists'), false);

/** Where something is, by where the code is. */
export const locationsOf = (unit: ListUnit, attribute: Attribute): RangedExpression[] =>
  readList(unit, listOf(unit, attribute, unit.version < 5 ? '.debug_loc' : '.debug_loclists'), true);

function listOf(unit: ListUnit, { form: kind, value }: Attribute, section: string): DwarfReader | undefined {
  if (typeof value !== 'bigint') return undefined;
  const isNumber = kind === form.rnglistx || kind === form.loclistx;
  return unit.section(section).from(isNumber ? unit.listAt(section, Number(value)) : Number(value));
}

function readList(unit: ListUnit, reader: DwarfReader | undefined, isLocation: boolean): RangedExpression[] {
  const found: RangedExpression[] = [];
  let base = unit.lowPc;
  for (let left = MOST_ENTRIES; reader && left > 0; left--) {
    const entry = unit.version < 5 ? oldEntry(reader) : newEntry(unit, reader, isLocation);
    if (entry === undefined) break;
    if ('base' in entry) {
      base = entry.base;
      continue;
    }
    const expression = isLocation ? reader.bytes(unit.version < 5 ? reader.u16() : reader.uleb()) : new Uint8Array();
    const by = entry.isOffset ? base : 0n;
    const [from, to] = [BigInt.asUintN(64, entry.from + by), BigInt.asUintN(64, entry.to + by)];
    if (to > from) found.push({ from, to, expression });
  }
  return found;
}

/** `isOffset`: from the base address. */
type ListEntry = (AddressRange & { readonly isOffset: boolean }) | { readonly base: bigint };

/** Up to version 4: two addresses, zero at the end, all ones in front of a base address (DWARF 4, 2.17.3). */
function oldEntry(reader: DwarfReader): ListEntry | undefined {
  const [from, to] = [reader.address(), reader.address()];
  if (from === ALL) return { base: to };
  return from === 0n && to === 0n ? undefined : { from, to, isOffset: true };
}

/** From version 5 on a byte tells of each entry how it is written (7.25 for ranges, 7.7.3 for locations). */
function newEntry(unit: ListUnit, reader: DwarfReader, isLocation: boolean): ListEntry | undefined {
  const indexed = (): bigint => unit.addressOf(reader.uleb()) ?? 0n;
  const fixed = (from: bigint, to: bigint): ListEntry => ({ from, to, isOffset: false });
  const lasting = (from: bigint): ListEntry => fixed(from, from + reader.leb64(false));
  const kind = reader.u8();
  // Locations have one kind more among the same: what holds everywhere else.
  if (isLocation && kind === 5) return fixed(0n, ALL);
  switch (isLocation || kind < 5 ? kind : kind + 1) {
    case 0:
      return undefined;
    case 1:
      return { base: indexed() };
    case 2:
      return fixed(indexed(), indexed());
    case 3:
      return lasting(indexed());
    case 4:
      return { from: reader.leb64(false), to: reader.leb64(false), isOffset: true };
    case 6:
      return { base: reader.address() };
    case 7:
      return fixed(reader.address(), reader.address());
    case 8:
      return lasting(reader.address());
    default:
      throw reader.error(`an entry of kind ${kind} in a list`);
  }
}
