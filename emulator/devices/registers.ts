/**
 * The registers of a device, each defined once. From the definitions follow what an access does, reset, saving and loading, and what a
 * picture says about a register. CONTRIBUTING.md has an example.
 *
 * A register is one of three things. It is constant if it has a `value`; computed if it has `peek`; otherwise it is stored, in the device's
 * `state` under its name, unless it can only be written.
 */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import {
  placesOf,
  registerStride,
  truncate,
  type AccessBytes,
  type Device,
  type RegisterDescription,
  type RegisterField,
} from './device.ts';
import { maskOf, maskOfAll } from './fields.ts';
import { number, words, type Part } from './state.ts';

/** `index`: which register of an array, or which half of one of 64 bits. */
export interface Definition<D> extends Omit<RegisterDescription, 'name'> {
  /** It always reads as this. */
  readonly value?: number;
  /** Its value after reset; an array for an array of registers, with zeros where it ends. */
  readonly reset?: number | readonly number[];
  /** What is kept of a value written or loaded, as a mask or computed. By default the bits of its fields, or all where it has none. */
  readonly stored?: number | ((value: number) => number);
  readonly inside?: Inside;
  /** Of a stored array: so many from the first on each CPU has for itself. They are in the device's `bank`. */
  readonly banked?: number;
  /** Its value, changing nothing. */
  peek?(this: void, device: D, index: number, bytes: AccessBytes): number;
  /** Where reading has an effect: its value, with that effect. */
  read?(this: void, device: D, index: number, bytes: AccessBytes): number;
  /** What a write does, where it does not just store. `mask`: the bits that were written; the others of `value` are 0. */
  write?(this: void, device: D, value: number, index: number, mask: number): void;
  /** Puts the device into the state that the value shows. Stored registers need none, nor do those that only show what others hold. */
  adopt?(this: void, device: D, value: number, index: number): void;
}

