/** The registers of the tower in a few words each: what a person would want to know first about the value. */
import { bit, bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { exceptionClass, instructionSpecificSyndrome } from '../cpu/events.ts';
import { modeName } from '../cpu/spsr.ts';
import type { ProgramNames } from './subject.ts';

type Words = (value: bigint, names: ProgramNames) => string;

const spsr: Words = (value) => {
  const masked = ['D', 'A', 'I', 'F'].filter((_letter, i) => bit(value, 9 - i)).join('');
  const flags = ['N', 'Z', 'C', 'V'].filter((_letter, i) => bit(value, 31 - i)).join(' ');
  const masks = masked === 'DAIF' ? 'DAIF masked' : masked === '' ? 'interrupts enabled' : `${masked} masked`;
  return [modeName(Number(value & 0x1fn)), masks, flags].filter(Boolean).join(', ');
};
const address: Words = (value, names) => names.symbol(value) ?? '';

/** Short names of exception classes, for the tower; the full text is in the story of a trap. */
const classes: Readonly<Record<number, string>> = {
  0x00: 'undefined', 0x01: 'WFI or WFE', 0x07: 'FP access', 0x0e: 'illegal state', 0x15: 'SVC', 0x16: 'HVC', 0x17: 'SMC', 0x18: 'system register',
  0x20: 'fetch abort below', 0x21: 'fetch abort', 0x22: 'PC alignment', 0x24: 'data abort below', 0x25: 'data abort', 0x26: 'SP alignment',
  0x2f: 'SError', 0x3c: 'BRK',
}; // prettier-ignore
const esr: Words = (value) => {
  if (value === 0n) return 'no exception yet';
  const number = Number(value & 0xffff_ffffn);
  const ec = exceptionClass(number);
  const iss = instructionSpecificSyndrome(number);
  const calls = ec === 0x15 || ec === 0x16 || ec === 0x17;
  return `EC ${hex(ec)} ${classes[ec] ?? ''}, ${calls ? `imm16 ${hex(iss & 0xffff)}` : `ISS ${hex(iss)}`}`;
};

const hcrBits: readonly (readonly [number, string])[] = [
  [31, 'RW'], [0, 'VM'], [3, 'FMO'], [4, 'IMO'], [5, 'AMO'], [7, 'VI'], [12, 'DC'], [13, 'TWI'], [14, 'TWE'], [18, 'TID3'], [19, 'TSC'], [26, 'TVM'], [27, 'TGE'],
]; // prettier-ignore
const hcr: Words = (value) => {
  const on = hcrBits.filter(([position]) => bit(value, position)).map(([, name]) => name);
  if (on.length === 0) return 'EL1 is AArch32, stage 2 off';
  const shown = on.length > 4 ? `${on.slice(0, 4).join(', ')} ...` : on.join(', ');
  return `${shown}: stage 2 ${bit(value, 0) ? 'on' : 'off'}`;
};

const granules = ['4 KiB', '64 KiB', '16 KiB'];
const sctlr: Words = (value) =>
  `MMU ${bit(value, 0) ? 'on' : 'off'}, caches ${bit(value, 2) && bit(value, 12) ? 'on' : bit(value, 2) || bit(value, 12) ? 'partly on' : 'off'}`;
const tcr: Words = (value) => `${64n - bits(value, 5, 0)}-bit VA, ${granules[Number(bits(value, 15, 14))] ?? 'reserved granule'}`;
const vtcr: Words = (value) =>
  value === 0n ? 'not set' : `${64n - bits(value, 5, 0)}-bit IPA, ${granules[Number(bits(value, 15, 14))] ?? 'reserved granule'}`;
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
  TCR_EL1: tcr, TCR_EL2: tcr,
  TTBR0_EL1: tableAt('table at'), TTBR1_EL1: tableAt('table at'), TTBR0_EL2: tableAt('table at'),
}; // prettier-ignore

export const registerWords = (name: string, value: bigint, names: ProgramNames): string => words[name]?.(value, names) ?? '';
