/** What a TLB entry keeps of a translation besides its addresses, packed into 31 bits. */
import type { StageAttributes } from './attributes.ts';
import { ALL_RIGHTS } from './permissions.ts';
import type { RegimeContext } from './regime.ts';
import type { Walker } from './walk.ts';

/**
 * Lowest bit of each field: rights that stage 1 gives to EL0, and to EL1 or EL2; rights of stage 2; levels of the leaves; whether data
 * accesses are to Device memory by stage 1, and by both stages; then SH and MemAttr of stage 2, MAIR byte and SH of stage 1.
 */
export const infoField = {
  unprivileged: 0,
  privileged: 3,
  stage2: 6,
  stage1Level: 9,
  stage2Level: 11,
  stage1Device: 13,
  device: 14,
  stage2Shareability: 15,
  stage2MemAttr: 17,
  stage1Attribute: 21,
  stage1Shareability: 29,
} as const;

/** Packs the walker's last result. */
export const packInfo = (w: Walker, { stage1, stage2 }: RegimeContext): number =>
  (w.stage1Leaf.unprivilegedRights << infoField.unprivileged) |
  (w.stage1Leaf.privilegedRights << infoField.privileged) |
  (w.stage2Leaf.rights << infoField.stage2) |
  ((w.stage1Leaf.isDevice ? 1 : 0) << infoField.stage1Device) |
  ((w.device ? 1 : 0) << infoField.device) |
  (stage1
    ? (w.stage1Level << infoField.stage1Level) |
      (w.stage1Leaf.attribute << infoField.stage1Attribute) |
      (w.stage1Leaf.shareability << infoField.stage1Shareability)
    : 0) |
  (stage2
    ? (w.stage2Level << infoField.stage2Level) |
      (w.stage2Leaf.memAttr << infoField.stage2MemAttr) |
      (w.stage2Leaf.shareability << infoField.stage2Shareability)
    : 0);

/** What the stages that are on say of memory, of the walker's last result. */
export const walkedAttributes = ({ stage1Leaf, stage2Leaf }: Walker, stage1: boolean, stage2: boolean): StageAttributes => ({
  stage1: stage1 ? stage1Leaf : undefined,
  stage2: stage2 ? stage2Leaf : undefined,
});

/** Size, as a power of two, of the leaf that a TLBI by address names: stage 1's, or stage 2's where stage 1 is off. */
export const leafBitsOf = (w: Walker, { stage1 }: RegimeContext): number => (stage1 ? w.stage1LeafBits : w.stage2LeafBits);

/** Number of the 4 KiB page of a physical or intermediate physical address. */
export const pageOf = (address: number): number => Math.floor(address / 4096);

/** Rights of both stages together at a level. */
export const rightsAt = (info: number, el: number): number =>
  (info >>> (el === 0 ? infoField.unprivileged : infoField.privileged)) & (info >>> infoField.stage2) & ALL_RIGHTS;

/** The same of an entry. */
export const attributesOf = (info: number, stage1: boolean, stage2: boolean): StageAttributes => ({
  stage1: stage1
    ? { attribute: (info >>> infoField.stage1Attribute) & 0xff, shareability: (info >>> infoField.stage1Shareability) & 3 }
    : undefined,
  stage2: stage2
    ? { memAttr: (info >>> infoField.stage2MemAttr) & 15, shareability: (info >>> infoField.stage2Shareability) & 3 }
    : undefined,
});
