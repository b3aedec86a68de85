/** Where QEMU 7.2 is not the architecture, or the architecture leaves a choice that we made otherwise. Each has its reason. */
import type { Case } from './cases.ts';
import type { Record } from './compare.ts';
import { isStage2NonCacheable } from './mmu-cases.ts';

const at = (record: Record, name: string): bigint => record.get(name) ?? 0n;
/** The syndrome of the exception as it was first taken: at EL1, where that passed it on. */
const passedOn = (record: Record): boolean => at(record, 'ESR_EL2') >> 4n === 0x5a0_0010n;
/** Taken from EL1's vectors, in either range of VAs. */
const isInVectors = (record: Record): boolean => (at(record, 'ELR_EL2') & 0x7ff0_0000n) === 0x4020_0000n;
export const syndromeOf = (record: Record): bigint => at(record, passedOn(record) ? 'ESR_EL1' : 'ESR_EL2');
export const classOf = (record: Record): bigint => syndromeOf(record) >> 26n;

const isBreakpoint = (record: Record): boolean => classOf(record) >> 1n === 0x18n;
const isWatchpoint = (record: Record): boolean => classOf(record) >> 1n === 0x1an;

/** A case, and what it has met so far. */
export interface Seen {
  readonly case: Case;
  breakpoint: boolean;
  /** Before this record. */
  watchpoint: boolean;
}
export const nothingSeen = (ofCase: Case): Seen => ({ case: ofCase, breakpoint: false, watchpoint: false });
export const before = (saw: Seen, record: Record): void => void (saw.breakpoint ||= isBreakpoint(record));
export const after = (saw: Seen, record: Record): void => void (saw.watchpoint ||= isWatchpoint(record));

/** Differences in one field that leave the rest of the case comparable. */
export function fieldDeparts(name: string, ours: Record, theirs: Record, saw: Seen): boolean {
  const [x, y] = [at(ours, name), at(theirs, name)];
  // A watchpoint that matched a store once says WnR = 1 ever after.
  if (name.startsWith('ESR') && x >> 27n === 0x1an && (x ^ y) === 0x40n && saw.watchpoint) return true;
  switch (name) {
    case 'ESR_EL2':
      // The syndrome of EL2's own data aborts describes the access, although they are not stage 2 faults.
      if (x >> 26n === 0x25n) return ((x ^ y) & ~0x1ff_c000n) === 0n;
      // A stage 2 fault on the fetch of a stage 1 descriptor is reported with the level of stage 1.
      return [0x20n, 0x24n].includes(x >> 26n) && (x & 0x80n) !== 0n && ((x ^ y) & ~3n) === 0n;
    case 'SPSR_EL2':
      // Flags are cleared when an exception is taken: EL1's vectors pass them on, or are stepped through.
      return (passedOn(ours) || isInVectors(ours)) && ((x ^ y) & 0xfff_ffffn) === 0n;
    case 'FAR_EL1':
    case 'FAR_EL2':
      // FAR_ELx is UNKNOWN after a breakpoint exception; QEMU clears it, and it stays clear.
      if (y === 0n && saw.breakpoint) return true;
      // Of several watchpoints that match it names another's address, which may be anywhere in the access (DC ZVA: 64 bytes).
      return (saw.watchpoint || (isWatchpoint(ours) && isWatchpoint(theirs))) && (x ^ y) < 64n;
    case 'data':
      // The first register of a pair is stored before a watchpoint matches the second.
      return saw.watchpoint;
    case 'PAR_EL1':
    case 'X12':
    case 'X13':
    case 'X14':
    case 'X15':
      // Cases read PAR_EL1 into X12 to X15.
      return parDeparts(x, y, saw.case);
    default:
      return false;
  }
}

function parDeparts(ours: bigint, theirs: bigint, ofCase: Case): boolean {
  // A fault, with PTW: again the level.
  if ((ours & theirs & 0x101n) === 0x101n) return ((ours ^ theirs) & ~6n) === 0n;
  if (((ours | theirs) & 1n) !== 0n) return false;
  const attributes = ours >> 56n;
  // Which Device two stages make is told from the low half of both attributes, also where one of them is Normal. That half of stage 2's
  // Non-cacheable is the one of Device-nGnRE, so that nGRE and GRE of stage 1 become stricter.
  const isStricter = [8n, 12n].includes(attributes) && theirs >> 56n === 4n && isStage2NonCacheable(ofCase, ours & 0xffff_ffff_f000n);
  // NS is UNKNOWN in Non-secure state. SH is that of the descriptor, also for Device and Non-cacheable memory, which is Outer Shareable.
  const unlike = (ours ^ theirs) & (isStricter ? ~(0xfn << 56n) : -1n);
  return (unlike & ~(attributes < 16n || attributes === 0x44n ? 0x380n : 0x200n)) === 0n;
}

interface Departure {
  readonly name: string;
  readonly is: (ours: Record, theirs: Record, saw: Seen, different: readonly string[]) => boolean;
}
const isFetchAbort = (record: Record): boolean => classOf(record) === 0x20n || classOf(record) === 0x21n;

const isDataAbort = (record: Record, status: bigint): boolean => classOf(record) >> 1n === 0x12n && (syndromeOf(record) & 0x3fn) === status;

