/** What is said of an expectation that does not hold. */
import type { Place } from '../explain/views.ts';
import { lastWriter, type Written } from '../session/writers.ts';
import type { Program } from '../session/program.ts';

/** One expectation of a check, and whether it holds. */
export interface Outcome {
  /** What it is about: "HCR_EL2.RW". */
  readonly what: string;
  readonly passed: boolean;
  /** For the person who wrote the submission; empty where it holds. */
  readonly text: string;
  /** The instant that was looked at. */
  readonly at?: number;
  readonly expected?: string;
  readonly found?: string;
  readonly register?: string;
  readonly field?: string;
  /** The instruction that made it so, and its line. */
  readonly instruction?: string;
  readonly source?: string;
}

/** Where something is in the source: "start.s:14 (_start+0xc)". */
export function placeText({ address, symbol, file, line }: Place): string {
  const where = file === undefined ? undefined : `${file.split('/').at(-1)}:${line}`;
  return where && symbol ? `${where} (${symbol})` : (where ?? symbol ?? address);
}

/** A sentence about the last write before the instant of the machine, with the instruction and its place where there is one. */
export function whoWrote(program: Program, written: Written): Pick<Outcome, 'instruction' | 'source'> & { readonly sentence: string } {
  const { search, answer } = lastWriter(program, written);
  for (;;) {
    const { done, value } = search.next();
    if (!done) continue;
    const { write, text } = answer(value);
    if (!write || write.by.kind === 'hand') return { sentence: text };
    const source = placeText({ address: write.pc, ...write });
    return { sentence: text, instruction: write.by.name, source };
  }
}
