/** Registers of exception handling (Arm ARM D17.2): where exceptions come from, what they save, and the PSTATE fields with names. */
import { isrValue } from '../interrupts.ts';
import { modeName } from '../spsr.ts';
import { esrFields } from './esr.ts';
import { field, noYes, offOn, registerGroup } from './types.ts';

const { register } = registerGroup('Exceptions');
const TVM = ['w:HCR_EL2.TVM', 'r:HCR_EL2.TRVM'] as const;

const modes = Object.fromEntries(Array.from({ length: 32 }, (_, mode) => [mode, modeName(mode)]));
const daif = [
  field('D', 9, 'Debug exceptions masked', noYes),
  field('A', 8, 'SError masked', noYes),
  field('I', 7, 'IRQ masked', noYes),
  field('F', 6, 'FIQ masked', noYes),
];
const nzcv = [
  field('N', 31, 'Last result was negative', noYes),
  field('Z', 30, 'Last result was zero', noYes),
  field('C', 29, 'Last addition carried, or subtraction did not borrow', noYes),
  field('V', 28, 'Last result overflowed as a signed number', noYes),
];
const spsrFields = [
  ...nzcv,
  field('SS', 21, 'Software step', { 0: 'not stepping', 1: 'one instruction, then a step exception' }),
  field('IL', 20, 'Illegal execution state', noYes),
  ...daif,
  field('M', [4, 0], 'Level and stack pointer (AArch64), or mode (AArch32), that ERET goes to', modes),
];
const spsr = (name: 'SPSR_EL1' | 'SPSR_EL2', level: string) =>
  register(name, `Saved PSTATE of what the last exception to ${level} interrupted; ERET at ${level} restores it`, { fields: spsrFields });
const aarch32Spsr = (name: 'SPSR_abt' | 'SPSR_und' | 'SPSR_irq' | 'SPSR_fiq', mode: string) =>
  register(name, `Saved program status of AArch32 ${mode} mode, for EL2 to save and restore`, { el: 2, fields: spsrFields });
const vbar = (name: 'VBAR_EL1' | 'VBAR_EL2', level: string) =>
  register(name, `Where the vector table for exceptions to ${level} lies (VA, 2 KiB aligned)`, {
    // Bits 10:0 are RES0.
    writable: 0xffff_ffff_ffff_f800n,
    fields: [field('Vector base', [63, 11], 'Address of the table, bits 63:11')],
  });

