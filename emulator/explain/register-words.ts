/** The registers of the tower in a few words each: what a person would want to know first about the value. */
import { VA } from '../base/addresses.ts';
import { low32 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { exceptionClass, instructionSpecificSyndrome, ipaPage } from '../cpu/events.ts';
import { describeRegister, judgeReturn } from '../cpu/index.ts';
import { BADDR, FPCR, FPSR, HCR_EL2, ISS_IMMEDIATE, SCTLR_EL2, SPSR, valueIn, VTTBR_EL2_HIGH } from '../cpu/registers/bits.ts';
import { exceptionClassOf } from '../cpu/registers/fields/exception-classes.ts';
import { spsrFields } from '../cpu/registers/fields/exception.ts';
import { modeName } from '../cpu/spsr.ts';
import { bitText } from '../mmu/decided-by.ts';
import type { Mmu, Regime, RootDescription } from '../mmu/index.ts';
import { stage2Enabled } from '../mmu/regime.ts';
import type { Names } from './subject.ts';
import type { Level } from './views.ts';

/** Who knows more than the value tells: the names of the program, and the MMU with the other registers. */
export interface Instant {
  readonly names: { of(el: Level): Pick<Names, 'symbol'> };
  readonly machine: { readonly mmu: Pick<Mmu, 'describe' | 'cpu'> };
}
type Words = (value: bigint, instant: Instant) => string;

/** Those of the fields that are not 0. */
const setOf = (masks: Readonly<Record<string, number>>, names: readonly string[], value: bigint): string[] =>
  names.filter((name) => low32(value) & masks[name]);

const spsr: Words = (value) => {
  const low = low32(value);
  // In AArch32 there is no D.
  const known = spsrFields(value).map(({ name }) => name);
  const letters = ['D', 'A', 'I', 'F'].filter((letter) => known.includes(letter));
  const masked = setOf(SPSR, letters, value);
  const flags = setOf(SPSR, ['N', 'Z', 'C', 'V'], value).join(' ');
  const masks = masked.length === 0 ? 'interrupts enabled' : `${masked.join('')} masked`;
  return [modeName(low & SPSR.M), masks, flags].filter(Boolean).join(', ');
};
/** An address of the level that an exception came from, which is the one that ERET goes to. */
const backAt =
  (level: 1 | 2): Words =>
  (value, { names, machine: { mmu } }) =>
    names.of(judgeReturn(mmu.cpu, level, mmu.cpu.low(`SPSR_EL${level}`)).el).symbol(VA(value)) ?? '';
const faultAt =
  (level: 1 | 2): Words =>
  (value, instant) =>
    value === 0n ? '' : backAt(level)(value, instant);

const esr: Words = (value) => {
  if (value === 0n) return 'no exception yet';
  const number = low32(value);
  const ec = exceptionClass(number);
  const iss = instructionSpecificSyndrome(number);
  const calls = ec === 0x15 || ec === 0x16 || ec === 0x17;
  const syndrome = calls ? `imm16 ${hex(valueIn(iss, ISS_IMMEDIATE))}` : `ISS ${hex(iss)}`;
  return `EC ${hex(ec)} ${exceptionClassOf(number)?.brief ?? 'reserved'}, ${syndrome}`;
};

type HcrBit = keyof typeof HCR_EL2;
/** The bits of HCR_EL2, those first that a person looks for. */
const hcrFirst: readonly HcrBit[] = ['RW', 'VM', 'DC', 'TGE', 'FMO', 'IMO', 'AMO', 'VI', 'VF', 'VSE', 'HCD', 'TWI', 'TWE'];
const hcrBits = [...new Set([...hcrFirst, ...(Object.keys(HCR_EL2) as HcrBit[])])];
/** The register alone turns stage 2 on or off. */
const hcr: Words = (value) => {
  const low = low32(value);
  const on = hcrBits.filter((name) => low & HCR_EL2[name]);
  const stage2 = `stage 2 ${stage2Enabled(low) ? 'on' : 'off'}`;
  if (on.length === 0) return `EL1 is AArch32, ${stage2}`;
  return `${on.length > 4 ? `${on.slice(0, 4).join(', ')} ...` : on.join(', ')}: ${stage2}`;
};

/** Stage 1 may be off for another register's sake, which is named then. */
const sctlr =
  (register: string, regime: Regime): Words =>
  (value, { machine }) => {
    const { on, rule } = machine.mmu.describe(regime).stage1;
    const why = rule.bits[0].register === register ? '' : ` (${bitText(rule)})`;
    const [data, instructions] = [SCTLR_EL2.C, SCTLR_EL2.I].map((mask) => (low32(value) & mask) !== 0);
    const caches = data && instructions ? 'on' : data || instructions ? 'partly on' : 'off';
    return `MMU ${on ? 'on' : 'off'}${why}, caches ${caches}`;
  };

/** The size of input addresses as the walker goes by it. */
function sizeWords({ refusal, refusedBy, inputBits }: RootDescription, what: string): string {
  switch (refusal) {
    case 'sizeBelow':
    case 'sizeAbove':
      return `${refusedBy!.field} = ${refusedBy!.value} is out of range`;
    case 'startLevel':
      return `${refusedBy!.field} = ${refusedBy!.value} is not supported`;
    case 'firstTable':
      return `${refusedBy!.field} = ${refusedBy!.value} does not fit ${inputBits}-bit ${what}`;
    default:
      return `${inputBits}-bit ${what}`;
  }
}
/** The granule in the words of the field. */
const granule = (register: string, value: bigint): string =>
  describeRegister(register, value)!.fields.find(({ name }) => name === 'TG0')!.text;
const tcr =
  (register: string, regime: Regime): Words =>
  (value, { machine }) =>
    `${sizeWords(machine.mmu.describe(regime).stage1.roots[0], 'VA')}, ${granule(register, value)}`;
const vtcr: Words = (value, { machine }) =>
  value === 0n ? 'not set' : `${sizeWords(machine.mmu.describe('el1').stage2!.roots[0], 'IPA')}, ${granule('VTCR_EL2', value)}`;
const tableAt =
  (what: string): Words =>
  (value) =>
    value === 0n ? 'not set' : `${what} ${hex(value & BADDR)}`;
const vttbr: Words = (value) =>
  value === 0n ? 'not set' : `VMID ${valueIn(Number(value >> 32n), VTTBR_EL2_HIGH.VMID)}, ${hex(value & BADDR)}`;
const vbar =
  (level: 1 | 2): Words =>
  (value, { names }) =>
    value === 0n ? 'not set' : (names.of(level).symbol(VA(value)) ?? '2 KiB aligned');
const stack =
  (level: Level): Words =>
  (value, { names }) =>
    value === 0n ? 'not set' : (names.of(level).symbol(VA(value)) ?? '');

const roundings = ['to nearest', 'towards +infinity', 'towards -infinity', 'towards zero'];
const fpcr: Words = (value) =>
  [`rounds ${roundings[valueIn(low32(value), FPCR.RMode)]}`, ...setOf(FPCR, ['FZ', 'DN', 'AHP'], value)].join(', ');
/** The cumulative flags are only ever set by instructions. */
const fpsr: Words = (value) => {
  const set = setOf(FPSR, ['IOC', 'DZC', 'OFC', 'UFC', 'IXC', 'IDC', 'QC'], value);
  return set.length === 0 ? 'no flag set' : set.join(', ');
};

const words: Readonly<Record<string, Words>> = {
  SPSR_EL1: spsr, SPSR_EL2: spsr,
  ELR_EL1: backAt(1), ELR_EL2: backAt(2),
  ESR_EL1: esr, ESR_EL2: esr,
  FAR_EL1: faultAt(1), FAR_EL2: faultAt(2),
  HPFAR_EL2: (value) => (value === 0n ? '' : `IPA page ${hex(ipaPage(value))}`),
  HCR_EL2: hcr,
  VTTBR_EL2: vttbr,
  VTCR_EL2: vtcr,
  VBAR_EL1: vbar(1), VBAR_EL2: vbar(2),
  FPCR: fpcr, FPSR: fpsr,
  SP_EL0: stack(0), SP_EL1: stack(1), SP_EL2: stack(2),
  SCTLR_EL1: sctlr('SCTLR_EL1', 'el1'), SCTLR_EL2: sctlr('SCTLR_EL2', 'el2'),
  TCR_EL1: tcr('TCR_EL1', 'el1'), TCR_EL2: tcr('TCR_EL2', 'el2'),
  TTBR0_EL1: tableAt('table at'), TTBR1_EL1: tableAt('table at'), TTBR0_EL2: tableAt('table at'),
}; // prettier-ignore

/**
 * The value must be the one that the register has at the instant at which the machine stands, since for registers of translation the MMU
 * is asked. Where the register alone says it all, as HCR_EL2, SPSR, ELR and SP do, it may be that of any instant.
 */
export const registerWords = (name: string, value: bigint, instant: Instant): string => words[name]?.(value, instant) ?? '';
