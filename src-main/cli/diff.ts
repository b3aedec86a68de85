/** `elscope diff`: the first difference of two trap files or recordings. */
import { InputError, isRecording, type TrapLine } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { readProgramFile } from '../program-file.ts';
import { parseWords, UsageError } from '../usage.ts';
import { openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { trapLines } from './trap-forms.ts';

type Line = Readonly<Record<string, unknown>>;

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { json: { type: 'boolean' } });
  if (positionals.length !== 2) throw new UsageError(`two trap files or recordings are needed, but there are ${positionals.length}`);
  const [a, b] = [await linesOf(positionals[0]), await linesOf(positionals[1])];
  const index = firstDifference(a, b);
  if (index === undefined) {
    await (values.json ? writeJson({ equal: true, traps: a.length }) : write(`no difference in ${a.length} traps\n`));
    return exitCode.done;
  }
  const fields = a[index] && b[index] ? differingFields(a[index], b[index]) : [];
  if (values.json) await writeJson({ equal: false, index, a: a[index] ?? null, b: b[index] ?? null, fields });
  else {
    const side = (line: Line | undefined): string => (line ? JSON.stringify(line) : '(ends here)');
    const where = fields.length > 0 ? ` in ${fields.join(', ')}` : '';
    await write(`first difference: trap ${index}${where}\n- ${side(a[index])}\n+ ${side(b[index])}\n`);
  }
  return exitCode.different;
}

async function linesOf(path: string): Promise<readonly Line[]> {
  const { bytes } = await readProgramFile(path, 'a trap file or a recording');
  if (isRecording(bytes)) return trapLines(await openRun(path, {})) satisfies TrapLine[];
  const text = new TextDecoder().decode(bytes);
  return text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [parse(line, path, i + 1)]));
}

function parse(line: string, file: string, number: number): Line {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'n' in value && 'kind' in value) return value;
  } catch {
    // Said below.
  }
  throw new InputError(`line ${number} is no trap`, { file }, 'expected what elscope run --traps or elscope traps --format jsonl writes');
}

function firstDifference(a: readonly Line[], b: readonly Line[]): number | undefined {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (!a[i] || !b[i] || differingFields(a[i], b[i]).length > 0) return i;
  }
  return undefined;
}

const differingFields = (a: Line, b: Line): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);