export const exceptionRegisters = [
  register('CurrentEL', 'The exception level that is executing', {
    el: 1,
    write: null,
    compute: (cpu) => cpu.el << 2,
    fields: [field('EL', [3, 2], 'Exception level', { 0: 'EL0', 1: 'EL1', 2: 'EL2', 3: 'EL3' })],
  }),
  register('SPSel', 'Which stack pointer the level uses', {
    el: 1,
    writable: 1n,
    reset: 1n,
    compute: (cpu) => cpu.spsel,
    assign: (cpu, _, low) => cpu.setLevel(cpu.el, (low & 1) as 0 | 1),
    fields: [field('SP', 0, 'Stack pointer in use', { 0: 'SP_EL0', 1: 'SP_ELx of the level' })],
  }),
  register('DAIF', 'Which exceptions are masked', {
    el: 0,
    traps: ['SCTLR_EL1.UMA'],
    writable: 0x3c0n,
    reset: 0x3c0n,
    compute: (cpu) => cpu.daif << 6,
    assign: (cpu, environment, low) => {
      cpu.daif = (low >>> 6) & 15;
      environment.interruptsChanged();
    },
    fields: daif,
  }),
  register('NZCV', 'The condition flags', {
    el: 0,
    writable: 0xf000_0000n,
    compute: (cpu) => (cpu.nzcv << 28) >>> 0,
    assign: (cpu, _, low) => {
      cpu.nzcv = low >>> 28;
    },
    fields: nzcv,
  }),
  register('ISR_EL1', 'Which interrupts are pending', {
    write: null,
    compute: (cpu, environment) => isrValue(cpu, environment.lines),
    fields: [field('A', 8, 'SError pending', noYes), field('I', 7, 'IRQ pending', noYes), field('F', 6, 'FIQ pending', noYes)],
  }),
  register('SP_EL0', 'Stack pointer of EL0 (and of higher levels while SPSel = 0)', {
    el: 1,
    compute: (cpu) => cpu.stackPointer(0),
    assign: (cpu, _, low, high) => cpu.setStackPointerHalves(0, low, high),
  }),
  register('SP_EL1', 'Stack pointer of EL1', {
    el: 2,
    compute: (cpu) => cpu.stackPointer(1),
    assign: (cpu, _, low, high) => cpu.setStackPointerHalves(1, low, high),
  }),
  register('SP_EL2', 'Stack pointer of EL2', {
    el: 3,
    compute: (cpu) => cpu.stackPointer(2),
    assign: (cpu, _, low, high) => cpu.setStackPointerHalves(2, low, high),
  }),
  register('ELR_EL1', 'Where ERET at EL1 returns to'),
  register('ELR_EL2', 'Where ERET at EL2 returns to'),
  spsr('SPSR_EL1', 'EL1'),
  spsr('SPSR_EL2', 'EL2'),
  aarch32Spsr('SPSR_abt', 'Abort'),
  aarch32Spsr('SPSR_und', 'Undefined'),
  aarch32Spsr('SPSR_irq', 'IRQ'),
  aarch32Spsr('SPSR_fiq', 'FIQ'),
  register('ESR_EL1', 'Why the last exception to EL1 was taken', { traps: TVM, fields: esrFields }),
  register('ESR_EL2', 'Why the last exception to EL2 was taken', { fields: esrFields }),
  register('FAR_EL1', 'Faulting virtual address of the last abort, alignment fault or watchpoint taken to EL1', { traps: TVM }),
  register('FAR_EL2', 'Faulting virtual address of the last abort, alignment fault or watchpoint taken to EL2'),
  register('HPFAR_EL2', 'Page of the intermediate physical address that stage 2 refused', {
    fields: [field('FIPA', [39, 4], 'Bits 47:12 of the faulting IPA')],
  }),
  register('AFSR0_EL1', 'Auxiliary fault status of EL1: nothing on Cortex-A53', { traps: TVM, writable: 0n }),
  register('AFSR1_EL1', 'Auxiliary fault status of EL1: nothing on Cortex-A53', { traps: TVM, writable: 0n }),
  register('AFSR0_EL2', 'Auxiliary fault status of EL2: nothing on Cortex-A53', { writable: 0n }),
  register('AFSR1_EL2', 'Auxiliary fault status of EL2: nothing on Cortex-A53', { writable: 0n }),
  register('IFSR32_EL2', "AArch32's instruction fault status, for EL2 to save and restore"),
  vbar('VBAR_EL1', 'EL1'),
  vbar('VBAR_EL2', 'EL2'),
  register('RVBAR_EL2', 'Where execution starts after reset', { write: null }),
  register('FPCR', 'Floating-point control', {
    el: 0,
    traps: ['CPACR_EL1.FPEN', 'CPACR_EL1.FPEN (EL0)', 'CPTR_EL2.TFP'],
    writable: 0x07f7_0000n,
    compute: (cpu) => cpu.fpcr,
    assign: (cpu, _, low) => {
      cpu.fpcr = low & 0x07f7_0000;
    },
    fields: [
      field('AHP', 26, 'Alternative half-precision format', offOn),
      field('DN', 25, 'Default NaN', { 0: 'NaNs propagate', 1: 'every NaN result is the default NaN' }),
      field('FZ', 24, 'Flush denormals to zero', offOn),
      field('RMode', [23, 22], 'Rounding', { 0: 'to nearest', 1: 'towards plus infinity', 2: 'towards minus infinity', 3: 'towards zero' }),
    ],
  }),
  register('FPSR', 'Floating-point status: what has happened so far', {
    el: 0,
    traps: ['CPACR_EL1.FPEN', 'CPACR_EL1.FPEN (EL0)', 'CPTR_EL2.TFP'],
    writable: 0xf800_009fn,
    compute: (cpu) => cpu.fpsr,
    assign: (cpu, _, low) => {
      cpu.fpsr = (low & 0xf800_009f) >>> 0;
    },
    fields: [
      field('QC', 27, 'A saturating instruction saturated', noYes),
      field('IDC', 7, 'An input was denormal', noYes),
      field('IXC', 4, 'A result was inexact', noYes),
      field('UFC', 3, 'A result underflowed', noYes),
      field('OFC', 2, 'A result overflowed', noYes),
      field('DZC', 1, 'Division by zero', noYes),
      field('IOC', 0, 'An operation was invalid', noYes),
    ],
  }),
];
