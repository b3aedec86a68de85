/** The encodings of DWARF 5, section 7: numbers of variable length, strings by offset, forms. Everything is checked against the end of the data. */
import { InputError } from '../base/errors.ts';
import { nameAt, nameFrom } from '../base/names.ts';

/** Sections that hold the strings other sections point into. */
export interface DwarfStrings {
  readonly '.debug_line_str': Uint8Array;
  readonly '.debug_str': Uint8Array;
}

/** Content types and forms of version 5's lists of folders and files (7.22, 7.5.6). */
const content = { path: 1, folder: 2 } as const;
const form = {
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  data1: 0x0b,
  strp: 0x0e,
  udata: 0x0f,
  data16: 0x1e,
  lineStrp: 0x1f,
} as const;

export class DwarfReader {
  private at = 0;
  private readonly view: DataView;
  /** Offsets are 8 bytes instead of 4: the 64-bit format (7.4). */
  private is64 = false;

  constructor(
    private readonly data: Uint8Array,
    private readonly file: string,
    /** Offset of the data in the file. */
    private readonly base: number,
    private readonly strings: DwarfStrings,
  ) {
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  get remaining(): number {
    return this.data.length - this.at;
  }
  /** Offset from the start of the data. */
  get position(): number {
    return this.at;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }
  i8(): number {
    return this.view.getInt8(this.take(1));
  }
  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }
  i16(): number {
    return this.view.getInt16(this.take(2), true);
  }
  u24(): number {
    return this.u16() | (this.u8() << 16);
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }
  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }
  address(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  /** The next bytes, which stay part of the data. */
  bytes(length: number): Uint8Array {
    const at = this.take(length);
    return this.data.subarray(at, at + length);
  }
  /** Goes to an offset from the start of the data. */
  goTo(position: number): void {
    if (!(position >= 0 && position <= this.data.length)) throw this.error(`an offset of ${position}, which is not there`);
    this.at = position;
  }
  /** Another reader of the same data, at an offset of it. */
  from(position: number): DwarfReader {
    const other = new DwarfReader(this.data, this.file, this.base, this.strings);
    other.is64 = this.is64;
    other.goTo(position);
    return other;
  }

  /** Bytes of an offset into a section. */
  get offsetBytes(): 4 | 8 {
    return this.is64 ? 8 : 4;
  }
  /** A length or an offset into a section, by the format of the unit. */
  offset(): number {
    if (!this.is64) return this.u32();
    const value = this.address();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.error('an offset beyond any file');
    return Number(value);
  }

  /** An unsigned LEB128 number below 2^53 (7.6). */
  uleb(): number {
    let value = 0,
      scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) break;
      if (scale > 2 ** 63) throw this.error('a number of too many bytes');
    }
    if (!Number.isSafeInteger(value)) throw this.error('a number too large');
    return value;
  }

  /** A signed LEB128 number. */
  sleb(): number {
    let value = 0,
      scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) {
        if (byte & 0x40) value -= scale;
        break;
      }
      if (scale > 2 ** 63) throw this.error('a number of too many bytes');
    }
    if (!Number.isSafeInteger(value)) throw this.error('a number too large');
    return value;
  }

  /** An LEB128 number of up to 64 bits, as these bits. */
  leb64(isSigned: boolean): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return isSigned && byte & 0x40 ? value - (1n << (shift + 7n)) : BigInt.asUintN(64, value);
      if (shift > 63n) throw this.error('a number of too many bytes');
    }
  }

  /** A zero-terminated string. */
  text(): string {
    const end = this.data.indexOf(0, this.at);
    if (end < 0) throw this.error('a string without an end');
    const text = nameFrom(this.data.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  skip(bytes: number): void {
    if (bytes < 0) throw this.error('the lists of folders and files are longer than the header');
    this.take(bytes);
  }

  /** The next unit, by the length that it begins with; this reader moves on behind it. */
  unit(): DwarfReader {
    const first = this.u32();
    const is64 = first === 0xffffffff;
    if (!is64 && first >= 0xfffffff0) throw this.error('a length that is reserved');
    this.is64 = is64;
    const length = is64 ? this.offset() : first;
    const unit = this.slice(length);
    unit.is64 = is64;
    this.is64 = false;
    return unit;
  }

  /** A reader of the next bytes; this reader moves on behind them. */
  slice(length: number): DwarfReader {
    const at = this.take(length);
    const part = new DwarfReader(this.data.subarray(at, at + length), this.file, this.base + at, this.strings);
    part.is64 = this.is64;
    return part;
  }

  /** A list of folders or files in version 5 (6.2.4.1). */
  entries(): { path: string; folder: number }[] {
    const formats = Array.from({ length: this.u8() }, () => ({ content: this.uleb(), form: this.uleb() }));
    const count = this.uleb();
    if (count > this.remaining || (count > 0 && formats.length === 0))
      throw this.error(`a list of ${count} names, which the unit has no room for`);
    return Array.from({ length: count }, () => {
      let path = '',
        folder = 0;
      for (const entry of formats) {
        const value = this.value(entry.form);
        if (entry.content === content.path && typeof value === 'string') path = value;
        else if (entry.content === content.folder && typeof value === 'number') folder = value;
      }
      return { path, folder };
    });
  }

  /** The value of a form; undefined for bytes without a meaning here (checksums). */
  private value(kind: number): string | number | undefined {
    switch (kind) {
      case form.string:
        return this.text();
      case form.lineStrp:
        return this.stringAt('.debug_line_str');
      case form.strp:
        return this.stringAt('.debug_str');
      case form.data1:
        return this.u8();
      case form.data2:
        return this.u16();
      case form.data4:
        return this.u32();
      case form.data8:
        this.take(8);
        return undefined;
      case form.data16:
        this.take(16);
        return undefined;
      case form.udata:
        return this.uleb();
      case form.block:
        this.take(this.uleb());
        return undefined;
      default:
        throw this.error(`form 0x${kind.toString(16)} in a list of names`, 'it is not one that DWARF 5 allows here');
    }
  }

  /** The string at the offset that is read next. */
  stringAt(section: keyof DwarfStrings): string {
    const offset = this.offset();
    const strings = this.strings[section];
    // A last byte that is not zero leaves the last string without an end.
    if (offset >= strings.length || strings.at(-1) !== 0)
      throw this.error(`a string at 0x${offset.toString(16)} of ${section}, which is not there`);
    return nameAt(strings, offset);
  }

  error(problem: string, hint?: string): InputError {
    return new InputError(problem, { file: this.file, offset: this.base + this.at }, hint ?? 'the debug information is damaged');
  }

  private take(bytes: number): number {
    const { at } = this;
    if (bytes > this.remaining) throw this.error('it ends too early');
    this.at += bytes;
    return at;
  }
}
