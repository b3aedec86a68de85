/** The registers of the tower in a few words each: what a person would want to know first about the value. */
import { bit, bits, low32 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { exceptionClass, instructionSpecificSyndrome } from '../cpu/events.ts';
import { describeRegister } from '../cpu/index.ts';
import { HCR_EL2, TCR_EL1, TSZ, VTCR_EL2 } from '../cpu/registers/bits.ts';
import { exceptionClassOf } from '../cpu/registers/fields/exception-classes.ts';
import { modeName } from '../cpu/spsr.ts';
import { stage2Enabled } from '../mmu/regime.ts';
import type { ProgramNames } from './subject.ts';

type Words = (value: bigint, names: ProgramNames) => string;

const spsr: Words = (value) => {
  const masked = ['D', 'A', 'I', 'F'].filter((_letter, i) => bit(value, 9 - i)).join('');
  const flags = ['N', 'Z', 'C', 'V'].filter((_letter, i) => bit(value, 31 - i)).join(' ');
  const masks = masked === 'DAIF' ? 'DAIF masked' : masked === '' ? 'interrupts enabled' : `${masked} masked`;
  return [modeName(Number(value & 0x1fn)), masks, flags].filter(Boolean).join(', ');
};
const address: Words = (value, names) => names.symbol(value) ?? '';

const esr: Words = (value) => {
  if (value === 0n) return 'no exception yet';
  const number = Number(value & 0xffff_ffffn);
  const ec = exceptionClass(number);
  const iss = instructionSpecificSyndrome(number);
  const calls = ec === 0x15 || ec === 0x16 || ec === 0x17;
  return `EC ${hex(ec)} ${exceptionClassOf(number)?.brief ?? 'reserved'}, ${calls ? `imm16 ${hex(iss & 0xffff)}` : `ISS ${hex(iss)}`}`;
};

/** What of HCR_EL2 is told first. */
const hcrFirst = ['RW', 'VM', 'FMO', 'IMO', 'AMO', 'VI', 'DC', 'TWI', 'TWE', 'TID3', 'TSC', 'TVM', 'TGE'] as const;
const hcr: Words = (value) => {
  const low = low32(value);
  const on = hcrFirst.filter((name) => low & HCR_EL2[name]);
  const stage2 = `stage 2 ${stage2Enabled(low) ? 'on' : 'off'}`;
  if (on.length === 0) return `EL1 is AArch32, ${stage2}`;
  return `${on.length > 4 ? `${on.slice(0, 4).join(', ')} ...` : on.join(', ')}: ${stage2}`;
};

const sctlr: Words = (value) =>
  `MMU ${bit(value, 0) ? 'on' : 'off'}, caches ${bit(value, 2) && bit(value, 12) ? 'on' : bit(value, 2) || bit(value, 12) ? 'partly on' : 'off'}`;
const size = (tsz: number, least: number, what: string): string =>
  tsz < least || tsz > TSZ.most ? `T0SZ = ${tsz} is out of range` : `${64 - tsz}-bit ${what}`;
/** The granule in the words of the field. */
const granule = (register: string, value: bigint): string =>
  describeRegister(register, value)!.fields.find(({ name }) => name === 'TG0')!.text;
const tcr =
  (register: 'TCR_EL1' | 'TCR_EL2'): Words =>
  (value) =>
    `${size(low32(value) & TCR_EL1.T0SZ, TSZ.least, 'VA')}, ${granule(register, value)}`;
const vtcr: Words = (value) =>
  value === 0n ? 'not set' : `${size(low32(value) & VTCR_EL2.T0SZ, TSZ.leastOfStage2, 'IPA')}, ${granule('VTCR_EL2', value)}`;
const tableAt =
  (what: string): Words =>
  (value) =>
    value === 0n ? 'not set' : `${what} ${hex(value & 0xffff_ffff_fffen)}`;
const vbar: Words = (value, names) => {
  if (value === 0n) return 'not set';
  return value & 0x7ffn ? 'not 2 KiB aligned' : (names.symbol(value) ?? '2 KiB aligned');
};
const stack: Words = (value, names) => (value === 0n ? 'not set' : (names.symbol(value) ?? ''));

const words: Readonly<Record<string, Words>> = {
  SPSR_EL1: spsr, SPSR_EL2: spsr,
  ELR_EL1: address, ELR_EL2: address,
  ESR_EL1: esr, ESR_EL2: esr,
  FAR_EL1: (value, names) => (value === 0n ? '' : address(value, names)),
  FAR_EL2: (value, names) => (value === 0n ? '' : address(value, names)),
  HPFAR_EL2: (value) => (value === 0n ? '' : `IPA page ${hex(bits(value, 39, 4) << 12n)}`),
  HCR_EL2: hcr,
  VTTBR_EL2: (value) => (value === 0n ? 'not set' : `VMID ${bits(value, 55, 48)}, ${hex(value & 0xffff_ffff_fffen)}`),
  VTCR_EL2: vtcr,
  VBAR_EL1: vbar, VBAR_EL2: vbar,
  SP_EL0: stack, SP_EL1: stack, SP_EL2: stack,
  SCTLR_EL1: sctlr, SCTLR_EL2: sctlr,
  TCR_EL1: tcr('TCR_EL1'), TCR_EL2: tcr('TCR_EL2'),
  TTBR0_EL1: tableAt('table at'), TTBR1_EL1: tableAt('table at'), TTBR0_EL2: tableAt('table at'),
}; // prettier-ignore

export const registerWords = (name: string, value: bigint, names: ProgramNames): string => words[name]?.(value, names) ?? '';
