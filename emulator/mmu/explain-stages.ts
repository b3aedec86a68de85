/** What governs the two stages of a walk, and how a VA is cut by it. */
import type { VA } from '../base/addresses.ts';
import { bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { bitText } from './decided-by.ts';
import { describeRoot } from './describe.ts';
import { lookupShift, type RegimeContext, type TableRoot } from './regime.ts';
import type { AddressField, StageControl, Walk } from './walk-types.ts';

export function describeControl(context: RegimeContext, vaHigh: number): Walk['stages'] {
  const { regime, stage1, stage2 } = context;
  const isEl1 = regime === 'el1';
  const first: StageControl = {
    on: stage1,
    decidedBy: bitText(context.stage1Rule),
    ...(stage1 ? rootData(context, context.rootFor(vaHigh)) : {}),
    ...(stage1 && isEl1 ? { id: context.asid } : {}),
  };
  if (!isEl1) return { stage1: first, stage2: null };
  const second: StageControl = {
    on: stage2,
    decidedBy: bitText(context.stage2Rule),
    ...(stage2 ? rootData(context, context.stage2Root) : {}),
    id: context.vmid,
  };
  return { stage1: first, stage2: second };
}

function rootData(context: RegimeContext, root: TableRoot): Pick<StageControl, 'root'> {
  if (root.hasWrongSize) return {};
  const { register, table, level, inputBits, granule, entries, outputBits, notes } = describeRoot(context, root);
  return { root: { register, table: hex(table), level, inputBits, granule, entries, outputBits, notes } };
}

/** From the top: tag, the bits that choose the TTBR, one index for each level, the offset. With stage 1 off, or a TnSZ that is refused, nothing is cut. */
export function splitAddress(context: RegimeContext, va: VA): AddressField[] {
  const fields: AddressField[] = [];
  const add = (name: string, high: number, low: number, level?: number): void => {
    if (high >= low) fields.push({ name, high, low, value: hex(bits(va, high, low)), ...(level === undefined ? {} : { level }) });
  };
  const root = context.rootFor(Number(va >> 32n));
  const top = root.topByteIgnored ? 55 : 63;
  if (root.topByteIgnored) add('tag', 63, 56);
  if (!context.stage1 || root.hasWrongSize) {
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