/** A register, or one of an array, from whose value the state of its device follows; reading it changes nothing. */
export interface TellingPlace {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface TableOptions {
  /** Comes before the names: "GICD_". */
  readonly prefix?: string;
  /** For the registers that do not say themselves. */
  readonly inside?: Inside;
}

/**
 * What an access reaches that begins inside of a register: its bytes, or all of it as if it began there; where this is absent, nothing. For
 * `bytes`, a write of fewer bytes leaves the others as they are; otherwise they become 0.
 */
type Inside = 'bytes' | 'whole';

type Definitions<D> = Readonly<Record<string, Definition<D>>>;
type Parts = Readonly<Record<string, Part<unknown>>>;
type StoredName<T> = { [K in keyof T]: T[K] extends { peek: unknown } | { value: unknown } | { access: 'w' } ? never : K }[keyof T];
type Stored<T> = { [K in StoredName<T>]: T[K] extends { count: number } ? Uint32Array : number };
type PartValues<P> = { -readonly [K in keyof P]: P[K] extends Part<infer V> ? V : never };
type Masks<T> = {
  readonly [K in keyof T as T[K] extends { fields: unknown } ? K : never]: T[K] extends { fields: readonly RegisterField<infer N>[] }
    ? Readonly<Record<N, number>>
    : never;
};

/** The state of a device: the stored registers and the other parts, by name. */
export type StateOf<Table> = Table extends RegisterTable<infer T, infer P> ? Stored<T> & PartValues<P> : never;
type StoredNumber<S> = { [K in keyof S]: S[K] extends number ? K : never }[keyof S] & string;
type Numbers = Record<string, number>;
type Arrays = Record<string, Uint32Array>;

/** What lies at an offset: a register, one of an array, or half of one of 64 bits. All have the same shape, so that accesses are fast. */
interface Cell {
  readonly index: number;
  /** The offsets from which it is reached: the first, and the first after them. */
  readonly offset: number;
  readonly end: number;
  readonly hasLanes: boolean;
  readonly read: Read;
  readonly peek: Read;
  readonly write: Write;
}
type Read = (device: Holder, index: number, bytes: AccessBytes) => number;
type Write = (device: Holder, value: number, index: number, mask: number) => void;
interface Holder {
  readonly state: unknown;
  /** What the CPU that accesses has for itself, by the names of `state`. */
  readonly bank: unknown;
}

export interface RegisterTable<T = Definitions<never>, P = Parts> {
  readonly registers: readonly RegisterDescription[];
  /** Masks of the fields by register and field. */
  readonly bits: Masks<T>;
  /** By offset in bytes. */
  readonly cells: readonly (Cell | undefined)[];
  /** What each register keeps of a value, by name. */
  readonly keepers: ReadonlyMap<string, (value: number) => number>;
  /** How the state follows from what a read of it finds: see `adopt`. */
  readonly adopters: readonly (TellingPlace & { readonly take: (device: Holder, value: number) => void })[];
  /** In the order in which they are saved. */
  readonly parts: readonly (readonly [name: string, part: Part<unknown>])[];
  /** Only to infer it from. */
  readonly types?: [T, P];
}

/**
 * Makes the table of a device class `D` from its registers and what else it keeps. Functions in it that return something need their return
 * type written, since the class takes the type of its state from the table.
 */
export const registersOf =
  <D>({ prefix = '', inside: usual }: TableOptions = {}) =>
  <const T extends Definitions<D>, P extends Parts = Record<never, never>>(definitions: T, parts?: P): RegisterTable<T, P> => {
    const entries = Object.entries<Definition<unknown>>(definitions as Definitions<unknown>);
    const cells = entries.flatMap(([name, definition]) => cellsOf(name, definition, definition.inside ?? usual));
    // One after the other, without holes, which would make a look-up slow.
    const byOffset = Array<Cell | undefined>(Math.max(0, ...cells.map(({ end }) => end))).fill(undefined);
    for (const cell of cells) byOffset.fill(cell, cell.offset, cell.end);
    return {
      registers: entries.map(([name, definition]) => ({ ...definition, name: prefix + name })).sort((a, b) => a.offset - b.offset),
      bits: Object.fromEntries(entries.map(([name, { fields = [] }]) => [name, masksOf(fields)])) as Masks<T>,
      cells: byOffset,
      keepers: new Map(entries.map(([name, definition]) => [name, keeping(definition)])),
      adopters: entries.flatMap(([name, definition]) => adoptersOf(prefix, name, definition)),
      parts: [
        ...entries.filter(([, definition]) => isStored(definition)).map(([name, definition]) => [name, storedPart(definition)] as const),
        ...Object.entries<Part<unknown>>(parts ?? {}),
      ],
    };
  };

function cellsOf(name: string, definition: Definition<unknown>, inside: Inside | undefined): Cell[] {
  const { offset: first, width, count = 1, peek = peekOf(name, definition), read = peek } = definition;
  const hasLanes = inside === 'bytes';
  const reach = inside === 'whole' ? registerStride : hasLanes ? Math.min(width / 8, 4) : 1;
  const shared = { hasLanes, read, peek, write: definition.write ?? writeOf(name, definition, hasLanes) };
  return Array.from({ length: count * Math.ceil(width / 32) }, (_, index) => {
    const offset = first + registerStride * index;
    return { ...shared, index, offset, end: offset + reach };
  });
}

function peekOf(name: string, definition: Definition<unknown>): Read {
  const { value = 0, count } = definition;
  if (!isStored(definition)) return () => value;
  return count === undefined ? ({ state }) => (state as Numbers)[name] : (device, index) => arrayOf(device, name, definition, index)[index];
}

const arrayOf = ({ state, bank }: Holder, name: string, { banked = 0 }: Definition<unknown>, index: number): Uint32Array =>
  ((index < banked ? bank : state) as Arrays)[name];

function writeOf(name: string, definition: Definition<unknown>, hasLanes: boolean): Write {
  if (!isStored(definition) || definition.access === 'r') return () => undefined;
  const keep = keeping(definition);
  const merged = (old: number, value: number, mask: number): number => keep(hasLanes ? ((old & ~mask) | value) >>> 0 : value);
  return definition.count === undefined
    ? ({ state }, value, _, mask) => void ((state as Numbers)[name] = merged((state as Numbers)[name], value, mask))
    : (device, value, index, mask) => {
        const array = arrayOf(device, name, definition, index);
        array[index] = merged(array[index], value, mask);
      };
}

/** None for what a read would change. */
function adoptersOf(prefix: string, name: string, definition: Definition<unknown>): RegisterTable['adopters'] {
  const { adopt, count, read } = definition;
  if (read || !(adopt ?? isStored(definition))) return [];
  const keep = keeping(definition);
  const store = ({ state }: Holder, value: number, index: number): void => {
    if (count === undefined) (state as Numbers)[name] = keep(value);
    else (state as Arrays)[name][index] = keep(value);
  };
  const take: (device: Holder, value: number, index: number) => void = adopt ?? store;
  const part = (name: string, offset: number, bytes: number, index: number): RegisterTable['adopters'][number] => ({
    name,
    offset,
    bytes,
    take: (device, value) => take(device, value, index),
  });
  return placesOf({ ...definition, name: prefix + name }).flatMap((place, i) =>
    place.bytes === 8
      ? [part(place.name, place.offset, 4, 2 * i), part(`${place.name}_HIGH`, place.offset + 4, 4, 2 * i + 1)]
      : [part(place.name, place.offset, place.bytes, i)],
  );
}

const masksOf = (fields: readonly RegisterField[]): Record<string, number> =>
  Object.fromEntries(fields.map((field) => [field.name, maskOf(field)]));

const isStored = ({ peek, value, access }: Definition<unknown>): boolean => !peek && value === undefined && access !== 'w';

function keeping({ stored, fields, width }: Definition<unknown>): (value: number) => number {
  if (typeof stored === 'function') return stored;
  const mask = stored ?? (fields ? maskOfAll(fields) : 2 ** width - 1);
  return (value) => (value & mask) >>> 0;
}

function storedPart(definition: Definition<unknown>): Part<unknown> {
  const { count, reset = 0 } = definition;
  const keep = keeping(definition);
  if (count === undefined) {
    const part: Part<number> = { ...number(), make: () => reset as number, load: (reader) => keep(reader.u32()) };
    return part;
  }
  const part: Part<Uint32Array> = {
    ...words(count, { reset: typeof reset === 'number' ? Array<number>(count).fill(reset) : reset }),
    load: (reader, value) => {
      for (let i = 0; i < count; i++) value[i] = keep(reader.u32());
      return value;
    },
  };
  return part;
}

/** A device that is all registers. */
export abstract class RegisterDevice<Table extends RegisterTable> implements Device {
  readonly registers: readonly RegisterDescription[];
  /** For the device itself and the functions of its table. */
  readonly state: StateOf<Table>;
  private readonly table: Table;

