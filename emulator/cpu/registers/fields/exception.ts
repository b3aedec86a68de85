/** Fields of the registers of exception handling, and of PSTATE (Arm ARM D17.2). */
import { addressFrom, bitNumbers, field, noYes, offOn, type Field } from './field.ts';
import { isAArch32, modeName } from './modes.ts';

const modes = Object.fromEntries(Array.from({ length: 32 }, (_, mode) => [mode, modeName(mode)]));
export const daif = [
  field('D', 9, 'Debug exceptions masked', noYes),
  field('A', 8, 'SError masked', noYes),
  field('I', 7, 'IRQ masked', noYes),
  field('F', 6, 'FIQ masked', noYes),
];
export const nzcv = [
  field('N', 31, 'Last result was negative', noYes),
  field('Z', 30, 'Last result was zero', noYes),
  field('C', 29, 'Last addition carried, or subtraction did not borrow', noYes),
  field('V', 28, 'Last result overflowed as a signed number', noYes),
];
export const spsr = [
  ...nzcv,
  field('SS', 21, 'Software step', { 0: 'not stepping', 1: 'one instruction, then a step exception' }),
  field('IL', 20, 'Illegal execution state', noYes),
  ...daif,
  field('M', [4, 0], 'Level and stack pointer that ERET goes to', modes),
];

/** What SPSR_ELx holds where M<4> says AArch32. */
export const spsrOfAArch32 = [
  ...nzcv,
  field('Q', 27, 'A saturating instruction saturated', noYes),
  field('IT<1:0>', [26, 25], 'If-Then state, low bits'),
  field('SS', 21, 'Software step', { 0: 'not stepping', 1: 'one instruction, then a step exception' }),
  field('IL', 20, 'Illegal execution state', noYes),
  field('GE', [19, 16], 'Greater or equal, of parallel additions, one bit each', bitNumbers),
  field('IT<7:2>', [15, 10], 'If-Then state, high bits'),
  field('E', 9, 'Byte order of data', { 0: 'little-endian', 1: 'big-endian' }),
  field('A', 8, 'SError masked', noYes),
  field('I', 7, 'IRQ masked', noYes),
  field('F', 6, 'FIQ masked', noYes),
  field('T', 5, 'Instruction set', { 0: 'A32', 1: 'T32' }),
  field('M', [4, 0], 'Mode that ERET goes to', modes),
];
export const spsrFields = (value: bigint): readonly Field[] => (isAArch32(Number(value & 0x1fn)) ? spsrOfAArch32 : spsr);

export const vbar = [field('Vector base', [63, 11], 'Address of the table', addressFrom(11))];
export const currentEl = [field('EL', [3, 2], 'Exception level', { 0: 'EL0', 1: 'EL1', 2: 'EL2', 3: 'EL3' })];
export const spSel = [field('SP', 0, 'Stack pointer in use', { 0: 'SP_EL0', 1: 'SP_ELx of the level' })];
export const isrEl1 = [field('A', 8, 'SError pending', noYes), field('I', 7, 'IRQ pending', noYes), field('F', 6, 'FIQ pending', noYes)];
export const hpfarEl2 = [field('FIPA', [39, 4], 'Page of the faulting IPA', addressFrom(12))];

export const fpcr = [
  field('AHP', 26, 'Alternative half-precision format', offOn),
  field('DN', 25, 'Default NaN', { 0: 'NaNs propagate', 1: 'every NaN result is the default NaN' }),
  field('FZ', 24, 'Flush denormals to zero', offOn),
  field('RMode', [23, 22], 'Rounding', { 0: 'to nearest', 1: 'towards plus infinity', 2: 'towards minus infinity', 3: 'towards zero' }),
  field('Stride', [21, 20], 'For AArch32 short vectors; no effect here'),
  field('Len', [18, 16], 'For AArch32 short vectors; no effect here'),
];
export const fpsr = [
  field('NZCV', [31, 28], 'Condition flags of floating-point comparisons in AArch32'),
  field('QC', 27, 'A saturating instruction saturated', noYes),
  field('IDC', 7, 'An input was denormal', noYes),
  field('IXC', 4, 'A result was inexact', noYes),
  field('UFC', 3, 'A result underflowed', noYes),
  field('OFC', 2, 'A result overflowed', noYes),
  field('DZC', 1, 'Division by zero', noYes),
  field('IOC', 0, 'An operation was invalid', noYes),
];
