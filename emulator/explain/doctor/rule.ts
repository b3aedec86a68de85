/** What a rule is. A new one is a file in `rules/` and a row in `table.ts`. */
import type { VA } from '../../base/addresses.ts';
import type { Examination } from './examination.ts';
import type { Evidence, FindingKind, FindingLink, Trial } from './finding.ts';

/** What a rule has found; what is absent is the rule's own. */
export interface Found {
  readonly id?: string;
  readonly kind?: FindingKind;
  readonly title?: string;
  readonly sentence: string;
  readonly fix: string;
  readonly patch?: readonly string[];
  readonly trial?: Trial;
  /** The instruction that is wrong, and the step that executed it. */
  readonly pc: VA | undefined;
  readonly at: number | undefined;
  /** The step of the exception that it explains: of two rules that explain the same one, the first is right. */
  readonly about?: number;
  readonly evidence: readonly Evidence[];
  readonly links?: readonly FindingLink[];
}

export interface Rule {
  /** Of the list of mistakes that people have reported ("P05"), or a name of our own. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly title: string;
  readonly looksAt: string;
  /** Empty where nothing is wrong, and where it is not certain. */
  readonly find: (examination: Examination) => readonly Found[];
}
