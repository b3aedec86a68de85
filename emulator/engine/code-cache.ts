/**
 * Decoded code: for each 4 KiB page of host memory that was executed, a table of records, one for each word. Records hold nothing virtual,
 * so one table serves every VA that leads to the page. The page cache remembers which VAs do.
 *
 * A page that holds decoded code is `covered`: stores to it miss in the fast TLB and end in `invalidate`.
 */
import { HostOffset, type VA } from '../base/addresses.ts';
import { join64, low32 } from '../base/bits.ts';
import { decode, type Decoded } from '../isa/index.ts';
import { PAGE_CACHE_ENTRIES, PAGE_CACHE_ENTRY, PAGE_STRIDE, RECORD, RECORDS_PER_PAGE, RUN_COUNTS, type EngineLayout } from './layout.ts';
import type { MachineMemory } from './memory.ts';
import { LONGEST, type Counts, type Instruction, type Straight } from './sequences.ts';
import { Handler } from './tier0-loop.ts';
import type { Tier0 } from './tier0.ts';

interface Page {
  /** Offset of the page and of its records in the memory. */
  readonly host: HostOffset;
  readonly records: number;
  /** Stores since it was covered, and how many are borne before all its records are dropped, so that it is plain data again. */
  stores: number;
  patience: number;
}

