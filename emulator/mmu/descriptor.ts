/** The fields of a translation table descriptor, each with its meaning (Arm ARM D8.3 "Translation table descriptor formats"). */
import { bits } from '../base/bits.ts';
import type { Field } from '../cpu/registers/fields/field.ts';
import { hex } from '../base/hex.ts';
import { mairByte } from './attributes.ts';
import { memoryText, stage2MemoryText } from './attribute-words.ts';
import { stage1Fields, stage2Fields, tableFields } from './descriptor-fields.ts';
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
  const add: Add = ({ name, high, low, meaning }, text, { look, as = name } = {}) => {
    const field = bits(value, high, low);
    const shown = look === 'hex' ? hex(field << BigInt(low)) : field.toString(2).padStart(high - low + 1, '0');
    fields[as] = { high, low, value: shown, meaning, text, ...(look === 'ignored' ? { note: look } : {}) };
  };
  for (const [high, low, why] of ignoredBits(place, kind)) {
    const field = bits(value, high, low);
    if (field !== 0n) fields[range(high, low)] = { high, low, value: hex(field), meaning: '', text: why, note: 'ignored' };
  }
  if (kind === 'table') addTableFields(place, value, add);
  else if (kind === 'block' || kind === 'page') {
    if (place.stage === 1) addStage1Fields(place, value, add);
    else addStage2Fields(place, value, add);
  }
  if (kind === 'invalid') add(stage1Fields.Valid, 'no');
  else add(stage1Fields.Type, kind === 'reserved' ? `reserved at level ${place.level}` : kind);
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

type Ignored = readonly [high: number, low: number, why: string];
const ignored = ({ high, low }: Field, why: string): Ignored => [high, low, why];

/** Bits that this processor ignores: RES0 ones, those of later versions of the architecture, and those that are there for software. */
function ignoredBits({ context, stage, level, granuleBits }: DescriptorPlace, kind: DescriptorKind): Ignored[] {
  const software = 'for software: ignored by the processor';
  const single = stage === 1 && context.regime === 'el2';
  if (kind === 'table') {
    const { NSTable, APTable, PXNTable } = tableFields;
    return [
      stage === 1
        ? ignored(NSTable, 'NSTable: ignored in Non-secure state')
        : [NSTable.high, PXNTable.low, 'ignored: stage 2 has no hierarchical permissions'],
      ...(single ? [ignored(lowestOf(APTable), 'APTable[0]: ignored at EL2'), ignored(PXNTable, 'PXNTable: ignored at EL2')] : []),
      [58, 51, software],
      [50, 48, 'ignored: RES0, addresses have 48 bits here'],
      ...(granuleBits > 12 ? [[granuleBits - 1, 12, 'ignored: RES0 below the 64 KiB granule'] as const] : []),
      [11, 2, 'ignored: a table has no such attributes'],
    ];
  }
  if (kind !== 'block' && kind !== 'page') return [];
  const { PXN, nG } = stage1Fields;
  const shift = lookupShift(level, granuleBits);
  return [
    [63, 59, 'ignored in ARMv8.0'],
    [58, 55, software],
    ...(stage === 2 ? [ignored(PXN, 'ignored: stage 2 has one XN bit in ARMv8.0')] : []),
    ...(single ? [ignored(PXN, 'PXN: ignored at EL2, which has XN alone')] : []),
    [51, 48, 'ignored: RES0, addresses have 48 bits here'],
    ...(shift > 12 ? [[shift - 1, 12, `ignored here: RES0 in a ${sizeText(2 ** shift)} ${kind}`] as const] : []),
    ...(stage === 2 ? [ignored(nG, 'ignored: stage 2 has no nG')] : []),
    ...(single ? [ignored(nG, 'nG: ignored at EL2, which has no ASIDs')] : []),
  ];
}

/** `as`: the name of the field in the EL2 regime. */
type Add = (field: Field, text: string, options?: { look?: 'hex' | 'ignored'; as?: string }) => void;
const valueOf = (value: bigint, { high, low }: Field): number => Number(bits(value, high, low));
const isSet = (value: bigint, field: Field): boolean => valueOf(value, field) === 1;
/** The lower part of a field, and a field from another bit on. */
const lowestOf = ({ low, ...field }: Field): Field => ({ ...field, high: low, low });
const from = (low: number, field: Field): Field => ({ ...field, low });

