/** Fields of the debug registers (Arm ARM D17.3). */
import { addressFrom, bitNumbers, bitsOf, count, field, noYes, offOn, valueIn, type Field } from './field.ts';

const privilege = { 0: 'neither EL1 nor EL0', 1: 'EL1', 2: 'EL0', 3: 'EL1 and EL0' };
const compared: Readonly<Record<number, string>> = {
  0: 'instruction address',
  1: 'instruction address, and what the linked breakpoint compares',
  2: 'CONTEXTIDR_EL1',
  3: 'CONTEXTIDR_EL1, for those that link to it',
  8: 'VMID',
  9: 'VMID, for those that link to it',
  10: 'CONTEXTIDR_EL1 and VMID',
  11: 'CONTEXTIDR_EL1 and VMID, for those that link to it',
};
const HMC = field('HMC', 13, 'Higher mode control: EL2', { 0: 'not included', 1: 'included' });
const SSC = field('SSC', [15, 14], 'Security state control', {
  0: 'either state',
  1: 'Non-secure',
  2: 'Secure: never here',
  3: 'either state, by HMC',
});
export const dbgbcr = [
  field('BT', [23, 20], 'Compared', (value) => compared[value] ?? 'reserved: the breakpoint is off'),
  field('LBN', [19, 16], 'Linked breakpoint', count),
  SSC,
  HMC,
  field(
    'BAS',
    [8, 5],
    'Byte address select',
    (value) =>
      ({
        3: 'the T32 instruction at the address',
        12: 'the T32 instruction at the address + 2',
        15: 'the A64 or A32 instruction at the address',
      })[value] ?? 'reserved',
  ),
  field('PMC', [2, 1], 'Levels', privilege),
  field('E', 0, 'Breakpoint', offOn),
];
const RESS = field('RESS', [63, 49], 'Sign extension: copies of bit 48');
const address = (meaning: string) => [RESS, field('VA', [48, 2], meaning, addressFrom(2))];
const VMID = field('VMID', [39, 32], 'VMID', count);
const ContextID = field('ContextID', [31, 0], 'Value of CONTEXTIDR_EL1');
export const dbgbvrOfContext = [VMID, ContextID];
const dbgbvrOfAddress = address('Address of the instruction, bits 48:2');
/** BT<3:1>: what is compared. Other values are reserved (0b010) or are not on Cortex-A53 (0b011, 0b11x): such a breakpoint is off. */
export const compares = { address: 0, contextId: 1, vmid: 4, vmidAndContextId: 5 } as const;
/** DBGBVR<n>_EL1, which holds what DBGBCR<n>_EL1 compares. */
export function dbgbvr(control: number): readonly Field[] {
  switch (valueIn(control, bitsOf(dbgbcr).BT) >>> 1) {
    case compares.contextId:
      return [ContextID];
    case compares.vmid:
      return [VMID];
    case compares.vmidAndContextId:
      return dbgbvrOfContext;
    default:
      return dbgbvrOfAddress;
  }
}
export const dbgwvr = address('Address of the word or doubleword watched, bits 48:2');
export const dbgwcr = [
  field('MASK', [28, 24], 'Range watched', (value) =>
    value === 0 ? 'the bytes that BAS names' : value < 3 ? 'reserved: the watchpoint is off' : `${2 ** value} bytes`,
  ),
  field('WT', 20, 'Type', { 0: 'unlinked', 1: 'linked' }),
  field('LBN', [19, 16], 'Linked breakpoint', count),
  SSC,
  HMC,
  field('BAS', [12, 5], 'Bytes watched', bitNumbers),
  field('LSC', [4, 3], 'Accesses', { 0: 'none: reserved', 1: 'loads', 2: 'stores', 3: 'loads and stores' }),
  field('PAC', [2, 1], 'Levels', privilege),
  field('E', 0, 'Watchpoint', offOn),
];

export const mdscrEl1 = [
  field('RXfull', 30, 'EDSCR.RXfull, to be saved and restored', noYes),
  field('TXfull', 29, 'EDSCR.TXfull, to be saved and restored', noYes),
  field('RXO', 27, 'EDSCR.RXO, to be saved and restored', noYes),
  field('TXU', 26, 'EDSCR.TXU, to be saved and restored', noYes),
  field('INTdis', [23, 22], 'EDSCR.INTdis, to be saved and restored', {
    0: 'no interrupts disabled',
    1: 'those to Non-secure EL1 disabled',
    2: 'those to Non-secure EL1 and EL2 disabled',
    3: 'all interrupts disabled',
  }),
  field('TDA', 21, 'EDSCR.TDA, to be saved and restored', noYes),
  field('MDE', 15, 'Breakpoints, watchpoints and vector catch', offOn),
  field('HDE', 14, 'EDSCR.HDE, to be saved and restored', noYes),
  field('KDE', 13, 'Debug exceptions at the level they are taken to', offOn),
  field('TDCC', 12, 'Debug communications channel at EL0', { 0: 'allowed', 1: 'trapped to EL1' }),
  field('ERR', 6, 'EDSCR.ERR, to be saved and restored', noYes),
  field('SS', 0, 'Software step', offOn),
];
export const mdccintEl1 = [
  field('RX', 30, 'Interrupt when it has received data', offOn),
  field('TX', 29, 'Interrupt when its data has been read', offOn),
];
export const mdccsrEl0 = [field('RXfull', 30, 'Something to read', noYes), field('TXfull', 29, 'Not yet read by the debugger', noYes)];
/** There is no debug ROM table. */
export const mdrarEl1 = [
  field('ROMADDR', [47, 12], 'Physical address of the ROM table', addressFrom(12)),
  field('Valid', [1, 0], 'That address', { 0: 'not valid', 3: 'valid' }),
];
export const oslarEl1 = [field('OSLK', 0, 'Lock', { 0: 'unlock', 1: 'lock' })];
export const oslsrEl1 = [field('OSLM<1>', 3, 'OS lock implemented', noYes), field('OSLK', 1, 'Locked: debug exceptions are off', noYes)];
export const osdlrEl1 = [field('DLK', 0, 'Locked', noYes)];
