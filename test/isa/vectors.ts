/**
 * Single instructions recorded from QEMU's cortex-a53 at EL0: the state before, one word, the state after or the exception. The format is
 * that of the recorder: see `readVectors`. What a vector does not mention must stay unchanged.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cpuLayout } from '../../emulator/cpu/layout.ts';
import { decode } from '../../emulator/isa/index.ts';
import { Driver, type Area } from './driver.ts';

export interface Vector {
  readonly word: number;
  readonly state: number;
  readonly group: string;
  readonly pc: number;
  /** ESR_EL1.EC and DFSC, and FAR_EL1, of the exception it takes; EC is undefined where it completes. */
  readonly ec: number | undefined;
  readonly dfsc: number;
  readonly far: bigint;
  readonly nextPC: bigint;
  readonly nzcv: number;
  readonly registers: readonly (readonly [number: number, value: bigint])[];
  /** Changed doublewords of the scratch page, by byte offset. */
  readonly memory: readonly (readonly [offset: number, value: bigint])[];
  /** Where it stands in the file. */
  readonly from: number;
  readonly to: number;
}

export interface VectorSet {
  readonly vectors: Buffer;
  /** States before, `stateBytes` each: X0..X30, SP, (pc), PSTATE, ... */
  readonly states: Buffer;
  readonly stateBytes: number;
  readonly scratch: Buffer;
  readonly groups: readonly string[];
}

/** Bytes of a state in the sample: without the vector registers. */
export const SAMPLE_STATE_BYTES = 304;

/** The set in a folder: vectors.bin.gz, states.bin.gz, scratch.bin, groups.json. */
export function loadVectors(folder: string, stateBytes: number): VectorSet {
  const zipped = (name: string): Buffer => gunzipSync(readFileSync(join(folder, name)));
  return {
    vectors: zipped('vectors.bin.gz'),
    states: zipped('states.bin.gz'),
    stateBytes,
    scratch: readFileSync(join(folder, 'scratch.bin')),
    groups: (JSON.parse(readFileSync(join(folder, 'groups.json'), 'utf8')) as { groups: string[] }).groups,
  };
}

export function* readVectors({ vectors: b, groups }: VectorSet): Generator<Vector> {
  for (let from = 0, at = 0; from < b.length; from = at) {
    const [exception, nx, nv, nm] = b.subarray(from + 12, from + 16) as unknown as [number, number, number, number];
    at = from + 36;
    const esr = exception ? b.readUInt32LE(at) : 0,
      far = exception ? b.readBigUInt64LE(at + 4) : 0n;
    if (exception) at += 12;
    const registers = Array.from({ length: nx }, (_, i) => [b[at + i * 9], b.readBigUInt64LE(at + i * 9 + 1)] as const);
    at += nx * 9 + nv * 17;
    const memory = Array.from({ length: nm }, (_, i) => [b.readUInt16LE(at + i * 10), b.readBigUInt64LE(at + i * 10 + 2)] as const);
    at += nm * 10;
    yield {
      word: b.readUInt32LE(from),
      state: b.readUInt16LE(from + 4),
      group: groups[b.readUInt16LE(from + 6)],
      pc: b.readUInt32LE(from + 8),
      ec: exception ? esr >>> 26 : undefined,
      dfsc: esr & 0x3f,
      far,
      nextPC: b.readBigUInt64LE(from + 16),
      nzcv: b.readUInt32LE(from + 24) >>> 28,
      registers,
      memory,
      from,
      to: at,
    };
  }
}

/** Why a vector failed that takes an abort in QEMU and completed here. */
export const NO_FAULT = 'no fault';

export const EC = { unknown: 0, instructionAbort: 0x20, pcAlignment: 0x22, dataAbort: 0x24 } as const;

/** The map that the recorder gave the instructions, as far as they may use it at EL0. */
const map: readonly Area[] = [
  { va: 0x400000, bytes: 0x10000, executable: true },
  { va: 0x411000, bytes: 0x1000, writable: true },
  { va: 0x413000, bytes: 0x1000 },
];
const SCRATCH = 0x411000;

