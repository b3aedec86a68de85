/** Fields of the registers of AArch32 state, which EL2 saves and restores for its guests (Arm ARM D17.2, D17.3; Cortex-A53 TRM 4.3). */
import { faultStatusText } from '../../faults.ts';
import { field, noYes, offOn, type Field } from './field.ts';

/** IFSR.FS of the Short-descriptor format. */
const shortStatuses: Readonly<Record<number, string>> = {
  0x02: 'debug exception',
  0x03: 'access flag fault, section',
  0x05: 'translation fault, section',
  0x06: 'access flag fault, page',
  0x07: 'translation fault, page',
  0x08: 'synchronous external abort',
  0x09: 'domain fault, section',
  0x0b: 'domain fault, page',
  0x0c: 'synchronous external abort on a table walk, level 1',
  0x0d: 'permission fault, section',
  0x0e: 'synchronous external abort on a table walk, level 2',
  0x0f: 'permission fault, page',
  0x10: 'TLB conflict abort',
  0x19: 'synchronous parity or ECC error',
  0x1c: 'synchronous parity or ECC error on a table walk, level 1',
  0x1e: 'synchronous parity or ECC error on a table walk, level 2',
};
const ExT = field('ExT', 12, 'Cause of an external abort', { 0: 'DECERR', 1: 'SLVERR' });
const LPAE = field('LPAE', 9, 'Format of the translation tables', { 0: 'Short-descriptor', 1: 'Long-descriptor' });
const isLong = (value: bigint): boolean => ((value >> BigInt(LPAE.low)) & 1n) === 1n;
/** The status has five bits in two places, or six in one. */
export const ifsr32El2 = (value: bigint): readonly Field[] => {
  if (isLong(value)) return [ExT, LPAE, field('STATUS', [5, 0], 'Fault status', (code) => faultStatusText(code))];
  const status = (): string => shortStatuses[Number(((value >> 6n) & 0x10n) | (value & 15n))] ?? 'reserved';
  return [
    ExT,
    field('FS<4>', 10, 'Fault status, with FS<3:0>', status),
    LPAE,
    field('FS<3:0>', [3, 0], 'Fault status, with FS<4>', status),
  ];
};

export const dacr32El2 = Array.from({ length: 16 }, (_, i) => 15 - i).map((n) =>
  field(`D${n}`, [n * 2 + 1, n * 2], `Accesses to domain ${n}`, {
    0: 'domain fault',
    1: 'client: checked by the permissions',
    2: 'reserved',
    3: 'manager: not checked',
  }),
);
export const fpexc32El2 = [
  field('EX', 31, 'An asynchronous exception is pending: never on Cortex-A53', noYes),
  field('EN', 30, 'Advanced SIMD and floating point', offOn),
];
/** Without EL3 there is one set of bits. */
export const dbgvcr32El2 = [
  field('F', 7, 'Vector catch of FIQs', offOn),
  field('I', 6, 'Vector catch of IRQs', offOn),
  field('D', 4, 'Vector catch of Data Aborts', offOn),
  field('P', 3, 'Vector catch of Prefetch Aborts', offOn),
  field('S', 2, 'Vector catch of Supervisor Calls', offOn),
  field('U', 1, 'Vector catch of Undefined Instructions', offOn),
];
