/** ISS, bits 24:0 of ESR_ELx: what an exception class says about itself (Arm ARM D17.2.37, ISS encodings; for SError Cortex-A53 TRM 4.3.50). */
import { systemOperationName, systemRegisterName } from '../../../isa/system-names.ts';
import { DEBUG_EVENT, faultStatusText } from '../../faults.ts';
import { bitsOf, field, noYes, valueIn, type Field } from './field.ts';

/** The fields of an ISS, from the highest bit down; some depend on others. */
export type Layout = (iss: number) => readonly Field[];

const general = (is64: boolean) => (value: number) => (value === 31 ? (is64 ? 'xzr' : 'wzr') : `${is64 ? 'x' : 'w'}${value}`);
/** A register of AArch32 is reported as AArch64 sees it (Arm ARM D1.20.1); 31 means r15. */
const general32 = (value: number): string => (value === 31 ? 'AArch32 r15' : `x${value}`);

const fnv = field('FnV', 10, 'FAR', { 0: 'holds the faulting address', 1: 'is not valid' });
const external = field('EA', 9, 'External abort type, IMPLEMENTATION DEFINED');
const s1ptw = field('S1PTW', 7, 'Stage 2 fault while fetching a stage 1 descriptor', noYes);
const direction = field('WnR', 6, 'Access', { 0: 'read', 1: 'write' });

/** Debug exceptions have their own classes. */
const abortStatus = (code: number, isFetch?: boolean): string => (code === DEBUG_EVENT ? 'reserved' : faultStatusText(code, isFetch));

const dataFault = [
  fnv,
  external,
  field('CM', 8, 'Cache maintenance or address translation instruction', noYes),
  s1ptw,
  direction,
  field('DFSC', [5, 0], 'Data fault status', (code) => abortStatus(code)),
];
const accessed = (iss: number) =>
  [
    field('ISV', 24, 'Bits 23:14 describe the access', {
      0: 'no: not a stage 2 fault, or more than one general register, write-back, exclusive or SIMD',
      1: 'yes, enough to emulate it',
    }),
    field('SAS', [23, 22], 'Size of the access', { 0: 'byte', 1: 'halfword', 2: 'word', 3: 'doubleword' }),
    field('SSE', 21, 'Sign extension of the loaded value', noYes),
    field('SRT', [20, 16], 'Register loaded or stored', (value) => general(isWide(iss))(value)),
    field('SF', 15, 'Width of that register', { 0: '32 bits', 1: '64 bits' }),
    field('AR', 14, 'Acquire or release semantics', noYes),
  ] as const;

const isWide = (iss: number): boolean => (iss & ISS_DATA.SF) !== 0;

/** Masks of the ISS of a data abort, which the machine writes. */
export const ISS_DATA = bitsOf([...accessed(0), ...dataFault]);

export const dataAbort: Layout = (iss) => [...(iss & ISS_DATA.ISV ? accessed(iss) : accessed(iss).slice(0, 1)), ...dataFault];

export const instructionAbort: Layout = () => [
  fnv,
  external,
  s1ptw,
  field('IFSC', [5, 0], 'Instruction fault status', (code) => abortStatus(code, true)),
];

const conditions = ['EQ', 'NE', 'CS', 'CC', 'MI', 'PL', 'VS', 'VC', 'HI', 'LS', 'GE', 'LT', 'GT', 'LE', 'AL, always', 'always'];
const CV = field('CV', 24, 'COND is valid', noYes);
const conditionFields = [CV, field('COND', [23, 20], 'Condition of the instruction')] as const;
export const ISS_CONDITION = bitsOf(conditionFields);
export const condition: Layout = (iss) => [
  CV,
  field('COND', [23, 20], 'Condition of the instruction', (value) =>
    iss & ISS_CONDITION.CV ? conditions[value] : 'UNKNOWN, because CV = 0',
  ),
];

const waitingFields = [field('TI', 0, 'Instruction', { 0: 'WFI', 1: 'WFE' })];
export const ISS_WAITING = bitsOf(waitingFields);
export const waiting: Layout = (iss) => [...condition(iss), ...waitingFields];

const immediateFields = [field('imm16', [15, 0], 'Immediate of the instruction')];
/** Of SVC, HVC, SMC and BRK: their immediate. */
export const ISS_IMMEDIATE = bitsOf(immediateFields).imm16;
export const immediate: Layout = () => immediateFields;
export const secureCall32: Layout = (iss) => [
  ...condition(iss),
  field('CCKNOWNPASS', 19, 'Whether its condition passed', {
    0: 'known: it passed, or there was none; CV and COND are UNKNOWN',
    1: 'not known: see CV and COND',
  }),
];

const systemFields = [
  field('Op0', [21, 20], 'Encoding, op0'),
  field('Op2', [19, 17], 'Encoding, op2'),
  field('Op1', [16, 14], 'Encoding, op1'),
  field('CRn', [13, 10], 'Encoding, CRn'),
  field('Rt', [9, 5], 'General register', general(true)),
  field('CRm', [4, 1], 'Encoding, CRm'),
  field('Direction', 0, 'Direction', { 0: 'write: MSR, or a system instruction', 1: 'read: MRS' }),
];
/** Masks of the ISS of a trapped MSR, MRS or system instruction. */
export const ISS_SYSTEM = bitsOf(systemFields);

