/** `elscope grade`: holds submissions against a task: what must be so at which instants of their runs. */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  assembleProgram,
  badFile,
  elfOf,
  grade,
  InputError,
  isRecording,
  junitXml,
  openProgram,
  readTask,
  reportText,
  tableText,
  visible,
  withoutHidden,
  worst,
  type Report,
  type Task,
  type Verdict,
} from '../../emulator/index.ts';
import { exitCode, isOutOfMemory } from '../exit.ts';
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
  const task = readTask(await textOf(taskFile, 'a task in YAML'), visible(basename(taskFile)));
  const files = (await Promise.all(given.map(filesOf))).flat();
  const reports: Report[] = [];
  for (const file of files) {
    const report = await reportOf(file, task);
    reports.push(values.hidden ? report : withoutHidden(report));
    // A person at the terminal sees how far it is, and can stop it.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (values.junit !== undefined) await save(values.junit, junitXml(task, reports));
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

/** Whatever is wrong with a submission is part of its report. */
async function reportOf(path: string, task: Task): Promise<Report> {
  const name = visible(path);
  try {
    const { bytes, name: file } = await readProgramFile(path, 'an ELF, an Image or assembly');
    const program = openProgram(file, /\.s$/i.test(path) ? assembled(bytes, file) : checked(bytes, file));
    return { ...grade(program, task), file: name };
  } catch (error) {
    if (error instanceof InputError) return badFile(name, task, error.message);
    if (isOutOfMemory(error)) return badFile(name, task, 'there is not enough memory to run it');
    throw error;
  }
}

function checked(bytes: Uint8Array, file: string): Uint8Array {
  if (isRecording(bytes)) throw new InputError('this is a recording', { file }, 'expected an ELF, an Image or assembly');
  return bytes;
}

/** Problems that a report repeats. */
const MOST_PROBLEMS = 5;

function assembled(bytes: Uint8Array, file: string): Uint8Array {
  const { program, problems } = assembleProgram(decoded(bytes, file));
  if (program) return elfOf(program, file);
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new InputError(
    `it does not assemble: ${shown.join('; ')}${problems.length > MOST_PROBLEMS ? `; and ${problems.length - MOST_PROBLEMS} more` : ''}`,
  );
}

const textOf = async (path: string, expected: string): Promise<string> => decoded((await readProgramFile(path, expected)).bytes, path);

function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError('this is no text', { file }, 'expected UTF-8');
  }
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new InputError(`cannot be written: ${(error as Error).message.replace(/^[A-Z]+: /, '')}`, { file: path });
  }
}
