/** The Contiguous bit (Arm ARM D8.7.1): whether the neighbours of a descriptor bear out what it says of them. */
import { PA } from '../base/addresses.ts';
import { STAGE1, STAGE1_HIGH, stage1Fields } from './descriptor-fields.ts';
import { DescriptorReader } from './descriptor-reader.ts';
import type { DescriptorPlace } from './descriptor.ts';
import type { PhysicalReader } from './physical.ts';
import { lookupShift, powersOfTwo } from './regime.ts';
import { sizeText } from './size-text.ts';
import type { DescriptorField } from './walk-types.ts';

/** What must be the same: everything but AF. Fields of stage 1 lie where stage 2 has MemAttr, S2AP and XN. */
const LOW_ATTRIBUTES = STAGE1.AttrIndx | STAGE1.NS | STAGE1.AP | STAGE1.SH | STAGE1.nG;
const HIGH_ATTRIBUTES = STAGE1_HIGH.UXN | STAGE1_HIGH.PXN;

/** The field of a leaf with Contiguous = 1, which lies at `pa` and is entry `index` of a table of `entries`. */
export function contiguousField(
  memory: PhysicalReader,
  { context, stage, level, granuleBits }: DescriptorPlace,
  entries: number,
  index: number,
  pa: PA,
): { readonly Contiguous: DescriptorField } {
  const length = granuleBits === 12 ? 16 : 32;
  const first = index - (index % length);
  const shift = lookupShift(level, granuleBits);
  const bigEndian = stage === 1 ? context.bigEndian : context.stage2BigEndian;
  const outputBits = stage === 1 ? context.outputBits : context.stage2OutputBits;
  const read = (entry: number): DescriptorReader | undefined => {
    const descriptor = new DescriptorReader();
    if (!descriptor.fetch(memory, PA(pa + (entry - index) * 8), bigEndian)) return undefined;
    descriptor.decode(level, shift, granuleBits, outputBits);
    return descriptor;
  };
  const own = read(index)!;
  const bytes = length * powersOfTwo[shift];
  const start = own.next - (index - first) * powersOfTwo[shift];

  const problem = (): string | undefined => {
    if (entries < length) return `the table has ${entries} entries only`;
    for (let entry = first; entry < first + length; entry++) {
      const other = read(entry);
      if (other?.kind !== own.kind) return `entry ${entry} is ${other?.kind ?? 'not there'}`;
      if ((other.high & STAGE1_HIGH.Contiguous) === 0) return `entry ${entry} has Contiguous = 0`;
      if (other.next !== start + (entry - first) * powersOfTwo[shift]) return `the output of entry ${entry} does not follow`;
      if (((other.low ^ own.low) & LOW_ATTRIBUTES) | ((other.high ^ own.high) & HIGH_ATTRIBUTES))
        return `entry ${entry} has other attributes`;
    }
    return start % bytes === 0 ? undefined : `the output is not aligned to ${sizeText(bytes)}`;
  };
  const found = problem();
  const group = `entries ${first} to ${first + length - 1}`;
  const { high, low, meaning } = stage1Fields.Contiguous;
  const field = { high, low, meaning, value: '1' };
  if (found === undefined) return { Contiguous: { ...field, text: `${group} form one range of ${sizeText(bytes)}: a hint to the TLB` } };
  const text = `wrong: ${group} form no range of ${sizeText(bytes)}, because ${found}; what a TLB makes of it is CONSTRAINED UNPREDICTABLE`;
  return { Contiguous: { ...field, text, note: 'warning' } };
}
