/** A robot plays every question of every lesson: one choice is right, by the machine, and each wrong one says why. */
import { expect, test } from 'vitest';
import { checkLesson } from '../../emulator/lessons/check.ts';
import { plain } from '../../emulator/explain/words.ts';
import { bundledLesson, lessonFiles, worldsOf } from './bundled.ts';

test.each(lessonFiles)('%s', async (file) => {
  const lesson = bundledLesson(file);
  const worldOf = await worldsOf(lesson);
  const answers: string[] = [];
  const report = checkLesson(worldOf, lesson, 1, ({ choices, because }) => {
    for (const { isRight, why } of choices) answers.push(isRight ? plain(because) : plain(why));
  });
  expect(report.problems).toEqual([]);
  expect(report.asked).toBe(lesson.questions.length);
  // Nothing that should have been put in is left.
  expect(answers.filter((text) => /[{}$]|nothing that can be fetched/.test(text))).toEqual([]);
});

test('there are twelve lessons, with five steps each and at least fifty questions', () => {
  const lessons = lessonFiles.map(bundledLesson);
  expect(lessons.map(({ lesson }) => lesson)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  expect(lessons.flatMap(({ questions }) => questions).length).toBeGreaterThanOrEqual(50);
  for (const { questions, make } of lessons) {
    expect(
      questions.filter(({ step }) => step === 'predict').length + questions.filter(({ step }) => step === 'investigate').length,
    ).toBeGreaterThanOrEqual(4);
    expect(questions.some(({ step }) => step === 'modify') || make.checks.length > 0).toBe(true);
  }
});
