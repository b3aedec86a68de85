/** `elscope tables`: whole trees of page tables, of every stage that translates at the instant; a picture shows the first of them. */
import { programTables, tablesOf, tablesText } from '../../emulator/index.ts';
import { tablesPicture } from '../../src-renderer/geometry/tables/picture.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { pictureFormats, writePicture, type PictureFormat } from './pictures.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, ...instantFlags, format: { type: 'string' } });
  const format = oneOf('--format', values.format ?? 'text', ['text', 'json', ...pictureFormats]);
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  if (pictureFormats.includes(format)) {
    await writePicture(tablesPicture(programTables(program), program.name), format as PictureFormat);
    return exitCode.done;
  }
  const tables = tablesOf(program.machine.mmu);
  if (format === 'json') await writeJson({ at: program.timeline.at, tables });
  else await write(`${tablesText(tables)}\n`);
  return exitCode.done;
}
