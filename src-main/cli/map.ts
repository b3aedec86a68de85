/** `elscope map`: the address spaces of a regime side by side. */
import { mapsText, views } from '../../emulator/index.ts';
import { mapsPicture } from '../../src-renderer/geometry/maps/picture.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords, UsageError, wholeNumber } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { pictureFormats, slideFlags, writePicture, type PictureFormat } from './pictures.ts';

/** `1` or `1,2`: VMIDs. */
function guestNumbers(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const vmids = text.split(',').map((part) => wholeNumber('--guests', part, 0, 255));
  if (vmids.length > 2) throw new UsageError(`--guests ${text}: expected one or two VMIDs`);
  return vmids;
}

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...instantFlags,
    ...slideFlags,
    regime: { type: 'string' },
    guests: { type: 'string' },
    format: { type: 'string' },
  });
  const format = oneOf('--format', values.format ?? 'text', ['text', 'json', ...pictureFormats]);
  const regime = values.regime === undefined ? undefined : (oneOf('--regime', values.regime, ['el1', 'el2']) as 'el1' | 'el2');
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  const view = views.maps.of(program, { regime, guests: guestNumbers(values.guests) });
  if (format === 'json') await writeJson(view);
  else if (format === 'text') await write(`${mapsText(view)}\n`);
  else await writePicture(mapsPicture(view, program.name), format as PictureFormat, values);
  return exitCode.done;
}
