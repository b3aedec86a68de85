/** The answers of all questions over a thousand seeds are the machine's: none is wrong, none is ambiguous. */
import { expect, test } from 'vitest';
import { checkLesson } from '../../emulator/lessons/check.ts';
import { bundledLesson, lessonFiles, worldsOf } from './bundled.ts';

const SEEDS = 1000;

test.each(lessonFiles)(`%s, with ${SEEDS} seeds`, { timeout: 1_800_000 }, async (file) => {
  const lesson = bundledLesson(file);
  const { asked, problems, questions } = checkLesson(await worldsOf(lesson), lesson, SEEDS);
  console.log(`${file}: ${asked} questions, ${questions.map(({ id, answers }) => `${id} ${answers}`).join(', ')}`);
  expect(problems).toEqual([]);
  expect(asked).toBe(SEEDS * lesson.questions.length);
});
