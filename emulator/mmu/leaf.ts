/** What a leaf descriptor grants, shared between all leaves that say the same: neighbours are alike where this is the same object. */
import { stageMemory } from './attribute-words.ts';
import { stage2Attribute, type StageAttributes } from './attributes.ts';
import { STAGE1_HIGH } from './descriptor-fields.ts';
import { Stage1Leaf, Stage2Leaf, type DescriptorReader } from './descriptor-reader.ts';
import { right } from './permissions.ts';
import type { RegimeContext } from './regime.ts';
import type { ByLevel, Shareability } from './walk-types.ts';

export interface LeafInfo {
  /** "rw-" by level; stage 2 grants the same to EL0 and EL1. */
  readonly permissions: ByLevel<string>;
  /** What any level may do, as rights (permissions.ts). */
  readonly rights: number;
  readonly memory: string;
  readonly isDevice: boolean;
  /** What its stage contributes to the attributes of an access. */
  readonly stages: StageAttributes;
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
  private readonly stage1Leaf = new Stage1Leaf();
  private readonly stage2Leaf = new Stage2Leaf();

  constructor(
    private readonly context: RegimeContext,
    private readonly stage: 1 | 2,
  ) {}

  /** `control`: of the tables above (permissions.ts). */
  read(descriptor: DescriptorReader, control: number): LeafInfo {
    const { low, high, isBeyond } = descriptor;
    // Attribute bits 11:2, UXN, PXN and Contiguous (54:52), table control: all that the answer depends on.
    const key = ((low >>> 2) & 0x3ff) | (((high >>> 20) & 7) << 10) | (control << 13) | (isBeyond ? 1 << 17 : 0);
    if (key === this.lastKey) return this.last!;
    let info = this.known.get(key);
    if (!info) {
      info = this.stage === 1 ? this.stage1(descriptor, control) : this.stage2(descriptor);
      this.known.set(key, info);
    }
    this.lastKey = key;
    this.last = info;
    return info;
  }

  private stage1(descriptor: DescriptorReader, control: number): LeafInfo {
    const { context, stage1Leaf: leaf } = this;
    leaf.read(descriptor, control, context);
    const { unprivilegedRights, privilegedRights, notGlobal, attribute } = leaf;
    const { text: memory, shareability } = stageMemory(attribute, leaf.shareability);
    const stages = { stage1: { attribute, shareability: leaf.shareability }, stage2: undefined };
    return {
      permissions:
        context.regime === 'el2'
          ? { '2': rightsText(privilegedRights) }
          : { '0': rightsText(unprivilegedRights), '1': rightsText(privilegedRights) },
      rights: unprivilegedRights | privilegedRights,
      memory,
      isDevice: leaf.isDevice,
      stages,
      shareability,
      notGlobal,
      contiguous: isContiguous(descriptor),
      refused: refusal(descriptor),
    };
  }

  private stage2(descriptor: DescriptorReader): LeafInfo {
    const { stage2Leaf: leaf } = this;
    leaf.read(descriptor);
    const { rights, memAttr, isDevice } = leaf;
    const { text: memory, shareability } = stageMemory(stage2Attribute(memAttr), leaf.shareability);
    const stages = { stage1: undefined, stage2: { memAttr, shareability: leaf.shareability } };
    return {
      permissions: { '0': rightsText(rights), '1': rightsText(rights) },
      rights,
      memory,
      isDevice,
      stages,
      shareability,
      notGlobal: false,
      contiguous: isContiguous(descriptor),
      refused: refusal(descriptor),
    };
  }
}

const isContiguous = ({ high }: DescriptorReader): boolean => (high & STAGE1_HIGH.Contiguous) !== 0;

const refusal = ({ isBeyond, isAccessed }: DescriptorReader): LeafInfo['refused'] =>
  isBeyond ? 'address size' : isAccessed ? null : 'access flag';
