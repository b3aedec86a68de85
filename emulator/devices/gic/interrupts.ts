/**
 * The states of interrupts as one CPU sees them (IHI 0048B section 3.2.4, figure 3-1; IHI 0069H section 4.1.2), 32 to a word, and which of
 * them comes first. Each CPU has SGIs and PPIs of its own; SPIs are there for all.
 */
import { NO_INTERRUPT, type Group, type PendingInterrupt } from './pending.ts';

/** SGIs 0..15, PPIs 16..31, SPIs 32..287: GICD_TYPER.ITLinesNumber = 8. */
export const INTERRUPTS = 288;
export const SGIS = 16;
export const SGI_BITS = 2 ** SGIS - 1;
/** Of 32 interrupts each. */
export const WORDS = INTERRUPTS / 32;

/** What the distributor keeps of them, a bit for each but for the priorities; see its table. */
export interface InterruptStates {
  readonly ISENABLER: Uint32Array;
  readonly latched: Uint32Array;
  readonly ISACTIVER: Uint32Array;
  readonly level: Uint32Array;
  readonly edge: Uint32Array;
  readonly IGROUPR: Uint32Array;
  readonly IPRIORITYR: Uint32Array;
}

/** The state of one interrupt. `high`: the level of its line; `edge`: how that is understood. */
export interface InterruptFacts {
  readonly intid: number;
  readonly enabled: boolean;
  readonly pending: boolean;
  readonly active: boolean;
  readonly high: boolean;
  readonly edge: boolean;
}

export class Interrupts {
  /** Of priorities, a byte for each interrupt; 0: the highest. All eight bits are there. */
  private readonly ownPriority: Uint8Array;
  private readonly sharedPriority: Uint8Array;

  /** `own` has those of SGIs and PPIs, which may be among the others. */
  constructor(
    private readonly shared: InterruptStates,
    private readonly own: InterruptStates = shared,
  ) {
    this.ownPriority = new Uint8Array(own.IPRIORITYR.buffer);
    this.sharedPriority = new Uint8Array(shared.IPRIORITYR.buffer);
  }

  /** Where the states of 32 interrupts are. */
  private at(word: number): InterruptStates {
    return word === 0 ? this.own : this.shared;
  }
  private priority(intid: number): number {
    return (intid < 32 ? this.ownPriority : this.sharedPriority)[intid];
  }

  /** A level-sensitive interrupt is pending while its line is high, too (section 4.3.7, figure 4-10). */
  pending(word: number): number {
    const { latched, level, edge } = this.at(word);
    return (latched[word] | (level[word] & ~edge[word])) >>> 0;
  }

  /** The input line of an interrupt; false where it has that level already. */
  setLevel(intid: number, high: boolean): boolean {
    const word = intid >>> 5;
    const bit = 1 << (intid & 31);
    const { latched, level, edge } = this.at(word);
    if (((level[word] & bit) !== 0) === high) return false;
    level[word] ^= bit;
    if (high) latched[word] |= bit & edge[word];
    return true;
  }

  /** Where what is pending was taken from elsewhere as one: what is so by its line alone is not latched. The lines have their levels by now. */
  unlatchLines(): void {
    for (let n = 0; n < WORDS; n++) {
      const { latched, level, edge } = this.at(n);
      latched[n] &= ~(level[n] & ~edge[n]);
    }
  }

  group(intid: number): Group {
    return isSet(this.at(intid >>> 5).IGROUPR, intid) ? 1 : 0;
  }

