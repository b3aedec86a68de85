/**
 * The CPU interface of a GICv3 (GICv3 specification 12). Here: who may use these registers and what traps them; what they do is the GIC's.
 * With a GICv2 they are UNDEFINED.
 */
import type { SystemRegisterName } from '../../isa/index.ts';
import type { GicRegister } from '../environment.ts';
import type { CpuState } from '../state.ts';
import { HCR_EL2 } from './bits.ts';
import { allOf } from './fields/field.ts';
import {
  iccActivePriorities,
  iccBpr0El1,
  iccBpr1El1,
  iccCtlrEl1,
  iccIgrpen,
  iccIntid,
  iccPmrEl1,
  iccRprEl1,
  iccSgi,
  iccSreEl1,
  iccSreEl2,
  ichEisrEl2,
  ichElrsrEl2,
  ichHcrEl2,
  ichLrEl2,
  ichMisrEl2,
  ichVmcrEl2,
  ichVtrEl2,
} from './fields/gic.ts';
import { registerGroup, type RegisterOptions } from './types.ts';

const { register: anywhere } = registerGroup('GIC');
const register: typeof anywhere = (name, title, options) => anywhere(name, title, { ...options, only: 'with GICv3' });

/** What traps a register at EL1, and the bits of HCR_EL2 by which a guest reaches the virtual one instead (GICv3 specification 4.6.1). */
const common = { traps: ['ICH_HCR_EL2.TC'], virtualBy: HCR_EL2.FMO | HCR_EL2.IMO } as const;
const group0 = { traps: ['ICH_HCR_EL2.TALL0'], virtualBy: HCR_EL2.FMO } as const;
const group1 = { traps: ['ICH_HCR_EL2.TALL1'], virtualBy: HCR_EL2.IMO } as const;
const sgi = { traps: ['ICH_HCR_EL2.TC', 'HCR_EL2.FMO', 'HCR_EL2.IMO'] } as const;

interface GicOptions extends RegisterOptions {
  readonly virtualBy?: number;
}

/** A register that the GIC keeps. */
const icc = (name: GicRegister & SystemRegisterName, title: string, { virtualBy = 0, ...options }: GicOptions = {}) => {
  const virtual = name.replace('ICC', 'ICV') as GicRegister;
  const meant = (cpu: CpuState): GicRegister => (cpu.el === 1 && cpu.low('HCR_EL2') & virtualBy ? virtual : name);
  return register(name, title, {
    compute: (cpu, environment) => environment.gic!.read(meant(cpu)),
    peek: (cpu, environment) => environment.gic!.peek(meant(cpu))!,
    assign: (cpu, environment, low, high) => environment.gic!.write(meant(cpu), low, high),
    effect: 'interrupts',
    ...options,
  });
};
const readOnly = { write: null } as const;
const writeOnly = { read: null } as const;

const HCR_BITS = Number(allOf(ichHcrEl2));

