/**
 * The entries of .debug_info (DWARF 5, sections 2 and 7.5), read where they are asked for: first the heads of all units, then of a unit that
 * is needed where its entries are, in 12 bytes each, and the attributes of an entry only when somebody looks at it.
 */
import { InputError } from '../base/errors.ts';
import { form, readForm, type Attribute, type FormUnit, type FormValue } from './dwarf-forms.ts';
import { AT } from './dwarf-names.ts';
import type { DwarfReader } from './dwarf-reader.ts';
import type { DwarfSections } from './dwarf-sections.ts';
import { rangesOf, type AddressRange, type ListUnit } from './dwarf-lists.ts';

/** Of an entry: name, form and, where the abbreviation has it, the value of each attribute. */
interface Shape {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly (readonly [name: number, form: number, implicit: bigint | undefined])[];
}

/** Attributes of an entry. Compilers write up to some twenty. */
const MOST_ATTRIBUTES = 256;
/** How often one entry may stand for another: a function for its declaration. */
const MOST_ORIGINS = 16;
/** Units of a file. Linux has some four thousand. */
const MOST_UNITS = 1 << 18;

/** An entry of a unit, by its number there. */
export class Entry {
  private known: ReadonlyMap<number, Attribute> | undefined;

  constructor(
    readonly unit: Unit,
    readonly index: number,
  ) {}

  get tag(): number {
    return this.unit.tags[this.index];
  }
  /** Offset in .debug_info, which tells it from all others. */
  get offset(): number {
    return this.unit.offset + this.unit.offsets[this.index];
  }
  get attributes(): ReadonlyMap<number, Attribute> {
    return (this.known ??= this.unit.attributesAt(this.unit.offsets[this.index]));
  }
  get(name: number): Attribute | undefined {
    return this.attributes.get(name);
  }
  number(name: number): bigint | undefined {
    const value = this.get(name)?.value;
    return typeof value === 'bigint' ? value : undefined;
  }
  /** A number that is no address: below 2^53. */
  small(name: number): number | undefined {
    const value = this.number(name);
    return value !== undefined && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
  }
  /** Its own, or that of the entry that it stands for (2.13, 3.3.8.2). */
  inherited(name: number, left = MOST_ORIGINS): Attribute | undefined {
    const own = this.get(name);
    if (own || left === 0) return own;
    return (this.referred(AT.abstract_origin) ?? this.referred(AT.specification))?.inherited(name, left - 1);
  }
  get name(): string | undefined {
    const value = this.inherited(AT.name)?.value;
    return typeof value === 'string' ? value : undefined;
  }
  /** The entry that an attribute refers to. */
  referred(name: number): Entry | undefined {
    const value = this.get(name)?.value;
    return typeof value === 'bigint' ? this.unit.info.entryAt(Number(value)) : undefined;
  }
  *children(): Generator<Entry> {
    const { ends } = this.unit;
    for (let i = this.index + 1; i < ends[this.index]; i = ends[i]) yield new Entry(this.unit, i);
  }
  /** Where its code is; empty where it has none. */
  get ranges(): readonly AddressRange[] {
    return this.unit.rangesOf(this.attributes);
  }
}

export class Unit implements FormUnit, ListUnit {
  readonly version: number;
  /** Of its first entry in `reader`. */
  private readonly start: number;
  private readonly shapes: ReadonlyMap<number, Shape>;
  private readonly root: ReadonlyMap<number, Attribute>;
  readonly lowPc: bigint;
  readonly isCompiled: boolean;
  private tree: { offsets: Uint32Array; tags: Uint16Array; ends: Uint32Array } | undefined;

