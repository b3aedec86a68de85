/** Registers of exception handling (Arm ARM D17.2): where exceptions come from, what they save, and the PSTATE fields with names. */
import { isrValue } from '../interrupts.ts';
import { daifIn, nzcvIn, packDaif, packNzcv } from '../spsr.ts';
import { allOf, CurrentEL, SPSel, valueAt } from './bits.ts';
import { ifsr32El2 } from './fields/aarch32-state.ts';
import { esrFields } from './fields/esr.ts';
import { currentEl, daif, fpcr, fpsr, hpfarEl2, isrEl1, nzcv, spSel, spsrFields, spsrOfAArch32, vbar } from './fields/exception.ts';
import { registerGroup } from './types.ts';

const { register } = registerGroup('Exceptions');
const FPCR_BITS = Number(allOf(fpcr));
const FPSR_BITS = Number(allOf(fpsr));
const TVM = ['w:HCR_EL2.TVM', 'r:HCR_EL2.TRVM'] as const;

const savedPstate = (name: 'SPSR_EL1' | 'SPSR_EL2', level: string) =>
  register(name, `PSTATE saved by the last exception to ${level}; ERET at ${level} restores it`, { fields: spsrFields });
const aarch32Spsr = (name: 'SPSR_abt' | 'SPSR_und' | 'SPSR_irq' | 'SPSR_fiq', mode: string) =>
  register(name, `Saved program status of AArch32 ${mode} mode, for EL2 to save and restore`, { el: 2, fields: spsrOfAArch32 });
const vectors = (name: 'VBAR_EL1' | 'VBAR_EL2', level: string) =>
  register(name, `Address of the vector table for exceptions to ${level} (VA, 2 KiB aligned)`, {
    // Bits 10:0 are RES0.
    writable: allOf(vbar),
    fields: vbar,
  });

export const exceptionRegisters = [
  register('CurrentEL', 'The current exception level', {
    el: 1,
    write: null,
    compute: (cpu) => valueAt(CurrentEL.EL, cpu.el),
    fields: currentEl,
  }),
  register('SPSel', 'Which stack pointer the level uses', {
    el: 1,
    writable: 1n,
    reset: 1n,
    compute: (cpu) => cpu.spsel,
    assign: (cpu, _, low) => cpu.setLevel(cpu.el, (low & SPSel.SP) as 0 | 1),
    fields: spSel,
  }),
  register('DAIF', 'Which exceptions are masked', {
    el: 0,
    traps: ['SCTLR_EL1.UMA'],
    writable: allOf(daif),
    reset: allOf(daif),
    compute: (cpu) => packDaif(cpu.daif),
    assign: (cpu, environment, low) => {
      cpu.daif = daifIn(low);
      environment.interruptsChanged();
    },
    fields: daif,
  }),
  register('NZCV', 'The condition flags', {
    el: 0,
    writable: allOf(nzcv),
    compute: (cpu) => packNzcv(cpu.nzcv),
    assign: (cpu, _, low) => {
      cpu.nzcv = nzcvIn(low);
    },
    fields: nzcv,
  }),
  register('ISR_EL1', 'Which interrupts are pending', {
    write: null,
    compute: (cpu, environment) => isrValue(cpu, environment.lines),
    fields: isrEl1,
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
  savedPstate('SPSR_EL1', 'EL1'),
  savedPstate('SPSR_EL2', 'EL2'),
  aarch32Spsr('SPSR_abt', 'Abort'),
  aarch32Spsr('SPSR_und', 'Undefined'),
  aarch32Spsr('SPSR_irq', 'IRQ'),
  aarch32Spsr('SPSR_fiq', 'FIQ'),
  register('ESR_EL1', 'Why the last exception to EL1 was taken', { traps: TVM, fields: esrFields }),
  register('ESR_EL2', 'Why the last exception to EL2 was taken', { fields: esrFields }),
  register('FAR_EL1', 'Faulting virtual address of the last abort, alignment fault or watchpoint taken to EL1', { traps: TVM }),
  register('FAR_EL2', 'Faulting virtual address of the last abort, alignment fault or watchpoint taken to EL2'),
  register('HPFAR_EL2', 'Page of the intermediate physical address that stage 2 refused', {
    fields: hpfarEl2,
  }),
  register('AFSR0_EL1', 'Auxiliary fault status of EL1: nothing on Cortex-A53', { traps: TVM, writable: 0n }),
  register('AFSR1_EL1', 'Auxiliary fault status of EL1: nothing on Cortex-A53', { traps: TVM, writable: 0n }),
  register('AFSR0_EL2', 'Auxiliary fault status of EL2: nothing on Cortex-A53', { writable: 0n }),
  register('AFSR1_EL2', 'Auxiliary fault status of EL2: nothing on Cortex-A53', { writable: 0n }),
  register('IFSR32_EL2', "AArch32's instruction fault status, for EL2 to save and restore", { fields: ifsr32El2 }),
  vectors('VBAR_EL1', 'EL1'),
  vectors('VBAR_EL2', 'EL2'),
  // The highest level has it, and no other (D17.2.117).
  register('RVBAR_EL1', 'Where execution starts after reset', { write: null, only: 'without EL2' }),
  register('RVBAR_EL2', 'Where execution starts after reset', { write: null }),
  register('FPCR', 'Floating-point control', {
    el: 0,
    traps: ['CPACR_EL1.FPEN', 'CPACR_EL1.FPEN (EL0)', 'CPTR_EL2.TFP'],
    writable: allOf(fpcr),
    compute: (cpu) => cpu.fpcr,
    assign: (cpu, _, low) => {
      cpu.fpcr = low & FPCR_BITS;
    },
    fields: fpcr,
  }),
  register('FPSR', 'Floating-point status: what has happened so far', {
    el: 0,
    traps: ['CPACR_EL1.FPEN', 'CPACR_EL1.FPEN (EL0)', 'CPTR_EL2.TFP'],
    writable: allOf(fpsr),
    compute: (cpu) => cpu.fpsr,
    assign: (cpu, _, low) => {
      cpu.fpsr = (low & FPSR_BITS) >>> 0;
    },
    fields: fpsr,
  }),
];
