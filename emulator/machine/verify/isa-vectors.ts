/**
 * Single instructions recorded in QEMU: the state before, one word, and the state after or the exception, as binary records. What a record
 * does not mention must stay unchanged.
 */
import { InputError } from '../../base/errors.ts';

/** A register or doubleword that changed: its number, or byte offset in the scratch page, and where its new value is in the file. */
export interface Change {
  readonly index: number;
  readonly at: number;
}

export interface IsaVector {
  /** Number of the record, from 0. */
  readonly number: number;
  readonly word: number;
  readonly state: number;
  readonly group: string;
  /** VA. */
  readonly pc: number;
  /** ESR_EL1 of the exception it takes; undefined where it completes. */
  readonly esr: number | undefined;
  /** FAR_EL1, where the exception has an address. */
  readonly far: bigint;
  /** Where it goes on, or the preferred return address of the exception. */
  readonly nextPC: bigint;
  readonly pstate: number;
  readonly fpcr: number;
  readonly fpsr: number;
  /** X0..X30, 31 being SP_EL0: 8 bytes each. */
  readonly registers: readonly Change[];
  /** V0..V31: 16 bytes each. */
  readonly vectors: readonly Change[];
  /** Doublewords of the scratch page. */
  readonly memory: readonly Change[];
  /** Where the record is in the file. */
  readonly from: number;
  readonly to: number;
}

export interface IsaVectorSet {
  readonly vectors: Uint8Array;
  /** States before, `STATE_BYTES` each: see `stateLayout`. */
  readonly states: Uint8Array;
  /** The scratch page and its read-only copy: 4096 bytes. */
  readonly scratch: Uint8Array;
  readonly groups: readonly string[];
  /** Name of the file, for errors. */
  readonly file: string;
}

export const STATE_BYTES = 816;
/** Byte offsets in a state. */
export const stateLayout = { x: 0, sp: 248, pstate: 264, fpcr: 272, fpsr: 280, v: 304 } as const;
const HEADER_BYTES = 36;

/** Those that are wanted, by group and word. Throws InputError where a record is cut off or names a state or group that is not there. */
export function* readIsaVectors(
  { vectors: bytes, states, groups, file }: IsaVectorSet,
  wants: (group: string, word: number) => boolean = () => true,
): Generator<IsaVector> {
  const view = viewOf(bytes);
  const stateCount = Math.floor(states.length / STATE_BYTES);
  for (let from = 0, number = 0; from < bytes.length; number++) {
    const wrong = (what: string, at: number): InputError =>
      new InputError(`record ${number} ${what}`, { file, offset: at }, 'expected instructions recorded as in vectors/isa');
    if (from + HEADER_BYTES > bytes.length) throw wrong('is cut off', from);
    const exception = bytes[from + 12] !== 0;
    const [registerCount, vectorCount, memoryCount] = [bytes[from + 13], bytes[from + 14], bytes[from + 15]];
    let at = from + HEADER_BYTES;
    const end = at + (exception ? 12 : 0) + registerCount * 9 + vectorCount * 17 + memoryCount * 10;
    if (end > bytes.length) throw wrong('is cut off', from);
    const group = groups[view.getUint16(from + 6, true)];
    const word = view.getUint32(from, true);
    if (group === undefined) throw wrong('belongs to a group that has no name', from + 6);
    if (!wants(group, word)) {
      from = end;
      continue;
    }
    const esr = exception ? view.getUint32(at, true) : undefined;
    const far = exception ? view.getBigUint64(at + 4, true) : 0n;
    if (exception) at += 12;
    const changes = (count: number, indexBytes: 1 | 2, valueBytes: number, limit: number): Change[] =>
      Array.from({ length: count }, () => {
        const index = indexBytes === 1 ? view.getUint8(at) : view.getUint16(at, true);
        if (index >= limit) throw wrong(`changes number ${index} of ${limit}`, at);
        at += indexBytes + valueBytes;
        return { index, at: at - valueBytes };
      });
    const registers = changes(registerCount, 1, 8, 32);
    const changedVectors = changes(vectorCount, 1, 16, 32);
    const memory = changes(memoryCount, 2, 8, 4089);
    const state = view.getUint16(from + 4, true);
    if (state >= stateCount) throw wrong(`begins in state ${state} of ${stateCount}`, from + 4);
    yield {
      ...{ number, state, group, esr, far, registers, vectors: changedVectors, memory, from, to: end },
      word,
      pc: view.getUint32(from + 8, true),
      nextPC: view.getBigUint64(from + 16, true),
      pstate: view.getUint32(from + 24, true),
      fpcr: view.getUint32(from + 28, true),
      fpsr: view.getUint32(from + 32, true),
    };
    from = end;
  }
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
