/** What governs the two stages of a walk, and how a VA is cut by it. */
import { bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import type { Rule } from '../cpu/events.ts';
import { describeRoot } from './describe.ts';
import { lookupShift, type RegimeContext, type TableRoot } from './regime.ts';
import type { AddressField, StageControl, Walk } from './walk-types.ts';

export function describeControl(context: RegimeContext, vaHigh: number): Walk['stages'] {
  const { regime, stage1, stage2 } = context;
  const isEl1 = regime === 'el1';
  const first: StageControl = {
    on: stage1,
    decidedBy: bitText(context.stage1Rule),
    ...(stage1 ? { root: rootData(context.rootFor(vaHigh), context.outputBits) } : {}),
    ...(stage1 && isEl1 ? { id: context.asid } : {}),
  };
  if (!isEl1) return { stage1: first, stage2: null };
  const second: StageControl = {
    on: stage2,
    decidedBy: bitText(context.stage2Rule),
    ...(stage2 ? { root: rootData(context.stage2Root, context.stage2OutputBits) } : {}),
    id: context.vmid,
  };
  return { stage1: first, stage2: second };
}

/** "HCR_EL2.DC = 1". */
const bitText = ({ bits: [{ register, field, value }] }: Rule): string => `${register}.${field} = ${value}`;

function rootData(root: TableRoot, outputBits: number): NonNullable<StageControl['root']> {
  const { register, table, level, inputBits, granule, entries } = describeRoot(root, outputBits);
  return { register, table: hex(table), level, inputBits, granule, entries, outputBits };
}

/** From the top: tag, the bits that choose the TTBR, one index for each level, the offset. With stage 1 off all that stage 1 takes is the offset. */
export function splitAddress(context: RegimeContext, va: bigint): AddressField[] {
  const fields: AddressField[] = [];
  const add = (name: string, high: number, low: number, level?: number): void => {
    if (high >= low) fields.push({ name, high, low, value: hex(bits(va, high, low)), ...(level === undefined ? {} : { level }) });
  };
  const root = context.rootFor(Number(va >> 32n));
  const top = root.topByteIgnored ? 55 : 63;
  if (root.topByteIgnored) add('tag', 63, 56);
  if (!context.stage1) {
    add('address', top, 0);
    return fields;
  }
  add(root.register, top, root.inputBits);
  let high = root.inputBits - 1;
  for (let level = root.startLevel; level <= 3; level++) {
    const low = lookupShift(level, root.granuleBits);
    add(`L${level}`, high, low, level);
    high = low - 1;
  }
  add('offset', high, 0);
  return fields;
}
