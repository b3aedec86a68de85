/** The kinds of cases, and sets of them: the same seed makes the same cases, however many of them are asked for. */
import { CodeArea, DATA_BYTES, type Case } from './cases.ts';
import { debugCase } from './debug-cases.ts';
import { floatCase, floatData } from './float-cases.ts';
import { integerCase } from './integer-cases.ts';
import { mmuCase } from './mmu-cases.ts';
import { Choices } from '../isa/choices.ts';
import type { Recorder } from './run.ts';
import { systemCase } from './system-cases.ts';

const makers = { integerCase, floatCase, systemCase, debugCase, mmuCase };
export type Kind = keyof typeof makers;
export const kinds = Object.keys(makers) as Kind[];

export interface CaseSet {
  readonly kind: Kind;
  readonly seed: number;
  readonly cases: readonly Case[];
  /** Their code. */
  readonly area: CodeArea;
  /** The memory that their loads and stores are meant for. */
  readonly data: Uint8Array;
}

const bytes = (choose: Choices): Uint8Array => Uint8Array.from({ length: DATA_BYTES }, () => choose.below(256));
/** Each word says where it is. */
const offsets = (): Uint8Array => new Uint8Array(Uint32Array.from({ length: DATA_BYTES / 4 }, (_, i) => i).buffer);

export function caseSet(kind: Kind, seed: number, count: number, recorder: Recorder): CaseSet {
  const choose = new Choices(seed);
  const area = new CodeArea();
  const data = kind === 'floatCase' ? floatData(choose) : kind === 'mmuCase' ? offsets() : bytes(choose);
  const cases = Array.from({ length: count }, () => makers[kind](choose, recorder, area));
  return { kind, seed, cases, area, data };
}