function addTableFields({ context, stage, granuleBits }: DescriptorPlace, value: bigint, add: Add): void {
  const { APTable, UXNTable, PXNTable } = tableFields;
  if (stage === 1) {
    const single = context.regime === 'el2';
    const ap = valueOf(value, APTable);
    add(APTable, single ? (ap & 2 ? 'no writes below' : 'no effect') : apTableTexts[ap]);
    const never = single ? 'no execution below' : 'no execution at EL0 below';
    add(UXNTable, isSet(value, UXNTable) ? never : 'no effect', single ? { as: 'XNTable' } : {});
    if (!single) add(PXNTable, isSet(value, PXNTable) ? 'no execution at EL1 below' : 'no effect');
  }
  const space = stage === 1 && context.stage2 ? 'IPA' : 'PA';
  add(from(granuleBits, tableFields['Next table']), `${space} of the next table`, { look: 'hex' });
}
const apTableTexts = ['no effect', 'no access from EL0 below', 'no writes below', 'no writes and no access from EL0 below'];

function addStage1Fields(place: DescriptorPlace, value: bigint, add: Add): void {
  const { UXN, PXN, nG, AP, NS, AttrIndx } = stage1Fields;
  const { context, control = 0 } = place;
  const single = context.regime === 'el2';
  const low = Number(value & 0xffff_ffffn);
  const high = Number(value >> 32n);
  const effective: MutableStage1Bits = { readOnly: false, unprivileged: false, never: false, privilegedNever: false };
  readStage1Bits(effective, low, high, control, single);
  const execution = (el: 0 | 1 | 2, field: Field): string => {
    const refusal = stage1Refusal(effective, el, 'execute', context.writeImpliesNever);
    if (refusal === 'none') return `EL${el} may execute`;
    return `EL${el} cannot execute${isSet(value, field) ? '' : `: ${impliedNever(refusal, single)}`}`;
  };
  if (single) add(UXN, execution(2, UXN), { as: 'XN' });
  else {
    add(UXN, execution(0, UXN));
    add(PXN, execution(1, PXN));
  }
  outputField(place, value, add, context.stage2 ? 'IPA' : 'PA');
  if (!single) add(nG, isSet(value, nG) ? 'yes, for the current ASID only' : 'no, for every ASID');
  accessFlagAndShareability(value, add);
  const ap = valueOf(value, AP);
  const apText = (n: number): string => (single ? (n & 2 ? 'read-only' : 'read and write') : apTexts[n]);
  const withTables = apText((effective.readOnly ? 2 : 0) | (effective.unprivileged ? 1 : 0));
  add(AP, apText(ap) === withTables ? withTables : `${apText(ap)}; by the tables above, ${withTables}`);
  add(NS, 'ignored in Non-secure state', { look: 'ignored' });
  const index = valueOf(value, AttrIndx);
  const mair = mairByte(context, index);
  add(AttrIndx, `MAIR_EL${single ? 2 : 1}.Attr${index} = ${hex(mair)}, ${memoryText(mair)}`);
}
/** Why nothing is executed by a leaf whose own bit allows it. */
const impliedNever = (refusal: Refusal, single: boolean): string =>
  refusal === 'writable'
    ? `it is writable, and SCTLR_EL${single ? 2 : 1}.WXN = 1`
    : refusal === 'unprivilegedWritable'
      ? 'AP lets EL0 write here, which implies PXN'
      : 'a table above forbids it';
const apTexts = ['EL1 read and write, EL0 none', 'EL1 and EL0 read and write', 'EL1 read-only, EL0 none', 'EL1 and EL0 read-only'];

function addStage2Fields(place: DescriptorPlace, value: bigint, add: Add): void {
  const { XN, S2AP, MemAttr } = stage2Fields;
  add(XN, isSet(value, XN) ? 'execute never' : 'execute allowed');
  outputField(place, value, add, 'PA');
  accessFlagAndShareability(value, add);
  add(S2AP, s2apTexts[valueOf(value, S2AP)]);
  add(MemAttr, stage2MemoryText(valueOf(value, MemAttr)));
}
const s2apTexts = ['no data access', 'read-only', 'write-only', 'read and write'];

function outputField({ level, granuleBits }: DescriptorPlace, value: bigint, add: Add, space: string): void {
  const { Contiguous, Output } = stage1Fields;
  add(Contiguous, isSet(value, Contiguous) ? 'one of a contiguous set of entries' : 'no hint');
  add(from(lookupShift(level, granuleBits), Output), `${space} of the ${level === 3 ? 'page' : 'block'}`, { look: 'hex' });
}

function accessFlagAndShareability(value: bigint, add: Add): void {
  const { AF, SH } = stage1Fields;
  add(AF, isSet(value, AF) ? 'accessed' : 'not accessed yet: an access faults');
  add(SH, shareabilityTexts[valueOf(value, SH)]);
}
const shareabilityTexts = ['non-shareable', 'reserved', 'outer shareable', 'inner shareable'];
