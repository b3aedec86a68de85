/**
 * Memory types, cacheability and shareability (Arm ARM D8.5 "Memory region attributes"), in the encoding of a MAIR_ELx byte, which is also
 * that of PAR_EL1.ATTR: 0b0000dd00 Device, else outer and inner nibble of Normal memory. Shareability as in descriptors: 0 Non-shareable,
 * 2 Outer, 3 Inner.
 */
import type { AccessIntent } from '../cpu/faults.ts';
import type { RegimeContext } from './regime.ts';

export const attr = {
  deviceStrongest: 0x00,
  nonCacheable: 0x44,
  writeThrough: 0xaa,
  writeBack: 0xff,
} as const;

export const isDevice = (attribute: number): boolean => (attribute & 0xf0) === 0;

/** MAIR_ELx.Attr<n>. */
export const mairByte = ({ mairLow, mairHigh }: RegimeContext, index: number): number =>
  ((index < 4 ? mairLow : mairHigh) >>> ((index & 3) * 8)) & 0xff;

/** Stage-2 MemAttr[3:0] as a MAIR byte: 0b00dd Device, else outer and inner cacheability without allocation hints (Arm ARM D8.5.5). */
export function stage2Attribute(memAttr: number): number {
  const outer = memAttr >>> 2;
  if (outer === 0) return (memAttr & 3) << 2;
  return (stage2Nibbles[outer] << 4) | stage2Nibbles[memAttr & 3];
}
// Inner 0b00 of Normal memory is reserved; it acts as Write-Back and so restricts nothing, as on the reference machine.
const stage2Nibbles = [0xf, 4, 0xa, 0xf];

export interface Attributes {
  readonly attribute: number;
  readonly shareability: number;
}

/** What one translation gives: attributes of each stage as the descriptors (or the lack of a stage) say. */
export interface StageAttributes {
  /** MAIR byte of stage 1, undefined where stage 1 is off. */
  readonly stage1: Attributes | undefined;
  /** MemAttr[3:0] and SH of stage 2, undefined where stage 2 is off. */
  readonly stage2: { readonly memAttr: number; readonly shareability: number } | undefined;
}

/**
 * Attributes with stage 1 off (AArch64.TranslateAddressS1Off): HCR_EL2.DC makes everything Normal Write-Back Non-shareable, else data is
 * Device-nGnRnE and instructions Normal, Write-Through or Non-cacheable by SCTLR_ELx.I.
 */
export function stage1OffAttributes(context: RegimeContext, intent: AccessIntent): Attributes {
  if (context.defaultCacheable) return { attribute: attr.writeBack, shareability: 0 };
  if (intent !== 'execute') return { attribute: attr.deviceStrongest, shareability: 2 };
  return { attribute: context.instructionCacheable ? attr.writeThrough : attr.nonCacheable, shareability: 2 };
}

/** The attributes of an access, from both stages (AArch64.S1AttrDecode, S2AttrDecode, CombineS1S2Desc). */
export function effectiveAttributes(context: RegimeContext, intent: AccessIntent, stages: StageAttributes): Attributes {
  const first = stages.stage1 ?? stage1OffAttributes(context, intent);
  if (stages.stage2 === undefined) return shareabilityDefaults(first.attribute, first.shareability);
  let second = stage2Attribute(stages.stage2.memAttr);
  const uncached = intent === 'execute' ? context.stage2InstructionUncached : context.stage2DataUncached;
  if (uncached && !isDevice(second)) second = attr.nonCacheable;
  return shareabilityDefaults(
    combineAttributes(first.attribute, second),
    combineShareability(first.shareability, stages.stage2.shareability),
  );
}

/** Device wins over Normal, the stricter Device type over the looser, Non-cacheable over Write-Through over Write-Back; hints are stage 1's. */
function combineAttributes(first: number, second: number): number {
  // Masked to the Device type: bits 1:0 of an odd MAIR byte mean nothing.
  if (isDevice(first)) return (isDevice(second) ? Math.min(first, second) : first) & 0x0c;
  if (isDevice(second)) return second;
  return (combineNibble(first >>> 4, second >>> 4) << 4) | combineNibble(first & 15, second & 15);
}

function combineNibble(first: number, second: number): number {
  if (first === 4 || second === 4) return 4;
  const isWriteThrough = (nibble: number): boolean => (nibble & 0b100) === 0;
  if (isWriteThrough(first) || !isWriteThrough(second)) return first;
  return 0b1000 | (first & 3);
}

function combineShareability(first: number, second: number): number {
  if (first === 2 || second === 2) return 2;
  return first === 3 || second === 3 ? 3 : 0;
}

/** MemAttrDefaults: Device and fully Non-cacheable memory is Outer Shareable whatever the descriptor says. */
const shareabilityDefaults = (attribute: number, shareability: number): Attributes =>
  isDevice(attribute) || attribute === attr.nonCacheable ? { attribute, shareability: 2 } : { attribute, shareability };
