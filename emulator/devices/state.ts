/**
 * The kinds of state that a device keeps beside its registers: FIFOs, latches, counters. Each is declared by name in the device's table, and
 * reset, saving and loading follow from that. What is loaded is never out of range, whatever the file says.
 */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';

export interface Part<T> {
  /** What it is after power-on. */
  make(this: void): T;
  save(this: void, writer: ByteWriter, value: T): void;
  /** An array is filled and given back. */
  load(this: void, reader: ByteReader, value: T): T;
  /** It comes from outside, like the level of an input line: a reset of the device does not change it. */
  readonly survivesReset: boolean;
}

interface PartOptions {
  /** The largest number that it can hold. */
  readonly max?: number;
  readonly survivesReset?: boolean;
}
const WORD = 0xffff_ffff;

/** A whole number of 32 bits. */
export const number = ({ max = WORD, survivesReset = false }: PartOptions = {}): Part<number> => ({
  survivesReset,
  make: () => 0,
  save: (writer, value) => void writer.u32(value),
  load: (reader) => Math.min(reader.u32(), max),
});

/** A whole number below 2^53. */
export const count = (): Part<number> => ({
  survivesReset: false,
  make: () => 0,
  save: (writer, value) => void writer.count(value),
  load: (reader) => reader.count(),
});

/** A moment of the virtual clock in ns; Infinity, as after power-on: never. */
export const moment = (): Part<number> => ({
  survivesReset: false,
  make: () => Infinity,
  save: (writer, value) => void writer.f64(value),
  load: (reader) => {
    const ns = reader.f64();
    return ns >= 0 ? ns : Infinity;
  },
});

/** Bytes, all or none of them; none after power-on. */
export const blob = (length: number): Part<Uint8Array> => ({
  survivesReset: false,
  make: () => new Uint8Array(),
  save: (writer, value) => void writer.bytes(value),
  load: (reader) => {
    const value = reader.bytes();
    return value.length === length ? value.slice() : new Uint8Array();
  },
});

/** So many numbers of 32 bits. `reset`: the first ones after power-on; the others are 0. */
export const words = (
  length: number,
  { max = WORD, survivesReset = false, reset = [] }: PartOptions & { readonly reset?: readonly number[] } = {},
): Part<Uint32Array> => ({
  survivesReset,
  make: () => Uint32Array.from({ length }, (_, i) => reset[i] ?? 0),
  save: (writer, value) => {
    for (const word of value) writer.u32(word);
  },
  load: (reader, value) => {
    for (let i = 0; i < length; i++) value[i] = Math.min(reader.u32(), max);
    return value;
  },
});

/** Numbers of 16 bits, as many as there are. */
export const queue = ({ max = 0xffff, survivesReset = false }: PartOptions = {}): Part<number[]> => ({
  survivesReset,
  make: () => [],
  save: (writer, value) => {
    writer.u32(value.length);
    for (const entry of value) writer.u16(entry);
  },
  load: (reader) => Array.from({ length: reader.countOf(2) }, () => Math.min(reader.u16(), max)),
});
