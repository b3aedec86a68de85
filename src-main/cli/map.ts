/** `elscope map`: the address spaces of a regime side by side. */
import { mapsText, programMaps } from '../../emulator/index.ts';
import { mapsPicture } from '../../src-renderer/geometry/maps/picture.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { pictureFormats, writePicture, type PictureFormat } from './pictures.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...instantFlags,
    regime: { type: 'string' },
    format: { type: 'string' },
  });
  const format = oneOf('--format', values.format ?? 'text', ['text', 'json', ...pictureFormats]);
  const regime = values.regime === undefined ? undefined : (oneOf('--regime', values.regime, ['el1', 'el2']) as 'el1' | 'el2');
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  const view = programMaps(program, regime);
  if (format === 'json') await writeJson(view);
  else if (format === 'text') await write(`${mapsText(view)}\n`);
  else await writePicture(mapsPicture(view, program.name, null), format as PictureFormat);
  return exitCode.done;
}