export const gicRegisters = [
  icc('ICC_PMR_EL1', 'Priority mask: only interrupts of higher priority are signalled', { ...common, fields: iccPmrEl1 }),
  icc('ICC_IAR0_EL1', 'Acknowledges the pending interrupt of group 0', { ...readOnly, ...group0, fields: iccIntid }),
  icc('ICC_EOIR0_EL1', 'Ends an interrupt of group 0', { ...writeOnly, ...group0, fields: iccIntid }),
  icc('ICC_HPPIR0_EL1', 'Highest pending interrupt of group 0', { ...readOnly, ...group0, fields: iccIntid }),
  icc('ICC_BPR0_EL1', 'Binary point of group 0', { ...group0, fields: iccBpr0El1 }),
  icc('ICC_AP0R0_EL1', 'Active priorities of group 0', { ...group0, fields: iccActivePriorities }),
  icc('ICC_AP1R0_EL1', 'Active priorities of group 1', { ...group1, fields: iccActivePriorities }),
  icc('ICC_DIR_EL1', 'Deactivates an interrupt', {
    ...writeOnly,
    ...common,
    traps: ['ICH_HCR_EL2.TC', 'ICH_HCR_EL2.TDIR'],
    fields: iccIntid,
  }),
  icc('ICC_RPR_EL1', 'Running priority', { ...readOnly, ...common, fields: iccRprEl1 }),
  icc('ICC_SGI1R_EL1', 'Sends a software-generated interrupt of group 1', { ...writeOnly, ...sgi, fields: iccSgi }),
  icc('ICC_ASGI1R_EL1', 'Sends a software-generated interrupt of group 1 to the other security state', {
    ...writeOnly,
    ...sgi,
    fields: iccSgi,
  }),
  icc('ICC_SGI0R_EL1', 'Sends a software-generated interrupt of group 0', { ...writeOnly, ...sgi, fields: iccSgi }),
  icc('ICC_IAR1_EL1', 'Acknowledges the pending interrupt of group 1', { ...readOnly, ...group1, fields: iccIntid }),
  icc('ICC_EOIR1_EL1', 'Ends an interrupt of group 1', { ...writeOnly, ...group1, fields: iccIntid }),
  icc('ICC_HPPIR1_EL1', 'Highest pending interrupt of group 1', { ...readOnly, ...group1, fields: iccIntid }),
  icc('ICC_BPR1_EL1', 'Binary point of group 1', { ...group1, fields: iccBpr1El1 }),
  icc('ICC_CTLR_EL1', 'Control of the CPU interface', { ...common, fields: iccCtlrEl1 }),
  register('ICC_SRE_EL1', 'System register interface: always on', { reset: allOf(iccSreEl1), fields: iccSreEl1 }),
  icc('ICC_IGRPEN0_EL1', 'Enables interrupts of group 0', { ...group0, fields: iccIgrpen }),
  icc('ICC_IGRPEN1_EL1', 'Enables interrupts of group 1', { ...group1, fields: iccIgrpen }),
  register('ICC_SRE_EL2', 'System register interface for EL2: always on', { reset: allOf(iccSreEl2), fields: iccSreEl2 }),
  icc('ICH_AP0R0_EL2', 'Active virtual priorities of group 0', { fields: iccActivePriorities }),
  icc('ICH_AP1R0_EL2', 'Active virtual priorities of group 1', { fields: iccActivePriorities }),
  icc('ICH_VTR_EL2', 'What the virtual interface has: list registers, priority bits', { ...readOnly, fields: ichVtrEl2 }),
  icc('ICH_MISR_EL2', 'Why the maintenance interrupt is pending', { ...readOnly, fields: ichMisrEl2 }),
  icc('ICH_EISR_EL2', 'List registers whose interrupt has ended', { ...readOnly, fields: ichEisrEl2 }),
  icc('ICH_ELRSR_EL2', 'List registers that are free', { ...readOnly, fields: ichElrsrEl2 }),
  icc('ICH_VMCR_EL2', "The virtual machine's view of the interface", { fields: ichVmcrEl2 }),
  icc('ICH_LR0_EL2', 'List register 0: a virtual interrupt', { fields: ichLrEl2 }),
  icc('ICH_LR1_EL2', 'List register 1: a virtual interrupt', { fields: ichLrEl2 }),
  icc('ICH_LR2_EL2', 'List register 2: a virtual interrupt', { fields: ichLrEl2 }),
  icc('ICH_LR3_EL2', 'List register 3: a virtual interrupt', { fields: ichLrEl2 }),
  // The traps look at it, so it is kept by the CPU; the GIC is told of writes and may count in EOIcount.
  register('ICH_HCR_EL2', 'Control of the virtual interface', {
    writable: allOf(ichHcrEl2),
    compute: (cpu) => cpu.low('ICH_HCR_EL2'),
    assign: (cpu, environment, low, high) => {
      cpu.setHalves('ICH_HCR_EL2', (low & HCR_BITS) >>> 0, 0);
      environment.gic!.write('ICH_HCR_EL2', low, high);
    },
    effect: 'interrupts',
    fields: ichHcrEl2,
  }),
];
