/** Plays a lesson as a careful student would: every question with many seeds, with the right and with each wrong answer. */
import { InputError } from '../base/errors.ts';
import { plain } from '../explain/words.ts';
import type { Lesson } from './format.ts';
import { instantsOf, holds, pose, type Posed } from './pose.ts';
import type { World } from './world.ts';

export interface LessonReport {
  readonly questions: readonly { readonly id: string; readonly asked: number; readonly instants: number; readonly answers: number }[];
  readonly asked: number;
  /** The first of each question, with file and line. */
  readonly problems: readonly string[];
}

/** Seeds 1 to `seeds`. `told` hears of each question that was put. */
export function checkLesson(
  worldOf: (question: number) => World,
  lesson: Lesson,
  seeds: number,
  told: (posed: Posed) => void = () => undefined,
): LessonReport {
  const problems: string[] = [];
  const questions = lesson.questions.map(({ id }, index) => {
    const instants = new Set<number>();
    const answers = new Set<string>();
    let asked = 0;
    const problem = firstProblem(() => {
      for (let seed = 1; seed <= seeds; seed++) {
        const posed = pose(worldOf(index), lesson, index, seed);
        play(lesson, index, posed);
        instants.add(posed.at);
        answers.add(posed.choices.find(({ isRight }) => isRight)!.text);
        asked++;
        told(posed);
      }
    });
    if (problem !== undefined) problems.push(problem);
    return { id, asked, instants: instants.size, answers: answers.size };
  });
  const world = worldOf(0);
  lesson.make.checks.forEach(({ at, holds: expression }, i) => {
    const problem = firstProblem(() => {
      try {
        // The program of the lesson is not what is asked for, but the language is the same.
        holds(world, instantsOf(world, at)[0] ?? 0, expression);
      } catch (error) {
        if (error instanceof InputError && !/is neither a number/.test(error.message))
          throw lesson.wrong(['make', 'checks', i], error.message);
      }
    });
    if (problem !== undefined) problems.push(problem);
  });
  return { questions, asked: questions.reduce((sum, { asked }) => sum + asked, 0), problems };
}

function firstProblem(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** What must hold of every question that is put. */
function play(lesson: Lesson, index: number, { choices, seed, at, then, because, end }: Posed): void {
  const wrong = (problem: string): InputError => lesson.wrong(['questions', index], `${problem} (seed ${seed})`);
  if (choices.filter(({ isRight }) => isRight).length !== 1) throw wrong('exactly one choice must be right');
  if (new Set(choices.map(({ text }) => text)).size !== choices.length) throw wrong('two choices read the same');
  if (choices.some(({ isRight, why }) => !isRight && plain(why) === '')) throw wrong('a wrong choice has no explanation');
  if (plain(because) === '') throw wrong('the answer has no explanation');
  if (then < at) throw wrong(`then: leads back to ${then}, before instant ${at}`);
  if (then > end && then > at + 1) throw wrong(`then: leads beyond the end of the run`);
}
