/** `elscope tables`: whole trees of page tables, of every stage that translates at the instant. */
import { tablesOf, tablesText } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords, UsageError } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { pictureFormats } from './pictures.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, ...instantFlags, format: { type: 'string' } });
  const format = oneOf('--format', values.format ?? 'text', ['text', 'json', ...pictureFormats]);
  if (pictureFormats.includes(format))
    throw new UsageError(
      `--format ${format}: tables are not drawn in this version yet; text and json are there, and pictures of walk and map`,
    );
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  const tables = tablesOf(program.machine.mmu);
  if (format === 'json') await writeJson({ at: program.timeline.at, tables });
  else await write(`${tablesText(tables)}\n`);
  return exitCode.done;
}