  constructor(
    readonly info: Entries,
    readonly offset: number,
    /** Of the unit behind its length, which its offsets count. */
    private readonly reader: DwarfReader,
    /** Bytes of the length. */
    private readonly lead: number,
  ) {
    this.version = reader.u16();
    if (this.version < 2 || this.version > 5) throw reader.error(`version ${this.version} of DWARF`, 'expected version 2 to 5');
    let table: number;
    let kind = 1;
    if (this.version === 5) {
      kind = reader.u8();
      this.needAddresses(reader.u8());
      table = reader.offset();
      // A skeleton has the identity of its other half; a unit of one type, that of the type and where it is.
      if (kind === 4 || kind === 5) reader.address();
      if (kind === 2 || kind === 6) {
        reader.address();
        reader.offset();
      }
    } else {
      table = reader.offset();
      this.needAddresses(reader.u8());
    }
    this.isCompiled = kind === 1 || kind === 4;
    this.start = reader.position;
    this.shapes = info.shapes(table);
    // The bases stand in the entry whose other attributes count from them.
    this.root = this.attributesAt(this.start + lead, this.skipping);
    this.root = this.attributesAt(this.start + lead);
    const low = this.root.get(AT.low_pc)?.value;
    this.lowPc = typeof low === 'bigint' ? low : 0n;
  }
  private needAddresses(bytes: number): void {
    if (bytes !== 8) throw this.reader.error(`addresses of ${bytes} bytes`, 'expected 8');
  }

  get offsets(): Uint32Array {
    return this.entries.offsets;
  }
  get tags(): Uint16Array {
    return this.entries.tags;
  }
  /** Number of the first entry behind each one and all below it. */
  get ends(): Uint32Array {
    return this.entries.ends;
  }
  get count(): number {
    return this.entries.tags.length;
  }
  private get entries(): NonNullable<Unit['tree']> {
    return (this.tree ??= this.readTree());
  }

  private readTree(): NonNullable<Unit['tree']> {
    const { shapes } = this;
    const reader = this.reader.from(this.start);
    const [offsets, tags, ends]: [number[], number[], number[]] = [[], [], []];
    const open: number[] = [];
    while (reader.remaining > 0) {
      const offset = reader.position + this.lead;
      const code = reader.uleb();
      if (code === 0) {
        const parent = open.pop();
        if (parent === undefined) break;
        ends[parent] = tags.length;
        if (open.length === 0) break;
        continue;
      }
      const shape = shapes.get(code);
      if (!shape) throw reader.error(`abbreviation ${code}, which the unit does not have`);
      for (const [, kind, implicit] of shape.attributes) {
        this.info.spend(reader);
        readForm(reader, kind, this.skipping, implicit);
      }
      const index = tags.length;
      offsets.push(offset);
      tags.push(shape.tag);
      ends.push(index + 1);
      if (shape.hasChildren) open.push(index);
      else if (open.length === 0) break;
    }
    // A unit that was cut off: what is open ends with it.
    for (const index of open) ends[index] = tags.length;
    return { offsets: Uint32Array.from(offsets), tags: Uint16Array.from(tags), ends: Uint32Array.from(ends) };
  }
  /** Passing over a value needs no tables. */
  private get skipping(): FormUnit {
    return { version: this.version, offset: this.offset, stringOf: () => undefined, addressOf: () => undefined };
  }

  /** `offset`: from the beginning of the unit. */
  attributesAt(offset: number, unit: FormUnit = this): ReadonlyMap<number, Attribute> {
    const reader = this.reader.from(offset - this.lead);
    const shape = this.shapes.get(reader.uleb());
    const found = new Map<number, Attribute>();
    for (const [name, kind, implicit] of shape?.attributes ?? [])
      found.set(name, { form: kind, value: readForm(reader, kind, unit, implicit) });
    return found;
  }
  /** The number of the entry at an offset from the beginning of the unit. */
  indexAt(offset: number): number | undefined {
    const { offsets } = this;
    let [low, high] = [0, offsets.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (offsets[middle] < offset) low = middle + 1;
      else high = middle;
    }
    return offsets[low] === offset ? low : undefined;
  }

  // ---- the tables that forms lead to

  private base(name: number, otherwise: number): number {
    const value = this.root.get(name)?.value;
    return typeof value === 'bigint' ? Number(value) : otherwise;
  }
  readonly stringOf = (index: number): string | undefined => {
    const size = this.reader.offsetBytes;
    // Without a base the table begins behind its header (7.26).
    const reader = this.info.section('.debug_str_offsets').from(this.base(AT.str_offsets_base, 2 * size) + index * size);
    const offset = size === 8 ? Number(reader.address()) : reader.u32();
    return this.info.section('.debug_str').from(offset).text();
  };
  readonly addressOf = (index: number): bigint | undefined => {
    const reader = this.info.section('.debug_addr').from(this.base(AT.addr_base, 8) + index * 8);
    return reader.address();
  };
  section(name: string): DwarfReader {
    return this.info.section(name);
  }
  /** Offset in .debug_loclists or .debug_rnglists of list `index` (7.28, 7.29). */
  listAt(section: string, index: number): number {
    const size = this.reader.offsetBytes;
    const base = this.base(section === '.debug_loclists' ? AT.loclists_base : AT.rnglists_base, size === 8 ? 20 : 12);
    const reader = this.info.section(section).from(base + index * size);
    return base + (size === 8 ? Number(reader.address()) : reader.u32());
  }

