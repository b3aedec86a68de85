/** What a program did to the caches between two instants, for rules about what a cache may still hold. */
import type { Examination } from './examination.ts';
import type { Store, SystemStep } from './history.ts';

/** Bytes of a cache line of a Cortex-A53 (CTR_EL0.DminLine, IminLine). */
export const LINE = 64;
const lineOf = (address: bigint): bigint => address / BigInt(LINE);

const all: ReadonlySet<string> = new Set(['DC CSW', 'DC CISW', 'IC IALLU', 'IC IALLUIS']);

/** The first of these operations on the line of a store, or on all lines, after the store and before `n`. */
export function maintained(
  exam: Examination,
  store: Store,
  n: number,
  operations: readonly NonNullable<SystemStep['operation']>[],
): SystemStep | undefined {
  const lines = new Set([lineOf(store.va), lineOf(BigInt(store.pa))]);
  return exam.history.system.find(
    (step) =>
      step.n > store.n &&
      step.n < n &&
      step.operation !== undefined &&
      operations.includes(step.operation) &&
      (all.has(step.operation) || lines.has(lineOf(step.operand))),
  );
}

/** What cleans the data cache to where instructions are fetched, or further. */
export const cleaning = ['DC CVAU', 'DC CVAC', 'DC CIVAC', 'DC CSW', 'DC CISW'] as const;
/** What cleans it to memory. */
export const cleaningToMemory = ['DC CVAC', 'DC CIVAC', 'DC CSW', 'DC CISW'] as const;
export const invalidatingCode = ['IC IVAU', 'IC IALLU', 'IC IALLUIS'] as const;
