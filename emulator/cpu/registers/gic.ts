/**
 * The CPU interface of a GICv3 (GICv3 specification 12). Here: who may use these registers and what traps them; what they do is the GIC's.
 * With a GICv2 they are UNDEFINED.
 */
import type { SystemRegisterName } from '../../isa/index.ts';
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

const common = ['ICH_HCR_EL2.TC'] as const;
const group0 = ['ICH_HCR_EL2.TALL0'] as const;
const group1 = ['ICH_HCR_EL2.TALL1'] as const;
const sgi = ['ICH_HCR_EL2.TC', 'HCR_EL2.FMO', 'HCR_EL2.IMO'] as const;

/** A register that the GIC keeps. */
const icc = (name: SystemRegisterName, title: string, options: RegisterOptions = {}) =>
  register(name, title, {
    compute: (_, environment) => environment.gic!.read(name),
    assign: (_, environment, low, high) => environment.gic!.write(name, low, high),
    effect: 'interrupts',
    ...options,
  });
const readOnly = { write: null } as const;
const writeOnly = { read: null } as const;

const HCR_BITS = Number(allOf(ichHcrEl2));

export const gicRegisters = [
  icc('ICC_PMR_EL1', 'Priority mask: only interrupts of higher priority are signalled', { traps: common, fields: iccPmrEl1 }),
  icc('ICC_IAR0_EL1', 'Acknowledges the pending interrupt of group 0', { ...readOnly, traps: group0, fields: iccIntid }),
  icc('ICC_EOIR0_EL1', 'Ends an interrupt of group 0', { ...writeOnly, traps: group0, fields: iccIntid }),
  icc('ICC_HPPIR0_EL1', 'Highest pending interrupt of group 0', { ...readOnly, traps: group0, fields: iccIntid }),
  icc('ICC_BPR0_EL1', 'Binary point of group 0', { traps: group0, fields: iccBpr0El1 }),
  icc('ICC_AP0R0_EL1', 'Active priorities of group 0', { traps: group0, fields: iccActivePriorities }),
  icc('ICC_AP1R0_EL1', 'Active priorities of group 1', { traps: group1, fields: iccActivePriorities }),
  icc('ICC_DIR_EL1', 'Deactivates an interrupt', { ...writeOnly, traps: ['ICH_HCR_EL2.TC', 'ICH_HCR_EL2.TDIR'], fields: iccIntid }),
  icc('ICC_RPR_EL1', 'Running priority', { ...readOnly, traps: common, fields: iccRprEl1 }),
  icc('ICC_SGI1R_EL1', 'Sends a software-generated interrupt of group 1', { ...writeOnly, traps: sgi, fields: iccSgi }),
  icc('ICC_ASGI1R_EL1', 'Sends a software-generated interrupt of group 1 to the other security state', {
    ...writeOnly,
    traps: sgi,
    fields: iccSgi,
  }),
  icc('ICC_SGI0R_EL1', 'Sends a software-generated interrupt of group 0', { ...writeOnly, traps: sgi, fields: iccSgi }),
  icc('ICC_IAR1_EL1', 'Acknowledges the pending interrupt of group 1', { ...readOnly, traps: group1, fields: iccIntid }),
  icc('ICC_EOIR1_EL1', 'Ends an interrupt of group 1', { ...writeOnly, traps: group1, fields: iccIntid }),
  icc('ICC_HPPIR1_EL1', 'Highest pending interrupt of group 1', { ...readOnly, traps: group1, fields: iccIntid }),
  icc('ICC_BPR1_EL1', 'Binary point of group 1', { traps: group1, fields: iccBpr1El1 }),
  icc('ICC_CTLR_EL1', 'Control of the CPU interface', { traps: common, fields: iccCtlrEl1 }),
  icc('ICC_SRE_EL1', 'System register interface: always on', { fields: iccSreEl1 }),
  icc('ICC_IGRPEN0_EL1', 'Enables interrupts of group 0', { traps: group0, fields: iccIgrpen }),
  icc('ICC_IGRPEN1_EL1', 'Enables interrupts of group 1', { traps: group1, fields: iccIgrpen }),
  icc('ICC_SRE_EL2', 'System register interface for EL2: always on', { fields: iccSreEl2 }),
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
