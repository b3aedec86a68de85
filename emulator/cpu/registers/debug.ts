/**
 * Self-hosted debug (Arm ARM D2; registers D17.3). As on the reference machine there is no external debugger: the registers of the debug
 * communications channel and the claim tags are absent.
 */
import type { StoredRegister } from '../stored-registers.ts';
import { field, noYes, offOn, registerGroup, type Assign, type RegisterOptions } from './types.ts';

const { register } = registerGroup('Debug');

const TDA = ['MDCR_EL2.TDA', 'MDCR_EL2.TDE', 'HCR_EL2.TGE'] as const;
const TDOSA = ['MDCR_EL2.TDOSA', 'MDCR_EL2.TDE', 'HCR_EL2.TGE'] as const;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
type Name = Parameters<typeof register>[0];

const privilege = { 0: 'none', 1: 'EL1', 2: 'EL0', 3: 'EL1 and EL0' };
const breakpointControl = [
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
const watchpointControl = [
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
const eachOf = (prefix: string, count: number, title: string, options: (name: StoredRegister) => RegisterOptions) =>
  numbers(count).map((n) =>
    register(`${prefix}${n}_EL1` as Name, `${title} ${n}`, {
      traps: TDA,
      effect: 'debug',
      ...options(`${prefix}${n}_EL1` as StoredRegister),
    }),
  );
/** BAS<3> and BAS<1> are copies of BAS<2> and BAS<0> (D17.3.2). */
const assignBreakpointControl =
  (name: StoredRegister): Assign =>
  (cpu, _, low, high) =>
    cpu.setHalves(name, ((low & ~0x140) | ((low & 0xa0) << 1)) >>> 0, high);

export const debugRegisters = [
  register('MDSCR_EL1', 'Self-hosted debug: stepping, breakpoints, the debug channel', {
    traps: TDA,
    effect: 'debug',
    fields: [
      field('MDE', 15, 'Breakpoints, watchpoints and vector catch', offOn),
      field('KDE', 13, 'Debug exceptions inside the level that takes them', offOn),
      field('TDCC', 12, 'Debug communications channel at EL0', { 0: 'allowed', 1: 'trapped to EL1' }),
      field('SS', 0, 'Software step', offOn),
    ],
  }),
  register('MDCCINT_EL1', 'Interrupts of the debug communications channel', {
    traps: TDA,
    writable: 0x6000_0000n,
    fields: [field('RX', 30, 'Interrupt when it received', offOn), field('TX', 29, 'Interrupt when it sent', offOn)],
  }),
  register('MDCCSR_EL0', 'State of the debug communications channel', {
    write: null,
    traps: ['MDSCR_EL1.TDCC', ...TDA],
    fields: [field('RXfull', 30, 'Something to read', noYes), field('TXfull', 29, 'Not yet read by the debugger', noYes)],
  }),
  register('MDRAR_EL1', 'Address of the debug ROM table: none', {
    write: null,
    traps: ['MDCR_EL2.TDRA', 'MDCR_EL2.TDE', 'HCR_EL2.TGE'],
  }),
  register('OSLAR_EL1', 'Locks and unlocks the debug registers for saving', {
    read: null,
    traps: TDOSA,
    writable: 1n,
    assign: (cpu, _, low) => cpu.setHalves('OSLSR_EL1', 8 | ((low & 1) << 1), 0),
    effect: 'debug',
    fields: [field('OSLK', 0, 'Lock', { 0: 'unlock', 1: 'lock' })],
  }),
  register('OSLSR_EL1', 'State of the OS lock', {
    reset: 0xan,
    writable: 0n,
    write: null,
    traps: TDOSA,
    fields: [field('OSLM<1>', 3, 'OS lock implemented', noYes), field('OSLK', 1, 'Locked: debug exceptions are off', noYes)],
  }),
  register('OSDLR_EL1', 'OS double lock', { writable: 1n, traps: TDOSA, fields: [field('DLK', 0, 'Locked', noYes)] }),
  ...eachOf('DBGBVR', 6, 'Address (or context) of breakpoint', () => ({})),
  ...eachOf('DBGBCR', 6, 'Control of breakpoint', (name) => ({ assign: assignBreakpointControl(name), fields: breakpointControl })),
  // Bits 1:0 are RES0.
  ...eachOf('DBGWVR', 4, 'Address of watchpoint', () => ({ writable: 0xffff_ffff_ffff_fffcn })),
  ...eachOf('DBGWCR', 4, 'Control of watchpoint', () => ({ fields: watchpointControl })),
  register('DBGVCR32_EL2', "AArch32's vector catch, for EL2 to save and restore", { traps: ['MDCR_EL2.TDA'] }),
];
