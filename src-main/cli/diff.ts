/** `elscope diff`: in what two runs differ, of programs, recordings, trap files or QEMU's logs. */
import {
  compareFiles,
  compareRuns,
  differenceDocument,
  differenceText,
  InputError,
  isInterruptLog,
  isRecording,
  loggedFields,
  saidOf,
  sequenceOfFile,
  trapLine,
  trapsOfLog,
  type Compared,
  type ComparedSide,
  type Program,
  type ReadSource,
  type TrapFields,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags, type MachineFlagValues } from '../machine-options.ts';
import { readProgramFile, type ProgramFile } from '../program-file.ts';
import { parseWords, UsageError, wholeNumber } from '../usage.ts';
import { readSourceText } from '../source-text.ts';
import { openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { inputFlags, scriptedInput, type InputFlagValues } from './run-input.ts';

interface Options extends MachineFlagValues, InputFlagValues {
  readonly 'max-instructions'?: string;
}

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...inputFlags,
    'max-instructions': { type: 'string' },
    json: { type: 'boolean' },
  });
  if (positionals.length !== 2)
    throw new UsageError(`expected OLD and NEW, but got ${positionals.length === 1 ? 'one file' : `${positionals.length} files`}`);
  const [older, newer] = [await sideOf(positionals[0], values), await sideOf(positionals[1], values)];
  const compared = older.program && newer.program ? compareRuns(older.program, newer.program) : compareLines(older, newer);
  await (values.json
    ? writeJson(differenceDocument(compared))
    : write(await differenceText(compared, [comparedSide(older), comparedSide(newer)])));
  return compared.difference.isSame ? exitCode.done : exitCode.different;
}

type RunProgram = Program & { /** Where the file lies. */ readonly path: string | undefined };

/** A file of the command line: a program that was run, or the lines of a trap file or of QEMU's log. */
interface File {
  readonly name: string;
  readonly program?: RunProgram;
  readonly lines?: readonly TrapFields[];
  readonly isLog?: boolean;
}

async function sideOf(path: string, values: Options): Promise<File> {
  const file = await readProgramFile(path, 'an AArch64 ELF, a recording, a trap file or a log of QEMU');
  if (isLog(file)) return { name: path, lines: trapsOfLog(new TextDecoder().decode(file.bytes)), isLog: true };
  if (isTrapFile(file)) return { name: path, lines: linesOf(file, path) };
  const limit = values['max-instructions'];
  const most = limit === undefined ? undefined : wholeNumber('--max-instructions', limit, 1, Number.MAX_SAFE_INTEGER);
  const input = isRecording(file.bytes) ? undefined : await scriptedInput(values);
  const program = await openRun(path, values, { ...(most !== undefined && { most }), ...(input && { input }) });
  // The program of a recording may have lain anywhere.
  return { name: path, program: { ...program, path: isRecording(file.bytes) ? undefined : file.path } };
}

/** What a file does not say is compared in neither. */
function compareLines(older: File, newer: File): Compared {
  const all = [older, newer].map(({ lines, program }) => lines ?? linesOfRun(program!));
  const hasLog = older.isLog === true || newer.isLog === true;
  const [a, b] = all.map((lines) => sequenceOfFile(hasLog ? loggedFields(lines) : lines, hasLog));
  return saidOf(compareFiles(a, b, [older.name, newer.name]), a, b);
}
const linesOfRun = ({ timeline: { traps } }: Program): TrapFields[] =>
  Array.from({ length: traps.length - traps.first }, (_, i) => ({ ...trapLine(traps.get(traps.first + i)) }));

const comparedSide = ({ program, isLog }: File): ComparedSide => ({
  program,
  ...(isLog && { isTimeless: true }),
  ...(program && { readSource: sourceReader(program, program.path) }),
});

/** Reads what the debug information of a program names, where the program lies at a path. */
export const sourceReader =
  ({ names: { recorded } }: Program, path: string | undefined): ReadSource =>
  async (number) => {
    const holder = recorded.sourceHolder(number)!;
    return readSourceText(holder.file.lines.files[number - holder.first].path, path, []);
  };

const isLog = ({ bytes }: ProgramFile): boolean => isInterruptLog(new TextDecoder('latin1').decode(bytes.subarray(0, 4096)));

/** The lines of a trap file begin with a brace, which neither a program nor a recording does. */
const isTrapFile = ({ bytes, name }: ProgramFile): boolean =>
  bytes.length === 0 ? name.endsWith('.jsonl') : /^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 64)));

const linesOf = ({ bytes }: ProgramFile, path: string): TrapFields[] =>
  new TextDecoder()
    .decode(bytes)
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [parse(line, path, i + 1)]));

/** Values of a trap are numbers and texts; what is nested, perhaps too deep to be written again, is something else. */
const isFlat = (value: object): boolean => Object.values(value).every((field) => typeof field !== 'object' || field === null);

function parse(line: string, file: string, number: number): TrapFields {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'n' in value && 'kind' in value && isFlat(value)) return value as TrapFields;
  } catch {
    // Said below.
  }
  throw new InputError(
    `line ${number} is not a trap`,
    { file },
    'expected the output of elscope run --traps or elscope traps --format jsonl',
  );
}
