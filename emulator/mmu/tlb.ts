/**
 * A model of a TLB (Arm ARM D8.13 "Translation Lookaside Buffers"): translations stay, however stale, until a TLBI names them or the TLB is
 * full. Entries are 4 KiB pages that remember the size of the leaf they come from, tagged with regime, stages in force, VMID, and ASID or
 * global. Only complete translations are kept: no table descriptors, and stage 2 on its own only where stage 1 is off. So TLBI IPAS2E1 drops
 * just those; entries of both stages together stay until a TLBI by VA, ASID or VMID, as the architecture demands of software anyway.
 *
 * The content depends on the sequence of fills and invalidations alone: looking up changes nothing, and a full TLB is emptied at once.
 */
import { Chains } from './chains.ts';

export const TLB_CAPACITY = 8192;

/** Fields of a tag. Two tags translate alike only if all fields are equal. */
export const tagField = { asid: 0xffff, vmid: 0xff << 16, global: 1 << 24, stage1: 1 << 25, stage2: 1 << 26, el2: 1 << 27 } as const;

/** 32-bit words of an entry in a snapshot. */
const WORDS = 7;

export class Tlb {
  readonly tag = new Int32Array(TLB_CAPACITY);
  /** VA bits 43:12 and 63:44. */
  readonly pageLow = new Uint32Array(TLB_CAPACITY);
  readonly pageHigh = new Uint32Array(TLB_CAPACITY);
  /** Page numbers: address >> 12. */
  readonly paPage = new Uint32Array(TLB_CAPACITY);
  readonly ipaPage = new Uint32Array(TLB_CAPACITY);
  /** Rights, levels and attributes, packed by tlb-entry.ts. */
  readonly info = new Uint32Array(TLB_CAPACITY);
  /** Size of the leaf that a TLBI by address drops as a whole, as a power of two: stage 1's, or stage 2's where stage 1 is off. */
  readonly leafBits = new Uint8Array(TLB_CAPACITY);
  size = 0;
  /** Called for each entry before it goes, except when all go at once. */
  onDrop: (entry: number) => void = () => {};

  private readonly byPage = new Chains(TLB_CAPACITY, 14);
  /** Entries of leaves larger than a page, by leaf. */
  private readonly byLeaf = new Chains(TLB_CAPACITY, 12);
  private readonly byTag = new Chains(TLB_CAPACITY, 10);
  /** How many entries there are of each tag, and of each leaf size above 12 bits. */
  private readonly tags = new Map<number, number>();
  private readonly leafCounts = new Int32Array(64);
  /** Entries not in use, as a stack. */
  private readonly free = new Int32Array(TLB_CAPACITY);

  constructor() {
    this.clear();
  }

  /** The entry for a page under `tag` (with an ASID) or `globalTag`, or -1. An entry of the ASID itself goes first. */
  find(tag: number, globalTag: number, pageLow: number, pageHigh: number): number {
    let global = -1;
    for (let e = this.byPage.head(this.byPage.bucket(pageKey(tag, pageLow, pageHigh))); e >= 0; e = this.byPage.next(e)) {
      if (this.pageLow[e] !== pageLow || this.pageHigh[e] !== pageHigh) continue;
      if (this.tag[e] === tag) return e;
      if (this.tag[e] === globalTag) global = e;
    }
    return global;
  }

  get isFull(): boolean {
    return this.size === TLB_CAPACITY;
  }

  /** Adds an entry; the caller has seen that there is none for this tag and page, and that there is room. */
  add(tag: number, pageLow: number, pageHigh: number, paPage: number, ipaPage: number, info: number, leafBits: number): number {
    const e = this.free[TLB_CAPACITY - 1 - this.size];
    this.size++;
    this.tag[e] = tag;
    this.pageLow[e] = pageLow;
    this.pageHigh[e] = pageHigh;
    this.paPage[e] = paPage;
    this.ipaPage[e] = ipaPage;
    this.info[e] = info;
    this.leafBits[e] = leafBits;
    this.byPage.add(this.byPage.bucket(pageKey(tag, pageLow, pageHigh)), e);
    this.byTag.add(this.byTag.bucket(tag), e);
    this.tags.set(tag, (this.tags.get(tag) ?? 0) + 1);
    if (leafBits > 12) {
      this.byLeaf.add(this.byLeaf.bucket(leafKey(tag, leafBits, pageLow, pageHigh)), e);
      this.leafCounts[leafBits]++;
    }
    return e;
  }

  private remove(e: number): void {
    this.onDrop(e);
    const tag = this.tag[e];
    const leafBits = this.leafBits[e];
    this.byPage.remove(e);
    this.byTag.remove(e);
    const left = this.tags.get(tag)! - 1;
    if (left === 0) this.tags.delete(tag);
    else this.tags.set(tag, left);
    if (leafBits > 12) {
      this.byLeaf.remove(e);
      this.leafCounts[leafBits]--;
    }
    this.size--;
    this.free[TLB_CAPACITY - 1 - this.size] = e;
  }

