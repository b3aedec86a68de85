/**
 * Self-hosted debug (Arm ARM D2; registers D17.3). As on the reference machine there is no external debugger: the registers of the debug
 * communications channel and the claim tags are absent.
 */
import type { StoredRegister } from '../stored-registers.ts';
import { DBGBCR, OSLAR_EL1, OSLSR_EL1, valueAt } from './bits.ts';
import { low32 } from '../../base/bits.ts';
import { dbgvcr32El2 } from './fields/aarch32-state.ts';
import { dbgbcr, dbgbvr, dbgwcr, dbgwvr, mdccintEl1, mdccsrEl0, mdrarEl1, mdscrEl1, osdlrEl1, oslarEl1, oslsrEl1 } from './fields/debug.ts';
import { allOf } from './fields/field.ts';
import { registerGroup, type Assign, type RegisterOptions } from './types.ts';

const { register } = registerGroup('Debug');

const TDA = ['MDCR_EL2.TDA', 'MDCR_EL2.TDE', 'HCR_EL2.TGE'] as const;
const TDOSA = ['MDCR_EL2.TDOSA', 'MDCR_EL2.TDE', 'HCR_EL2.TGE'] as const;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
type Name = Parameters<typeof register>[0];

const eachOf = (prefix: string, count: number, title: string, options: (name: StoredRegister) => RegisterOptions) =>
  numbers(count).map((n) =>
    register(`${prefix}${n}_EL1` as Name, `${title} ${n}`, {
      traps: TDA,
      effect: 'debug',
      ...options(`${prefix}${n}_EL1` as StoredRegister),
    }),
  );
const BAS_COPIES = valueAt(DBGBCR.BAS, 0b1010);
const BAS_SOURCES = valueAt(DBGBCR.BAS, 0b0101);
/** BAS<3> and BAS<1> are copies of BAS<2> and BAS<0> (D17.3.2). */
const assignBreakpointControl =
  (name: StoredRegister): Assign =>
  (cpu, _, low, high) =>
    cpu.setHalves(name, ((low & ~BAS_COPIES) | ((low & BAS_SOURCES) << 1)) >>> 0, high);

export const debugRegisters = [
  register('MDSCR_EL1', 'Self-hosted debug: stepping, breakpoints, the debug channel', {
    traps: TDA,
    effect: 'debug',
    fields: mdscrEl1,
  }),
  register('MDCCINT_EL1', 'Interrupts of the debug communications channel', {
    traps: TDA,
    writable: 0x6000_0000n,
    fields: mdccintEl1,
  }),
  register('MDCCSR_EL0', 'State of the debug communications channel', {
    write: null,
    traps: ['MDSCR_EL1.TDCC', ...TDA],
    fields: mdccsrEl0,
  }),
  register('MDRAR_EL1', 'Address of the debug ROM table: none', {
    write: null,
    traps: ['MDCR_EL2.TDRA', 'MDCR_EL2.TDE', 'HCR_EL2.TGE'],
    fields: mdrarEl1,
  }),
  register('OSLAR_EL1', 'Locks and unlocks the debug registers for saving', {
    read: null,
    traps: TDOSA,
    writable: 1n,
    assign: (cpu, _, low) => cpu.setHalves('OSLSR_EL1', OSLSR_EL1['OSLM<1>'] | (low & OSLAR_EL1.OSLK ? OSLSR_EL1.OSLK : 0), 0),
    effect: 'debug',
    fields: oslarEl1,
  }),
  register('OSLSR_EL1', 'State of the OS lock', {
    reset: BigInt(OSLSR_EL1['OSLM<1>'] | OSLSR_EL1.OSLK),
    writable: 0n,
    write: null,
    traps: TDOSA,
    fields: oslsrEl1,
  }),
  register('OSDLR_EL1', 'OS double lock', { writable: 1n, traps: TDOSA, fields: osdlrEl1 }),
  ...eachOf('DBGBVR', 6, 'Address (or context) of breakpoint', (name) => ({
    fields: (_, others) => dbgbvr(low32(others(name.replace('DBGBVR', 'DBGBCR') as StoredRegister))),
  })),
  ...eachOf('DBGBCR', 6, 'Control of breakpoint', (name) => ({ assign: assignBreakpointControl(name), fields: dbgbcr })),
  ...eachOf('DBGWVR', 4, 'Address of watchpoint', () => ({ writable: allOf(dbgwvr), fields: dbgwvr })),
  ...eachOf('DBGWCR', 4, 'Control of watchpoint', () => ({ fields: dbgwcr })),
  register('DBGVCR32_EL2', "AArch32's vector catch, for EL2 to save and restore", { traps: ['MDCR_EL2.TDA'], fields: dbgvcr32El2 }),
];
