/**
 * Which priorities are active in a CPU interface, one bit for each group priority (IHI 0048B section 3.3.4, GICC_APRn, GICC_NSAPRn,
 * GICH_APR). The physical interface keeps the groups apart; the virtual one does not.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import type { Group } from './pending.ts';

/** The running priority while nothing is active: lower than any priority. */
export const IDLE = 0x100;

export class ActivePriorities {
  /** Group 0 (or both), then group 1. */
  private readonly words: Uint32Array;
  /** Priorities differ in bits 7..shift. */
  private readonly shift: number;
  private readonly perGroup: number;
  private readonly bothInOne: boolean;

  /** `minimumBpr`: the smallest value of BPR. */
  constructor(minimumBpr: number, groups: 'separate' | 'together') {
    this.shift = minimumBpr + 1;
    this.perGroup = 2 ** (8 - this.shift) / 32;
    this.bothInOne = groups === 'together';
    this.words = new Uint32Array(this.bothInOne ? this.perGroup : 2 * this.perGroup);
  }

  reset(): void {
    this.words.fill(0);
  }

  /** The highest active group priority; `IDLE` where there is none. */
  get running(): number {
    for (let n = 0; n < this.perGroup; n++) {
      const bits = this.words[n] | (this.bothInOne ? 0 : this.words[this.perGroup + n]);
      if (bits !== 0) return (n * 32 + lowest(bits)) << this.shift;
    }
    return IDLE;
  }

  activate(groupPriority: number, group: Group): void {
    const level = groupPriority >> this.shift;
    this.words[this.start(group) + (level >> 5)] |= 1 << (level & 31);
  }

  /** The priority drop: the highest active priority of the group becomes inactive. */
  drop(group: Group): void {
    const start = this.start(group);
    for (let n = start; n < start + this.perGroup; n++) {
      if (this.words[n] === 0) continue;
      this.words[n] &= this.words[n] - 1;
      return;
    }
  }

  /** Register n of a group's; 0 where there is no such register. */
  get(group: Group, n: number): number {
    return this.has(group, n) ? this.words[this.start(group) + n] : 0;
  }
  set(group: Group, n: number, value: number): void {
    if (this.has(group, n)) this.words[this.start(group) + n] = value;
  }

  save(writer: ByteWriter): void {
    for (const word of this.words) writer.u32(word);
  }
  load(reader: ByteReader): void {
    for (let n = 0; n < this.words.length; n++) this.words[n] = reader.u32();
  }

  private has(group: Group, n: number): boolean {
    return n < this.perGroup && (group === 0 || !this.bothInOne);
  }
  private start(group: Group): number {
    return this.bothInOne ? 0 : group * this.perGroup;
  }
}

/** The number of the lowest bit that is set. */
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);
