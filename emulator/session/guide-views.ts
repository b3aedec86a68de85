/** What the Guide shows: a question before its answer, which is not in it, and after. */
import type { LessonCover, LessonPanel, LessonSpot, LessonStep } from '../lessons/format.ts';
import type { PosedRow } from '../lessons/pose.ts';
import type { Change } from '../lessons/world.ts';
import type { RichText } from '../explain/views.ts';

export type { LessonCover, LessonPanel, LessonSpot, LessonStep, PosedRow };

export interface GuideView {
  readonly question: AskedQuestion | null;
}

export interface AskedQuestion {
  /** Null: it is about a program with a mistake. */
  readonly lesson: { readonly number: number; readonly title: string } | null;
  readonly index: number;
  readonly of: number;
  /** The machine stands still until there is an answer. */
  readonly isHeld: boolean;
  readonly id: string;
  readonly seed: number;
  readonly step: LessonStep;
  readonly concepts: readonly string[];
  readonly title: string;
  readonly at: number;
  readonly end: number;
  readonly changes: readonly Change[];
  readonly tell: RichText;
  readonly ask: RichText;
  readonly choices: readonly string[];
  readonly hints: readonly RichText[];
  readonly spot: readonly LessonSpot[];
  readonly cover: readonly LessonCover[];
  readonly show: LessonPanel;
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
