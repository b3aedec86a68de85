/** Values of C and Rust: bytes with a type, as a debugger writes them, and what they are made of. */
import { hex } from '../base/hex.ts';
import { visible } from '../base/names.ts';
import { isMissing, type Location, type Missing } from './dwarf-expression.ts';
import type { Member, Type } from './dwarf-types.ts';

/** Where the bytes of a value are. */
export type ValuePlace =
  | { readonly kind: 'memory'; readonly address: bigint }
  /** In a register, from a byte of it on; or computed, where `register` is absent. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly register?: number; readonly from?: number };

export interface TypedValue {
  readonly type: Type;
  readonly place: ValuePlace | Missing;
  /** Of a bit field: its bits, from the beginning of the place. */
  readonly bits?: Member['bits'];
}

/** What values are read from: a frame. */
export interface ValueSource {
  memory(address: bigint, bytes: number): Uint8Array | undefined;
  register(register: number): bigint | undefined;
  /** "main+4", of an address. */
  symbol(address: bigint): string | undefined;
}

/** Bytes of a value that are looked at: larger ones are arrays and structures, whose parts are. */
const MOST_BYTES = 4096;
/** Characters of a text, elements of an array, and depth, in one line. */
const [MOST_TEXT, MOST_ELEMENTS, MOST_MEMBERS, MOST_DEPTH] = [200, 16, 32, 3];
/** Elements of an array that are listed. */
const MOST_LISTED = 1000;

export function littleEndian(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => Number(BigInt.asUintN(8, value >> BigInt(8 * i))));
}
export const numberFrom = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** The value of a type at a place that debug information describes. */
export function valueAt(type: Type, found: Location | Missing, source: ValueSource): TypedValue {
  return { type, place: isMissing(found) ? found : placeOf(found, type.bytes ?? 8, source) };
}

function placeOf(found: Location, bytes: number, source: ValueSource): ValuePlace | Missing {
  switch (found.kind) {
    case 'memory':
      return found;
    case 'bytes':
      return found;
    case 'value':
      return { kind: 'bytes', bytes: littleEndian(found.value, Math.min(bytes, 16)) };
    case 'register': {
      const value = source.register(found.register);
      return value === undefined ? 'not saved' : { kind: 'bytes', bytes: littleEndian(value, 16), register: found.register };
    }
    case 'pieces': {
      const whole = new Uint8Array(Math.min(bytes, MOST_BYTES));
      let at = 0;
      for (const { bits, skip, location } of found.pieces) {
        const size = Math.min(Math.ceil(bits / 8), whole.length - at);
        if (size <= 0) break;
        const part = isMissing(location) ? location : placeOf(location, size + (skip >> 3), source);
        if (isMissing(part)) return part;
        const read = part.kind === 'memory' ? source.memory(part.address, size) : part.bytes.subarray(skip >> 3, (skip >> 3) + size);
        if (!read) return 'not saved';
        whole.set(read.subarray(0, size), at);
        at += size;
      }
      // What no piece is of was optimised out.
      return { kind: 'bytes', bytes: whole.subarray(0, at) };
    }
  }
}

/** The bytes of a value, or why they cannot be had. */
export function bytesOf({ type, place, bits }: TypedValue, source: ValueSource): Uint8Array | Missing | 'not readable' {
  if (isMissing(place)) return place;
  const length = Math.min(bits ? Math.ceil(((bits.low & 7) + bits.width) / 8) : (type.bytes ?? 0), MOST_BYTES);
  const from = bits ? bits.low >> 3 : 0;
  if (place.kind === 'bytes') return place.bytes.length >= from + length ? place.bytes.subarray(from, from + length) : 'optimized out';
  return source.memory(place.address + BigInt(from), length) ?? 'not readable';
}

/** The number in a value of a type that has one: unsigned bits, or signed where the type is. Undefined for others. */
export function numberOf(value: TypedValue, source: ValueSource): bigint | undefined {
  const { type, bits, place } = value;
  // An array stands for the address of its first element, a function for its own.
  if (type.kind === 'array' || type.kind === 'function') return isMissing(place) || place.kind !== 'memory' ? undefined : place.address;
  if (type.kind !== 'base' && type.kind !== 'enum' && type.kind !== 'pointer') return undefined;
  const bytes = bytesOf(value, source);
  if (typeof bytes === 'string' || bytes.length === 0) return undefined;
  const raw = numberFrom(bytes) >> BigInt(bits ? bits.low & 7 : 0);
  const width = bits ? bits.width : 8 * bytes.length;
  const isSigned = type.kind !== 'pointer' && type.isSigned;
  return isSigned ? BigInt.asIntN(width, raw) : BigInt.asUintN(width, raw);
}

/** The place of a part that begins so many bytes into it. */
function partOf(place: ValuePlace | Missing, offset: number): ValuePlace | Missing {
  if (isMissing(place)) return place;
  if (place.kind === 'memory') return { kind: 'memory', address: BigInt.asUintN(64, place.address + BigInt(offset)) };
  return { ...place, bytes: place.bytes.subarray(offset), ...(place.register !== undefined && { from: (place.from ?? 0) + offset }) };
}

