/**
 * The state of a machine at an instant in the architecture's own names: what a machine elsewhere shows of itself. A run can begin with it as
 * with a program, and as a file it is opened and recorded like one. `adoptSnapshot` puts a machine into it.
 */
import * as v from 'valibot';
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { InputError } from '../base/errors.ts';
import type { NamedBytes } from './loader.ts';
import type { StoredPage } from './machine.ts';

export interface Snapshot {
  /** What it was taken from: "QEMU 7.2.22". */
  readonly source: string;
  readonly memoryBytes: number;
  readonly el2: boolean;
  readonly gic: 2 | 3;
  /** Nanoseconds of its virtual clock since power-on. */
  readonly ns: number;
  /** It waits in WFI. */
  readonly waiting: boolean;
  /** By name: x0 to x30, sp, pc, v0 to v31, fpcr, fpsr, PSTATE as SPSR_ELx has it, and system registers. */
  readonly registers: Readonly<Record<string, bigint>>;
  /** Registers of devices: GICD_CTLR, GICH_LR0, UARTIMSC. */
  readonly devices: Readonly<Record<string, number>>;
  /** In the receive FIFO of the UART, the oldest first. */
  readonly received: readonly number[];
  /** What could not be asked, as sentences. */
  readonly unknown: readonly string[];
  /** The program that was started there, where it is known: for its names. */
  readonly program: NamedBytes | undefined;
  /** The pages of RAM and flash that are not zero, rising. */
  readonly pages: readonly StoredPage[];
}

const SIGNATURE = [0x89, 0x45, 0x4c, 0x53, 0x4e, 0x41, 0x50, 0x0a]; // 0x89 "ELSNAP" LF
const VERSION = 1;
const PAGE = 4096;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const head = v.strictObject({
  source: v.pipe(v.string(), v.maxLength(256)),
  memoryBytes: whole,
  el2: v.boolean(),
  gic: v.picklist([2, 3]),
  ns: v.pipe(whole, v.maxValue(2 ** 52)),
  waiting: v.boolean(),
  registers: v.record(name, v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,32}$/))),
  devices: v.record(name, v.pipe(whole, v.maxValue(0xffff_ffff))),
  received: v.pipe(v.array(v.pipe(whole, v.maxValue(0xfff))), v.maxLength(16)),
  unknown: v.pipe(v.array(v.pipe(v.string(), v.maxLength(1024))), v.maxLength(64)),
});

export const isSnapshot = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte);

export function snapshotBytes({ program, pages, ...rest }: Snapshot): Uint8Array<ArrayBuffer> {
  const registers = Object.fromEntries(Object.entries(rest.registers).map(([of, value]) => [of, `0x${value.toString(16)}`]));
  const writer = new ByteWriter((program?.bytes.length ?? 0) + pages.length * (PAGE + 4) + 2 ** 16);
  writer.raw(Uint8Array.from(SIGNATURE)).u8(VERSION);
  writer.text(JSON.stringify({ ...rest, registers }));
  writer.text(program?.name ?? '').bytes(program?.bytes ?? new Uint8Array());
  writer.u32(pages.length);
  for (const { page, bytes } of pages) writer.u32(page).raw(bytes);
  return writer.finish();
}

/** Throws InputError. The pages are views of the bytes. */
export function readSnapshot(bytes: Uint8Array, file: string): Snapshot {
  const reader = new ByteReader(bytes, file);
  reader.raw(SIGNATURE.length);
  const version = reader.u8();
  if (version !== VERSION) throw reader.error(`version ${version} of a snapshot`, `this ELscope knows version ${VERSION}`);
  const text = reader.text();
  const known = v.safeParse(v.pipe(v.string(), v.parseJson(), head), text);
  if (!known.success) throw new InputError(`the head of the snapshot: ${known.issues[0].message}`, { file });
  const { registers, ...rest } = known.output;
  const programName = reader.text();
  const program = reader.bytes();
  const pages: StoredPage[] = [];
  for (let left = reader.countOf(PAGE + 4); left > 0; left--) {
    const page = reader.u32();
    if (page <= (pages.at(-1)?.page ?? -1)) throw reader.error(`page ${page} of a snapshot is out of order`, 'expected rising numbers');
    pages.push({ page, bytes: reader.raw(PAGE) });
  }
  if (reader.remaining > 0) throw reader.error(`${reader.remaining} bytes follow the last page of the snapshot`, 'expected its end');
  return {
    ...rest,
    registers: Object.fromEntries(Object.entries(registers).map(([of, value]) => [of, BigInt(value)])),
    program: program.length > 0 ? { name: programName, bytes: program } : undefined,
    pages,
  };
}
