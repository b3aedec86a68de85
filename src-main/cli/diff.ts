/** `elscope diff`: in what two runs differ, of programs, recordings or trap files. */
import {
  compareFiles,
  comparedRun,
  comparisonOf,
  differenceSentence,
  finished,
  firstDifferenceOf,
  InputError,
  isRecording,
  placeOf,
  placeText,
  sequenceOfFile,
  trapLine,
  trapRow,
  VA,
  type Place,
  type PlaceOfStep,
  type Program,
  type RunDifference,
  type RunNames,
  type Side,
  type TrapFields,
  type TrapSequence,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags, type MachineFlagValues } from '../machine-options.ts';
import { readProgramFile, type ProgramFile } from '../program-file.ts';
import { parseWords, UsageError, wholeNumber } from '../usage.ts';
import { readSourceText } from '../source-text.ts';
import { openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { inputBytes } from './run-input.ts';

interface Options extends MachineFlagValues {
  readonly input?: string;
  readonly 'max-instructions'?: string;
}

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    input: { type: 'string' },
    'max-instructions': { type: 'string' },
    json: { type: 'boolean' },
  });
  if (positionals.length !== 2)
    throw new UsageError(`expected OLD and NEW, but got ${positionals.length === 1 ? 'one file' : `${positionals.length} files`}`);
  const [older, newer] = [await sideOf(positionals[0], values), await sideOf(positionals[1], values)];
  const compared = older.program && newer.program ? compareRuns(older.program, newer.program) : compareLines(older, newer);
  await (values.json ? writeJson(differenceDocument(compared)) : write(await differenceText(compared, [older, newer])));
  return compared.difference.isSame ? exitCode.done : exitCode.different;
}

type RunProgram = Program & { /** Where the file lies. */ readonly path: string | undefined };

/** A file of the command line: a program that was run, or the lines of a trap file. */
export interface File {
  readonly name: string;
  readonly program?: RunProgram;
  readonly lines?: readonly TrapFields[];
}

async function sideOf(path: string, values: Options): Promise<File> {
  const file = await readProgramFile(path, 'an AArch64 ELF, a recording or a trap file');
  if (isTrapFile(file)) return { name: path, lines: linesOf(file, path) };
  const limit = values['max-instructions'];
  const most = limit === undefined ? undefined : wholeNumber('--max-instructions', limit, 1, Number.MAX_SAFE_INTEGER);
  const input = isRecording(file.bytes) || values.input === undefined ? undefined : await inputBytes(values.input);
  const program = await openRun(path, values, { ...(most !== undefined && { most }), ...(input && { input }) });
  // The program of a recording may have lain anywhere.
  return { name: path, program: { ...program, path: isRecording(file.bytes) ? undefined : file.path } };
}

export interface Compared {
  readonly difference: RunDifference;
  readonly sentence: string;
  readonly a: TrapSequence;
  readonly b: TrapSequence;
}

export function compareRuns(older: Program, newer: Program, names?: RunNames): Compared {
  const [mine, theirs] = [comparedRun(older), comparedRun(newer)];
  const comparison = comparisonOf(mine, theirs);
  const difference = finished(comparison.compare(theirs));
  return said(difference, comparison.a, comparison.b, names);
}

/** What a file does not say is compared in neither. */
function compareLines(older: File, newer: File): Compared {
  const [a, b] = [older, newer].map(({ lines, program }) => sequenceOfFile(lines ?? linesOfLog(program!)));
  return said(compareFiles(a, b, [older.name, newer.name]), a, b);
}
const linesOfLog = ({ timeline: { traps } }: Program): TrapFields[] =>
  Array.from({ length: traps.length - traps.first }, (_, i) => ({ ...trapLine(traps.get(traps.first + i)) }));

function said(difference: RunDifference, a: TrapSequence, b: TrapSequence, names?: RunNames): Compared {
  const what = difference.isSameProgram ? 'run' : 'build';
  return {
    difference,
    a,
    b,
    sentence: differenceSentence(difference, names ?? { older: `the old ${what}`, newer: `the new ${what}` }, a, b),
  };
}

export async function differenceText({ difference, sentence, a, b }: Compared, files: readonly [File, File]): Promise<string> {
  const { older, newer } = difference;
  const first = firstDifferenceOf(difference, a, b, [placesOf(files[0]), placesOf(files[1])]);
  if (!first) return `${sentence}\n`;
  const totals =
    files[0].program && files[1].program
      ? [
          `${total('events', older.traps, newer.traps)}, ${total('instructions', older.end, newer.end)}, ${total('bytes of output', older.output, newer.output)}`,
        ]
      : [];
  const changes = first.fields.map(
    (field) => `    ${field}: ${first.older?.line?.[field] ?? 'none'} -> ${first.newer?.line?.[field] ?? 'none'}`,
  );
  return [
    sentence,
    ...totals,
    '',
    'First difference:',
    ...(await sideText('-', first.older, files[0])),
    ...(await sideText('+', first.newer, files[1])),
    ...changes,
    '',
  ].join('\n');
}

const total = (what: string, older: number, newer: number): string => `${what}: ${older === newer ? older : `${older} -> ${newer}`}`;

async function sideText(sign: string, side: Side | null, { program }: File): Promise<string[]> {
  if (!side) return [`${sign} nothing here`];
  const { n, index, place, line, text } = side;
  const what = index === null ? JSON.stringify(text) : program ? trapRow(program, index).text : JSON.stringify(line);
  const source = place && program ? await sourceLine(program, place) : undefined;
  return [
    `${sign} ${[`instant ${n}`, place ? placeText(place) : '', what].filter(Boolean).join(': ')}`,
    ...(source === undefined ? [] : [`      ${source}`]),
  ];
}

/** The text of a source line as it was when the program was built; undefined where it is not to be had, or has changed since. */
async function sourceLine({ lines, path }: RunProgram, { address, line }: Place): Promise<string | undefined> {
  const found = lines.placeOf(VA(BigInt(address)));
  if (!found || line === undefined) return undefined;
  const source = await readSourceText(lines.files[found.file].path, path, []);
  return source.text === null || source.isNewer ? undefined : source.text.split('\n')[line - 1]?.trim();
}

/** Where a program was when it did something; undefined for a trap file. */
const placesOf =
  ({ program }: File): PlaceOfStep =>
  (n) =>
    program?.timeline.excursion(n, () => placeOf(program.names.of(program.machine.cpu.el), program.machine.cpu.pc), { key: 'place' });

export function differenceDocument({ difference, sentence, a, b }: Compared): object {
  const { isSame, traps, output, older, newer, unknown } = difference;
  const first = firstDifferenceOf(difference, a, b);
  return {
    equal: isSame,
    sentence,
    old: older,
    new: newer,
    unknown: unknown === undefined ? null : unknown === 'older' ? 'old' : 'new',
    traps: {
      common: traps.common,
      more: Object.fromEntries(traps.more),
      fewer: Object.fromEntries(traps.fewer),
      otherValues: traps.others,
      otherDistances: traps.timed,
      isReordered: traps.isReordered,
      instructionsLater: traps.shift,
    },
    first: first ? { kind: first.kind, fields: first.fields, old: first.older, new: first.newer } : null,
    output: output
      ? {
          line: output.line,
          offset: output.offset,
          old: output.older ?? null,
          new: output.newer ?? null,
          oldInstant: output.olderStep ?? null,
          newInstant: output.newerStep ?? null,
        }
      : null,
  };
}

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
