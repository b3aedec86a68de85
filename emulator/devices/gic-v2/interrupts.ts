/**
 * The states of all interrupts of the distributor (IHI 0048B section 3.2.4, figure 3-1), 32 to a word, and which of them comes first.
 * One CPU: private interrupts need no banks, every SPI targets it, and an SGI can only come from itself.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { NO_INTERRUPT, type Group, type PendingInterrupt } from './pending.ts';

/** SGIs 0..15, PPIs 16..31, SPIs 32..287: GICD_TYPER.ITLinesNumber = 8. */
export const INTERRUPTS = 288;
export const SGIS = 16;
const WORDS = INTERRUPTS / 32;

export class Interrupts {
  readonly enabled = new Uint32Array(WORDS);
  /** Made pending by an edge, an SGI or software: stays until acknowledged or cleared. */
  readonly latched = new Uint32Array(WORDS);
  readonly active = new Uint32Array(WORDS);
  /** Levels of the input lines. */
  readonly level = new Uint32Array(WORDS);
  /** Edge-triggered, where GICD_ICFGR says so; otherwise level-sensitive. */
  readonly edge = new Uint32Array(WORDS);
  readonly group1 = new Uint32Array(WORDS);
  /** 0: the highest. All eight bits are there. */
  readonly priority = new Uint8Array(INTERRUPTS);
  private readonly words = [this.enabled, this.latched, this.active, this.level, this.edge, this.group1];

  constructor() {
    this.reset();
  }

  /** The lines keep their levels. */
  reset(): void {
    for (const words of [this.enabled, this.latched, this.active, this.edge, this.group1]) words.fill(0);
    this.priority.fill(0);
    // SGIs are edge-triggered and always enabled (sections 4.3.5, 4.3.13).
    this.enabled[0] = this.edge[0] = 2 ** SGIS - 1;
  }

  /** A level-sensitive interrupt is pending while its line is high, too (section 4.3.7, figure 4-10). */
  pending(word: number): number {
    return (this.latched[word] | (this.level[word] & ~this.edge[word])) >>> 0;
  }

  /** The input line of an interrupt; false where it has that level already. */
  setLevel(intid: number, high: boolean): boolean {
    const word = intid >>> 5;
    const bit = 1 << (intid & 31);
    if (((this.level[word] & bit) !== 0) === high) return false;
    this.level[word] ^= bit;
    if (high) this.latched[word] |= bit & this.edge[word];
    return true;
  }

  group(intid: number): Group {
    return ((this.group1[intid >>> 5] >>> (intid & 31)) & 1) as Group;
  }

  /** The enabled pending interrupt with the highest priority, of these the lowest INTID; one that is still active does not count. */
  first(): PendingInterrupt {
    let intid = -1;
    for (let word = 0; word < WORDS; word++) {
      for (let bits = this.enabled[word] & this.pending(word) & ~this.active[word]; bits !== 0; bits &= bits - 1) {
        const candidate = word * 32 + 31 - Math.clz32(bits & -bits);
        if (intid < 0 || this.priority[candidate] < this.priority[intid]) intid = candidate;
      }
    }
    return intid < 0 ? NO_INTERRUPT : { intid, priority: this.priority[intid], group: this.group(intid), source: 0 };
  }

  /** Pending to active; a level-sensitive one whose line is high becomes active and pending. */
  activate(intid: number): void {
    const word = intid >>> 5;
    const bit = 1 << (intid & 31);
    this.latched[word] &= ~bit;
    this.active[word] |= bit;
  }
  deactivate(intid: number): void {
    this.active[intid >>> 5] &= ~(1 << (intid & 31));
  }

  save(writer: ByteWriter): void {
    for (const words of this.words) for (const word of words) writer.u32(word);
    writer.raw(this.priority);
  }
  load(reader: ByteReader): void {
    for (const words of this.words) for (let i = 0; i < WORDS; i++) words[i] = reader.u32();
    this.priority.set(reader.raw(INTERRUPTS));
  }
}
