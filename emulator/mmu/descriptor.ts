/** The fields of a translation table descriptor, each with its meaning (Arm ARM D8.3 "Translation table descriptor formats"). */
import { bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { mairByte } from './attributes.ts';
import { memoryText, stage2MemoryText } from './attribute-words.ts';
import { readStage1Bits, stage1Refusal, type MutableStage1Bits, type Refusal } from './permissions.ts';
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
  /** What the tables of stage 1 above it withhold (permissions.ts); nothing if absent. */
  readonly control?: number;
}

type Fields = Record<string, DescriptorField>;

/** Fields from the top bit down; those that are ignored only where they are not 0. */
export function decodeDescriptor(place: DescriptorPlace, value: bigint, kind: DescriptorKind): Fields {
  const fields: Fields = {};
  const add: Add = (name, high, low, text, look) => {
    const field = bits(value, high, low);
    const shown = look === 'hex' ? hex(field << BigInt(low)) : field.toString(2).padStart(high - low + 1, '0');
    fields[name] = { high, low, value: shown, text, ...(look === 'ignored' ? { note: look } : {}) };
  };
  for (const [high, low, why] of ignoredBits(place, kind)) {
    const field = bits(value, high, low);
    if (field !== 0n) fields[range(high, low)] = { high, low, value: hex(field), text: why, note: 'ignored' };
  }
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

const range = (high: number, low: number): string => (high === low ? `Bit ${high}` : `Bits ${high}:${low}`);

/** Bits that this processor ignores: RES0 ones, those of later versions of the architecture, and those that are there for software. */
function ignoredBits({ context, stage, level, granuleBits }: DescriptorPlace, kind: DescriptorKind): [number, number, string][] {
  const software = 'for software: ignored by the processor';
  if (kind === 'table') {
    return [
      stage === 1 ? [63, 63, 'NSTable: ignored in Non-secure state'] : [63, 59, 'ignored: stage 2 has no hierarchical permissions'],
      ...(stage === 1 && context.regime === 'el2'
        ? ([
            [61, 61, 'APTable[0]: ignored at EL2'],
            [59, 59, 'PXNTable: ignored at EL2'],
          ] as [number, number, string][])
        : []),
      [58, 51, software],
      [50, 48, 'ignored: RES0, addresses have 48 bits here'],
      ...(granuleBits > 12 ? ([[granuleBits - 1, 12, 'ignored: RES0 below the 64 KiB granule']] as [number, number, string][]) : []),
      [11, 2, 'ignored: a table has no such attributes'],
    ];
  }
  if (kind !== 'block' && kind !== 'page') return [];
  const shift = lookupShift(level, granuleBits);
  const single = stage === 1 && context.regime === 'el2';
  return [
    [63, 59, 'ignored in ARMv8.0'],
    [58, 55, software],
    ...(stage === 2 ? ([[53, 53, 'ignored: stage 2 has one XN bit in ARMv8.0']] as [number, number, string][]) : []),
    ...(single ? ([[53, 53, 'PXN: ignored at EL2, which has XN alone']] as [number, number, string][]) : []),
    [51, 48, 'ignored: RES0, addresses have 48 bits here'],
    ...(shift > 12 ? ([[shift - 1, 12, `ignored here: RES0 in a ${sizeText(2 ** shift)} ${kind}`]] as [number, number, string][]) : []),
    ...(stage === 2 ? ([[11, 11, 'ignored: stage 2 has no nG']] as [number, number, string][]) : []),
    ...(single ? ([[11, 11, 'nG: ignored at EL2, which has no ASIDs']] as [number, number, string][]) : []),
  ];
}

type Add = (name: string, high: number, low: number, text: string, look?: 'hex' | 'ignored') => void;
const isSet = (value: bigint, position: number): boolean => bits(value, position, position) === 1n;

function tableFields({ context, stage, granuleBits }: DescriptorPlace, value: bigint, add: Add): void {
  if (stage === 1) {
    const single = context.regime === 'el2';
    if (single) add('APTable', 62, 61, isSet(value, 62) ? 'no writes below' : 'no effect');
    else add('APTable', 62, 61, apTableTexts[Number(bits(value, 62, 61))]);
    add(single ? 'XNTable' : 'UXNTable', 60, 60, isSet(value, 60) ? `no execution${single ? '' : ' at EL0'} below` : 'no effect');
    if (!single) add('PXNTable', 59, 59, isSet(value, 59) ? 'no execution at EL1 below' : 'no effect');
  }
  add('Next table', 47, granuleBits, `${stage === 1 && context.stage2 ? 'IPA' : 'PA'} of the next table`, 'hex');
}
const apTableTexts = ['no effect', 'no access from EL0 below', 'no writes below', 'no writes and no access from EL0 below'];

function stage1LeafFields(place: DescriptorPlace, value: bigint, add: Add): void {
  const { context, control = 0 } = place;
  const single = context.regime === 'el2';
  const low = Number(value & 0xffff_ffffn);
  const high = Number(value >> 32n);
  const effective: MutableStage1Bits = { readOnly: false, unprivileged: false, never: false, privilegedNever: false };
  readStage1Bits(effective, low, high, control, single);
  const execution = (el: 0 | 1 | 2, bit: number): string => {
    const refusal = stage1Refusal(effective, el, 'execute', context.writeImpliesNever);
    if (refusal === 'none') return `EL${el} may execute`;
    return `EL${el} cannot execute${isSet(value, bit) ? '' : `: ${impliedNever(refusal, single)}`}`;
  };
  if (single) add('XN', 54, 54, execution(2, 54));
  else {
    add('UXN', 54, 54, execution(0, 54));
    add('PXN', 53, 53, execution(1, 53));
  }
  outputField(place, value, add, context.stage2 ? 'IPA' : 'PA');
  if (!single) add('nG', 11, 11, isSet(value, 11) ? 'for the current ASID only' : 'global: for every ASID');
  accessFlagAndShareability(value, add);
  const ap = Number(bits(value, 7, 6));
  const apText = (n: number): string => (single ? (n & 2 ? 'read-only' : 'read and write') : apTexts[n]);
  const withTables = apText((effective.readOnly ? 2 : 0) | (effective.unprivileged ? 1 : 0));
  add('AP', 7, 6, apText(ap) === withTables ? withTables : `${apText(ap)}; by the tables above, ${withTables}`);
  add('NS', 5, 5, 'ignored in Non-secure state', 'ignored');
  const index = Number(bits(value, 4, 2));
  const mair = mairByte(context, index);
  add('AttrIndx', 4, 2, `MAIR_EL${single ? 2 : 1}.Attr${index} = ${hex(mair)}, ${memoryText(mair)}`);
}
/** Why nothing is executed by a leaf whose own bit allows it. */
const impliedNever = (refusal: Refusal, single: boolean): string =>
  refusal === 'writable'
    ? `it is writable, and SCTLR_EL${single ? 2 : 1}.WXN = 1`
    : refusal === 'unprivilegedWritable'
      ? 'AP lets EL0 write here, which implies PXN'
      : 'a table above forbids it';
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
  add('Contiguous', 52, 52, isSet(value, 52) ? 'one of a contiguous set of entries' : 'no hint');
  add('Output', 47, lookupShift(level, granuleBits), `${space} of the ${level === 3 ? 'page' : 'block'}`, 'hex');
}

function accessFlagAndShareability(value: bigint, add: Add): void {
  add('AF', 10, 10, isSet(value, 10) ? 'accessed' : 'not accessed yet: an access faults');
  add('SH', 9, 8, shareabilityTexts[Number(bits(value, 9, 8))]);
}
const shareabilityTexts = ['non-shareable', 'reserved', 'outer shareable', 'inner shareable'];
