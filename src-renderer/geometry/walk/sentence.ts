/** What each read of a walk does, as a sentence. */
import type { Walk } from '../../../emulator/session/views.ts';
import { bitRange } from '../numbers.ts';
import type { Read, WalkStep } from './rows.ts';

/** Before the first read, and after each. */
export const readSentences = (walk: Walk, reads: readonly Read[]): string[] => [
  `Before the first read: the walk starts with VA ${walk.va}.`,
  ...reads.map(({ number, step }) => `Read ${number}, stage ${step.stage}, level ${step.level}: ${lookup(step)}; ${found(step)}.`),
];

/** "bits 38:30 of the VA choose entry 2 of the table at IPA 0x80007000". */
function lookup({ stage, indexBits, index, table, ipa }: WalkStep): string {
  const { high, low } = indexBits;
  const bits =
    high === low ? `bit ${high} of the ${inputOf(stage)} chooses` : `bits ${bitRange(indexBits)} of the ${inputOf(stage)} choose`;
  return `${bits} entry ${index} of the table at ${ipa === null ? 'PA' : 'IPA'} ${table}`;
}
const inputOf = (stage: 1 | 2): string => (stage === 1 ? 'VA' : 'IPA');

const found = ({ value, verdict }: WalkStep): string => (value === null ? verdict : `it holds ${value}: ${verdict}`);
