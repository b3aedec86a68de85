/**
 * What the board needs of a device, and what a picture of it needs: its registers by name.
 * Offsets are bytes from the device's base PA. Values are unsigned and at most 32 bits wide: the bus does a 64-bit access as two of
 * 32 bits, the lower address first.
 */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';

export interface RegisterField<Name extends string = string> {
  readonly name: Name;
  readonly high: number;
  readonly low: number;
  /** One line. */
  readonly meaning: string;
  /** Meanings of single values. */
  readonly values?: Readonly<Record<number, string>>;
}

export interface RegisterDescription {
  /** As the specification spells it. Of an array of registers, without the index: "GICD_ISENABLER". */
  readonly name: string;
  readonly offset: number;
  /** Bits. */
  readonly width: 8 | 16 | 32 | 64;
  readonly access: 'r' | 'w' | 'rw';
  /** One line of plain meaning. */
  readonly title: string;
  readonly fields?: readonly RegisterField[];
  /** How many registers of this kind follow each other; 1 where absent. */
  readonly count?: number;
}

/** From one register of an array to the next, in bytes; those of 64 bits lie twice as far apart. */
export const registerStride = 4;

/** Each register of those that are described together: its name, offset and size in bytes. */
export const placesOf = ({
  name,
  offset,
  width,
  count = 1,
}: RegisterDescription): readonly { name: string; offset: number; bytes: number }[] =>
  Array.from({ length: count }, (_, i) => ({
    name: count === 1 ? name : `${name}${i}`,
    offset: offset + (width === 64 ? 2 : 1) * registerStride * i,
    bytes: width / 8,
  }));

export type AccessBytes = 1 | 2 | 4;

export interface Device {
  /** The name in the board's table: "pl011". */
  readonly name: string;
  readonly registers: readonly RegisterDescription[];
  /** A read by the guest, with all that follows from it (a FIFO moves on, an interrupt is acknowledged). */
  read(offset: number, bytes: AccessBytes): number;
  write(offset: number, bytes: AccessBytes, value: number): void;
  /**
   * Whether an access is answered at all: one that is refused is an external abort. Absent: every naturally aligned access is. `bytes` may
   * be 8 here.
   */
  accepts?(offset: number, bytes: number, isWrite: boolean): boolean;
  /** What `read` would return, changing nothing. */
  peek(offset: number, bytes: AccessBytes): number;
  /** To the state after power-on. Input lines keep their levels. */
  reset(): void;
  save(writer: ByteWriter): void;
  load(reader: ByteReader): void;
}

/** A device that acts by itself when time passes. */
export interface TimedDevice extends Device {
  /** When it wants to be called next, in ns of the virtual clock; Infinity where nothing is due. */
  readonly nextEvent: number;
  /** Does what is due at the time it is called. */
  elapse(): void;
}

/** The virtual clock as devices see it. */
export interface TimeSource {
  /** Nanoseconds since power-on: an exact integer. */
  readonly ns: number;
}

/** The receiving end of an interrupt wire. Telling the level that it already has changes nothing. */
export interface InterruptLine {
  setLevel(high: boolean): void;
}

/** A wire that leads nowhere. */
export const unconnected: InterruptLine = { setLevel: () => undefined };

/** The low `bytes` bytes of a register's value, as the bus delivers them. */
export const truncate = (value: number, bytes: AccessBytes): number => (bytes === 4 ? value >>> 0 : value & (bytes === 2 ? 0xffff : 0xff));
