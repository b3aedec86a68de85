/** The state of a machine as bytes, but for its memory, which keyframes keep page by page; and one number for all of it. */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { StateHash } from './hash.ts';
import type { PageTracker } from './pages.ts';

const VERSION = 3;

/** A part of the machine with its own state. What it can find out again (caches, the levels of wires) is no part of that. */
export interface SavedPart {
  save(writer: ByteWriter): void;
  load(reader: ByteReader): void;
}

/** The parts in their order. */
export function savedState(parts: Iterable<SavedPart>): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(VERSION);
  for (const part of parts) part.save(writer);
  return writer.finish();
}

export function restoreState(parts: Iterable<SavedPart>, state: Uint8Array): void {
  const reader = new ByteReader(state, 'machine state');
  const version = reader.u8();
  if (version !== VERSION) throw reader.error(`version ${version} of a machine state`, `expected version ${VERSION}`);
  for (const part of parts) part.load(reader);
}

/** Hash of the whole state, memory too: equal runs have equal hashes at equal steps. */
export function hashOfState(parts: Iterable<SavedPart>, pages: PageTracker): string {
  const hash = new StateHash();
  hash.bytes(savedState(parts));
  for (const page of [...pages.touched].sort((a, b) => a - b)) {
    const bytes = pages.read(page);
    if (bytes.some((byte) => byte !== 0)) hash.number(page).bytes(bytes);
  }
  return hash.digest();
}
