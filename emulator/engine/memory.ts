/**
 * The one WebAssembly memory of a machine. From 0 on: the CPUs' blocks, what their engines need, the records of decoded code, and then
 * the regions that the host backs (RAM, flash). The operating system commits pages when they are touched first.
 */
import { InputError } from '../base/errors.ts';
import { CPU_BLOCK } from '../cpu/layout.ts';
import { engineLayout, PAGE_STRIDE, type EngineLayout } from './layout.ts';

const WASM_PAGE = 0x10000;
const MAX_BYTES = 2 ** 32;

export interface MemoryRegion {
  readonly name: string;
  /** Byte offset in the memory, a multiple of 64 KiB, and size. */
  readonly offset: number;
  readonly bytes: number;
}

export interface CpuArea {
  /** Offset of the CPU's block, for `new CpuState(memory.buffer, block)`. */
  readonly block: number;
  readonly layout: EngineLayout;
  /** Where records of decoded pages go. */
  readonly records: { readonly offset: number; readonly bytes: number };
}

export interface MachineMemory {
  readonly memory: WebAssembly.Memory;
  readonly buffer: ArrayBuffer;
  readonly u8: Uint8Array<ArrayBuffer>;
  readonly i32: Int32Array<ArrayBuffer>;
  readonly u32: Uint32Array<ArrayBuffer>;
  readonly cpus: readonly CpuArea[];
  readonly regions: ReadonlyMap<string, MemoryRegion>;
}

export interface MemoryOptions {
  /** Host-backed memory by name, in bytes; rounded up to 64 KiB. */
  readonly regions: readonly { readonly name: string; readonly bytes: number }[];
  readonly cpus?: number;
  /** Room for decoded code, per CPU: 32 KiB of address space for each 4 KiB page. When it is full, decoding starts anew. */
  readonly recordBytes?: number;
}

const align = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Throws InputError where the sizes do not fit in 4 GiB or the host has no such memory. */
export function createMachineMemory({ regions, cpus = 1, recordBytes = 64 << 20 }: MemoryOptions): MachineMemory {
  let end = align(cpus * CPU_BLOCK, 4096);
  const areas: CpuArea[] = [];
  for (let cpu = 0; cpu < cpus; cpu++) {
    const layout = engineLayout(cpu * CPU_BLOCK, end),
      offset = align(layout.end, PAGE_STRIDE);
    areas.push({ block: cpu * CPU_BLOCK, layout, records: { offset, bytes: align(recordBytes, PAGE_STRIDE) } });
    end = offset + align(recordBytes, PAGE_STRIDE);
  }
  const placed = new Map<string, MemoryRegion>();
  for (const { name, bytes } of regions) {
    const offset = align(end, WASM_PAGE);
    placed.set(name, { name, offset, bytes });
    end = align(offset + bytes, WASM_PAGE);
  }
  // The last page stays out of use, so that host addresses never collide with the negative results of `dataMiss`.
  const memory = allocate(end + WASM_PAGE);
  const { buffer } = memory;
  return {
    memory,
    buffer,
    u8: new Uint8Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    cpus: areas,
    regions: placed,
  };
}

function allocate(bytes: number): WebAssembly.Memory {
  const megabytes = `${Math.ceil(bytes / 2 ** 20)} MiB`;
  if (bytes > MAX_BYTES)
    throw new InputError(`the machine needs ${megabytes} of memory`, {}, 'at most 4096 MiB are possible: give it less RAM');
  const pages = bytes / WASM_PAGE;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    throw new InputError(`the host has no ${megabytes} of memory for the machine: ${(error as Error).message}`, {}, 'give it less RAM');
  }
}
