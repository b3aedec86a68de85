/** The labs of firmware/labs, and what each does with its mistake and repaired. */
import { readFileSync } from 'node:fs';
import type { Ending } from '../cases/case.ts';
import { firmware } from './tools.ts';

export interface Lab {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
  readonly wrong: string;
  readonly fix: string;
  readonly kind: 'broken' | 'suspicious' | 'hardware';
  /** The only instruction of a function with this text, or a place in data in bytes from a symbol on. */
  readonly where: { readonly symbol: string } & ({ readonly instruction: string } | { readonly offset: number });
  readonly concepts: readonly string[];
}

export const labs = JSON.parse(readFileSync(`${firmware}labs/labs.json`, 'utf8')) as readonly Lab[];

/** Every other one, all with `npm run prove`: those that run here, and those that are diagnosed in test/explain/doctor. */
const isChosen =
  (half: 0 | 1) =>
  (_: Lab, i: number): boolean =>
    process.env.PROVE !== undefined || i % 2 === half;
export const labsThatRun = labs.filter(isChosen(0));
export const labsToDiagnose = labs.filter(isChosen(1));

/** All white space is one blank. */
interface Outcome {
  readonly prints: string;
  readonly ends: Ending;
  /** What the repaired twin prints; it switches the machine off. */
  readonly repaired: string;
  /** Why QEMU 7.2 does something else with the mistake. */
  readonly departs?: string;
}