export function memberOf({ place }: TypedValue, { type, offset, bits }: Member): TypedValue {
  return bits ? { type, place, bits } : { type, place: partOf(place, offset) };
}
/** The members that a value has: of variants, the one that its discriminant names. */
function membersIn(value: TypedValue, source: ValueSource): readonly Member[] {
  const { type } = value;
  if (type.kind !== 'struct' && type.kind !== 'union') return [];
  return type.members.filter(({ variant }) => {
    if (!variant) return true;
    const { discriminant, value: own, others } = variant;
    const number = numberOf(memberOf(value, discriminant), source);
    // The value may be written with a sign that the discriminant has not.
    const width = 8 * (discriminant.type.bytes ?? 8);
    const is = (one: bigint): boolean => number !== undefined && BigInt.asUintN(width, one) === BigInt.asUintN(width, number);
    return own === undefined ? number !== undefined && !others.some(is) : is(own);
  });
}

/** A member by its name, also one of a structure without a name within. */
export function memberNamed(value: TypedValue, name: string, source: ValueSource, depth = 0): TypedValue | undefined {
  if (depth > 16) return undefined;
  const members = membersIn(value, source);
  const own = members.find((member) => member.name === name);
  if (own) return memberOf(value, own);
  for (const member of members) {
    const inner = member.name === '' ? memberNamed(memberOf(value, member), name, source, depth + 1) : undefined;
    if (inner) return inner;
  }
  return undefined;
}

/** What a pointer points to, `index` elements on; of an array, its element. */
export function elementOf(value: TypedValue, index: bigint, source: ValueSource): TypedValue | undefined {
  const { type, place } = value;
  const of = type.kind === 'array' ? type.of : type.kind === 'pointer' ? type.to : undefined;
  if (!of) return undefined;
  const by = index * BigInt(of.bytes ?? 1);
  if (type.kind === 'array' && (isMissing(place) || place.kind === 'bytes')) {
    const isInside = by >= 0n && by < BigInt(type.bytes ?? 0);
    return isInside ? { type: of, place: partOf(place, Number(by)) } : undefined;
  }
  const base = numberOf(value, source);
  return base === undefined
    ? { type: of, place: isMissing(place) ? place : 'not saved' }
    : { type: of, place: { kind: 'memory', address: BigInt.asUintN(64, base + by) } };
}

// ---- text

/** As gdb writes it: `{next = 0x40081000 <list>, count = 3}`. */
export function textOf(value: TypedValue, source: ValueSource, depth = 0): string {
  const { type, place } = value;
  if (isMissing(place)) return place === 'optimized out' ? '<optimized out>' : '<not saved>';
  switch (type.kind) {
    case 'void':
      return type.name === 'void' ? 'void' : `<${type.name}>`;
    case 'function':
      return place.kind === 'memory' ? addressText(place.address, source) : '<function>';
    case 'struct':
    case 'union':
      return structText(value, membersIn(value, source), source, depth);
    case 'array':
      return arrayText(value, source, depth);
    default: {
      const number = numberOf(value, source);
      if (number !== undefined) return scalarText(value, number, source);
      const bytes = bytesOf(value, source);
      return typeof bytes === 'string' ? `<${bytes}>` : '<incomplete type>';
    }
  }
}

function scalarText({ type }: TypedValue, number: bigint, source: ValueSource): string {
  if (type.kind === 'pointer') return pointerText(type.to, number, source);
  if (type.kind === 'enum') return enumText(type.values, number);
  if (type.kind !== 'base') return String(number);
  if (type.encoding === 'boolean') return number === 0n ? 'false' : number === 1n ? 'true' : String(number);
  if (type.encoding === 'float') return floatText(number, type.bytes ?? 0);
  return type.encoding === 'character' ? `${number} ${characterText(number, type.bytes ?? 1)}` : String(number);
}
function enumText(values: readonly { readonly name: string; readonly value: bigint }[], number: bigint): string {
  const one = values.find(({ value }) => value === number || BigInt.asUintN(32, value) === number);
  if (one) return one.name;
  // Flags: a sum of values of one bit each.
  const flags = values.filter(({ value }) => value > 0n && (value & (value - 1n)) === 0n && (number & value) !== 0n);
  const known = flags.reduce((sum, { value }) => sum | value, 0n);
  return flags.length > 0 && known === number ? `(${flags.map(({ name }) => name).join(' | ')})` : String(number);
}
function floatText(number: bigint, bytes: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, number), true);
  if (bytes === 4) return String(Number(view.getFloat32(0, true).toPrecision(9)));
  return bytes === 8 ? String(view.getFloat64(0, true)) : hex(number);
}
const escapes: Readonly<Record<number, string>> = {
  0: '\\000',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  27: '\\033',
  39: "\\'",
  92: '\\\\',
};
const characterText = (number: bigint, bytes: number): string => {
  const code = Number(BigInt.asUintN(8 * bytes, number));
  return `'${escapes[code] ?? (code >= 32 && code < 127 ? String.fromCharCode(code) : code < 256 ? `\\${code.toString(8).padStart(3, '0')}` : visible(String.fromCodePoint(Math.min(code, 0x10ffff))))}'`;
};
function addressText(address: bigint, source: ValueSource): string {
  const symbol = source.symbol(address);
  return symbol === undefined ? hex(address) : `${hex(address)} <${symbol}>`;
}
function pointerText(to: Type, address: bigint, source: ValueSource): string {
  if (to.kind === 'function') return addressText(address, source);
  if (to.kind === 'base' && to.bytes === 1 && to.encoding === 'character') {
    const text = address === 0n ? undefined : quoted(address, source);
    if (text !== undefined) return `${hex(address)} ${text}`;
  }
  return addressText(address, source);
}
/** The text at an address, up to its zero. */
function quoted(address: bigint, source: ValueSource): string | undefined {
  const bytes: number[] = [];
  while (bytes.length < MOST_TEXT) {
    const byte = source.memory(address + BigInt(bytes.length), 1)?.[0];
    if (byte === undefined && bytes.length === 0) return undefined;
    if (byte === undefined || byte === 0) return stringText(bytes);
    bytes.push(byte);
  }
  return `${stringText(bytes)}...`;
}
const stringText = (bytes: readonly number[]): string =>
  `"${bytes.map((code) => (code === 34 ? '\\"' : code === 39 ? "'" : (escapes[code] ?? (code >= 32 && code < 127 ? String.fromCharCode(code) : `\\${code.toString(8).padStart(3, '0')}`)))).join('')}"`;

