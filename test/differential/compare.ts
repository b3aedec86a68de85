/** Compares what the recorder wrote in QEMU and in our machine, record by record. */
import { RECORD, type Case } from './cases.ts';
import { after, before, fieldDeparts, nothingSeen, recordDeparts } from './departures.ts';
import type { Recorded } from './run.ts';

/** The doublewords of a record, in order. `data`: checksum of the data, in the last record of a case. `goes on at`: 0 where the case ends. */
const doublewords = [
  ...Array.from({ length: 31 }, (_, i) => `X${i}`),
  ...['slot', 'ESR_EL2', 'ELR_EL2', 'SPSR_EL2', 'FAR_EL2', 'HPFAR_EL2', 'ESR_EL1', 'ELR_EL1', 'SPSR_EL1', 'FAR_EL1', 'PAR_EL1'],
  ...['SP_EL0', 'SP_EL1', 'SP_EL2', 'cases left', 'HCR_EL2', 'CNTVCT_EL0', 'data', 'FPCR', 'FPSR', 'goes on at'],
];
/** V0 to V31 are the second half. */
const vectors = Array.from({ length: 32 }, (_, i) => `V${i}`);
const names = [...doublewords, ...vectors];
const WORDS = RECORD / 8;

/** One exception as the recorder saw it; all values are absent where one side took fewer exceptions than the other. */
export type Record = ReadonlyMap<string, bigint>;

export interface Difference {
  /** Number of the case, and of the record in its case. */
  readonly case: number;
  readonly record: number;
  readonly names: readonly string[];
  /** The record before, which agreed; absent for the first of a case. */
  readonly before: Record | undefined;
  readonly ours: Record;
  readonly theirs: Record;
}
export interface Comparison {
  /** Records that agree. */
  readonly agreed: number;
  /** How often QEMU departed from the architecture in a way that is known, by the name of that way. */
  readonly departures: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
}

/** A case ends with its first difference, known or not: what follows says nothing new. Time is not compared. */
export function compare(cases: readonly Case[], ours: Recorded, theirs: Recorded): Comparison {
  const count = cases.length;
  const [a, b] = [byCase(count, ours), byCase(count, theirs)];
  const departures = new Map<string, number>();
  const differences: Difference[] = [];
  let agreed = 0;
  for (let n = 0; n < count; n++) {
    const saw = nothingSeen(cases[n]);
    for (let i = 0; i < Math.max(a[n].length, b[n].length); i++) {
      const [x, y] = [a[n][i] ?? none, b[n][i] ?? none];
      before(saw, x);
      const different = names.filter((name) => name !== 'CNTVCT_EL0' && x.get(name) !== y.get(name) && !fieldDeparts(name, x, y, saw));
      if (different.length === 0) {
        agreed++;
        after(saw, x);
        continue;
      }
      const why = recordDeparts(x, y, saw, different);
      if (why) departures.set(why, (departures.get(why) ?? 0) + 1);
      else differences.push({ case: n, record: i, names: different, before: a[n][i - 1], ours: x, theirs: y });
      break;
    }
  }
  return { agreed, departures, differences };
}
const none: Record = new Map();

function byCase(count: number, { log }: Recorded): Record[][] {
  const cases: Record[][] = Array.from({ length: count }, () => []);
  for (let at = 0; at < log.length; at += WORDS) {
    const record = new Map(doublewords.map((name, i) => [name, log[at + i]]));
    vectors.forEach((name, i) => record.set(name, log[at + WORDS / 2 + 2 * i] | (log[at + WORDS / 2 + 2 * i + 1] << 64n)));
    cases[count - 1 - Number(record.get('cases left'))].push(record);
  }
  return cases;
}
