/**
 * How a translation table descriptor is read (Arm ARM D8.3 "Translation table descriptor formats"): what it is at its level, where it leads,
 * and what a leaf grants. The walker translates by these objects, and pictures of whole tables are read by them too. They are filled anew for
 * each descriptor, so that a walk allocates nothing.
 */
import { OA, type PA } from '../base/addresses.ts';
import { isDevice, mairByte } from './attributes.ts';
import { NO_BLOCK, STAGE1, STAGE2, STAGE2_HIGH } from './descriptor-fields.ts';
import { valueIn } from '../cpu/registers/bits.ts';
import type { PhysicalReader } from './physical.ts';
import { ALL_RIGHTS, readStage1Bits, stage1Rights, stage2Rights, tableControl, type MutableStage1Bits } from './permissions.ts';
import { powersOfTwo, type RegimeContext } from './regime.ts';
import type { DescriptorKind } from './trace.ts';

/** One descriptor of any level and stage. */
export class DescriptorReader {
  /** Its halves, after the byte reversal of a big-endian walk. */
  low = 0;
  high = 0;
  kind: DescriptorKind = 'invalid';
  /** Address of the next table, or of the memory that is mapped; without meaning where it is neither table nor leaf. */
  next = OA(0);
  /** That address does not fit the output size. */
  isBeyond = false;
  /** AF of a leaf: without it each access faults. */
  isAccessed = false;
  /** What a table of stage 1 withholds from all below it (permissions.ts). */
  control = 0;

  /** Reads it at a PA. False: nothing responds there. */
  fetch(memory: PhysicalReader, pa: PA, bigEndian: boolean): boolean {
    if (!memory.read(pa)) return false;
    this.low = bigEndian ? swap32(memory.high) : memory.low;
    this.high = bigEndian ? swap32(memory.low) : memory.high;
    return true;
  }

  /** Decodes it as one of `level`, whose entries each translate 2^`shift` bytes. */
  decode(level: number, shift: number, granuleBits: number, outputBits: number): void {
    const { low, high } = this;
    const kind = descriptorKind(low, level, granuleBits);
    this.kind = kind;
    if (kind === 'invalid' || kind === 'reserved') return;
    this.next = nextAddress(kind, low, high, shift, granuleBits);
    this.isBeyond = (high & 0xffff) >>> (outputBits - 32) !== 0;
    this.isAccessed = (low & STAGE1.AF) !== 0;
    this.control = kind === 'table' ? tableControl(high) : 0;
  }
}

/** What stage 1 grants by a leaf, or by being off. */
export class Stage1Leaf {
  /** Rights (permissions.ts) of EL0, and of EL1 or EL2. */
  unprivilegedRights = ALL_RIGHTS;
  privilegedRights = ALL_RIGHTS;
  /** The bits that they come from, with those of the tables above. */
  readonly bits: MutableStage1Bits = { readOnly: false, unprivileged: false, never: false, privilegedNever: false };
  /** nG = 1: the translation belongs to the current ASID. */
  notGlobal = false;
  /** MAIR byte and SH; of no meaning with the stage off. */
  attribute = 0;
  shareability = 0;
  /** Data accesses are to Device memory. */
  isDevice = false;

  /** `control`: of the tables above. */
  read({ low, high }: DescriptorReader, control: number, context: RegimeContext): void {
    const single = context.regime === 'el2';
    readStage1Bits(this.bits, low, high, control, single);
    this.unprivilegedRights = single ? 0 : stage1Rights(this.bits, 0, context.writeImpliesNever);
    this.privilegedRights = stage1Rights(this.bits, single ? 2 : 1, context.writeImpliesNever);
    this.notGlobal = !single && (low & STAGE1.nG) !== 0;
    this.attribute = mairByte(context, valueIn(low, STAGE1.AttrIndx));
    this.shareability = valueIn(low, STAGE1.SH);
    this.isDevice = isDevice(this.attribute);
  }

  /** With the stage off nothing is refused, and data is Device memory unless HCR_EL2.DC says otherwise. */
  off(context: RegimeContext): void {
    this.unprivilegedRights = this.privilegedRights = ALL_RIGHTS;
    this.notGlobal = false;
    this.isDevice = !context.defaultCacheable;
  }
}

/** What stage 2 grants by a leaf, or by being off. */
export class Stage2Leaf {
  rights = ALL_RIGHTS;
  /** S2AP, and XN. */
  access = 3;
  never = false;
  /** MemAttr[3:0] and SH; of no meaning with the stage off. */
  memAttr = 0;
  shareability = 0;
  isDevice = false;

  read({ low, high }: DescriptorReader): void {
    this.access = valueIn(low, STAGE2.S2AP);
    this.never = (high & STAGE2_HIGH.XN) !== 0;
    this.rights = stage2Rights(this.access, this.never);
    this.memAttr = valueIn(low, STAGE2.MemAttr);
    this.shareability = valueIn(low, STAGE2.SH);
    this.isDevice = this.memAttr < 4;
  }

  off(): void {
    this.rights = ALL_RIGHTS;
    this.isDevice = false;
  }
}

/** Kind of a descriptor by its low half. Blocks exist from level 1 (4 KiB granule) or 2 (64 KiB) on; level 3 has pages only. */
export function descriptorKind(low: number, level: number, granuleBits: number): DescriptorKind {
  if ((low & STAGE1.Valid) === 0) return 'invalid';
  if (level === 3) return (low & NO_BLOCK) === 0 ? 'reserved' : 'page';
  if ((low & NO_BLOCK) !== 0) return 'table';
  return level >= (granuleBits === 12 ? 1 : 2) ? 'block' : 'reserved';
}

/** The next table, or the memory that a leaf maps, as an address. */
export const nextAddress = (kind: DescriptorKind, low: number, high: number, shift: number, granuleBits: number): OA =>
  OA(addressField(low, high, kind === 'table' ? granuleBits : shift));

/** Bits 47:`from` of a descriptor, in place. `from` is 12..42. */
export const addressField = (low: number, high: number, from: number): number =>
  from < 32 ? (high & 0xffff) * 0x1_0000_0000 + (((low >>> from) << from) >>> 0) : ((high & 0xffff) >>> (from - 32)) * powersOfTwo[from];

/** The halves after the byte reversal of a big-endian walk; each half comes from the other. */
const swap32 = (word: number): number => ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff_0000) | (word << 24)) >>> 0;