/** `unchecked`: left to the machine, or not built: its effects are not the engine's. */
export type Verdict = { readonly kind: 'passed' | 'unchecked' } | { readonly kind: 'failed'; readonly why: readonly string[] };

export class VectorRunner {
  private readonly driver = new Driver(map);
  private readonly set: VectorSet;

  constructor(set: VectorSet) {
    this.set = set;
    this.driver.bytesAt(0x413000, 0x1000).set(set.scratch);
    this.driver.bytesAt(SCRATCH, 0x1000).set(set.scratch);
  }

  run(vector: Vector): Verdict {
    const { driver } = this,
      { cpu } = driver,
      decoded = decode(vector.word);
    // Whether a word is allocated is decided before anything else, for all of A64.
    if (!decoded !== (vector.ec === EC.unknown) && decoded?.definition.emit !== undefined)
      return { kind: 'failed', why: ['QEMU says UNDEFINED'] };
    if (!decoded && vector.ec !== EC.unknown) return { kind: 'failed', why: ['QEMU executes it'] };
    if (decoded?.definition.notBuilt && vector.ec === EC.unknown) return { kind: 'failed', why: ['not built, but UNDEFINED in QEMU'] };
    // System registers hold what earlier vectors left there.
    if (!decoded?.definition.emit || decoded.definition.name === 'MRS') return { kind: decoded ? 'unchecked' : 'passed' };

    const before = this.stateOf(vector);
    for (let r = 0; r < 32; r++) cpu.u64[r] = before[r]!;
    cpu.nzcv = this.set.states.readUInt32LE(vector.state * this.set.stateBytes + 264) >>> 28;
    cpu.u32[cpuLayout.exclusiveBytes >> 2] = 0; // the monitor is open: an ERET came before
    driver.load(vector.pc & ~3, [vector.word]);
    cpu.pc = BigInt(vector.pc);
    driver.run(1);
    const leftToMachine = driver.stop?.kind === 'system',
      why = leftToMachine ? [] : this.differences(vector, before);
    driver.load(vector.pc & ~3, [0]);
    driver.bytesAt(SCRATCH, 0x1000).set(this.set.scratch);
    return why.length ? { kind: 'failed', why } : { kind: leftToMachine ? 'unchecked' : 'passed' };
  }

  private stateOf({ state }: Vector): bigint[] {
    return Array.from({ length: 32 }, (_, r) => this.set.states.readBigUInt64LE(state * this.set.stateBytes + r * 8));
  }

  private differences(vector: Vector, before: readonly bigint[]): string[] {
    const { driver } = this,
      { cpu, stop } = driver,
      wrong: string[] = [],
      aborted = vector.ec === EC.dataAbort;
    const expect = (what: string, ours: bigint | number | boolean, theirs: bigint | number | boolean): void => {
      if (ours !== theirs) wrong.push(`${what} is ${ours.toString(16)}, not ${theirs.toString(16)}`);
    };
    if (vector.ec === EC.pcAlignment) {
      // The misaligned pc itself, not where it leads.
      if (vector.pc & 3) expect('fetched', stop?.kind === 'fault' && stop.access === 'execute' && stop.alignment, true);
    } else if (aborted) {
      if (stop?.kind !== 'fault') return [NO_FAULT];
      expect('FAR', stop.va, vector.far);
      expect('alignment fault', stop.alignment, vector.dfsc === 0x21);
    } else if (stop && vector.ec === undefined) return [`it stops with ${stop.kind}`];

    // Where QEMU faults in the middle of a pair it may have written the first register or doubleword. Ours has written nothing.
    const after = [...before];
    if (!aborted) for (const [r, value] of vector.registers) after[r] = value;
    after.forEach((value, r) => expect(r === 31 ? 'SP' : `X${r}`, cpu.u64[r], value));
    const memory = Buffer.from(this.set.scratch);
    if (!aborted) for (const [offset, value] of vector.memory) memory.writeBigUInt64LE(value, offset);
    if (memory.compare(driver.bytesAt(SCRATCH, 0x1000))) wrong.push('memory differs');
    expect('NZCV', cpu.nzcv, vector.nzcv);
    expect('pc', cpu.pc, vector.nextPC);
    return wrong;
  }
}
