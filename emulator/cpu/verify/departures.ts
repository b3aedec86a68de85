/**
 * Where the recording machine (QEMU 7.2) is not the architecture, as far as the trap matrix and the scan of the registers show it. Each entry
 * says when it applies and what the architecture does there; only that answer is accepted.
 */
import { CNTHCTL_EL2, HCR_EL2, MDCR_EL2, MDSCR_EL1, SCTLR_EL1 } from '../registers/bits.ts';
import { systemAccessSyndrome, wfxSyndrome } from '../syndrome.ts';

/** What an instruction did: `ok`, or `EL2 62304041 0`: level, ESR, ELR - address. */
export type Outcome = string;

export interface Case {
  readonly values: Readonly<Record<string, number>>;
  readonly el: 0 | 1;
  readonly word: number;
  readonly text: string;
  /** What this machine does. */
  readonly actual: Outcome;
}

interface Departure {
  readonly reason: string;
  readonly applies: (c: Case) => boolean;
  /** What the architecture says. */
  readonly answer: (c: Case) => Outcome;
}

const hex = (esr: number): string => esr.toString(16).padStart(8, '0');
const trappedToEl2 = ({ word }: Case): Outcome => `EL2 ${hex(systemAccessSyndrome(word))} 0`;
/** With HCR_EL2.TGE = 1 what EL1 would take goes to EL2. */
const el1OrGeneral = ({ values }: Case): string => (has(values.hcr, HCR_EL2.TGE) ? 'EL2' : 'EL1');
const has = (value: number | undefined, mask: number): boolean => ((value ?? 0) & mask) !== 0;

const departures: readonly Departure[] = [
  {
    reason: 'QEMU never traps WFE; the architecture does by SCTLR_EL1.nTWE and HCR_EL2.TWE',
    applies: ({ text }) => text === 'wfe',
    answer: (c) =>
      c.el === 0 && !has(c.values.sctlr1, SCTLR_EL1.nTWE)
        ? `${el1OrGeneral(c)} ${hex(wfxSyndrome(true))} 0`
        : has(c.values.hcr, HCR_EL2.TWE)
          ? `EL2 ${hex(wfxSyndrome(true))} 0`
          : 'ok',
  },
  {
    reason: 'QEMU forgets MDCR_EL2.TPM where PMUSERENR_EL0.CR, ER or SW lets EL0 in; the architecture traps to EL2',
    applies: ({ el, values, text }) =>
      el === 0 && has(values.mdcr, MDCR_EL2.TPM) && /^mrs .*pm(ccntr|xevcntr|evcntr\d)_el0|pmselr_el0|msr pmswinc_el0/.test(text),
    answer: trappedToEl2,
  },
  {
    reason: 'QEMU has no MDCR_EL2.TPMCR; the architecture traps accesses to PMCR_EL0 to EL2',
    applies: ({ values, text }) => has(values.mdcr, MDCR_EL2.TPMCR) && /pmcr_el0/.test(text),
    answer: trappedToEl2,
  },
  {
    reason: 'QEMU has no MDSCR_EL1.TDCC; the architecture traps reads of MDCCSR_EL0 at EL0 to EL1',
    applies: ({ el, values, text }) => el === 0 && has(values.mdscr, MDSCR_EL1.TDCC) && text === 'mrs x2, mdccsr_el0',
    answer: (c) => `${el1OrGeneral(c)} ${hex(systemAccessSyndrome(c.word))} 0`,
  },
  {
    reason: 'QEMU traps CNTPCT_EL0 at EL0 by CNTHCTL_EL2.EL1PCEN; the architecture does by EL1PCTEN',
    applies: ({ el, text }) => el === 0 && text === 'mrs x2, cntpct_el0',
    answer: (c) => (has(c.values.cnthctl, CNTHCTL_EL2.EL1PCTEN) ? 'ok' : trappedToEl2(c)),
  },
  {
    reason: 'QEMU has no HCR_EL2.TIDCP; the architecture traps IMPLEMENTATION DEFINED encodings to EL2',
    applies: ({ el, values, word }) => el === 1 && has(values.hcr, HCR_EL2.TIDCP) && (word & 0xb000) === 0xb000,
    answer: trappedToEl2,
  },
  {
    reason: 'QEMU swaps op1 and op2 in the syndrome of a trapped MSR DAIFSet or DAIFClr',
    applies: ({ el, text }) => el === 0 && /^msr daif(set|clr)/.test(text),
    answer: (c) => (has(c.values.sctlr1, SCTLR_EL1.UMA) ? 'ok' : `${el1OrGeneral(c)} ${hex(systemAccessSyndrome(c.word))} 0`),
  },
];

export type RegisterDatum = 'value' | 'after ones' | 'after zeros';
interface RegisterDeparture extends Readonly<Partial<Record<RegisterDatum, string>>> {
  readonly reason: string;
  readonly registers: readonly string[];
}

/** What is found in a register at first, after all ones were written and after all zeros were: by the architecture. */
const registerDepartures: readonly RegisterDeparture[] = [
  {
    reason: 'QEMU resets CPTR_EL2 to 0; its bits 13:12 and 9:0 are RES1, and a Cortex-A53 resets it to 0x33ff',
    registers: ['cptr_el2'],
    value: '33ff',
  },
  {
    reason: 'QEMU keeps bits 10:5 of VBAR_ELx; bits 10:0 are RES0, and hold nothing here',
    registers: ['vbar_el1', 'vbar_el2'],
    'after ones': 'fffffffffffff800',
  },
  {
    reason: 'QEMU ignores accesses to MDCCINT_EL1, so that Xt keeps what it held; the architecture has its bits RX and TX',
    registers: ['mdccint_el1'],
    value: '0',
    'after ones': '60000000',
    'after zeros': '0',
  },
  {
    reason: 'QEMU ignores accesses to DBGVCR32_EL2, so that Xt keeps what it held; the architecture lets EL2 save and restore it',
    registers: ['dbgvcr32_el2'],
    value: '0',
    'after ones': 'ffffffffffffffff',
    'after zeros': '0',
  },
  {
    reason: 'QEMU without -icount cannot count INST_RETIRED and does not announce it in PMCEID0_EL0; an Arm core must (D13.11.3)',
    registers: ['pmceid0_el0'],
    value: '20101',
  },
];

/** Why what a register holds is right although the recording has another value, or undefined where it is a failure. */
export const registerDepartureFor = (register: string, what: RegisterDatum, actual: string): string | undefined =>
  registerDepartures.find((departure) => departure.registers.includes(register) && departure[what] === actual)?.reason;

/** Why a difference is right, or undefined where it is a failure. */
export const departureFor = (c: Case): string | undefined =>
  departures.find(({ applies, answer }) => applies(c) && answer(c) === c.actual)?.reason;
