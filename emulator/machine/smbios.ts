/**
 * What the board tells an operating system about itself by SMBIOS (DMTF DSP0134, version 3.0): the same structures as QEMU 7.2's for
 * `virt`, of which firmware makes the tables. It finds them in fw_cfg.
 */
import { ByteWriter } from '../base/bytes.ts';
import type { FwCfgFile } from '../devices/fw-cfg.ts';
import type { BoardOptions } from './board-row.ts';

/** Handles by which structures refer to each other, and none. */
const memoryArray = 0x1000;
const noHandle = 0xfffe;
/** Values of the standard that several structures have. */
const UNKNOWN = 2;
const SAFE = 3;
const notProvided = 0xffff;

/** The two files of fw_cfg, in the order of their names. */
export function smbiosFiles(options: BoardOptions): readonly FwCfgFile[] {
  const tables = structures(options);
  return [
    ['etc/smbios/smbios-anchor', entryPoint(tables.length)],
    ['etc/smbios/smbios-tables', tables],
  ];
}

/** DSP0134 5.2.2. Firmware fills in the checksum and the address. */
function entryPoint(tableBytes: number): Uint8Array {
  const BYTES = 24;
  const writer = new ByteWriter();
  for (const char of '_SM3_') writer.u8(char.charCodeAt(0));
  // Checksum, length, version 3.0 of the standard without a revision of its text, revision 1 of the entry point, reserved.
  for (const value of [0, BYTES, 3, 0, 0, 1, 0]) writer.u8(value);
  return writer.u32(tableBytes).u64(0n).finish();
}

function structures({ memoryBytes, cpus = 1 }: BoardOptions): Uint8Array {
  const memoryMiB = Math.ceil(memoryBytes / 2 ** 20);
  const system = ['QEMU', 'QEMU Virtual Machine', 'virt-7.2'];
  const body = (write: (writer: ByteWriter) => ByteWriter): Uint8Array => write(new ByteWriter()).finish();
  const bytes = (writer: ByteWriter, ...values: readonly number[]): ByteWriter => values.reduce((w, value) => w.u8(value), writer);
  const halves = (writer: ByteWriter, ...values: readonly number[]): ByteWriter => values.reduce((w, value) => w.u16(value), writer);
  const all = [
    // System: no UUID, woken by the power switch.
    structure(
      1,
      0x100,
      body((w) => bytes(bytes(w, 1, 2, 3, 0).u64(0n).u64(0n), 6, 0, 0)),
      system,
    ),
    // Enclosure: other, version, serial number and asset tag, states, height and so on.
    structure(
      3,
      0x300,
      body((w) => bytes(bytes(w, 1, 1, 2, 0, 0, SAFE, SAFE, SAFE, UNKNOWN).u32(0), 0, 0, 0, 0, 0)),
      ['QEMU', 'virt-7.2'],
    ),
    // Processor: a CPU in one socket that runs at 2,000 MHz, without caches to tell of; how many cores and threads, in bytes and again in
    // halfwords.
    structure(
      4,
      0x400,
      body((w) => {
        halves(bytes(bytes(w, 1, 3, 1, 2).u64(0n), 3, 0), 0, 2000, 2000);
        halves(bytes(w, 0x41, 1), notProvided, notProvided, notProvided);
        return halves(bytes(w, 0, 0, 0, cpus, cpus, cpus), UNKNOWN, 1, cpus, cpus, cpus);
      }),
      ['CPU 0', 'QEMU', 'virt-7.2'],
    ),
    // Memory: an array on the board, in KiB, and its one module, in MiB.
    structure(
      0x10,
      memoryArray,
      body((w) => halves(bytes(w, 1, 3, 6).u32(memoryMiB * 1024), noHandle, 1).u64(0n)),
      [],
    ),
    structure(
      0x11,
      0x1100,
      body((w) => {
        halves(w, memoryArray, noHandle, notProvided, notProvided, memoryMiB);
        halves(bytes(w, 9, 0, 1, 0, 7), 2, 0);
        return halves(bytes(w, 2, 0, 0, 0, 0).u32(0), 0, 0, 0, 0);
      }),
      ['DIMM 0', 'QEMU'],
    ),
    // The last start went well.
    structure(0x20, 0x2000, new Uint8Array(7), []),
    structure(0x7f, 0x7f00, new Uint8Array(), []),
  ];
  return Uint8Array.from(all.flatMap((one) => [...one]));
}

/** DSP0134 6.1.2 and 6.1.3: a header, fields, and texts that fields count from 1. */
function structure(type: number, handle: number, fields: Uint8Array, texts: readonly string[]): Uint8Array {
  const HEADER = 4;
  const encoded = new TextEncoder().encode(texts.length === 0 ? '\0\0' : `${texts.join('\0')}\0\0`);
  return Uint8Array.from([type, HEADER + fields.length, handle & 0xff, handle >> 8, ...fields, ...encoded]);
}
