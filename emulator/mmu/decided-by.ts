/** Which field of a register or descriptor, or which input, made a walk end as it did: the walker's own reason, in words. */
import type { VA } from '../base/addresses.ts';
import { bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import type { Rule } from '../cpu/events.ts';
import { mairByte } from './attributes.ts';
import { memoryText } from './attribute-words.ts';
import type { FaultReason } from './fault-reason.ts';
import type { Draft } from './recorder.ts';
import {
  lookupShift,
  MAX_TSZ,
  MIN_TSZ,
  OUTPUT_SIZES,
  PA_BITS,
  stage2InputBits,
  type RegimeContext,
  type RootRefusal,
  type TableRoot,
} from './regime.ts';
import { sizeText } from './size-text.ts';
import type { DecidedBy } from './walk-types.ts';
import type { Walker } from './walk.ts';

/** Names of the fields that govern a root. */
export function fieldsOf({ register }: Pick<TableRoot, 'register'>): {
  control: string;
  size: string;
  disable: string;
  granule: string;
  output: string;
} {
  const n = register === 'TTBR1_EL1' ? 1 : 0;
  const control = register === 'VTTBR_EL2' ? 'VTCR_EL2' : register === 'TTBR0_EL2' ? 'TCR_EL2' : 'TCR_EL1';
  return { control, size: `T${n}SZ`, disable: `EPD${n}`, granule: `TG${n}`, output: control === 'TCR_EL1' ? 'IPS' : 'PS' };
}

const inRegister = (of: string, field: string, value: number | string, text: string): DecidedBy => ({
  kind: 'register',
  of,
  field,
  value: String(value),
  text,
});
const byRule = ({ bits: [{ register, field, value }] }: Rule, text: string): DecidedBy => inRegister(register, field, value, text);

/** Why a walk cannot start from a root; undefined where it can. */
export function rootDecidedBy(context: RegimeContext, root: TableRoot): DecidedBy | undefined {
  return root.refusal === 'none' ? undefined : refusedRoot(root.refusal, context, root);
}

function refusedRoot(refusal: Exclude<RootRefusal, 'none'>, context: RegimeContext, root: TableRoot): DecidedBy {
  const { control, size, disable } = fieldsOf(root);
  const isStage2 = root === context.stage2Root;
  const { sizeField, startField, startLevel, granuleBits, inputBits } = root;
  const open = 'The result is CONSTRAINED UNPREDICTABLE; here every address faults.';
  switch (refusal) {
    case 'sizeBelow':
      return inRegister(
        control,
        size,
        sizeField,
        isStage2
          ? `${control}.${size} = ${sizeField} asks for IPAs of ${inputBits} bits; a Cortex-A53 has ${PA_BITS}. ${open}`
          : `${control}.${size} = ${sizeField} is below its minimum, ${MIN_TSZ}. ${open}`,
      );
    case 'sizeAbove':
      return inRegister(control, size, sizeField, `${control}.${size} = ${sizeField} is above its maximum, ${MAX_TSZ}. ${open}`);
    case 'startLevel': {
      const levels = granuleBits === 12 ? '1 or 2' : '2 or 3';
      const text = `${control}.SL0 = ${startField} starts the walk at a level that a Cortex-A53 does not support here: level ${levels} with the ${sizeText(2 ** granuleBits)} granule.`;
      return inRegister(control, 'SL0', startField, text);
    }
    case 'firstTable': {
      const { fewest, most } = stage2InputBits(startLevel, granuleBits);
      const text = `${control}.SL0 = ${startField} starts at level ${startLevel}, which fits IPAs of ${fewest} to ${most} bits, but ${size} = ${sizeField} asks for ${inputBits}.`;
      return inRegister(control, 'SL0', startField, text);
    }
    case 'walksDisabled':
      return inRegister(control, disable, 1, `${control}.${disable} = 1 forbids table walks from ${root.register}.`);
    case 'base':
      return outputDecidedBy(context, isStage2 ? 2 : 1, `${root.register} points to ${hex(root.base)}, which`);
  }
}

/** `what`, an address, does not fit the output size of a stage. */
function outputDecidedBy(context: RegimeContext, stage: 1 | 2, what: string): DecidedBy {
  const { control, output } = fieldsOf(stage === 1 ? context.lower : context.stage2Root);
  const value = stage === 1 ? context.outputField : context.stage2OutputField;
  const asked = OUTPUT_SIZES[value];
  const text =
    asked > PA_BITS
      ? `${what} is beyond the ${PA_BITS}-bit physical address space of a Cortex-A53, which ${control}.${output} = ${value} cannot extend.`
      : `${what} is beyond the ${asked} bits that ${control}.${output} = ${value} allows.`;
  return inRegister(control, output, value, text);
}

/** What is known of the access besides the walker's result. */
export interface Asked {
  readonly va: VA;
  /** Bytes of one element. */
  readonly bytes: number;
}

/** What decided, and the field of a step that shows it. */
export interface Decided {
  readonly decidedBy: DecidedBy;
  readonly step?: Draft | undefined;
  readonly field?: string;
}

/** Why the last walk of `walker` failed, or why `reason` lets none begin. */
export function decide(
  reason: FaultReason,
  walker: Walker,
  context: RegimeContext,
  steps: readonly Draft[],
  { va, bytes }: Asked,
): Decided {
  const root = walker.faultStage === 2 ? context.stage2Root : context.rootFor(Number(va >> 32n));
  const { control, size } = fieldsOf(root);
  const top = root.topByteIgnored ? 55 : 63;
  const last = lastStep(steps);
  const control1 = context.regime === 'el2' ? 'SCTLR_EL2' : 'SCTLR_EL1';
  switch (reason) {
    case 'sizeBelow':
    case 'sizeAbove':
    case 'startLevel':
    case 'firstTable':
    case 'walksDisabled':
    case 'base':
      return { decidedBy: refusedRoot(reason, context, root) };
    case 'vaTooLarge': {
      const value = hex(bits(va, top, PA_BITS));
      const space = context.stage2 ? 'IPA' : 'PA';
      const text = `Stage 1 is off (${bitText(context.stage1Rule)}), so the VA is used as the ${space}, which has ${PA_BITS} bits on a Cortex-A53: bits ${top}:${PA_BITS} must be 0, but they are ${value}.`;
      return { decidedBy: { kind: 'input', of: 'VA', field: `${top}:${PA_BITS}`, value, text } };
    }
    case 'vaOutOfRange': {
      const { inputBits, sizeField } = root;
      const found = hex(bits(va, top, inputBits));
      const half = context.upper ? (root === context.upper ? ' of the upper half' : ' of the lower half') : '';
      const must = root === context.upper ? 'must all be 1' : 'must be 0';
      const text = `${control}.${size} = ${sizeField} makes the VAs${half} ${inputBits} bits wide: bits ${top}:${inputBits} ${must}, but they are ${found}.`;
      return { decidedBy: inRegister(control, size, sizeField, text) };
    }
    case 'ipaTooLarge': {
      const text = `${control}.${size} = ${root.sizeField} makes IPAs ${root.inputBits} bits wide, and ${hex(walker.faultIpa)} needs more.`;
      return { decidedBy: inRegister(control, size, root.sizeField, text) };
    }
    case 'noMemory': {
      const where = last?.pa ?? hex(root.base);
      return {
        decidedBy: {
          kind: 'input',
          of: 'PA',
          field: '',
          value: where,
          text: `There is no memory at PA ${where}, where ${nameOf(last)} should be.`,
        },
      };
    }
    case 'invalid':
      return inStep(
        last,
        'Valid',
        (bit) => `${bit} of ${nameOf(last)}, at ${last?.descriptorAddress ?? ''}: nothing is mapped here.${byteOrder(context, last)}`,
      );
    case 'reserved':
      return inStep(last, 'Type', (bit) => `${bit} is reserved at level ${last?.level ?? 0}: ${nameOf(last)} is taken as invalid.`);
    case 'accessFlag':
      return inStep(last, 'AF', (bit) => `${bit} of ${nameOf(last)}: software must set the Access flag; this processor does not.`);
    case 'beyond': {
      const what = last?.kind === 'table' ? 'The next table' : 'The output address';
      const decidedBy = outputDecidedBy(context, walker.faultStage, `${what} ${last?.next ?? ''} of ${nameOf(last)}`);
      return { decidedBy, step: last, field: last?.kind === 'table' ? 'Next table' : 'Output' };
    }
    case 'walkNoRead':
      return inStep(last, 'S2AP', (bit) => `${bit} of ${nameOf(last)}: stage 2 does not let the stage 1 walk read its descriptor there.`);
    case 'walkProtected': {
      const text = `HCR_EL2.PTW = 1 forbids a stage 1 walk through memory that stage 2 maps as Device: ${bitOf(last, 'MemAttr')} of ${nameOf(last)}.`;
      return { decidedBy: inRegister('HCR_EL2', 'PTW', 1, text), step: last, field: 'MemAttr' };
    }
    case 'pc':
      return {
        decidedBy: {
          kind: 'input',
          of: 'PC',
          field: '1:0',
          value: hex(va & 3n),
          text: `Bits 1:0 of the PC are ${Number(va & 3n)}; instructions must be aligned to 4 bytes.`,
        },
      };
    case 'mustBeAligned': {
      const text = `The access must be aligned to its ${bytes} bytes, whatever ${control1}.A says: it is exclusive, or load-acquire or store-release.`;
      return { decidedBy: { kind: 'input', of: 'VA', field: lowBits(bytes), value: hex(va & BigInt(bytes - 1)), text } };
    }
    case 'alignmentChecked':
      return { decidedBy: inRegister(control1, 'A', 1, `${control1}.A = 1: data must be aligned to its ${bytes} bytes.`) };
    case 'device':
      return deviceDecidedBy(walker, context, steps);
    case 'writable':
      return { decidedBy: inRegister(control1, 'WXN', 1, `${control1}.WXN = 1: writable memory is never executable.`) };
    case 'readOnly':
      return byLeafOrTable(
        steps,
        'AP',
        (v) => v[0] === '1',
        'is read-only',
        'APTable',
        (v) => v[0] === '1',
        'removes write permission from everything below it',
      );
    case 'privileged':
      return byLeafOrTable(
        steps,
        'AP',
        (v) => v[1] === '0',
        'gives EL0 no access',
        'APTable',
        (v) => v[1] === '1',
        'denies EL0 access to everything below it',
      );
    case 'unprivilegedNever':
      return byLeafOrTable(
        steps,
        'UXN',
        isOne,
        'is never executable at EL0',
        'UXNTable',
        isOne,
        'prevents EL0 from executing anything below it',
      );
    case 'never':
      return byLeafOrTable(
        steps,
        'XN',
        isOne,
        'is never executable at EL2',
        'XNTable',
        isOne,
        'prevents EL2 from executing anything below it',
      );
    case 'privilegedNever':
      return byLeafOrTable(
        steps,
        'PXN',
        isOne,
        'is never executable at EL1',
        'PXNTable',
        isOne,
        'prevents EL1 from executing anything below it',
      );
    case 'unprivilegedWritable': {
      const leaf = leafOf(steps, 1);
      return inStep(
        leaf,
        'AP',
        (bit) => `${bit}: ${nameOf(leaf)} is writable at EL0, so it is never executable at EL1, whatever PXN says.`,
      );
    }
    case 'stage2NoRead':
    case 'stage2NoWrite': {
      const leaf = leafOf(steps, 2);
      return inStep(leaf, 'S2AP', (bit) => `${bit}: ${nameOf(leaf)} does not allow ${reason === 'stage2NoRead' ? 'reading' : 'writing'}.`);
    }
    case 'stage2Never': {
      const leaf = leafOf(steps, 2);
      return inStep(leaf, 'XN', (bit) => `${bit}: ${nameOf(leaf)} does not allow execution.`);
    }
  }
}

/** Data accesses that are not aligned, and DC ZVA, fault on Device memory: why it is that. */
function deviceDecidedBy({ faultStage, stage1Leaf }: Walker, context: RegimeContext, steps: readonly Draft[]): Decided {
  const rule = 'accesses to Device memory must be aligned, and DC ZVA faults there';
  if (faultStage === 1 && !context.stage1)
    return {
      decidedBy: byRule(context.stage1Rule, `Stage 1 is off (${bitText(context.stage1Rule)}), so memory is Device-nGnRnE here; ${rule}.`),
    };
  const leaf = leafOf(steps, faultStage);
  if (faultStage === 2) return inStep(leaf, 'MemAttr', (bit) => `${bit}: ${nameOf(leaf)} is Device memory; ${rule}.`);
  const index = Number(`0b${leaf?.fields['AttrIndx']?.value ?? '0'}`);
  const register = context.regime === 'el2' ? 'MAIR_EL2' : 'MAIR_EL1';
  const chosen = `${register}.Attr${index} = ${hex(mairByte(context, index))}`;
  return inStep(leaf, 'AttrIndx', (bit) => `${bit}: ${nameOf(leaf)} is ${memoryText(stage1Leaf.attribute)} by ${chosen}; ${rule}.`);
}

/** "HCR_EL2.DC = 1". */
export const bitText = ({ bits: [{ register, field, value }] }: Rule): string => `${register}.${field} = ${value}`;
const lowBits = (bytes: number): string => `${Math.log2(bytes) - 1}:0`;
const isOne = (value: string): boolean => value === '1';
const bitOf = (step: Draft | undefined, field: string): string => `${field} = ${step?.fields[field]?.value ?? '?'}`;

/** "the stage 1 level 3 page", "the level 2 block". */
function nameOf(step: Draft | undefined): string {
  if (!step) return 'the descriptor';
  const kind = step.kind === 'table' || step.kind === 'block' || step.kind === 'page' ? step.kind : 'descriptor';
  return `the stage ${step.stage} level ${step.level} ${kind}`;
}

function inStep(step: Draft | undefined, field: string, words: (bit: string) => string): Decided {
  const text = words(bitOf(step, field));
  return { decidedBy: { kind: 'descriptor', of: nameOf(step), field, value: step?.fields[field]?.value ?? '', text }, step, field };
}

const leafOf = (steps: readonly Draft[], stage: 1 | 2): Draft | undefined =>
  steps.findLast((step) => step.stage === stage && (step.kind === 'page' || step.kind === 'block'));

/** The leaf that refuses, or the first table above it that does so for everything below. */
function byLeafOrTable(
  steps: readonly Draft[],
  field: string,
  holds: (value: string) => boolean,
  leafText: string,
  tableField: string,
  tableHolds: (value: string) => boolean,
  tableText: string,
): Decided {
  const leaf = leafOf(steps, 1);
  if (holds(leaf?.fields[field]?.value ?? '')) return inStep(leaf, field, (bit) => `${bit}: ${nameOf(leaf)} ${leafText}.`);
  const table = steps.find((step) => step.stage === 1 && step.kind === 'table' && tableHolds(step.fields[tableField]?.value ?? ''));
  return inStep(table, tableField, (bit) => `${bit}: ${nameOf(table)} ${tableText}.`);
}

/** Of a descriptor that was read the other way round than tables are mostly written. */
function byteOrder(context: RegimeContext, step: Draft | undefined): string {
  const isStage1 = step?.stage === 1;
  if (!step || !(isStage1 ? context.bigEndian : context.stage2BigEndian)) return '';
  return ` SCTLR_EL${isStage1 && context.regime === 'el1' ? 1 : 2}.EE = 1 reads descriptors big-endian, so the bytes of this one were reversed.`;
}

/** The fetch that the walk ended with: within the last one where that was refused by stage 2. */
function lastStep(steps: readonly Draft[]): Draft | undefined {
  const last = steps.at(-1);
  return last?.value === null && last.steps ? last.steps.at(-1) : last;
}

/** What of a root is not used as it is written, in sentences: reserved encodings and bits that are ignored. */
export function rootNotes(root: TableRoot): string[] {
  const notes: string[] = [];
  const { control, granule } = fieldsOf(root);
  const { register, granuleField, granuleBits, base, writtenBase, startLevel, inputBits } = root;
  const reserved = reservedGranule(register, granuleField);
  if (reserved) notes.push(`${control}.${granule} = ${granuleField} ${reserved}; it acts as 4 KiB here.`);
  if (base !== writtenBase) {
    const bits = inputBits - lookupShift(startLevel, granuleBits) + 3;
    notes.push(
      `${register}.BADDR ${hex(writtenBase)} is used as ${hex(base)}: the first table is aligned to its ${sizeText(2 ** bits)}, and bits ${bits - 1}:0 are ignored.`,
    );
  }
  return notes;
}

/** 16 KiB is 2 in TG0 and 1 in TG1; 3 in TG0 and 0 in TG1 mean nothing. */
function reservedGranule(register: TableRoot['register'], field: number): string | undefined {
  const [none, large] = register === 'TTBR1_EL1' ? [0, 1] : [3, 2];
  if (field === large) return 'is the 16 KiB granule, which a Cortex-A53 does not support';
  return field === none ? 'is reserved' : undefined;
}
