/** `elscope walk`: the page-table walk of one address. */
import { locate, views, walkText, type Level, type Walk } from '../../emulator/index.ts';
import { walkPicture } from '../../src-renderer/geometry/walk/picture.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords, UsageError, wholeNumber } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { pictureFormats, slideFlags, writePicture, type PictureFormat } from './pictures.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...instantFlags,
    ...slideFlags,
    va: { type: 'string' },
    regime: { type: 'string' },
    el: { type: 'string' },
    access: { type: 'string' },
    vmid: { type: 'string' },
    format: { type: 'string' },
  });
  if (values.va === undefined) throw new UsageError('--va is missing: the virtual address to walk');
  const format = oneOf('--format', values.format ?? 'text', ['text', 'json', ...pictureFormats]);
  const regime = values.regime && (oneOf('--regime', values.regime, ['el1', 'el2']) as Walk['regime']);
  const el = values.el && oneOf('--el', values.el, ['0', '1', '2']);
  const access = oneOf('--access', values.access ?? 'r', ['r', 'w', 'x']) as Walk['access'];
  const vmid = values.vmid === undefined ? undefined : wholeNumber('--vmid', values.vmid, 0, 255);
  if (vmid !== undefined && (regime === 'el2' || el === '2')) throw new UsageError('--vmid names a guest: EL2 has no VMID');
  if (regime === 'el1' && el === '2') throw new UsageError('--el 2 needs --regime el2');
  if (regime === 'el2' && el !== undefined && el !== '2') throw new UsageError(`--el ${el} needs --regime el1`);

  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  const va = locate(program, { text: values.va, space: 'va' });
  const asked = { va, access, ...(regime && { regime }), ...(el && { el: Number(el) as Level }), ...(vmid !== undefined && { vmid }) };
  const { walk, noTlb } = views.walk.of(program, asked);
  if (format === 'json') await writeJson(walk);
  else if (format === 'text') await write(`${walkText(walk, noTlb)}\n`);
  else await writePicture(walkPicture(walk, program.name), format as PictureFormat, values);
  return exitCode.done;
}
