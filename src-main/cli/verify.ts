/** `elscope verify`: the machine against recorded results, packed with gzip or not. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import {
  InputError,
  verifyEl2Traps,
  verifyIsa,
  verifyMmu,
  verifySystemRegisters,
  verifyWalks,
  type IsaOptions,
  type IsaResult,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { readProgramFile } from '../program-file.ts';
import { oneOf, parseWords, UsageError, wholeNumber } from '../usage.ts';
import { write, writeJson } from './output.ts';
import { percentProgress } from './progress.ts';

/** What came of it. Informational: differences that are right, by reason. */
interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** The first failures, one sentence each. */
  readonly failures: readonly string[];
  readonly informational: Readonly<Record<string, number>>;
  /** Of instructions: the same by class. */
  readonly classes?: IsaResult['classes'];
}

interface Kind {
  /** Names of the file, looked for when PATH is a folder. */
  readonly files: readonly string[];
  readonly verify: (path: string, options: IsaOptions) => Outcome | Promise<Outcome>;
}
/** One file of text. */
const textKind = (files: readonly string[], verify: (text: string, path: string) => Outcome | Promise<Outcome>): Kind => ({
  files,
  verify: async (path) => verify(await readText(path), path),
});

const kinds: Readonly<Record<string, Kind>> = {
  isa: { files: ['vectors.bin', 'vectors.bin.gz'], verify: isa },
  sysregs: textKind(['sysregs.tsv', 'sysregs.tsv.gz'], (text, path) => verifySystemRegisters(lines(text), basename(path))),
  el2traps: textKind(['el2traps.tsv', 'el2traps.tsv.gz'], async (text, path) =>
    verifyEl2Traps(lines(text), await readText(await fileAt(dirname(path), ['meta.json', 'meta.json.gz'])), basename(path)),
  ),
  walks: textKind(['at-vectors.jsonl', 'at-vectors.jsonl.gz'], (text, path) => verifyWalks(lines(text), basename(path))),
  mmu: textKind(['mmu.jsonl', 'mmu.jsonl.gz'], (text, path) => verifyMmu(lines(text), basename(path))),
};

/** Instructions, with their states, the scratch page and the names of their groups beside them. */
async function isa(path: string, options: IsaOptions): Promise<Outcome> {
  const beside = async (name: string): Promise<Uint8Array> => readBytes(await fileAt(dirname(path), [name, `${name}.gz`]));
  const groups = v.safeParse(v.object({ groups: v.array(v.string()) }), JSON.parse(new TextDecoder().decode(await beside('groups.json'))));
  if (!groups.success) throw new InputError('groups.json names no groups', { file: dirname(path) }, 'expected {"groups": [names]}');
  const told = percentProgress('verify isa');
  try {
    return verifyIsa(
      {
        vectors: await readBytes(path),
        states: await beside('states.bin'),
        scratch: await beside('scratch.bin'),
        groups: groups.output.groups,
        file: basename(path),
      },
      { ...options, onProgress: (share) => told.tell(share) },
    );
  } finally {
    told.end();
  }
}

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { json: { type: 'boolean' }, group: { type: 'string' }, first: { type: 'string' } });
  if (positionals.length !== 2) throw new UsageError(`expected what to verify (${Object.keys(kinds).join(', ')}) and a path`);
  const name = oneOf('verify', positionals[0], Object.keys(kinds));
  const kind = kinds[name];
  if (name !== 'isa' && (values.group !== undefined || values.first !== undefined))
    throw new UsageError('--group and --first are for verify isa');
  const first = values.first === undefined ? undefined : wholeNumber('--first', values.first, 1, Number.MAX_SAFE_INTEGER);
  const path = await fileAt(positionals[1], kind.files);
  const outcome = await kind.verify(path, { group: values.group, first });
  if (outcome.passed + outcome.failed === 0)
    throw new InputError('there is nothing to verify', { file: path }, 'expected recorded results');
  const { failed } = outcome;
  if (values.json) await writeJson({ kind: name, file: path, ...outcome });
  else await write(text(outcome));
  return failed > 0 ? exitCode.different : exitCode.done;
}

function text({ passed, failed, failures, informational }: Outcome): string {
  const unsaid = failed - failures.length;
  return [
    ...failures.map((sentence) => `FAILED ${sentence}`),
    ...(unsaid > 0 ? [`... and ${unsaid} more`] : []),
    ...Object.entries(informational).map(([reason, count]) => `not compared or rightly different, ${count} times: ${reason}`),
    `${passed} passed, ${failed} failed`,
    '',
  ].join('\n');
}

/** A file itself, or the file of such a name in a folder. Throws InputError. */
async function fileAt(path: string, files: readonly string[]): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return path;
  for (const name of files) {
    const inside = join(path, name);
    if (await stat(inside).then(() => true, () => false)) return inside; // prettier-ignore
  }
  throw new InputError(`the folder has no ${files.join(' or ')}`, { file: path });
}

/** Bytes of a file, unpacked where it is packed. Throws InputError. */
async function readBytes(path: string): Promise<Uint8Array> {
  const { bytes } = await readProgramFile(path, 'recorded results');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    throw new InputError('it cannot be decompressed', { file: path }, 'expected a file of recorded results');
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError('this is not a text file', { file: path }, 'expected a file of recorded results');
  }
}

const lines = (text: string): string[] => text.split(/\r?\n/);
