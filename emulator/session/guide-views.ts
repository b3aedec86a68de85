/** What the Guide shows: a question before its answer, which is not in it, and after. */
import type { LessonCover, LessonPanel, LessonStep } from '../lessons/format.ts';
import type { Posed, PosedRow } from '../lessons/pose.ts';
import type { RichText } from '../explain/views.ts';

export type { LessonCover, LessonPanel, LessonStep, PosedRow };

export interface GuideView {
  readonly question: AskedQuestion | null;
}

/** What is told before there is an answer. */
export interface AskedQuestion extends Pick<
  Posed,
  'id' | 'seed' | 'step' | 'concepts' | 'title' | 'at' | 'end' | 'changes' | 'tell' | 'ask' | 'hints' | 'spot' | 'cover' | 'show'
> {
  /** Null: it is about a program with a mistake. */
  readonly lesson: { readonly number: number; readonly title: string } | null;
  readonly index: number;
  readonly of: number;
  /** The machine stands still until there is an answer. */
  readonly isHeld: boolean;
  readonly choices: readonly string[];
  readonly answer: QuestionAnswer | null;
}

export interface QuestionAnswer {
  readonly chosen: number;
  readonly right: number;
  readonly choices: readonly { readonly name: string; readonly why: RichText }[];
  readonly sum: readonly PosedRow[];
  readonly facts: readonly PosedRow[];
  readonly because: RichText;
  readonly then: number;
  readonly isSeen: boolean;
}

export interface LessonSummary {
  readonly lesson: number;
  readonly title: string;
  readonly goal: string;
  readonly concepts: string[];
  readonly file: string;
  readonly questions: { id: string; title: string; step: LessonStep; concepts: string[] }[];
  /** What is to be made, and how it will be checked. */
  readonly task: string;
  readonly checks: string[];
}

export interface MadeCheck {
  readonly says: string;
  readonly otherwise: string;
  readonly ok: boolean;
}
