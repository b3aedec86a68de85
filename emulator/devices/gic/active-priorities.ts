/**
 * Which priorities are active in a CPU interface, one bit for each group priority (IHI 0048B section 3.3.4, GICC_APRn, GICC_NSAPRn,
 * GICH_APR; IHI 0069H section 4.8.3, ICC_AP0R<n>_EL1, ICC_AP1R<n>_EL1). Only the virtual interface of a GICv2 does not keep the groups apart.
 */
import type { Group } from './pending.ts';

/** The running priority while nothing is active: lower than any priority. */
export const IDLE = 0x100;

export class ActivePriorities {
  /** Priorities differ in bits 7..shift. */
  private readonly shift: number;

  /** The registers of group 0 and group 1; the latter undefined where the former are for both. Each is an array of words that holds the state. */
  constructor(
    private readonly group0: Uint32Array,
    private readonly group1: Uint32Array | undefined,
  ) {
    this.shift = 3 - Math.log2(group0.length);
  }

  /** The highest active group priority; `IDLE` where there is none. */
  get running(): number {
    const { group0, group1 } = this;
    for (let n = 0; n < group0.length; n++) {
      const bits = group0[n] | (group1 ? group1[n] : 0);
      if (bits !== 0) return (n * 32 + lowest(bits)) << this.shift;
    }
    return IDLE;
  }

  activate(groupPriority: number, group: Group): void {
    const level = groupPriority >> this.shift;
    this.wordsOf(group)[level >> 5] |= 1 << (level & 31);
  }

  /** The group of the highest active priority, group 0 where both have it; undefined where none is active. */
  get runningGroup(): Group | undefined {
    const { group0, group1 } = this;
    for (let n = 0; n < group0.length; n++) {
      const [first, second] = [group0[n], group1 ? group1[n] : 0];
      if ((first | second) === 0) continue;
      return first !== 0 && (second === 0 || lowest(first) <= lowest(second)) ? 0 : 1;
    }
    return undefined;
  }

  /** The priority drop: the highest active priority of the group becomes inactive. */
  drop(group: Group): void {
    const words = this.wordsOf(group);
    for (let n = 0; n < words.length; n++) {
      if (words[n] === 0) continue;
      words[n] &= words[n] - 1;
      return;
    }
  }

  private wordsOf(group: Group): Uint32Array {
    return group === 1 && this.group1 ? this.group1 : this.group0;
  }
}

/** The number of the lowest bit that is set. */
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);
