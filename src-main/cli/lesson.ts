/** `elscope lesson check`: reads a lesson as the app would, and puts all its questions to the machine. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkLesson, lessonWorlds, parseLesson, visible } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { paths } from '../paths.ts';
import { readProgramFile } from '../program-file.ts';
import { parseWords, UsageError, wholeNumber } from '../usage.ts';

/** What a teacher sees of a lesson before a class does. */
const SEEDS = 20;
const MOST_SEEDS = 100_000;

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { seeds: { type: 'string' }, json: { type: 'boolean' } });
  const [what, file] = positionals;
  if (what !== 'check' || file === undefined || positionals.length > 2) throw new UsageError('expected check and the file of a lesson');
  const seeds = values.seeds === undefined ? SEEDS : wholeNumber('--seeds', values.seeds, 1, MOST_SEEDS);
  const { bytes } = await readProgramFile(file, 'lesson');
  const lesson = parseLesson(file, new TextDecoder().decode(bytes));
  const worldOf = await lessonWorlds(
    lesson,
    async (name) => new Uint8Array(await readFile(join(paths.firmware, 'prebuilt', basename(name)))),
  );
  const { questions, asked, problems } = checkLesson(worldOf, lesson, seeds);
  if (values.json) console.log(JSON.stringify({ lesson: lesson.lesson, title: lesson.title, seeds, asked, questions, problems }, null, 2));
  else {
    console.log(visible(`lesson ${lesson.lesson}, ${lesson.title}: ${questions.length} questions, each with ${seeds} seeds`));
    for (const { id, instants, answers } of questions)
      console.log(`  ${id}: ${counted(instants, 'instant')}, ${counted(answers, 'answer')}`);
  }
  for (const problem of problems) console.error(`elscope: ${visible(problem)}`);
  return problems.length === 0 ? exitCode.done : exitCode.badInput;
}

const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
