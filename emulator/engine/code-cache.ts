/**
 * Decoded code: for each 4 KiB page of host memory that was executed, a table of records, one for each word. Records hold nothing virtual,
 * so one table serves every VA that leads to the page. The page cache remembers which VAs do.
 *
 * A page that holds decoded code is `covered`: stores to it miss in the fast TLB and end in `invalidate`.
 */
import { join64, low32 } from '../base/bits.ts';
import { decode, type Decoded } from '../isa/index.ts';
import { PAGE_CACHE_ENTRIES, PAGE_CACHE_ENTRY, PAGE_STRIDE, RECORD, RECORDS_PER_PAGE, type EngineLayout } from './layout.ts';
import type { MachineMemory } from './memory.ts';
import { Handler, type Tier0 } from './tier0.ts';

interface Page {
  /** Offset of the page and of its records in the memory. */
  readonly host: number;
  readonly records: number;
  /** Stores since it was covered, and how many are borne before all its records are dropped, so that it is plain data again. */
  stores: number;
  patience: number;
}

/** Instructions decoded at once, unless a branch or the like comes first. */
const AHEAD = 16;
const FIRST_PATIENCE = 32;
const LAST_PATIENCE = 4096;
/** A record of the machine's own instruction: where it holds the index into `instructions`. */
const INSTRUCTION = 12;

export class CodeCache {
  private readonly u8: Uint8Array;
  private readonly u32: Uint32Array;
  private readonly view: DataView;
  private readonly layout: EngineLayout;
  private readonly start: number;
  private readonly capacity: number;
  private readonly tier0: Tier0;
  private readonly withholdWrites: (host: number) => void;
  private readonly pages: Page[] = [];
  private readonly byHost = new Map<number, Page>();
  /** One byte for each 4 KiB of the memory. */
  private readonly covered: Uint8Array;
  /** Instructions that the machine executes, as records refer to them. */
  private instructions: Decoded[] = [];
  private readonly instructionIndex = new Map<number, number>();
  private stops: ReadonlySet<bigint> = new Set();
  /** Offsets of the words in front of which some VA has a stop. */
  private readonly stopWords = new Set<number>();

  constructor(
    memory: MachineMemory,
    layout: EngineLayout,
    records: { readonly offset: number; readonly bytes: number },
    tier0: Tier0,
    withholdWrites: (host: number) => void,
  ) {
    this.u8 = memory.u8;
    this.u32 = memory.u32;
    this.view = new DataView(memory.buffer);
    this.layout = layout;
    this.start = records.offset;
    this.capacity = records.bytes / PAGE_STRIDE;
    this.tier0 = tier0;
    this.withholdWrites = withholdWrites;
    this.covered = new Uint8Array(memory.buffer.byteLength >>> 12);
    this.forgetPages();
  }

  /** Whether the page at this byte offset of the memory holds decoded code. */
  holdsCode(host: number): boolean {
    return this.covered[host >>> 12] === 1;
  }

  /**
   * Bytes of the memory have changed other than by a store of this CPU that `dataMiss` gave an address for: drops what was decoded from
   * them. Offsets of the memory, not PAs. Cheap where nothing was.
   */
  invalidate(host: number, bytes: number): void {
    for (let at = host, end = host + bytes; at < end; at = at - (at % 0x1000) + 0x1000) {
      if (this.holdsCode(at)) this.invalidateIn(this.byHost.get(at >>> 12)!, at, Math.min(end, at - (at % 0x1000) + 0x1000));
    }
  }

  private invalidateIn(page: Page, from: number, to: number): void {
    const first = (from % 0x1000) >>> 2,
      last = (to - 1 - page.host) >>> 2;
    if (++page.stores <= page.patience && last - first < RECORDS_PER_PAGE / 2) {
      this.forget(page, first, last);
      return;
    }
    this.forget(page, 0, RECORDS_PER_PAGE - 1);
    this.covered[page.host >>> 12] = 0;
    page.patience = Math.min(page.patience * 2, LAST_PATIENCE);
  }
  /** Only the handlers' numbers go: the instruction that stores to its own page still needs its operands. */
  private forget({ records }: Page, first: number, last: number): void {
    for (let slot = first; slot <= last; slot++) this.view.setUint16(records + slot * RECORD, Handler.decode, true);
  }

  /** Forgets which VAs lead to which pages, after any change of translation. */
  forgetPages(): void {
    this.u8.fill(0xff, this.layout.pageCache, this.layout.pageCache + PAGE_CACHE_ENTRIES * PAGE_CACHE_ENTRY);
  }

  /** Forgets everything. */
  clear(): void {
    for (const { records, host } of this.pages) {
      this.u8.fill(0, records, records + RECORDS_PER_PAGE * RECORD);
      this.covered[host >>> 12] = 0;
    }
    this.pages.length = 0;
    this.byHost.clear();
    this.instructions = [];
    this.instructionIndex.clear();
    this.forgetPages();
  }

