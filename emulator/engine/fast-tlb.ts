/**
 * What generated code knows of translations: for each bank a table, indexed by bits 21..12 of the VA, of pages that lie in host memory.
 * It holds no more than copies of what the machine answered to `dataMiss`, so dropping entries is always right, only slower.
 */
import type { HostOffset } from '../base/addresses.ts';
import { BANKS, EMPTY_BANK, TLB_BYTES, TLB_ENTRIES, TLB_ENTRY, tlbEntry, type EngineLayout } from './layout.ts';
import type { MachineMemory } from './memory.ts';

const WORDS = TLB_ENTRY / 4;
const [readTag, writeTag, addend, strictFlag] = [tlbEntry.readTag / 4, tlbEntry.writeTag / 4, tlbEntry.addend / 4, tlbEntry.strict / 4];

export class FastTlb {
  private readonly i32: Int32Array;
  private readonly u8: Uint8Array;
  private readonly start: number;
  private readonly holdsCode: (host: HostOffset) => boolean;

  constructor(memory: MachineMemory, layout: EngineLayout, holdsCode: (host: HostOffset) => boolean) {
    this.i32 = memory.i32;
    this.u8 = memory.u8;
    this.start = layout.tlbs;
    this.holdsCode = holdsCode;
    this.clear();
    this.clear(EMPTY_BANK);
  }

  /**
   * Remembers the 4 KiB page of a VA for the accesses of a bank (an exception level, 0..2): it lies at byte offset `host` of the memory.
   * With `strict` unaligned accesses may fault (Device memory, SCTLR_ELx.A), so that they always go to `dataMiss`. The write tag is
   * withheld while the engine holds decoded code of the page.
   */
  fill(bank: number, vaLow: number, vaHigh: number, host: HostOffset, readable: boolean, writable: boolean, strict: boolean): void {
    const { i32 } = this,
      page = vaLow & ~0xfff,
      entry = this.entry(bank, vaLow);
    this.setTag(entry + readTag, readable, page, vaHigh);
    this.setTag(entry + writeTag, writable && !this.holdsCode(host), page, vaHigh);
    i32[entry + addend] = ((host & ~0xfff) - page) | 0;
    i32[entry + strictFlag] = strict ? 1 : 0;
  }

  /** Forgets what a page of this VA may have left, in all banks. */
  drop(vaLow: number): void {
    for (let bank = 0; bank < BANKS; bank++) {
      const entry = this.entry(bank, vaLow);
      this.setTag(entry + readTag, false, 0, 0);
      this.setTag(entry + writeTag, false, 0, 0);
    }
  }

  /** Forgets everything, or everything of one bank. */
  clear(bank?: number): void {
    const start = this.start + (bank ?? 0) * TLB_BYTES;
    this.u8.fill(0xff, start, start + TLB_BYTES * (bank === undefined ? BANKS : 1));
  }

  /** Makes all stores, or those to one page of host memory, go to `dataMiss`. */
  withholdWrites(host?: HostOffset): void {
    const { i32 } = this,
      end = this.start / 4 + BANKS * TLB_ENTRIES * WORDS;
    for (let entry = this.start / 4; entry < end; entry += WORDS) {
      if (i32[entry + writeTag] === -1) continue;
      const page = (i32[entry + writeTag] + i32[entry + addend]) >>> 0;
      if (host === undefined || page === host - (host % 0x1000)) i32[entry + writeTag] = i32[entry + writeTag + 1] = -1;
    }
  }

  private entry(bank: number, vaLow: number): number {
    return (this.start + bank * TLB_BYTES + ((vaLow >>> 12) % TLB_ENTRIES) * TLB_ENTRY) / 4;
  }
  private setTag(at: number, valid: boolean, low: number, high: number): void {
    this.i32[at] = valid ? low : -1;
    this.i32[at + 1] = valid ? high : -1;
  }
}