export const outcomes: Readonly<Record<string, Outcome>> = {
  P01: { prints: 'EL2: going down to EL1', ends: 'goes on', repaired: 'EL2: going down to EL1 EL2: EL1 has called' },
  P02: { prints: 'EL2: going down to EL1', ends: 'goes on', repaired: 'EL2: going down to EL1 EL1: here' },
  P03: {
    prints: 'EL2: going down to EL1 EL1: here',
    ends: 'goes on',
    repaired: 'EL2: going down to EL1 EL1: here EL1: the stack works',
  },
  P04: { prints: 'EL2: waiting for the timer', ends: 'loop', repaired: "EL2: waiting for the timer EL2: the timer's interrupt" },
  P05: { prints: 'EL2: EL1 shall be AArch64', ends: 'goes on', repaired: 'EL2: EL1 shall be AArch64 EL2: done' },
  P06: { prints: 'This is not EL2: start QEMU with -machine virt,virtualization=on', ends: 'goes on', repaired: 'This is EL2' },
  P07: { prints: 'EL2: running the guest EL1: done', ends: 'goes on', repaired: 'EL2: running the guest EL1: done EL2: the guest is done' },
  P08: { prints: 'EL2: going down to EL1', ends: 'goes on', repaired: 'EL2: going down to EL1 EL1: here' },
  P09: { prints: 'EL2: going down to EL1', ends: 'loop', repaired: 'EL2: going down to EL1 EL2: EL1 has called' },
  P10: {
    prints: 'EL2: going down to EL1 EL1: calling the kernel',
    ends: 'loop',
    repaired: 'EL2: going down to EL1 EL1: calling the kernel EL1: back',
  },
  P11: { prints: 'EL2: calling the kernel ESR_EL2: 86000000', ends: 'goes on', repaired: 'EL2: calling the kernel EL2: the kernel runs' },
  P12: {
    prints: 'EL2: going down to EL1, which adds 1, 2 and 3 EL1: the sum is 0',
    ends: 'off',
    repaired: 'EL2: going down to EL1, which adds 1, 2 and 3 EL1: the sum is 6',
  },
  P13: {
    prints: 'EL2: going down to EL1, which adds 1 to 4 EL1: the sum is 4',
    ends: 'off',
    repaired: 'EL2: going down to EL1, which adds 1 to 4 EL1: the sum is a',
  },
  P14: { prints: 'EL2: switching the MMU on', ends: 'loop', repaired: 'EL2: switching the MMU on EL2: the MMU is on' },
  P15: {
    prints: 'EL2: mapping the image by pages EL2: the MMU is on',
    ends: 'goes on',
    repaired: 'EL2: mapping the image by pages EL2: the MMU is on EL2: the stack works',
  },
  P16: { prints: 'EL2: switching the MMU on EL2: the MMU is on', ends: 'off', repaired: 'EL2: switching the MMU on EL2: the MMU is on' },
  P17: {
    prints: 'EL2: the MMU is on; in the second window is',
    ends: 'goes on',
    repaired: 'EL2: the MMU is on; in the second window is 42',
  },
  P18: { prints: 'EL2: switching the MMU on', ends: 'goes on', repaired: 'EL2: switching the MMU on EL2: the MMU is on' },
  P19: {
    prints: 'EL2: the second member of the packet is',
    ends: 'goes on',
    repaired: 'EL2: the second member of the packet is 12345678',
    departs: 'QEMU 7.2 does not check the alignment of accesses to Device memory',
  },
  P20: { prints: 'EL2: taking the lock EL2: it is taken', ends: 'off', repaired: 'EL2: taking the lock EL2: it is taken' },
  P21: { prints: 'EL2: switching the MMU on EL2: the MMU is on', ends: 'off', repaired: 'EL2: switching the MMU on EL2: the MMU is on' },
  P22: {
    prints: 'EL2: through a block of 1 GiB 42 EL2: through a block of 2 MiB 42',
    ends: 'off',
    repaired: 'EL2: through a block of 1 GiB 42 EL2: through a block of 2 MiB 42',
  },
  P23: { prints: 'EL2: going down to EL1 EL1: here', ends: 'goes on', repaired: 'EL2: going down to EL1 EL1: here EL1: a number: 2a' },
  P24: { prints: 'EL2: switching the MMU on', ends: 'goes on', repaired: 'EL2: switching the MMU on EL2: the MMU is on' },
  P25: {
    prints: 'EL2: going down to EL1, with stage 2 EL1: switching the MMU on',
    ends: 'goes on',
    repaired: 'EL2: going down to EL1, with stage 2 EL1: switching the MMU on EL1: the MMU is on',
  },
  P26: { prints: 'EL2: going down to EL1, with stage 2', ends: 'goes on', repaired: 'EL2: going down to EL1, with stage 2 EL1: here' },
  P27: { prints: 'EL2: going down to EL1, with stage 2', ends: 'goes on', repaired: 'EL2: going down to EL1, with stage 2 EL1: here' },
  P28: {
    prints: 'EL2: going down to EL1, with stage 2 EL2: there is no device at 900000000',
    ends: 'goes on',
    repaired: 'EL2: going down to EL1, with stage 2 EL1: the device says 42',
  },
  P29: {
    prints: 'EL2: going down to EL1, with stage 2 EL1: the device says EL2: I cannot emulate this access: ESR_EL2.ISV is 0',
    ends: 'goes on',
    repaired: 'EL2: going down to EL1, with stage 2 EL1: the device says 42',
  },
  P30: {
    prints: 'EL2: going down to EL1, with stage 2 EL1: in my memory is 1 EL1: and now 1',
    ends: 'off',
    repaired: 'EL2: going down to EL1, with stage 2 EL1: in my memory is 1 EL1: and now 2',
  },
  P31: {
    prints: 'EL2: going down to EL1 EL1: ID_AA64PFR0_EL1 11 EL1: ID_AA64ISAR1_EL1',
    ends: 'goes on',
    repaired: 'EL2: going down to EL1 EL1: ID_AA64PFR0_EL1 11 EL1: ID_AA64ISAR1_EL1 0',
  },
  P32: {
    prints: 'EL2: going down to EL1, for 1000 ticks',
    ends: 'goes on',
    repaired: "EL2: going down to EL1, for 1000 ticks EL2: the guest's time is up",
  },
  P33: { prints: 'EL2: waiting for the timer', ends: 'goes on', repaired: "EL2: waiting for the timer EL2: the timer's interrupt" },
  P34: {
    prints: 'EL2: an interrupt for the guest EL1: waiting for an interrupt',
    ends: 'goes on',
    repaired: 'EL2: an interrupt for the guest EL1: waiting for an interrupt EL1: an interrupt, with the INTID 1b',
  },
  P35: {
    prints: 'EL2: going down to EL1 EL1: sleeping for 1000 ticks',
    ends: 'goes on',
    repaired: 'EL2: going down to EL1 EL1: sleeping for 1000 ticks EL1: awake again',
  },
  P36: {
    prints: 'EL2: which version of PSCI is there?',
    ends: 'goes on',
    repaired: 'EL2: which version of PSCI is there? EL2: this one 10001',
  },
  P37: {
    prints: 'EL2: looking for the device tree EL2: it is not at the start of RAM',
    ends: 'goes on',
    repaired: 'EL2: looking for the device tree EL2: here it is',
  },
};
