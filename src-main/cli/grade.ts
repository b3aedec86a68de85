/** `elscope grade`: holds submissions against a task: what must be so at which instants of their runs. */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  InputError,
  junitXml,
  readTask,
  reportText,
  tableText,
  visible,
  withoutHidden,
  worst,
  type Verdict,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { reportsOf } from '../grading-threads.ts';
import { decoded } from '../submission.ts';
import { readProgramFile } from '../program-file.ts';
import { parseWords, UsageError } from '../usage.ts';
import { write, writeJson } from './output.ts';

const codes: Readonly<Record<Verdict, number>> = {
  passed: exitCode.done,
  failed: exitCode.different,
  stuck: exitCode.stuck,
  limit: exitCode.limit,
  'bad file': exitCode.badInput,
};

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    json: { type: 'boolean' },
    junit: { type: 'string' },
    hidden: { type: 'boolean' },
  });
  const [taskFile, ...given] = positionals;
  if (taskFile === undefined) throw new UsageError('expected a task such as task.yaml, and submissions');
  if (given.length === 0) throw new UsageError('expected a submission: an ELF, an Image or assembly');
  const text = decoded((await readProgramFile(taskFile, 'a task in YAML')).bytes, taskFile);
  const task = { text, name: visible(basename(taskFile)) };
  const files = (await Promise.all(given.map(filesOf))).flat();
  const whole = await reportsOf(files, task);
  const reports = values.hidden ? whole : whole.map(withoutHidden);
  if (values.junit !== undefined) await save(values.junit, junitXml(readTask(task.text, task.name), reports));
  if (values.json) await writeJson(reports.length === 1 && files.length === given.length ? reports[0] : reports);
  else {
    const all = reports.map(reportText).join('\n\n');
    await write(`${all}\n${reports.length > 1 ? `\n${tableText(reports)}\n` : ''}`);
  }
  return codes[worst(reports)];
}

/** A folder stands for the files in it. */
async function filesOf(path: string): Promise<string[]> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isDirectory()) return [path];
  const names = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);
  const files = names.filter((name) => /\.(elf|s|img)$|^Image/i.test(name)).toSorted();
  if (files.length === 0) throw new UsageError(`${path} holds no submission: expected files that end in .elf, .s, .S or .img`);
  return files.map((name) => join(path, name));
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new InputError(`cannot be written: ${(error as Error).message.replace(/^[A-Z]+: /, '')}`, { file: path });
  }
}
