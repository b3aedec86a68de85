/** The fields of a translation table descriptor, each with its meaning (Arm ARM D8.3 "Translation table descriptor formats"). */
import { bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { mairByte } from './attributes.ts';
import { memoryText, stage2MemoryText } from './attribute-words.ts';
import type { RegimeContext } from './regime.ts';
import { lookupShift } from './regime.ts';
import { sizeText } from './size-text.ts';
import type { DescriptorKind } from './trace.ts';
import type { DescriptorField } from './walk-types.ts';

/** Everything that the reading of a descriptor depends on. */
export interface DescriptorPlace {
  readonly context: RegimeContext;
  readonly stage: 1 | 2;
  readonly level: number;
  /** 12 or 16. */
  readonly granuleBits: number;
}

/** What the access, had it been made, would have been refused for: name of a field, or undefined. */
type Fields = Record<string, DescriptorField>;

/** Fields from the top bit down. Bits that the Cortex-A53 ignores are left out. */
export function decodeDescriptor(place: DescriptorPlace, value: bigint, kind: DescriptorKind): Fields {
  const fields: Fields = {};
  const add = (name: string, high: number, low: number, text: string, asHex = false): void => {
    const field = bits(value, high, low);
    fields[name] = { high, low, value: asHex ? hex(field << BigInt(low)) : field.toString(2).padStart(high - low + 1, '0'), text };
  };
  if (kind === 'table') tableFields(place, value, add);
  else if (kind === 'block' || kind === 'page') {
    if (place.stage === 1) stage1LeafFields(place, value, add);
    else stage2LeafFields(place, value, add);
  }
  if (kind === 'invalid') add('Valid', 0, 0, 'invalid: nothing is mapped here');
  else add('Type', 1, 0, kind === 'reserved' ? `reserved at level ${place.level}` : kind);
  return fields;
}

/** What a descriptor is and where it leads, in words. */
export function descriptorVerdict(
  { context, stage, level, granuleBits }: DescriptorPlace,
  kind: DescriptorKind,
  next: string | null,
): string {
  const space = stage === 1 && context.stage2 ? 'IPA' : 'PA';
  if (kind === 'invalid') return 'invalid: nothing is mapped here';
  if (kind === 'reserved') return `reserved: no such descriptor at level ${level}`;
  if (kind === 'table') return `table at ${space} ${next}`;
  return `${sizeText(2 ** lookupShift(level, granuleBits))} ${kind} at ${space} ${next}`;
}

type Add = (name: string, high: number, low: number, text: string, asHex?: boolean) => void;
const isSet = (value: bigint, position: number): boolean => bits(value, position, position) === 1n;

function tableFields({ context, stage, granuleBits }: DescriptorPlace, value: bigint, add: Add): void {
  if (stage === 1) {
    const single = context.regime === 'el2';
    if (single) add('APTable', 62, 61, isSet(value, 62) ? 'no writes below' : 'no effect');
    else add('APTable', 62, 61, apTableTexts[Number(bits(value, 62, 61))]);
    add(single ? 'XNTable' : 'UXNTable', 60, 60, isSet(value, 60) ? `no execution${single ? '' : ' at EL0'} below` : 'no effect');
    if (!single) add('PXNTable', 59, 59, isSet(value, 59) ? 'no execution at EL1 below' : 'no effect');
  }
  add('Next table', 47, granuleBits, `${stage === 1 && context.stage2 ? 'IPA' : 'PA'} of the next table`, true);
}
const apTableTexts = ['no effect', 'no access from EL0 below', 'no writes below', 'no writes and no access from EL0 below'];

function stage1LeafFields(place: DescriptorPlace, value: bigint, add: Add): void {
  const { context } = place;
  const single = context.regime === 'el2';
  if (single) add('XN', 54, 54, isSet(value, 54) ? 'EL2 cannot execute' : 'EL2 may execute');
  else {
    add('UXN', 54, 54, isSet(value, 54) ? 'EL0 cannot execute' : 'EL0 may execute');
    add('PXN', 53, 53, isSet(value, 53) ? 'EL1 cannot execute' : 'EL1 may execute');
  }
  outputField(place, value, add, context.stage2 ? 'IPA' : 'PA');
  if (!single) add('nG', 11, 11, isSet(value, 11) ? 'for the current ASID only' : 'global: for every ASID');
  accessFlagAndShareability(value, add);
  add('AP', 7, 6, single ? (isSet(value, 7) ? 'read-only' : 'read and write') : apTexts[Number(bits(value, 7, 6))]);
  add('NS', 5, 5, 'ignored in Non-secure state');
  const index = Number(bits(value, 4, 2));
  const mair = mairByte(context, index);
  add('AttrIndx', 4, 2, `MAIR_EL${single ? 2 : 1}.Attr${index} = ${hex(mair)}, ${memoryText(mair)}`);
}
const apTexts = ['EL1 read and write, EL0 none', 'EL1 and EL0 read and write', 'EL1 read-only, EL0 none', 'EL1 and EL0 read-only'];

function stage2LeafFields(place: DescriptorPlace, value: bigint, add: Add): void {
  add('XN', 54, 54, isSet(value, 54) ? 'execute never' : 'execute allowed');
  outputField(place, value, add, 'PA');
  accessFlagAndShareability(value, add);
  add('S2AP', 7, 6, s2apTexts[Number(bits(value, 7, 6))]);
  add('MemAttr', 5, 2, stage2MemoryText(Number(bits(value, 5, 2))));
}
const s2apTexts = ['no data access', 'read-only', 'write-only', 'read and write'];

function outputField({ level, granuleBits }: DescriptorPlace, value: bigint, add: Add, space: string): void {
  add('Contiguous', 52, 52, isSet(value, 52) ? 'neighbours form one larger range: a hint to the TLB' : 'no hint');
  add('Output', 47, lookupShift(level, granuleBits), `${space} of the ${level === 3 ? 'page' : 'block'}`, true);
}

function accessFlagAndShareability(value: bigint, add: Add): void {
  add('AF', 10, 10, isSet(value, 10) ? 'accessed before' : 'not accessed yet: an access faults');
  add('SH', 9, 8, shareabilityTexts[Number(bits(value, 9, 8))]);
}
const shareabilityTexts = ['non-shareable', 'reserved', 'outer shareable', 'inner shareable'];
