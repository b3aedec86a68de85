/** `elscope picture`: any picture of the app, as a drawing or as slides, on stdout or as files. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isRecording, noHost, sourceFile, type Program } from '../../emulator/index.ts';
import type { Picture } from '../../src-renderer/geometry/picture.ts';
import type { SourceText } from '../../src-renderer/geometry/sheets/code.ts';
import { exitCode } from '../exit.ts';
import { KeptRuns } from '../kept-runs.ts';
import { machineFlags } from '../machine-options.ts';
import { readProgramFile } from '../program-file.ts';
import { fileHost } from '../session-host.ts';
import { oneOf, parseWords, UsageError } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { pictureKinds, pictureNames, sourcesOf, type PictureKind } from './picture-kinds.ts';
import { drawn, pictureFormats, slideFlags, writePicture, type PictureFormat } from './pictures.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...instantFlags,
    ...slideFlags,
    address: { type: 'string' },
    register: { type: 'string' },
    trap: { type: 'string' },
    intid: { type: 'string' },
    format: { type: 'string' },
    out: { type: 'string' },
    sources: { type: 'string', multiple: true },
  });
  const [name, path, ...rest] = positionals;
  if (name === undefined) throw new UsageError(`which picture is missing: expected one of all, ${pictureNames.join(', ')}`);
  if (rest.length > 0) throw new UsageError(`expected a picture and a file, but got also ${rest.join(' ')}`);
  const kind = oneOf('picture', name, ['all', ...pictureNames]);
  const format = oneOf('--format', values.format ?? 'svg', pictureFormats) as PictureFormat;
  if (kind === 'all' && values.out === undefined) throw new UsageError('picture all writes files: --out names their folder');
  if (values.out !== undefined && values.part !== undefined) throw new UsageError('--part is for stdout: --out writes every slide');
  const program = await openRun(path, values);
  const kinds = kind === 'all' ? pictureNames : [kind as keyof typeof pictureKinds];
  const textOf = kinds.includes('code') ? await sourceTexts(program, path, values.sources ?? []) : undefined;
  const make = (one: PictureKind): Picture => one.make(program, { ...values, textOf });
  if (values.out === undefined) await writePicture(make(pictureKinds[kinds[0]]), format, values);
  else {
    await mkdir(values.out, { recursive: true });
    for (const one of kinds) {
      const picture = kind === 'all' ? possible(() => make(pictureKinds[one])) : make(pictureKinds[one]);
      if (!picture) continue;
      for (const { name: file, content } of await drawn(picture, format, values)) {
        await writeFile(join(values.out, file), content);
        console.error(`elscope picture: ${join(values.out, file)}`);
      }
    }
  }
  return exitCode.done;
}

/** The texts of the sources around the PC, where they may be read: beside the program, and in the folders that are named. */
async function sourceTexts(program: Program, path: string | undefined, folders: readonly string[]): Promise<SourceText> {
  const host = { ...noHost, ...fileHost(folders, new KeptRuns(undefined)) };
  // The program of a recording may have lain anywhere.
  const place = path === undefined || isRecording((await readProgramFile(path)).bytes) ? undefined : resolve(path);
  const texts = new Map<number, readonly string[] | undefined>();
  for (const source of sourcesOf(program)) {
    const { text } = await sourceFile(program, { host, path: place }, source);
    texts.set(source, text?.split(/\r?\n/));
  }
  return (source) => texts.get(source);
}

/** Of all pictures, those of things that are not there at the instant are left out. */
function possible(make: () => Picture): Picture | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
