/** Memory as gdb reads and writes it: by the addresses of the level that runs, or of the view that was chosen. */
import { PA, VA } from '../../base/addresses.ts';
import { InputError } from '../../base/errors.ts';
import { mmuOfGuest } from '../../session/guests.ts';
import { readSpan, spansOf } from '../../session/memory-bytes.ts';
import type { Program } from '../../session/program.ts';
import type { Session } from '../../session/session.ts';
import type { Level, MemorySpan } from '../../session/views.ts';

/** Whose addresses they are: of the level that runs, of a level, of the guest with a VMID, or physical ones of a kind. */
export type MemoryViewpoint = 'current' | 'phys' | 'ipa' | { readonly el: Level } | { readonly vmid: number };

const LAST = (1n << 64n) - 1n;

export class GdbMemory {
  viewpoint: MemoryViewpoint = 'current';

  /** The bytes from an address on, up to the first that cannot be read. */
  read(program: Program, address: bigint, length: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let total = 0;
    for (const span of this.spans(program, address, length)) {
      if (span.kind === 'fault' || span.kind === 'nothing') break;
      parts.push(readSpan(program.machine, span));
      total += span.bytes;
    }
    const bytes = new Uint8Array(total);
    parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
    return bytes;
  }

  /** What the level that runs may do at an address, of r, w and x; nothing where nothing is. */
  permissions(program: Program, address: bigint): string {
    if (this.read(program, address, 1).length === 0) return '';
    const { mmu, cpu } = program.machine;
    const may = (access: 'read' | 'write' | 'execute'): boolean => mmu.probe(VA(address), access, cpu.el).ok;
    return this.viewpoint === 'current' ? `${may('read') ? 'r' : ''}${may('write') ? 'w' : ''}${may('execute') ? 'x' : ''}` : 'r';
  }

  /** Writes to RAM and flash, whatever the permissions are. Throws InputError where something else answers, and then writes nothing. */
  write(session: Session, address: bigint, bytes: Uint8Array): void {
    const spans = this.spans(session.needProgram(), address, bytes.length);
    const other = spans.find(({ kind }) => kind !== 'memory');
    if (other) throw new InputError(`the memory there cannot be written: ${other.name}`);
    for (const { offset, bytes: length, pa } of spans) session.writeMemory(PA(Number(pa)), bytes.subarray(offset, offset + length));
  }

  /** The physical ranges behind bytes, and what can be watched in them. Throws InputError where an address leads nowhere. */
  physical(program: Program, address: bigint, length: number): { readonly pa: PA; readonly bytes: number }[] {
    return this.spans(program, address, length).map(({ kind, pa, bytes, name }) => {
      if (kind === 'fault' || pa === null) throw new InputError(`the address leads nowhere: ${name}`);
      return { pa: PA(Number(pa)), bytes };
    });
  }

  private spans(program: Program, address: bigint, length: number): MemorySpan[] {
    const { machine } = program;
    const { viewpoint } = this;
    const bytes = Number(LAST - address < BigInt(length) ? LAST - address + 1n : BigInt(length));
    if (viewpoint === 'phys') return spansOf(machine, 'pa', address, bytes, 0);
    if (viewpoint === 'ipa') return spansOf(machine, 'ipa', address, bytes, 1);
    if (viewpoint === 'current') return spansOf(machine, 'va', address, bytes, machine.cpu.el);
    if ('el' in viewpoint) return spansOf(machine, 'va', address, bytes, viewpoint.el);
    return spansOf(machine, 'va', address, bytes, 1, mmuOfGuest(program, viewpoint.vmid));
  }
}

/** Where a pattern is first, from an address on within a length; undefined where it is not. Memory that cannot be read ends the search. */
export function search(
  read: (address: bigint, length: number) => Uint8Array,
  from: bigint,
  length: number,
  pattern: Uint8Array,
): bigint | undefined {
  if (pattern.length === 0 || pattern.length > length) return undefined;
  for (let done = 0; done + pattern.length <= length; done += PIECE) {
    const wanted = Math.min(PIECE + pattern.length - 1, length - done);
    const bytes = read(from + BigInt(done), wanted);
    for (let at = bytes.indexOf(pattern[0]); at >= 0 && at + pattern.length <= bytes.length; at = bytes.indexOf(pattern[0], at + 1))
      if (pattern.every((byte, i) => bytes[at + i] === byte)) return from + BigInt(done + at);
    if (bytes.length < wanted) return undefined;
  }
  return undefined;
}
const PIECE = 1 << 16;

/** The CRC of qCRC: polynomial 0x04c11db7, the highest bit first, from all ones, and nothing at the end. */
export function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ byte];
  return crc >>> 0;
}
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000_0000 ? 0x04c1_1db7 : 0);
  return crc >>> 0;
});
