/**
 * The registers of a device, each defined once. From the definitions follow what an access does, reset, saving and loading, and what a
 * picture says about a register. CONTRIBUTING.md has an example.
 *
 * A register is one of three things. It is constant if it has a `value`; computed if it has `peek`; otherwise it is stored, in the device's
 * `state` under its name, unless it can only be written.
 */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import { registerStride, truncate, type AccessBytes, type Device, type RegisterDescription, type RegisterField } from './device.ts';
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
  /** Its value, changing nothing. */
  peek?(device: D, index: number, bytes: AccessBytes): number;
  /** Where reading has an effect: its value, with that effect. */
  read?(device: D, index: number, bytes: AccessBytes): number;
  /** What a write does, where it does not just store. `mask`: the bits that were written; the others of `value` are 0. */
  write?(device: D, value: number, index: number, mask: number): void;
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
type AnyState = Record<string, number | Uint32Array>;

/** What lies at an offset: a register, one of an array, or half of one of 64 bits. */
interface Cell {
  readonly name: string;
  readonly definition: Definition<unknown>;
  readonly offset: number;
  readonly bytes: number;
  readonly index: number;
  readonly hasLanes: boolean;
  readonly isStored: boolean;
  /** What is kept of a value. */
  keep(value: number): number;
}

export interface RegisterTable<T = Definitions<never>, P = Parts> {
  readonly registers: readonly RegisterDescription[];
  /** Masks of the fields by register and field. */
  readonly bits: Masks<T>;
  /** By offset in bytes. */
  readonly cells: readonly (Cell | undefined)[];
  /** What each register keeps of a value, by name. */
  readonly keepers: ReadonlyMap<string, (value: number) => number>;
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
    const cells: Cell[] = [];
    for (const [name, definition] of entries) {
      const { offset: first, width, count = 1, inside = usual } = definition;
      const bytes = Math.min(width / 8, 4);
      const keep = keeping(definition);
      const reach = inside === 'whole' ? registerStride : inside === 'bytes' ? bytes : 1;
      for (let index = 0; index < count * Math.ceil(width / 32); index++) {
        const offset = first + registerStride * index;
        const cell = { name, definition, offset, bytes, index, hasLanes: inside === 'bytes', isStored: isStored(definition), keep };
        for (let at = offset; at < offset + reach; at++) cells[at] = cell;
      }
    }
    return {
      registers: entries.map(([name, definition]) => ({ ...definition, name: prefix + name })).sort((a, b) => a.offset - b.offset),
      bits: Object.fromEntries(entries.map(([name, { fields = [] }]) => [name, masksOf(fields)])) as Masks<T>,
      cells,
      keepers: new Map(entries.map(([name, definition]) => [name, keeping(definition)])),
      parts: [
        ...entries.filter(([, definition]) => isStored(definition)).map(([name, definition]) => [name, storedPart(definition)] as const),
        ...Object.entries<Part<unknown>>(parts ?? {}),
      ],
    };
  };

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
        const register = this.valueOf(cell, bytes, isPeek);
        if (!cell.hasLanes) return truncate(register, bytes);
        value |= (register >>> (8 * (at - cell.offset))) << (8 * (at - offset));
        at = cell.offset + cell.bytes;
      }
    }
    return truncate(value, bytes);
  }
  private valueOf({ definition, name, index, isStored }: Cell, bytes: AccessBytes, isPeek: boolean): number {
    if (definition.read && !isPeek) return definition.read(this, index, bytes);
    if (definition.peek) return definition.peek(this, index, bytes);
    if (!isStored) return definition.value ?? 0;
    const value = (this.state as AnyState)[name];
    return typeof value === 'number' ? value : value[index];
  }

  write(offset: number, bytes: AccessBytes, value: number): void {
    const { cells } = this.table;
    for (let at = offset; at < offset + bytes;) {
      const cell = cells[at];
      if (cell === undefined) at++;
      else if (!cell.hasLanes) {
        this.put(cell, value, truncate(0xffff_ffff, bytes));
        break;
      } else {
        const size = Math.min(cell.offset + cell.bytes, offset + bytes) - at;
        const mask = ((2 ** (8 * size) - 1) << (8 * (at - cell.offset))) >>> 0;
        this.put(cell, (((value >>> (8 * (at - offset))) << (8 * (at - cell.offset))) & mask) >>> 0, mask);
        at += size;
      }
    }
    this.changed();
  }
  private put({ definition, name, index, isStored, hasLanes, keep }: Cell, value: number, mask: number): void {
    if (definition.write) return definition.write(this, value, index, mask);
    if (!isStored || definition.access === 'r') return;
    const state = this.state as AnyState;
    const before = state[name];
    const old = typeof before === 'number' ? before : before[index];
    const after = keep(hasLanes ? ((old & ~mask) | value) >>> 0 : value);
    if (typeof before === 'number') state[name] = after;
    else before[index] = after;
  }

  /** Gives a stored register a value, of which it keeps what it can. */
  store(name: StoredNumber<StateOf<Table>>, value: number): void {
    (this.state as AnyState)[name] = this.table.keepers.get(name)!(value);
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