const isNear = (a: bigint, b: bigint): boolean => BigInt.asUintN(64, a - b + 16n) < 32n;
const returnOf = (record: Record): bigint => at(record, passedOn(record) ? 'ELR_EL1' : 'ELR_EL2');
const farOf = (record: Record): bigint => at(record, passedOn(record) ? 'FAR_EL1' : 'FAR_EL2');

/** EC 0x18 for this register: op0, op2, op1, CRn and CRm of its ISS. DAIFSet and DAIFClr share all but op2. */
const accesses = {
  DAIFSet: [0x01_fc00n, 0x00_d000n],
  CNTPCT_EL0: [0x3f_fc1en, 0x32_f800n],
  MDCCSR_EL0: [0x3f_fc1en, 0x20_c002n],
  'PM*_EL0': [0x31_fc00n, 0x30_e400n],
  'PMEV*_EL0': [0x31_fc10n, 0x30_f810n],
} as const;
function isAccessTo(record: Record, register: keyof typeof accesses): boolean {
  const [mask, value] = accesses[register];
  return classOf(record) === 0x18n && (syndromeOf(record) & mask) === value;
}

const departures: readonly Departure[] = [
  // The page of an instruction is looked up before its alignment, and before a pending software step, are looked at.
  {
    name: 'fetch-first',
    is: (ours, theirs) =>
      ([0x22n, 0x32n, 0x33n].includes(classOf(ours)) && isFetchAbort(theirs)) ||
      (at(ours, 'ESR_EL1') >> 26n === 0x22n && at(theirs, 'ESR_EL1') >> 27n === 0x10n),
  },
  // That a watchpoint has matched is remembered: it matches again where the address of another does, of which the level does not.
  {
    name: 'watchpoint-remembered',
    is: (ours, theirs, saw) => saw.watchpoint && isWatchpoint(theirs) && (!isWatchpoint(ours) || returnOf(ours) !== returnOf(theirs)),
  },
  // DC and IC by VA do not translate their address.
  { name: 'maintenance-no-fault', is: (ours) => [0x24n, 0x25n].includes(classOf(ours)) && (syndromeOf(ours) & 0x100n) !== 0n },
  // HCR_EL2.TIDCP does not trap registers of the implementation (CRn = 11 or 15).
  { name: 'tidcp', is: (ours) => classOf(ours) === 0x18n && [11n, 15n].includes((syndromeOf(ours) >> 10n) & 15n) },
  // The syndrome of a trapped MSR DAIFSet or DAIFClr has op1 and op2 exchanged.
  { name: 'daif-syndrome', is: (ours, theirs) => classOf(theirs) === 0x18n && isAccessTo(ours, 'DAIFSet') },
  // CNTHCTL_EL2.EL1PCEN, not EL1PCTEN, traps CNTPCT_EL0 at EL0.
  { name: 'cntpct-at-el0', is: (ours, theirs) => isAccessTo(ours, 'CNTPCT_EL0') || isAccessTo(theirs, 'CNTPCT_EL0') },
  // What PMUSERENR_EL0 allows EL0 is not trapped by MDCR_EL2.TPM.
  { name: 'pmu-at-el0', is: (ours) => isAccessTo(ours, 'PM*_EL0') || isAccessTo(ours, 'PMEV*_EL0') },
  // MDSCR_EL1.TDCC traps nothing.
  { name: 'tdcc', is: (ours) => isAccessTo(ours, 'MDCCSR_EL0') },
  // WFE never traps.
  { name: 'wfe', is: (ours) => classOf(ours) === 0x01n && (syndromeOf(ours) & 1n) === 1n },
  // Device memory is not checked for alignment, which comes before permissions.
  { name: 'device-alignment', is: (ours, theirs) => isDataAbort(ours, 0x21n) && !isDataAbort(theirs, 0x21n) },
  // Instructions are fetched from devices too.
  { name: 'device-fetch', is: (ours) => isFetchAbort(ours) && (syndromeOf(ours) & 0x3fn) === 0x10n },
  // An unaligned access to what is not RAM becomes two aligned ones, of which the first may abort before the second is translated.
  { name: 'external-unaligned', is: (ours, theirs) => isDataAbort(theirs, 0x10n) && isNear(farOf(ours), farOf(theirs)) },
  // The timer that ends a case that loops: not the same instruction is interrupted, since QEMU does not count those that abort.
  { name: 'watchdog', is: (ours, theirs) => at(ours, 'slot') === 0x480n && at(theirs, 'slot') === 0x480n },
  // Of several accesses, those before the page that faults have been made. Here a fault leaves registers and memory as they were.
  {
    name: 'partial-access',
    is: (ours, _theirs, _saw, different) =>
      classOf(ours) >> 1n === 0x12n && (farOf(ours) & 0xfffn) < 16n && different.every((name) => /^(V\d+|data)$/.test(name)),
  },
  // SP alignment is not checked.
  { name: 'sp-alignment', is: (ours) => classOf(ours) === 0x26n },
  // The address of an open exclusive monitor is -1, so that a store-exclusive to that address is attempted.
  { name: 'exclusive-at-minus-one', is: (_, theirs) => [at(theirs, 'FAR_EL1'), at(theirs, 'FAR_EL2')].includes(0xffff_ffff_ffff_ffffn) },
];

/** The name of the departure that explains why these records differ in these fields. */
export const recordDeparts = (ours: Record, theirs: Record, saw: Seen, different: readonly string[]): string | undefined =>
  departures.find(({ is }) => is(ours, theirs, saw, different))?.name;
