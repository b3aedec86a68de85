/** `elscope levels`: the exception levels at an instant, and what the step before it did to them. */
import { levelsText, views } from '../../emulator/index.ts';
import { towerPicture } from '../../src-renderer/geometry/tower/picture.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { pictureFormats, slideFlags, writePicture, type PictureFormat } from './pictures.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, ...instantFlags, ...slideFlags, format: { type: 'string' } });
  const format = oneOf('--format', values.format ?? 'text', ['text', 'json', ...pictureFormats]);
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  const view = views.levels.of(program, {});
  if (format === 'json') await writeJson(view);
  else if (format === 'text') await write(`${levelsText(view)}\n`);
  else await writePicture(towerPicture(view, program.name), format as PictureFormat, values);
  return exitCode.done;
}
