/** Fields of ESR_ELx: ISS has a meaning of its own for each exception class (Arm ARM D17.2.37). */
import { exceptionClassName } from '../syndrome-text.ts';
import { field, noYes, type Field } from './fields/field.ts';

/** Data and instruction fault status codes. */
const faultStatus: Readonly<Record<number, string>> = Object.fromEntries<string>([
  ...['Address size fault', 'Translation fault', 'Access flag fault', 'Permission fault'].flatMap((name, kind) =>
    [0, 1, 2, 3].map((level) => [kind * 4 + level, `${name}, level ${level}`] as const),
  ),
  [0x10, 'Synchronous external abort'],
  ...[0, 1, 2, 3].map((level) => [0x14 + level, `Synchronous external abort on a table walk, level ${level}`] as const),
  [0x21, 'Alignment fault'],
  [0x22, 'Debug event'],
  [0x30, 'TLB conflict'],
]);

const size = { 0: '8 bits', 1: '16 bits', 2: '32 bits', 3: '64 bits' };
const s1ptw = field('S1PTW', 7, 'On a stage 2 walk for a stage 1 table', {
  0: 'no',
  1: 'yes: stage 2 refused the fetch of a stage 1 descriptor',
});
const fnv = field('FnV', 10, 'FAR not valid', { 0: 'FAR holds the address', 1: 'FAR does not hold the address' });
const external = field('EA', 9, 'External abort type', {});

const dataAbort = (iss: number): Field[] => [
  field('ISV', 24, 'Whether the fields for emulating the access are given', {
    0: 'not given: pair, write-back, exclusive or vector access, or not a stage 2 fault',
    1: 'given',
  }),
  ...(iss & (1 << 24)
    ? [
        field('SAS', [23, 22], 'Size of the access', size),
        field('SSE', 21, 'Sign-extended load', noYes),
        field('SRT', [20, 16], 'Register loaded or stored (31: zero register)'),
        field('SF', 15, 'Width of that register', { 0: '32 bits', 1: '64 bits' }),
        field('AR', 14, 'Acquire or release', noYes),
      ]
    : []),
  fnv,
  external,
  field('CM', 8, 'Cache maintenance or address translation instruction', noYes),
  s1ptw,
  field('WnR', 6, 'Direction', { 0: 'read', 1: 'write' }),
  field('DFSC', [5, 0], 'Data fault status', faultStatus),
];
const instructionAbort = [fnv, external, s1ptw, field('IFSC', [5, 0], 'Instruction fault status', faultStatus)];
const condition = [field('CV', 24, 'COND is valid', noYes), field('COND', [23, 20], 'Condition of the instruction', { 14: 'always' })];
const immediate = [field('imm16', [15, 0], 'Immediate of the instruction')];
const debugEvent = (name: string): Field => field(name, [5, 0], 'Fault status', { 0x22: 'Debug event' });
const softwareStep = [
  field('ISV', 24, 'EX is valid', { 0: 'no: no instruction was stepped', 1: 'yes: an instruction was stepped' }),
  field('EX', 6, 'The instruction stepped was a load-exclusive', noYes),
  debugEvent('IFSC'),
];
const systemAccess = [
  field('Op0', [21, 20], 'Encoding, op0'),
  field('Op2', [19, 17], 'Encoding, op2'),
  field('Op1', [16, 14], 'Encoding, op1'),
  field('CRn', [13, 10], 'Encoding, CRn'),
  field('Rt', [9, 5], 'General register of the instruction'),
  field('CRm', [4, 1], 'Encoding, CRm'),
  field('Direction', 0, 'Direction', { 0: 'write (MSR, or a system instruction)', 1: 'read (MRS)' }),
];

function issFields(exceptionClass: number, iss: number): readonly Field[] {
  switch (exceptionClass) {
    case 0x01:
      return [...condition, field('TI', 0, 'Instruction', { 0: 'WFI', 1: 'WFE' })];
    case 0x07:
      return condition;
    case 0x15:
    case 0x16:
    case 0x17:
    case 0x3c:
      return immediate;
    case 0x18:
      return systemAccess;
    case 0x20:
    case 0x21:
      return instructionAbort;
    case 0x24:
    case 0x25:
      return dataAbort(iss);
    case 0x30:
    case 0x31:
      return [debugEvent('IFSC')];
    case 0x32:
    case 0x33:
      return softwareStep;
    case 0x34:
    case 0x35:
      return [
        field('CM', 8, 'Cache maintenance instruction', noYes),
        field('WnR', 6, 'Direction', { 0: 'read', 1: 'write' }),
        debugEvent('DFSC'),
      ];
    case 0x2f:
      return [field('IDS', 24, 'Implementation defined syndrome', noYes)];
    default:
      return [];
  }
}

/** Fields of a syndrome, EC first. */
export function esrFields(value: bigint): readonly Field[] {
  const esr = Number(value & 0xffff_ffffn);
  const exceptionClass = esr >>> 26;
  return [
    field('EC', [31, 26], 'Exception class: what kind of exception', { [exceptionClass]: exceptionClassName(esr) }),
    field('IL', 25, 'Length of the instruction', { 0: '16 bits', 1: '32 bits' }),
    ...issFields(exceptionClass, esr & 0x1ff_ffff),
  ];
}
