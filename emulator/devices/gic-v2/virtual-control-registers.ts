/** The registers of virtual interface control in words (IHI 0048B table 5-2). */
import type { RegisterDescription, RegisterField } from '../device.ts';
import { bit } from './bit-field.ts';

const range = (name: string, high: number, low: number, meaning: string, values?: RegisterField['values']): RegisterField => ({
  ...bit(name, low, meaning, values),
  high,
});
const described = (name: string, offset: number, access: 'r' | 'rw', title: string, fields: RegisterField[]): RegisterDescription => ({
  name: `GICH_${name}`,
  offset,
  width: 32,
  access,
  title,
  fields,
});

export const virtualControlRegisters: readonly RegisterDescription[] = [
  described('HCR', 0x00, 'rw', 'Control: switches virtual interrupts on, and says when the hypervisor wants to be told', [
    range('EOICount', 31, 27, 'ends of interrupts that were in no list register'),
    bit('VGrp1DIE', 7, 'tell when the guest has group 1 off'),
    bit('VGrp1EIE', 6, 'tell when the guest has group 1 on'),
    bit('VGrp0DIE', 5, 'tell when the guest has group 0 off'),
    bit('VGrp0EIE', 4, 'tell when the guest has group 0 on'),
    bit('NPIE', 3, 'tell when no list register is pending'),
    bit('LRENPIE', 2, 'tell when EOICount is not 0'),
    bit('UIE', 1, 'tell when at most one list register is in use'),
    bit('En', 0, 'virtual CPU interface on', { 0: 'off', 1: 'on' }),
  ]),
  described('VTR', 0x04, 'r', 'What the virtual interface has', [
    range('PRIbits', 31, 29, 'bits of priority, less one'),
    range('PREbits', 28, 26, 'bits of priority that decide about preemption, less one'),
    range('ListRegs', 5, 0, 'list registers, less one'),
  ]),
  described('VMCR', 0x08, 'rw', "The guest's settings, for saving and restoring: GICV_PMR, BPR, ABPR, CTLR in one", [
    range('VMPriMask', 31, 27, 'GICV_PMR, bits 7..3'),
    range('VMBP', 23, 21, 'GICV_BPR'),
    range('VMABP', 20, 18, 'GICV_ABPR'),
    bit('VEM', 9, 'GICV_CTLR.EOImode'),
    bit('VMCBPR', 4, 'GICV_CTLR.CBPR'),
    bit('VMFIQEn', 3, 'GICV_CTLR.FIQEn'),
    bit('VMAckCtl', 2, 'GICV_CTLR.AckCtl'),
    bit('VMGrp1En', 1, 'GICV_CTLR.EnableGrp1'),
    bit('VMGrp0En', 0, 'GICV_CTLR.EnableGrp0'),
  ]),
  described('MISR', 0x10, 'r', 'Why there is a maintenance interrupt', [
    bit('VGrp1D', 7, 'the guest has group 1 off'),
    bit('VGrp1E', 6, 'the guest has group 1 on'),
    bit('VGrp0D', 5, 'the guest has group 0 off'),
    bit('VGrp0E', 4, 'the guest has group 0 on'),
    bit('NP', 3, 'no list register is pending'),
    bit('LRENP', 2, 'an interrupt ended that was in no list register'),
    bit('U', 1, 'underflow: at most one list register is in use'),
    bit('EOI', 0, 'an interrupt ended that asks to tell: see GICH_EISR0'),
  ]),
  described('EISR0', 0x20, 'r', 'List registers whose interrupt has ended, and which ask to tell', [
    range('LRs', 31, 0, 'bit i: GICH_LRi'),
  ]),
  described('ELRSR0', 0x30, 'r', 'List registers that are free', [range('LRs', 31, 0, 'bit i: GICH_LRi')]),
  described('APR', 0xf0, 'rw', 'Active priorities of the guest', [range('Priorities', 31, 0, 'bit i: priority 8i is active')]),
  {
    ...described('LR', 0x100, 'rw', 'List register: one virtual interrupt', [
      bit('HW', 31, 'a physical interrupt stands behind it, which its end deactivates', { 0: 'no', 1: 'yes' }),
      bit('Grp1', 30, 'group', { 0: 'group 0', 1: 'group 1' }),
      range('State', 29, 28, 'state', { 0: 'invalid: free', 1: 'pending', 2: 'active', 3: 'active and pending' }),
      range('Priority', 27, 23, 'bits 7..3 of its priority'),
      range(
        'PhysicalID',
        19,
        10,
        'with HW = 1 the physical INTID; else bit 19 asks to tell its end, bits 12..10 are the CPU that sent an SGI',
      ),
      range('VirtualID', 9, 0, 'INTID that the guest sees'),
    ]),
    count: 4,
  },
];
