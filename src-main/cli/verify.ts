/** `elscope verify`: the machine against recorded results, packed with gzip or not. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError, verifyEl2Traps, verifyMmu, verifySystemRegisters, verifyWalks } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { readProgramFile } from '../program-file.ts';
import { oneOf, parseWords, UsageError } from '../usage.ts';
import { write, writeJson } from './output.ts';

/** What came of it. Informational: differences that are right, by reason. */
interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** The first failures, one sentence each. */
  readonly failures: readonly string[];
  readonly informational: Readonly<Record<string, number>>;
}

interface Kind {
  /** Names of the file, looked for when PATH is a folder. */
  readonly files: readonly string[];
  readonly verify: (text: string, path: string) => Outcome | Promise<Outcome>;
}

const kinds: Readonly<Record<string, Kind | undefined>> = {
  // Single instructions are recorded in a form that only the tests read so far.
  isa: undefined,
  sysregs: { files: ['sysregs.tsv', 'sysregs.tsv.gz'], verify: (text, path) => verifySystemRegisters(lines(text), basename(path)) },
  el2traps: {
    files: ['el2traps.tsv', 'el2traps.tsv.gz'],
    verify: async (text, path) =>
      verifyEl2Traps(lines(text), await readText(await fileAt(dirname(path), ['meta.json', 'meta.json.gz'])), basename(path)),
  },
  walks: { files: ['at-vectors.jsonl', 'at-vectors.jsonl.gz'], verify: (text, path) => verifyWalks(lines(text), basename(path)) },
  mmu: { files: ['mmu.jsonl', 'mmu.jsonl.gz'], verify: (text, path) => verifyMmu(lines(text), basename(path)) },
};

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { json: { type: 'boolean' } });
  if (positionals.length !== 2) throw new UsageError(`expected what to verify (${Object.keys(kinds).join(', ')}) and a path`);
  const name = oneOf('verify', positionals[0], Object.keys(kinds));
  const kind = kinds[name];
  if (!kind) throw new UsageError(`verify ${name} is not in this version of ELscope yet`);
  const path = await fileAt(positionals[1], kind.files);
  const outcome = await kind.verify(await readText(path), path);
  if (outcome.passed + outcome.failed === 0)
    throw new InputError('there is nothing to verify', { file: path }, 'expected recorded results');
  const { passed, failed, failures, informational } = outcome;
  if (values.json) await writeJson({ kind: name, file: path, passed, failed, failures, informational });
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

async function readText(path: string): Promise<string> {
  const { bytes } = await readProgramFile(path, 'recorded results');
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(isGzip ? gunzipSync(bytes) : bytes);
  } catch {
    throw new InputError(
      isGzip ? 'it does not decompress to text' : 'this is not a text file',
      { file: path },
      'expected a file of recorded results',
    );
  }
}

const lines = (text: string): string[] => text.split(/\r?\n/);
