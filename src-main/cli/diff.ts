/** `elscope diff`: the first difference of two trap files or recordings. */
import {
  differingFields,
  firstDifference,
  InputError,
  isRecording,
  linesOfFile,
  linesOfLog,
  type TrapFields,
  type TrapLines,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { readProgramFile } from '../program-file.ts';
import { parseWords, UsageError } from '../usage.ts';
import { openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { json: { type: 'boolean' } });
  if (positionals.length !== 2) throw new UsageError(`expected two trap files or recordings, but got ${positionals.length}`);
  const [a, b] = [await linesOf(positionals[0]), await linesOf(positionals[1])];
  const common = Math.min(a.length, b.length);
  const index = firstDifference(a, b, 0, common) ?? (a.length === b.length ? undefined : common);
  if (index === undefined) {
    await (values.json ? writeJson({ equal: true, traps: a.length }) : write(`no difference between ${a.length} traps\n`));
    return exitCode.done;
  }
  const [lineA, lineB] = [a, b].map((lines) => (index < lines.length ? lines.line(index) : undefined));
  const fields = lineA && lineB ? differingFields(lineA, lineB) : [];
  if (values.json) await writeJson({ equal: false, index, a: lineA ?? null, b: lineB ?? null, fields });
  else {
    const side = (line: TrapFields | undefined): string => (line ? JSON.stringify(line) : '(ends here)');
    const where = fields.length > 0 ? ` in ${fields.join(', ')}` : '';
    await write(`first difference: trap ${index}${where}\n- ${side(lineA)}\n+ ${side(lineB)}\n`);
  }
  return exitCode.different;
}

async function linesOf(path: string): Promise<TrapLines> {
  const { bytes } = await readProgramFile(path, 'a trap file or a recording');
  if (isRecording(bytes)) return linesOfLog((await openRun(path, {})).timeline.traps);
  const text = new TextDecoder().decode(bytes);
  return linesOfFile(text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [parse(line, path, i + 1)])));
}

function parse(line: string, file: string, number: number): TrapFields {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'n' in value && 'kind' in value) return value as TrapFields;
  } catch {
    // Said below.
  }
  throw new InputError(
    `line ${number} is not a trap`,
    { file },
    'expected the output of elscope run --traps or elscope traps --format jsonl',
  );
}
