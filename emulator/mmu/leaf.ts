/** What a leaf descriptor grants, shared between all leaves that say the same: neighbours are alike where this is the same object. */
import { memoryText, shareabilityName, stage2MemoryText } from './attribute-words.ts';
import { isDevice, mairByte } from './attributes.ts';
import { readStage1Bits, right, stage1Rights, stage2Rights, type MutableStage1Bits } from './permissions.ts';
import type { RegimeContext } from './regime.ts';
import type { ByLevel, Shareability } from './walk-types.ts';

export interface LeafInfo {
  /** "rw-" by level; stage 2 grants the same to EL0 and EL1. */
  readonly permissions: ByLevel<string>;
  /** What any level may do, as rights (permissions.ts). */
  readonly rights: number;
  readonly memory: string;
  readonly isDevice: boolean;
  readonly shareability: Shareability;
  /** nG = 1. Stage 1 of EL1&0 only. */
  readonly notGlobal: boolean;
  /** The Contiguous bit: a hint that the neighbours form one larger range. */
  readonly contiguous: boolean;
  /** Every access faults: AF = 0, or the output address is beyond the output size. */
  readonly refused: 'access flag' | 'address size' | null;
}

export const rightsText = (rights: number): string =>
  (rights & right.read ? 'r' : '-') + (rights & right.write ? 'w' : '-') + (rights & right.execute ? 'x' : '-');

export class LeafReader {
  private readonly known = new Map<number, LeafInfo>();
  /** Neighbours are mostly alike. */
  private lastKey = -1;
  private last: LeafInfo | undefined;
  private readonly bits: MutableStage1Bits = { readOnly: false, unprivileged: false, never: false, privilegedNever: false };

  constructor(
    private readonly context: RegimeContext,
    private readonly stage: 1 | 2,
  ) {}

  /** `control`: of the tables above (permissions.ts). `beyond`: the output address is out of range. */
  read(low: number, high: number, control: number, beyond: boolean): LeafInfo {
    // Attribute bits 11:2, UXN, PXN and Contiguous (54:52), table control: all that the answer depends on.
    const key = ((low >>> 2) & 0x3ff) | (((high >>> 20) & 7) << 10) | (control << 13) | (beyond ? 1 << 17 : 0);
    if (key === this.lastKey) return this.last!;
    let info = this.known.get(key);
    if (!info) {
      info = this.stage === 1 ? this.stage1(low, high, control, beyond) : this.stage2(low, high, beyond);
      this.known.set(key, info);
    }
    this.lastKey = key;
    this.last = info;
    return info;
  }

  private stage1(low: number, high: number, control: number, beyond: boolean): LeafInfo {
    const { context, bits } = this;
    const single = context.regime === 'el2';
    readStage1Bits(bits, low, high, control, single);
    const unprivileged = single ? 0 : stage1Rights(bits, 0, context.writeImpliesNever);
    const privileged = stage1Rights(bits, single ? 2 : 1, context.writeImpliesNever);
    const attribute = mairByte(context, (low >>> 2) & 7);
    return {
      permissions: single ? { '2': rightsText(privileged) } : { '0': rightsText(unprivileged), '1': rightsText(privileged) },
      rights: unprivileged | privileged,
      memory: memoryText(attribute),
      isDevice: isDevice(attribute),
      shareability: shareabilityName((low >>> 8) & 3),
      notGlobal: !single && (low & 0x800) !== 0,
      contiguous: isContiguous(high),
      refused: refusal(low, beyond),
    };
  }

  private stage2(low: number, high: number, beyond: boolean): LeafInfo {
    const rights = stage2Rights(low, (high & 0x40_0000) !== 0);
    const memAttr = (low >>> 2) & 15;
    return {
      permissions: { '0': rightsText(rights), '1': rightsText(rights) },
      rights,
      memory: stage2MemoryText(memAttr),
      isDevice: memAttr < 4,
      shareability: shareabilityName((low >>> 8) & 3),
      notGlobal: false,
      contiguous: isContiguous(high),
      refused: refusal(low, beyond),
    };
  }
}

const isContiguous = (high: number): boolean => (high & 0x10_0000) !== 0;

const refusal = (low: number, beyond: boolean): LeafInfo['refused'] =>
  beyond ? 'address size' : (low & 0x400) === 0 ? 'access flag' : null;