export const systemAccess: Layout = (iss) => [
  field('Op0', [21, 20], 'Encoding, op0 to op2', () => systemAccessName(iss)),
  ...systemFields.slice(1),
];

/** What a trapped MSR, MRS or system instruction names: `HCR_EL2`, `TLBI VAE1`, `DAIFSet, #2`. */
export function systemAccessName(iss: number): string {
  const [op0, op1, CRn, CRm, op2] = (['Op0', 'Op1', 'CRn', 'CRm', 'Op2'] as const).map((name) => valueIn(iss, ISS_SYSTEM[name]));
  if (op0 === 0) {
    const immediateOf = { 5: 'SPSel', 30: 'DAIFSet', 31: 'DAIFClr' }[(op1 << 3) | op2];
    return immediateOf && CRn === 4 ? `${immediateOf}, #${CRm}` : 'no system register';
  }
  if (op0 === 1) return systemOperationName(op1, CRn, CRm, op2) ?? `SYS #${op1}, C${CRn}, C${CRm}, #${op2}`;
  return systemRegisterName(op0, op1, CRn, CRm, op2) ?? `S${op0}_${op1}_C${CRn}_C${CRm}_${op2}`;
}

const coprocessorDirection = field('Direction', 0, 'Direction', { 0: 'write: MCR, MCRR', 1: 'read: MRC, MRRC, VMRS' });
/** MCR, MRC and VMRS of AArch32. */
export const move32: Layout = (iss) => [
  ...condition(iss),
  field('Opc2', [19, 17], 'Encoding, opc2'),
  field('Opc1', [16, 14], 'Encoding, opc1'),
  field('CRn', [13, 10], 'Encoding, CRn'),
  field('Rt', [9, 5], 'General register', general32),
  field('CRm', [4, 1], 'Encoding, CRm'),
  coprocessorDirection,
];
/** MCRR and MRRC. */
export const moveTwo32: Layout = (iss) => [
  ...condition(iss),
  field('Opc1', [19, 16], 'Encoding, opc1'),
  field('Rt2', [14, 10], 'Second general register', general32),
  field('Rt', [9, 5], 'First general register', general32),
  field('CRm', [4, 1], 'Encoding, CRm'),
  coprocessorDirection,
];
/** LDC and STC. */
export const loadStore32: Layout = (iss) => [
  ...condition(iss),
  field('imm8', [19, 12], 'Immediate offset'),
  field('Rn', [9, 5], 'Base register', general32),
  field('Offset', 4, 'Offset', { 0: 'subtracted', 1: 'added' }),
  field(
    'AM',
    [3, 1],
    'Addressing',
    (value) =>
      [
        'immediate unindexed',
        'immediate post-indexed',
        'immediate offset',
        'immediate pre-indexed',
        'literal unindexed',
        'reserved',
        'literal offset',
        'reserved',
      ][value],
  ),
  field('Direction', 0, 'Direction', { 0: 'memory is written: STC', 1: 'memory is read: LDC' }),
];

export const floatingPoint: Layout = () => [
  field('TFV', 23, 'The bits below say which exceptions', noYes),
  field('VECITR', [10, 8], 'No meaning for A64; in AArch32, the iteration of a short vector'),
  field('IDF', 7, 'Input denormal', noYes),
  field('IXF', 4, 'Inexact', noYes),
  field('UFF', 3, 'Underflow', noYes),
  field('OFF', 2, 'Overflow', noYes),
  field('DZF', 1, 'Division by zero', noYes),
  field('IOF', 0, 'Invalid operation', noYes),
];

const debugStatus = (name: 'IFSC' | 'DFSC') =>
  field(name, [5, 0], 'Fault status', (code) => (code === DEBUG_EVENT ? faultStatusText(code) : 'reserved'));
export const breakpoint: Layout = () => [debugStatus('IFSC')];

const EX = field('EX', 6, 'The instruction stepped was a load-exclusive', noYes);
const stepFields = [
  field('ISV', 24, 'EX is valid', { 0: 'no: no instruction was stepped', 1: 'yes: an instruction was stepped' }),
  EX,
  debugStatus('IFSC'),
];
export const ISS_STEP = bitsOf(stepFields);
export const softwareStep: Layout = () => stepFields;

export const watchpoint: Layout = () => [field('CM', 8, 'Cache maintenance instruction', noYes), direction, debugStatus('DFSC')];

const serrors: Readonly<Record<number, string>> = {
  0: 'DECERR on an external access',
  1: 'double-bit error on a dirty line of the L2 cache',
  2: 'SLVERR on an external access',
  4: 'nSEI, or nVSEI in a guest, was asserted',
  5: 'nREI was asserted',
};
const IDS = field('IDS', 24, 'The ISS is valid, and IMPLEMENTATION DEFINED', noYes);
/** Without FEAT_RAS the ISS of an SError is the implementation's: this is Cortex-A53's. */
export const serror: Layout = (iss) => {
  if (!(iss & bitsOf([IDS]).IDS)) return [IDS];
  const cause = () => serrors[(((iss >>> 22) & 3) << 2) | (iss & 3)] ?? 'reserved';
  return [IDS, field('ISS<23:22>', [23, 22], 'Cause, with ISS<1:0>', cause), field('ISS<1:0>', [1, 0], 'Cause, with ISS<23:22>', cause)];
};

export const nothing: Layout = () => [];
