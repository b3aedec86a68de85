/** Where the engine of one CPU keeps its things in the WebAssembly memory. TypeScript views and generated code use the same numbers. */

/** Bytes of a predecoded instruction. */
export const RECORD = 16;
/** One record for each word of a 4 KiB page; one more leads to the next page. */
export const RECORDS_PER_PAGE = 1024;
/** Records of a page start at a multiple of this; what is never touched of the stride costs address space only. */
export const PAGE_STRIDE = 0x8000;
/** In a page's stride: how often each record ran outside the loop, 32 bits each. A sample, see `Tier0.adapt`. */
export const RUN_COUNTS = 0x5000;

/** Entries of the page cache: { i64 VA of the page | bank << 2, i32 its records }. */
export const PAGE_CACHE_ENTRIES = 256;
export const PAGE_CACHE_ENTRY = 16;

/** Entries of a fast TLB: { i64 read tag, i64 write tag, i32 host - VA, i32 strict }. A tag is the VA of the page, or -1. */
export const TLB_ENTRIES = 1024;
export const TLB_ENTRY = 32;
export const TLB_BYTES = TLB_ENTRIES * TLB_ENTRY;
export const tlbEntry = { readTag: 0, writeTag: 8, addend: 16, strict: 20 } as const;
/** Banks of the fast TLB, by exception level: EL0, EL1, EL2. */
export const BANKS = 3;
/** One more bank in which nothing is ever found: all data accesses go to `dataMiss`. */
export const EMPTY_BANK = BANKS;

/** Handlers that can exist: far more than the variants of all definitions. */
export const HANDLERS = 32768;

export interface EngineLayout {
  /** The CPU's block (cpu/layout.ts). */
  readonly cpu: number;
  /** Steps left in the budget, while TypeScript is called. */
  readonly count: number;
  /** The record to go on with, after an exit that needs it. */
  readonly record: number;
  /** VA of the page whose records are running. */
  readonly pageVA: number;
  /** Bank of the page cache in use, as the keys hold it: exception level << 2; 64 bits. */
  readonly bankKey: number;
  /** Whether floating point and SIMD may be used: not zero where the machine has said so since `run` began. */
  readonly floatingPoint: number;
  /** Fast TLBs for data and for unprivileged accesses: their offsets. */
  readonly dataTlb: number;
  readonly unprivilegedTlb: number;
  /** Stands in for memory in accesses that are not plain RAM. */
  readonly scratch: number;
  readonly pageCache: number;
  /** For each handler, 16 bits: itself, or where it does several instructions that of the first alone. */
  readonly own: number;
  /** The fast TLBs, one after the other; the last one stays empty. */
  readonly tlbs: number;
  readonly end: number;
}

/** The layout for a CPU whose block is at `cpu`, from `start`, a multiple of 4096, on. */
export function engineLayout(cpu: number, start: number): EngineLayout {
  const pageCache = start + 4096,
    own = pageCache + PAGE_CACHE_ENTRIES * PAGE_CACHE_ENTRY,
    tlbs = own + HANDLERS * 2;
  return {
    cpu,
    count: start,
    record: start + 4,
    pageVA: start + 8,
    bankKey: start + 16,
    floatingPoint: start + 32,
    dataTlb: start + 24,
    unprivilegedTlb: start + 28,
    scratch: start + 64,
    pageCache,
    own,
    tlbs,
    end: tlbs + (BANKS + 1) * TLB_BYTES,
  };
}