  /**
   * The enabled pending interrupt with the highest priority, of these the lowest INTID; one that is still active does not count. `among`: a
   * bit for each that may be it.
   */
  first(among?: Uint32Array): PendingInterrupt {
    let intid = -1;
    for (let word = 0; word < WORDS; word++) {
      const { ISENABLER, ISACTIVER } = this.at(word);
      const candidates = ISENABLER[word] & this.pending(word) & ~ISACTIVER[word] & (among ? among[word] : -1);
      for (let bits = candidates; bits !== 0; bits &= bits - 1) {
        const candidate = word * 32 + 31 - Math.clz32(bits & -bits);
        if (intid < 0 || this.priority(candidate) < this.priority(intid)) intid = candidate;
      }
    }
    return intid < 0 ? NO_INTERRUPT : this.asPending(intid);
  }
  /** An interrupt as `first` offers it. */
  asPending(intid: number): PendingInterrupt {
    return { intid, priority: this.priority(intid), group: this.group(intid), source: 0 };
  }
  /** The enabled ones that are pending. */
  allPending(): number[] {
    const found: number[] = [];
    for (let word = 0; word < WORDS; word++)
      for (let bits = this.at(word).ISENABLER[word] & this.pending(word); bits !== 0; bits &= bits - 1)
        found.push(word * 32 + 31 - Math.clz32(bits & -bits));
    return found;
  }
  /** All that are enabled, pending or active, by their number. */
  inUse(): InterruptFacts[] {
    return Array.from({ length: INTERRUPTS }, (_, intid) => this.of(intid)).filter(
      ({ intid, enabled, pending, active }) => pending || active || (enabled && intid >= SGIS),
    );
  }
  of(intid: number): InterruptFacts {
    const { ISENABLER, ISACTIVER, level, edge } = this.at(intid >>> 5);
    return {
      intid,
      enabled: isSet(ISENABLER, intid),
      pending: this.isPending(intid),
      active: isSet(ISACTIVER, intid),
      high: isSet(level, intid),
      edge: isSet(edge, intid),
    };
  }
  /** Whether it is enabled or not. */
  isPending(intid: number): boolean {
    return intid < INTERRUPTS && ((this.pending(intid >>> 5) >>> (intid & 31)) & 1) === 1;
  }
  isActive(intid: number): boolean {
    return isSet(this.at(intid >>> 5).ISACTIVER, intid);
  }
  isEnabled(intid: number): boolean {
    return isSet(this.at(intid >>> 5).ISENABLER, intid);
  }

  /** Pending to active; a level-sensitive one whose line is high becomes active and pending. */
  activate(intid: number): void {
    const word = intid >>> 5;
    const bit = 1 << (intid & 31);
    const { latched, ISACTIVER } = this.at(word);
    latched[word] &= ~bit;
    ISACTIVER[word] |= bit;
  }
  deactivate(intid: number): void {
    this.at(intid >>> 5).ISACTIVER[intid >>> 5] &= ~(1 << (intid & 31));
  }
  /** As an SGI or a message makes it. */
  latch(intid: number): void {
    this.at(intid >>> 5).latched[intid >>> 5] |= 1 << (intid & 31);
  }

  // ---- ICFGR: two bits for each of 16 interrupts; the upper one says edge-triggered, the lower one is reserved

  configuration(n: number): number {
    const edge = this.at(n >> 1).edge[n >> 1] >>> (16 * (n & 1));
    let value = 0;
    for (let i = 0; i < 16; i++) value |= ((edge >> i) & 1) << (2 * i + 1);
    return value >>> 0;
  }
  /** SGIs are always edge-triggered: register 0 is read-only. `mask`: the bits that are written. */
  configure(n: number, value: number, mask = 0xffff_ffff): void {
    if (n === 0) return;
    const { edge } = this.at(n >> 1);
    for (let i = 0; i < 16; i++) {
      const bit = 1 << (16 * (n & 1) + i);
      if (mask & (2 << (2 * i))) edge[n >> 1] = value & (2 << (2 * i)) ? edge[n >> 1] | bit : edge[n >> 1] & ~bit;
    }
  }
}

/** The bit of an interrupt in an array that has one for each. */
const isSet = (bits: Uint32Array, intid: number): boolean => ((bits[intid >>> 5] >>> (intid & 31)) & 1) === 1;