  /** From now on the page of this VA, in the bank whose key is given, is the one at `host`. */
  enter(vaLow: number, vaHigh: number, bankKey: number, host: number): void {
    const page = this.pageAt(host),
      entry = (this.layout.pageCache + ((vaLow >>> 12) % PAGE_CACHE_ENTRIES) * PAGE_CACHE_ENTRY) >>> 2;
    this.u32[entry] = ((vaLow & ~0xfff) | bankKey) >>> 0;
    this.u32[entry + 1] = vaHigh;
    this.u32[entry + 2] = page.records;
    for (const stop of this.stops) {
      if (stop >> 12n !== join64(vaLow, vaHigh) >> 12n) continue;
      const offset = low32(stop) & 0xffc;
      this.stopWords.add(page.host + offset);
      this.stopBefore(page.records + offset * (RECORD / 4));
    }
  }

  /** VAs in front of which generated code leaves. */
  setStops(stops: ReadonlySet<bigint>): void {
    if (stops.size === this.stops.size && [...stops].every((va) => this.stops.has(va))) return;
    for (const word of this.stopWords) {
      const page = this.byHost.get(word >>> 12);
      if (page) this.forget(page, (word % 0x1000) >>> 2, (word % 0x1000) >>> 2);
    }
    this.stopWords.clear();
    this.stops = new Set(stops);
    // Where a stop lies is seen when its page is entered.
    this.forgetPages();
  }
  /** Whether a stop is meant for this VA: other VAs of its page may have none. */
  stopsAt(va: bigint): boolean {
    return this.stops.has(va);
  }
  stopBefore(record: number): void {
    this.view.setUint16(record, Handler.stop, true);
  }
  private pageAt(host: number): Page {
    const number = host >>> 12;
    let page = this.byHost.get(number);
    if (!page) {
      if (host >= this.u8.length) throw new Error(`0x${host.toString(16)} is no byte offset of the memory`);
      if (this.pages.length === this.capacity) this.clear();
      const records = this.start + this.pages.length * PAGE_STRIDE;
      page = { host: number * 0x1000, records, stores: 0, patience: FIRST_PATIENCE };
      this.view.setUint16(records + RECORDS_PER_PAGE * RECORD, Handler.pageEnd, true);
      this.pages.push(page);
      this.byHost.set(number, page);
    }
    return page;
  }

  /** Decodes from `record` on, to the next branch or so. */
  decode(record: number): void {
    const page = this.cover(record),
      first = (record % PAGE_STRIDE) / RECORD;
    for (let slot = first; slot < Math.min(first + AHEAD, RECORDS_PER_PAGE); slot++) {
      const at = page.records + slot * RECORD;
      if (this.view.getUint16(at, true) !== Handler.decode) break;
      const { emit, flow } = this.write(at)?.definition ?? {};
      if (this.stopWords.has(page.host + slot * 4)) this.stopBefore(at);
      if (!emit || flow === 'jump' || flow === 'return') break;
    }
    this.tier0.compile();
  }
  /** Decodes one instruction, although there is a stop in front of it. */
  decodePast(record: number): void {
    this.cover(record);
    this.write(record);
    this.tier0.compile();
  }
  private cover(record: number): Page {
    const page = this.pageOf(record);
    if (!this.holdsCode(page.host)) {
      this.covered[page.host >>> 12] = 1;
      page.stores = 0;
      this.withholdWrites(page.host);
    }
    return page;
  }
  private write(record: number): Decoded | undefined {
    const decoded = decode(this.wordAt(record));
    if (decoded?.definition.emit) this.tier0.writeRecord(record, decoded);
    else if (decoded) this.writeInstruction(record, decoded);
    else this.view.setUint16(record, Handler.undefined, true);
    return decoded;
  }
  private writeInstruction(record: number, decoded: Decoded): void {
    let index = this.instructionIndex.get(decoded.word);
    if (index === undefined) {
      index = this.instructions.push(decoded) - 1;
      this.instructionIndex.set(decoded.word, index);
    }
    this.view.setUint32(record + INSTRUCTION, index, true);
    this.view.setUint16(record, Handler.machine, true);
  }

  /** The machine's own instruction in a record. */
  instructionAt(record: number): Decoded {
    return this.instructions[this.u32[(record + INSTRUCTION) >>> 2]];
  }
  /** The word that a record was made from. */
  wordAt(record: number): number {
    return this.u32[(this.pageOf(record).host + (record % PAGE_STRIDE) / (RECORD / 4)) >>> 2];
  }
  private pageOf(record: number): Page {
    return this.pages[Math.floor((record - this.start) / PAGE_STRIDE)];
  }
}