/** Instructions decoded at once, unless a branch or the like comes first. */
const AHEAD = 16;
const FIRST_PATIENCE = 32;
const LAST_PATIENCE = 4096;
/** A record that ran so much more often than the one before it is a place that is jumped to. */
const JOINED = 1.25;
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
  private readonly withholdWrites: (host: HostOffset) => void;
  private readonly pages: Page[] = [];
  private readonly byHost = new Map<number, Page>();
  /** One byte for each 4 KiB of the memory. */
  private readonly covered: Uint8Array;
  /** Instructions that the machine executes, as records refer to them. */
  private instructions: Decoded[] = [];
  private readonly instructionIndex = new Map<number, number>();
  private stops: ReadonlySet<VA> = new Set();
  /** Offsets of the words in front of which some VA has a stop. */
  private readonly stopWords = new Set<number>();

  constructor(
    memory: MachineMemory,
    layout: EngineLayout,
    records: { readonly offset: number; readonly bytes: number },
    tier0: Tier0,
    withholdWrites: (host: HostOffset) => void,
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
  holdsCode(host: HostOffset): boolean {
    return this.covered[host >>> 12] === 1;
  }

  /**
   * Bytes of the memory have changed other than by a store of this CPU that `dataMiss` gave an address for: drops what was decoded from
   * them. Offsets of the memory, not PAs. Cheap where nothing was.
   */
  invalidate(host: HostOffset, bytes: number): void {
    for (let at = host, end = host + bytes; at < end; at = HostOffset(at - (at % 0x1000) + 0x1000)) {
      if (this.holdsCode(at)) this.invalidateIn(this.byHost.get(at >>> 12)!, at, Math.min(end, at - (at % 0x1000) + 0x1000));
    }
  }

  private invalidateIn(page: Page, from: HostOffset, to: number): void {
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
  private forget(page: Page, first: number, last: number): void {
    for (let slot = first; slot <= last; slot++) this.view.setUint16(page.records + slot * RECORD, Handler.decode, true);
    this.join(page, first, last);
  }
  /** Records `first` to `last` of a page have changed: looks anew which sequences begin there, and in front of there and lead into them. */
  private join(page: Page, first: number, last: number): void {
    for (let slot = Math.max(0, first - LONGEST + 1); slot <= last; slot++) this.tier0.join(page.records + slot * RECORD);
  }

  /** Forgets which VAs lead to which pages, after any change of translation. */
  forgetPages(): void {
    this.u8.fill(0xff, this.layout.pageCache, this.layout.pageCache + PAGE_CACHE_ENTRIES * PAGE_CACHE_ENTRY);
  }

  /** The same for what one page of VAs may have left. */
  forgetPage(vaLow: number): void {
    const entry = this.entryOf(vaLow);
    this.u32.fill(0xffff_ffff, entry, entry + 2);
  }
  private entryOf(vaLow: number): number {
    return (this.layout.pageCache + ((vaLow >>> 12) % PAGE_CACHE_ENTRIES) * PAGE_CACHE_ENTRY) >>> 2;
  }

  /** Forgets everything. */
  clear(): void {
    for (const { records, host } of this.pages) {
      this.u8.fill(0, records, records + PAGE_STRIDE);
      this.covered[host >>> 12] = 0;
    }
    this.pages.length = 0;
    this.byHost.clear();
    this.instructions = [];
    this.instructionIndex.clear();
    this.forgetPages();
  }

  /** From now on the page of this VA, in the bank whose key is given, is the one at `host`. */
  enter(vaLow: number, vaHigh: number, bankKey: number, host: HostOffset): void {
    const page = this.pageAt(host),
      entry = this.entryOf(vaLow);
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
  setStops(stops: ReadonlySet<VA>): void {
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
  stopsAt(va: VA): boolean {
    return this.stops.has(va);
  }
  stopBefore(record: number): void {
    this.view.setUint16(record, Handler.stop, true);
    const slot = (record % PAGE_STRIDE) / RECORD;
    this.join(this.pageOf(record), slot, slot);
  }
  private pageAt(host: HostOffset): Page {
    const number = host >>> 12;
    let page = this.byHost.get(number);
    if (!page) {
      if (host >= this.u8.length) throw new Error(`0x${host.toString(16)} is no byte offset of the memory`);
      if (this.pages.length === this.capacity) this.clear();
      const records = this.start + this.pages.length * PAGE_STRIDE;
      page = { host: HostOffset(number * 0x1000), records, stores: 0, patience: FIRST_PATIENCE };
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
    let last = first;
    for (let slot = first; slot < Math.min(first + AHEAD, RECORDS_PER_PAGE); slot++) {
      const at = page.records + slot * RECORD;
      if (this.view.getUint16(at, true) !== Handler.decode) break;
      const { emit, flow } = this.write(at)?.definition ?? {};
      if (this.stopWords.has(page.host + slot * 4)) this.stopBefore(at);
      last = slot;
      if (!emit || flow === 'jump' || flow === 'return') break;
    }
    this.join(page, first, last);
    this.tier0.compile();
  }
  /** Decodes one instruction, although there is a stop in front of it. */
  decodePast(record: number): void {
    this.cover(record);
    this.write(record);
    this.tier0.compile();
  }

  /** What ran outside the loop since the last time; as straight code, up to a jump and from where more came in, what had at least `share` of it. */
  takeCounts(share: number): Counts {
    const { u32, pages, tier0 } = this;
    let total = 0;
    const byHandler = new Map<number, number>();
    for (const { records } of pages) {
      for (let slot = 0; slot < RECORDS_PER_PAGE; slot++) {
        const count = u32[(records + RUN_COUNTS) / 4 + slot];
        if (count === 0) continue;
        total += count;
        const own = tier0.handlers.ownAt(records + slot * RECORD);
        byHandler.set(own, (byHandler.get(own) ?? 0) + count);
      }
    }
    const straights: Straight[] = [];
    for (const { records } of pages) {
      let [code, counts]: [Instruction[], number[]] = [[], []];
      const end = (): void => {
        if (code.length > 0) straights.push({ code, counts });
        [code, counts] = [[], []];
      };
      for (let slot = 0; slot < RECORDS_PER_PAGE; slot++) {
        const count = u32[(records + RUN_COUNTS) / 4 + slot],
          instruction = count > total * share ? tier0.handlers.instructionAt(records + slot * RECORD) : undefined;
        if (!instruction || count > counts[counts.length - 1] * JOINED) end();
        if (!instruction) continue;
        code.push(instruction);
        counts.push(count);
        if (tier0.handlers.isJump(instruction.own)) end();
      }
      end();
      u32.fill(0, (records + RUN_COUNTS) / 4, (records + RUN_COUNTS) / 4 + RECORDS_PER_PAGE);
    }
    return { total, byHandler, straights };
  }
  /** There is another loop: looks anew at all records which sequences begin there. */
  joinAll(): void {
    for (const page of this.pages) this.join(page, 0, RECORDS_PER_PAGE - 1);
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
    if (decoded?.definition.emit) this.tier0.handlers.writeRecord(record, decoded);
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