  constructor(
    readonly name: string,
    table: Table,
  ) {
    this.table = table;
    this.registers = table.registers;
    this.state = Object.fromEntries(table.parts.map(([part, { make }]) => [part, make()])) as StateOf<Table>;
  }

  /** Of the CPU that accesses. */
  get bank(): unknown {
    return this.state;
  }

  /** Registers were written or reset: outputs follow. */
  protected changed(): void {}
  /** The state was loaded: outputs follow. */
  protected loaded(): void {
    this.changed();
  }

  read(offset: number, bytes: AccessBytes): number {
    return this.get(offset, bytes, false);
  }
  peek(offset: number, bytes: AccessBytes): number {
    return this.get(offset, bytes, true);
  }

  private get(offset: number, bytes: AccessBytes, isPeek: boolean): number {
    const { cells } = this.table;
    let value = 0;
    for (let at = offset; at < offset + bytes;) {
      const cell = cells[at];
      if (cell === undefined) at++;
      else {
        const register = isPeek ? cell.peek(this, cell.index, bytes) : cell.read(this, cell.index, bytes);
        if (!cell.hasLanes) return truncate(register, bytes);
        value |= (register >>> (8 * (at - cell.offset))) << (8 * (at - offset));
        at = cell.end;
      }
    }
    return truncate(value, bytes);
  }

  write(offset: number, bytes: AccessBytes, value: number): void {
    const { cells } = this.table;
    for (let at = offset; at < offset + bytes;) {
      const cell = cells[at];
      if (cell === undefined) at++;
      else if (!cell.hasLanes) {
        cell.write(this, value, cell.index, truncate(0xffff_ffff, bytes));
        break;
      } else {
        const size = Math.min(cell.end, offset + bytes) - at;
        const shift = 8 * (at - cell.offset);
        const mask = ((2 ** (8 * size) - 1) << shift) >>> 0;
        cell.write(this, (((value >>> (8 * (at - offset))) << shift) & mask) >>> 0, cell.index, mask);
        at += size;
      }
    }
    this.changed();
  }

  /** Gives a stored register a value, of which it keeps what it can. */
  store(name: StoredNumber<StateOf<Table>>, value: number): void {
    (this.state as Numbers)[name] = this.table.keepers.get(name)!(value);
  }

  /** The registers that a machine elsewhere is asked for, to go on here from where it is. */
  get telling(): readonly TellingPlace[] {
    return this.table.adopters;
  }
  /** To the state that such a device shows; a register of which nothing is known stays. The outputs follow with `loaded`. */
  adopt(value: (name: string) => number | undefined): void {
    for (const { name, take } of this.table.adopters) {
      const shown = value(name);
      if (shown !== undefined) take(this, shown);
    }
    this.loaded();
  }

  reset(): void {
    this.clear();
    this.changed();
  }
  /** To the state after power-on; the outputs are left. */
  protected clear(): void {
    for (const [name, part] of this.table.parts) {
      if (part.survivesReset) continue;
      const state = this.state as Record<string, unknown>;
      const old = state[name];
      const fresh = part.make();
      // An array stays the same one: others may hold on to it.
      if (old instanceof Uint32Array) old.set(fresh as Uint32Array);
      else state[name] = fresh;
    }
  }

  save(writer: ByteWriter): void {
    const state = this.state as Record<string, unknown>;
    for (const [name, part] of this.table.parts) part.save(writer, state[name]);
  }
  load(reader: ByteReader): void {
    const state = this.state as Record<string, unknown>;
    for (const [name, part] of this.table.parts) state[name] = part.load(reader, state[name]);
    this.loaded();
  }
}
