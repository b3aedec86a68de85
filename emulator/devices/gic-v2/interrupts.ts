/**
 * The state of each interrupt in a GICv2 distributor (Arm IHI 0048B, section 3.2), for one CPU. INTIDs 0..15 are SGIs, 16..31 PPIs, from
 * 32 on SPIs.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';

/** The `virt` board's distributor: 32 private interrupts and 256 SPIs. */
export const INTIDS = 288;
export const SGIS = 16;
/** First of the INTIDs that stand for no interrupt. */
export const SPECIAL = 1020;
/** "No pending interrupt" (section 3.2.5). */
export const SPURIOUS = 1023;
/** Lower than any interrupt's priority. */
export const IDLE_PRIORITY = 0x100;

export class Interrupts {
  readonly enabled = new Uint8Array(INTIDS);
  /** Pending by an edge or by a write, until acknowledged or cleared. A level-sensitive interrupt is pending by its level too. */
  readonly latched = new Uint8Array(INTIDS);
  readonly active = new Uint8Array(INTIDS);
  /** Of the input line. */
  readonly level = new Uint8Array(INTIDS);
  readonly edgeTriggered = new Uint8Array(INTIDS);
  /** 0 or 1. */
  readonly group = new Uint8Array(INTIDS);
  readonly priority = new Uint8Array(INTIDS);
  /** Of each SGI the CPUs that asked for it, as a mask. */
  readonly sgiSources = new Uint8Array(SGIS);

  constructor() {
    this.reset();
  }

  /** Levels of the inputs stay. */
  reset(): void {
    for (const state of [this.enabled, this.latched, this.active, this.edgeTriggered, this.group, this.priority, this.sgiSources])
      state.fill(0);
    this.enabled.fill(1, 0, SGIS);
    this.edgeTriggered.fill(1, 0, SGIS);
  }

  isPending(intid: number): boolean {
    return this.latched[intid] === 1 || (this.edgeTriggered[intid] === 0 && this.level[intid] === 1);
  }

  /**
   * The interrupt to forward: enabled, pending, not active, of a group in `groups` (bit 0: group 0, bit 1: group 1), of the highest
   * priority; the lowest INTID of several. `SPURIOUS` where there is none.
   */
  best(groups: number): number {
    let best = SPURIOUS,
      priority = IDLE_PRIORITY;
    for (let intid = 0; intid < INTIDS; intid++) {
      if (this.enabled[intid] === 0 || this.active[intid] === 1 || !this.isPending(intid)) continue;
      if (!((groups >> this.group[intid]) & 1) || this.priority[intid] >= priority) continue;
      best = intid;
      priority = this.priority[intid]!;
    }
    return best;
  }

  /** True where that changed the line. */
  setLevel(intid: number, high: boolean): boolean {
    if ((this.level[intid] === 1) === high) return false;
    this.level[intid] = high ? 1 : 0;
    if (high && this.edgeTriggered[intid] === 1) this.latched[intid] = 1;
    return true;
  }

  addSgi(intid: number, sources: number): void {
    this.sgiSources[intid] |= sources;
    if (this.sgiSources[intid]) this.latched[intid] = 1;
  }
  removeSgi(intid: number, sources: number): void {
    this.sgiSources[intid] &= ~sources;
    if (!this.sgiSources[intid]) this.latched[intid] = 0;
  }

  private get all(): readonly Uint8Array[] {
    return [this.enabled, this.latched, this.active, this.level, this.edgeTriggered, this.group, this.priority, this.sgiSources];
  }
  save(writer: ByteWriter): void {
    for (const state of this.all) writer.raw(state);
  }
  load(reader: ByteReader): void {
    for (const state of this.all) state.set(reader.raw(state.length));
  }
}