  rangesOf(attributes: ReadonlyMap<number, Attribute>): readonly AddressRange[] {
    const [low, high, ranges] = [AT.low_pc, AT.high_pc, AT.ranges].map((name) => attributes.get(name));
    if (typeof ranges?.value === 'bigint') return rangesOf(this, ranges);
    if (typeof low?.value !== 'bigint') return [];
    if (typeof high?.value !== 'bigint') return [];
    const isAddress = high.form === form.addr || high.form === form.addrx || (high.form >= form.addrx1 && high.form <= form.addrx4);
    const to = isAddress ? high.value : low.value + high.value;
    return to > low.value ? [{ from: low.value, to }] : [];
  }
  get ranges(): readonly AddressRange[] {
    return this.rangesOf(this.root);
  }
  rootAttribute(name: number): FormValue {
    return this.root.get(name)?.value;
  }
  *topEntries(): Generator<Entry> {
    if (this.count > 0) yield* new Entry(this, 0).children();
  }
}

export class Entries {
  private list: readonly Unit[] | undefined;
  private readonly tables = new Map<number, ReadonlyMap<number, Shape>>();
  private readonly readers = new Map<string, DwarfReader>();
  /** Attributes that may still be read: real files have less than one a byte; damaged ones can multiply what stands there once. */
  private left: number | undefined;
  /** What could not be read, as a sentence. */
  problem: string | undefined;

  constructor(readonly sections: DwarfSections) {}

  section(name: string): DwarfReader {
    let reader = this.readers.get(name);
    if (!reader) this.readers.set(name, (reader = this.sections.reader(name)));
    return reader;
  }
  spend(reader: DwarfReader): void {
    this.left ??= 2 * (this.sections.bytes('.debug_info').length + this.sections.bytes('.debug_abbrev').length);
    if (--this.left < 0) throw reader.error('more attributes than the sections have bytes');
  }

  get units(): readonly Unit[] {
    return (this.list ??= this.readUnits());
  }
  private readUnits(): Unit[] {
    const units: Unit[] = [];
    const reader = this.sections.reader('.debug_info');
    while (reader.remaining > 0 && units.length < MOST_UNITS) {
      const offset = reader.position;
      let unit: DwarfReader | undefined;
      try {
        unit = reader.unit();
        units.push(new Unit(this, offset, unit, reader.position - offset - unit.remaining));
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        this.problem ??= error.message;
        if (!unit) break;
      }
    }
    return units;
  }

  /** The entry at an offset of .debug_info. */
  entryAt(offset: number): Entry | undefined {
    const { units } = this;
    let [low, high] = [0, units.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (units[middle].offset <= offset) low = middle + 1;
      else high = middle;
    }
    const unit = units[low - 1] as Unit | undefined;
    const index = unit?.indexAt(offset - unit.offset);
    return index === undefined ? undefined : new Entry(unit!, index);
  }

  /** The abbreviations at an offset of .debug_abbrev (7.5.3). */
  shapes(table: number): ReadonlyMap<number, Shape> {
    const known = this.tables.get(table);
    if (known) return known;
    const reader = this.section('.debug_abbrev').from(table);
    const shapes = new Map<number, Shape>();
    for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
      const tag = reader.uleb();
      const hasChildren = reader.u8() !== 0;
      const attributes: [number, number, bigint | undefined][] = [];
      for (;;) {
        this.spend(reader);
        const name = reader.uleb();
        const kind = reader.uleb();
        const implicit = kind === form.implicitConst ? reader.leb64(true) : undefined;
        if (name === 0 && kind === 0) break;
        if (attributes.length === MOST_ATTRIBUTES) throw reader.error(`more than ${MOST_ATTRIBUTES} attributes of one entry`);
        attributes.push([name, kind, implicit]);
      }
      shapes.set(code, { tag, hasChildren, attributes });
      if (reader.remaining === 0) break;
    }
    this.tables.set(table, shapes);
    return shapes;
  }
}
