/** The state of a machine as bytes, but for its memory, which keyframes keep page by page; and one number for all of it. */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { hex } from '../base/hex.ts';
import { CPU_BLOCK } from '../cpu/layout.ts';
import { StateHash } from './hash.ts';
import type { Machine, MachineStop } from './machine.ts';

const VERSION = 3;

/** CPU, TLB, clock, devices, and how much of the input has come. */
export function savedState({ cpu, clock, inputsTaken, stop, board, mmu }: Machine): Uint8Array {
  const writer = new ByteWriter();
  cpu.settle();
  writer.u8(VERSION);
  writer.f64(clock.steps);
  writer.f64(clock.skipped);
  writer.f64(clock.waited);
  writer.f64(clock.lastAbort);
  writer.u32(inputsTaken);
  writer.text(stop ? JSON.stringify({ ...stop, pc: stop.kind === 'not-built' ? hex(stop.pc) : undefined }) : '');
  writer.raw(cpu.bytes);
  board.save(writer);
  writer.bytes(mmu.snapshot());
  return writer.finish();
}

/** Gives a machine a saved state. What it keeps beside its state, its caches, is the caller's. */
export function restoreState(machine: Machine, state: Uint8Array): void {
  const { cpu, clock, board, mmu } = machine;
  const reader = new ByteReader(state, 'machine state');
  const version = reader.u8();
  if (version !== VERSION) throw reader.error(`version ${version} of a machine state`, `expected version ${VERSION}`);
  clock.steps = reader.f64();
  clock.skipped = reader.f64();
  clock.waited = reader.f64();
  clock.lastAbort = reader.f64();
  machine.inputsTaken = reader.u32();
  const stop = reader.text();
  machine.stop = stop ? restoredStop(JSON.parse(stop) as MachineStop & { pc?: string }) : undefined;
  cpu.bytes.set(reader.raw(CPU_BLOCK));
  board.load(reader);
  mmu.restore(reader.bytes());
}

function restoredStop(stop: MachineStop & { pc?: string | bigint }): MachineStop {
  return stop.kind === 'not-built' ? { ...stop, pc: BigInt(stop.pc) } : stop;
}

/** Hash of the whole state, memory too: equal runs have equal hashes at equal steps. */
export function hashOfState(machine: Machine): string {
  const hash = new StateHash();
  hash.bytes(savedState(machine));
  for (const page of [...machine.pages.touched].sort((a, b) => a - b)) {
    const bytes = machine.pages.read(page);
    if (bytes.some((byte) => byte !== 0)) hash.number(page).bytes(bytes);
  }
  return hash.digest();
}
