/** Memory attributes in words. */
import { attr, isDevice, stage2Attribute } from './attributes.ts';
import type { Shareability, StageMemory } from './walk-types.ts';

const deviceTypes = ['nGnRnE', 'nGnRE', 'nGRE', 'GRE'];

/** A MAIR byte: "Device-nGnRE", "Normal, Write-Back", "Normal, outer Write-Back, inner Write-Through". */
export function memoryText(attribute: number): string {
  if (isDevice(attribute)) return `Device-${deviceTypes[(attribute >>> 2) & 3]}`;
  const outer = cacheText(attribute >>> 4);
  const inner = cacheText(attribute & 15);
  return outer === inner ? `Normal, ${outer}` : `Normal, outer ${outer}, inner ${inner}`;
}

/** Nibble of Normal memory: 0b0100 Non-cacheable; bit 2 tells Write-Back from Write-Through, bit 3 is 0 for transient. */
function cacheText(nibble: number): string {
  if (nibble === 4) return 'Non-cacheable';
  if (nibble === 0) return 'reserved';
  const policy = nibble & 4 ? 'Write-Back' : 'Write-Through';
  return nibble & 8 ? policy : `${policy} transient`;
}

/** MemAttr[3:0] of stage 2. */
export const stage2MemoryText = (memAttr: number): string => memoryText(stage2Attribute(memAttr));

export const shareabilityName = (sh: number): Shareability => (sh === 2 ? 'outer' : sh === 3 ? 'inner' : 'non');

export const stageMemory = (attribute: number, shareability: number): StageMemory => ({
  text: memoryText(attribute),
  shareability: shareabilityName(isDevice(attribute) || attribute === attr.nonCacheable ? 2 : shareability),
  attribute,
});
