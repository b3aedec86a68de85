/** `elscope assemble`: a source text to a program that `elscope run`, QEMU and gdb take. */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { assembleProgram, elfOf, InputError, visible } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { readProgramFile } from '../program-file.ts';
import { atMostOne, parseWords, UsageError } from '../usage.ts';

/** After so many problems, a person begins at the top again. */
const MOST_SHOWN = 20;

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { output: { type: 'string', short: 'o' } });
  const file = atMostOne(positionals, 'source file');
  if (file === undefined) throw new UsageError('expected a source file such as start.s');
  const output = values.output ?? `${basename(file).replace(/\.[sS]$/, '')}.elf`;
  const { program, problems } = assembleProgram(await sourceOf(file));
  for (const { line, column, message } of problems.slice(0, MOST_SHOWN)) console.error(visible(`${file}:${line}:${column}: ${message}`));
  if (problems.length > MOST_SHOWN) console.error(`and ${problems.length - MOST_SHOWN} more`);
  if (!program) return exitCode.badInput;
  await writeFile(output, elfOf(program, file));
  return exitCode.done;
}

async function sourceOf(file: string): Promise<string> {
  const { bytes } = await readProgramFile(file, 'assembly source');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError('this is no text', { file }, 'expected assembly source in UTF-8');
  }
}
