/** What governs the two stages of a walk, and how a VA is cut by it. */
import { bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import type { CpuState } from '../cpu/state.ts';
import { lookupShift, type RegimeContext, type TableRoot } from './regime.ts';
import type { AddressField, StageControl, Walk } from './walk-types.ts';

export function describeControl(cpu: CpuState, context: RegimeContext, vaHigh: number): Walk['stages'] {
  const { regime, stage1, stage2 } = context;
  const root = context.rootFor(vaHigh);
  const isEl1 = regime === 'el1';
  const hcr = cpu.low('HCR_EL2');
  const byHcr = isEl1 ? (hcr & (1 << 12) ? 'HCR_EL2.DC = 1' : hcr & (1 << 27) ? 'HCR_EL2.TGE = 1' : undefined) : undefined;
  const first: StageControl = {
    on: stage1,
    decidedBy: byHcr ?? `SCTLR_EL${isEl1 ? 1 : 2}.M = ${stage1 ? 1 : 0}`,
    ...(stage1 ? { root: describeRoot(root, context.outputBits) } : {}),
    ...(stage1 && isEl1 ? { id: context.asid } : {}),
  };
  if (!isEl1) return { stage1: first, stage2: null };
  const second: StageControl = {
    on: stage2,
    decidedBy: hcr & 1 ? 'HCR_EL2.VM = 1' : hcr & (1 << 12) ? 'HCR_EL2.DC = 1' : 'HCR_EL2.VM = 0',
    ...(stage2 ? { root: describeRoot(context.stage2Root, context.stage2OutputBits) } : {}),
    id: context.vmid,
  };
  return { stage1: first, stage2: second };
}

const describeRoot = (root: TableRoot, outputBits: number): NonNullable<StageControl['root']> => ({
  register: root.register,
  table: hex(root.base),
  level: root.startLevel,
  inputBits: root.inputBits,
  granule: 2 ** root.granuleBits,
  entries: 2 ** (root.inputBits - lookupShift(root.startLevel, root.granuleBits)),
  outputBits,
});

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