function structText(value: TypedValue, members: readonly Member[], source: ValueSource, depth: number): string {
  if (depth >= MOST_DEPTH) return '{...}';
  const shown = members.slice(0, MOST_MEMBERS).map((member) => {
    const text = textOf(memberOf(value, member), source, depth + 1);
    return member.name === '' ? text : `${member.name} = ${text}`;
  });
  return `{${shown.join(', ')}${members.length > MOST_MEMBERS ? '...' : ''}}`;
}
function arrayText(value: TypedValue, source: ValueSource, depth: number): string {
  const { type } = value;
  if (type.kind !== 'array' || depth >= MOST_DEPTH) return '{...}';
  const count = type.count ?? 0;
  if (type.of.kind === 'base' && type.of.encoding === 'character' && type.of.bytes === 1) {
    const bytes = bytesOf({ ...value, type: { ...type, bytes: Math.min(count, MOST_TEXT) } }, source);
    if (typeof bytes === 'string') return `<${bytes}>`;
    const end = bytes.indexOf(0);
    return stringText([...bytes.subarray(0, end < 0 ? bytes.length : end)]) + (end < 0 && count > MOST_TEXT ? '...' : '');
  }
  const shown = Array.from({ length: Math.min(count, MOST_ELEMENTS) }, (_, i) => {
    const element = elementOf(value, BigInt(i), source);
    return element ? textOf(element, source, depth + 1) : '?';
  });
  return `{${shown.join(', ')}${count > MOST_ELEMENTS ? '...' : ''}}`;
}

// ---- parts

export interface Part {
  readonly name: string;
  /** The expression that means it, from that of the whole. */
  readonly path: string;
  readonly value: TypedValue;
}

/** What a person sees of a value when they open it: members, elements, or what a pointer points to. */
export function partsOf(value: TypedValue, path: string, source: ValueSource): Part[] {
  const { type } = value;
  const of = /^[\w$.[\]]+$|->\w+$/.test(path) && !path.startsWith('*') ? path : `(${path})`;
  if (type.kind === 'struct' || type.kind === 'union') return membersOf(value, of, '.', source);
  if (type.kind === 'array')
    return Array.from({ length: Math.min(type.count ?? 0, MOST_LISTED) }, (_, i) => ({
      name: `[${i}]`,
      path: `${of}[${i}]`,
      value: elementOf(value, BigInt(i), source) ?? { type: type.of, place: 'optimized out' },
    }));
  if (type.kind !== 'pointer' || type.to.kind === 'void' || type.to.kind === 'function') return [];
  const target = numberOf(value, source) ? elementOf(value, 0n, source) : undefined;
  if (!target) return [];
  return target.type.kind === 'struct' || target.type.kind === 'union'
    ? membersOf(target, of, '->', source)
    : [{ name: `*${path}`, path: `*${of}`, value: target }];
}
function membersOf(value: TypedValue, of: string, sign: string, source: ValueSource): Part[] {
  return membersIn(value, source).flatMap((member) => {
    const inner = memberOf(value, member);
    // Those of a structure without a name are as good as its own.
    if (member.name === '') return membersOf(inner, of, sign, source);
    return [{ name: member.name, path: `${of}${sign}${member.name}`, value: inner }];
  });
}
/** Whether there is something to open, without looking at it. */
export const hasParts = ({ type, place }: TypedValue): boolean => {
  if (isMissing(place)) return false;
  if (type.kind === 'struct' || type.kind === 'union') return type.bytes !== undefined;
  if (type.kind === 'array') return (type.count ?? 0) > 0;
  return type.kind === 'pointer' && type.to.kind !== 'void' && type.to.kind !== 'function';
};