  /**
   * Drops the entries of the leaf that translates a page, whatever its size, whose tag agrees with `value` in the bits of `mask`.
   * With `asid` given, those that are neither global nor of this ASID stay.
   */
  dropPage(mask: number, value: number, asid: number, pageLow: number, pageHigh: number): void {
    const names = (e: number): boolean => {
      const tag = this.tag[e];
      return (tag & mask) === value && (asid < 0 || (tag & tagField.global) !== 0 || (tag & tagField.asid) === asid);
    };
    for (let e = this.byPage.head(this.byPage.bucket(pageKey(value, pageLow, pageHigh))); e >= 0;) {
      const next = this.byPage.next(e);
      if (this.leafBits[e] === 12 && this.pageLow[e] === pageLow && this.pageHigh[e] === pageHigh && names(e)) this.remove(e);
      e = next;
    }
    for (const bits of largeLeaves) {
      if (this.leafCounts[bits] === 0) continue;
      for (let e = this.byLeaf.head(this.byLeaf.bucket(leafKey(value, bits, pageLow, pageHigh))); e >= 0;) {
        const next = this.byLeaf.next(e);
        if (this.leafBits[e] === bits && this.inLeaf(e, bits, pageLow, pageHigh) && names(e)) this.remove(e);
        e = next;
      }
    }
  }

  private inLeaf(e: number, bits: number, pageLow: number, pageHigh: number): boolean {
    return this.pageHigh[e] === pageHigh && leafNumber(this.pageLow[e], bits) === leafNumber(pageLow, bits);
  }

  /** Drops all entries whose tag agrees with `value` in the bits of `mask`. */
  dropTags(mask: number, value: number): void {
    for (const tag of [...this.tags.keys()]) {
      if ((tag & mask) !== value) continue;
      for (let e = this.byTag.head(this.byTag.bucket(tag)); e >= 0;) {
        const next = this.byTag.next(e);
        if (this.tag[e] === tag) this.remove(e);
        e = next;
      }
    }
  }

  /** Drops everything but the entry `keep` (-1: none), without calling `onDrop`. */
  clear(keep = -1): void {
    const kept = keep < 0 ? undefined : this.words(keep);
    this.byPage.clear();
    this.byLeaf.clear();
    this.byTag.clear();
    this.tags.clear();
    this.leafCounts.fill(0);
    this.size = 0;
    for (let i = 0; i < TLB_CAPACITY; i++) this.free[i] = TLB_CAPACITY - 1 - i;
    if (kept) this.addWords(kept);
  }

  private words(e: number): number[] {
    return [this.tag[e], this.pageHigh[e], this.pageLow[e], this.paPage[e], this.ipaPage[e], this.info[e], this.leafBits[e]];
  }
  private addWords(w: ArrayLike<number>): void {
    this.add(w[0], w[2], w[1], w[3], w[4], w[5], w[6]);
  }

  /** All entries in use, ordered by tag, then page. */
  entries(): number[] {
    const list: number[] = [];
    for (const tag of this.tags.keys())
      for (let e = this.byTag.head(this.byTag.bucket(tag)); e >= 0; e = this.byTag.next(e)) if (this.tag[e] === tag) list.push(e);
    return list.sort((a, b) => this.tag[a] - this.tag[b] || this.pageHigh[a] - this.pageHigh[b] || this.pageLow[a] - this.pageLow[b]);
  }

  /** The content in its own order, so that equal contents are equal bytes. */
  snapshot(): Uint8Array {
    const out = new Uint32Array(this.size * WORDS);
    this.entries().forEach((e, i) => out.set(this.words(e), i * WORDS));
    return new Uint8Array(out.buffer);
  }

  /** Takes the content from a snapshot; returns false, and is empty, where the bytes are none. */
  restore(bytes: Uint8Array): boolean {
    this.clear();
    const count = bytes.length / (WORDS * 4);
    if (!Number.isInteger(count) || count > TLB_CAPACITY) return false;
    const words = new Uint32Array(bytes.slice().buffer);
    for (let i = 0; i < count; i++) this.addWords(words.subarray(i * WORDS, i * WORDS + WORDS));
    return true;
  }
}

/** Leaf sizes above 4 KiB: 2 MiB and 1 GiB of the 4 KiB granule; 64 KiB and 512 MiB of the 64 KiB granule. */
const largeLeaves = [16, 21, 29, 30];

/** The part of a tag that every TLBI by address gives. */
const placeOf = (tag: number): number => tag & (tagField.vmid | tagField.el2);

const pageKey = (tag: number, pageLow: number, pageHigh: number): number => pageLow ^ (pageHigh << 11) ^ (placeOf(tag) << 3);

const leafNumber = (pageLow: number, bits: number): number => pageLow >>> (bits - 12);

const leafKey = (tag: number, bits: number, pageLow: number, pageHigh: number): number =>
  leafNumber(pageLow, bits) ^ (pageHigh << 7) ^ placeOf(tag) ^ (bits << 27);
