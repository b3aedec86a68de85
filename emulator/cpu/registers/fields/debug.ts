/** Fields of the debug registers (Arm ARM D17.3). */
import { field, noYes, offOn } from './field.ts';

const privilege = { 0: 'none', 1: 'EL1', 2: 'EL0', 3: 'EL1 and EL0' };
export const dbgbcr = [
  field('BT', [23, 20], 'Compared', {
    0: 'instruction address',
    1: 'instruction address, and what the linked breakpoint compares',
    2: 'CONTEXTIDR_EL1',
    3: 'CONTEXTIDR_EL1, for those that link to it',
    8: 'VMID',
    9: 'VMID, for those that link to it',
    10: 'CONTEXTIDR_EL1 and VMID',
    11: 'CONTEXTIDR_EL1 and VMID, for those that link to it',
  }),
  field('LBN', [19, 16], 'Linked breakpoint'),
  field('SSC', [15, 14], 'Security state'),
  field('HMC', 13, 'Higher mode control'),
  field('BAS', [8, 5], 'Byte address select'),
  field('PMC', [2, 1], 'Levels', privilege),
  field('E', 0, 'Breakpoint', offOn),
];
export const dbgwcr = [
  field('MASK', [28, 24], 'Address bits ignored'),
  field('WT', 20, 'Type', { 0: 'unlinked', 1: 'linked' }),
  field('LBN', [19, 16], 'Linked breakpoint'),
  field('SSC', [15, 14], 'Security state'),
  field('HMC', 13, 'Higher mode control'),
  field('BAS', [12, 5], 'Bytes watched'),
  field('LSC', [4, 3], 'Accesses', { 1: 'loads', 2: 'stores', 3: 'loads and stores' }),
  field('PAC', [2, 1], 'Levels', privilege),
  field('E', 0, 'Watchpoint', offOn),
];

export const mdscrEl1 = [
  field('MDE', 15, 'Breakpoints, watchpoints and vector catch', offOn),
  field('KDE', 13, 'Debug exceptions inside the level that takes them', offOn),
  field('TDCC', 12, 'Debug communications channel at EL0', { 0: 'allowed', 1: 'trapped to EL1' }),
  field('SS', 0, 'Software step', offOn),
];
export const mdccintEl1 = [field('RX', 30, 'Interrupt when it received', offOn), field('TX', 29, 'Interrupt when it sent', offOn)];
export const mdccsrEl0 = [field('RXfull', 30, 'Something to read', noYes), field('TXfull', 29, 'Not yet read by the debugger', noYes)];
export const oslarEl1 = [field('OSLK', 0, 'Lock', { 0: 'unlock', 1: 'lock' })];
export const oslsrEl1 = [field('OSLM<1>', 3, 'OS lock implemented', noYes), field('OSLK', 1, 'Locked: debug exceptions are off', noYes)];
export const osdlrEl1 = [field('DLK', 0, 'Locked', noYes)];
