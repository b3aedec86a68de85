/**
 * Where the recording (QEMU 7.2) departs from the architecture or the architecture leaves the choice. Each entry says when it applies, and
 * accepts nothing but the differences that it names.
 */
import { VA } from '../../base/addresses.ts';
import { decode, disassemble, disassemblyText } from '../../isa/index.ts';
import type { IsaVector } from './isa-vectors.ts';

/** A value that is not the recorded one. */
export interface Difference {
  /** A register, `pc`, `memory+0x10`, or `exception`. */
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
}

interface Departure {
  readonly reason: string;
  readonly applies: (vector: IsaVector, differences: readonly Difference[]) => boolean;
}

const isAbort = ({ esr }: IsaVector): boolean => esr !== undefined && esr >>> 26 === 0x24;
const only = (differences: readonly Difference[], what: RegExp): boolean => differences.every((difference) => what.test(difference.what));

const departures: readonly Departure[] = [
  {
    reason:
      'QEMU marks "no exclusive" by the address -1, so that a store-exclusive to it faults; without a mark it fails and accesses nothing',
    applies: ({ word, far }) => (word & 0x3f40_0000) === 0x0800_0000 && far === 0xffff_ffff_ffff_ffffn,
  },
  {
    reason:
      'on a fault in the middle of several accesses QEMU has done some of them; here a fault leaves registers and memory as they were',
    applies: (vector, differences) => isAbort(vector) && only(differences, /^([XV]\d+|memory\+.*)$/),
  },
  {
    reason: 'QEMU never translates the address of DC CVAU, CVAC, CIVAC and IC IVAU; the architecture takes its faults',
    applies: ({ word, esr }, differences) =>
      esr === undefined && maintained.test(text(word)) && isTaken(differences, /^ESR_EL1 0x9200014[4-7d-f]$/),
  },
  {
    reason: 'the recorder steps WFI in QEMU, which then completes; SCTLR_EL1.nTWI = 0 traps a WFI that would wait',
    applies: ({ word }, differences) => text(word) === 'wfi' && isTaken(differences, /^ESR_EL1 0x7e00000$/),
  },
  {
    reason: "the counters show virtual time, which is not the recorder's",
    applies: ({ word }, differences) => decode(word)?.definition.name === 'MRS' && isCounter(word) && only(differences, /^X\d+$/),
  },
];

const text = (word: number): string => disassemblyText(disassemble(word, VA(0n)));
const maintained = /^(dc (cvau|cvac|civac)|ic ivau), /;
/** Here an exception with such a syndrome is taken, and nothing else differs. */
const isTaken = (differences: readonly Difference[], syndrome: RegExp): boolean =>
  only(differences, /^(exception|pc)$/) && differences.some(({ what, ours }) => what === 'exception' && syndrome.test(ours));

/** CNTVCT_EL0, CNTPCT_EL0. */
const isCounter = (word: number): boolean => [0xd53b_e020, 0xd53b_e040].includes((word & 0xffff_ffe0) >>> 0);

/** Why the differences are right, or undefined where they are a failure. */
export const departureFor = (vector: IsaVector, differences: readonly Difference[]): string | undefined =>
  departures.find(({ applies }) => applies(vector, differences))?.reason;
