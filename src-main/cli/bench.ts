/** `elscope bench`: how fast the machine is on this computer. */
import { openProgram } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { paths } from '../paths.ts';
import { readProgramFile, type ProgramFile } from '../program-file.ts';
import { parseWords, wholeNumber } from '../usage.ts';
import { write, writeJson } from './output.ts';
import { progress } from './progress.ts';

/** Each program is repeated until it has run this long, so that short ones count too. */
const DEFAULT_SECONDS = 2;
const SLICE = 1_000_000;

interface Measured {
  readonly image: string;
  /** Of the engine: 0 translates every instruction the same way, without looking at how often it runs. */
  readonly tier: number;
  /** The first run, which generates all of its code. */
  readonly firstMips: number;
  /** Of all runs after it; of a program that runs longer than the time given, the same as `firstMips`. */
  readonly runs: number;
  readonly instructions: number;
  readonly seconds: number;
  readonly mips: number;
}

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { json: { type: 'boolean' }, seconds: { type: 'string' } });
  const seconds = values.seconds === undefined ? DEFAULT_SECONDS : wholeNumber('--seconds', values.seconds, 1, 3600);
  const files = await Promise.all((positionals.length > 0 ? positionals : paths.benchmarks).map((path) => readProgramFile(path)));
  const told = progress('elscope bench');
  const results: Measured[] = [];
  for (const file of files) results.push(measure(file, seconds, (instructions) => told.tell(instructions)));
  told.end();
  if (values.json) await writeJson({ results });
  else await write(table(results));
  return exitCode.done;
}

/** Only running counts: neither opening the program nor what a person types, so a program that waits for input ends there. */
function measure({ name, bytes }: ProgramFile, seconds: number, tell: (instructions: number) => void): Measured {
  const { timeline } = openProgram(name, bytes);
  let [instructions, milliseconds] = [0, 0];
  const runOnce = (): void => {
    for (let stop = 'budget'; stop === 'budget' && milliseconds < seconds * 1000;) {
      const [from, started] = [timeline.at, performance.now()];
      stop = timeline.forward(SLICE);
      milliseconds += performance.now() - started;
      instructions += timeline.at - from;
      tell(instructions);
    }
  };
  const mips = (): number => instructions / milliseconds / 1000;
  runOnce();
  const firstMips = mips();
  let runs = 1;
  if (milliseconds < seconds * 1000) [runs, instructions, milliseconds] = [0, 0, 0];
  for (; milliseconds < seconds * 1000; runs++) {
    timeline.seek(0);
    runOnce();
  }
  return { image: name, tier: 0, firstMips, runs, instructions, seconds: milliseconds / 1000, mips: mips() };
}

function table(results: readonly Measured[]): string {
  const width = Math.max(5, ...results.map(({ image }) => image.length));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(width) : cell.padStart([0, 4, 11, 10, 6, 13, 8][i]))).join('  ');
  const rows = results.map(({ image, tier, firstMips, mips, runs, instructions, seconds }) =>
    line([image, String(tier), firstMips.toFixed(2), mips.toFixed(2), String(runs), String(instructions), seconds.toFixed(2)]),
  );
  return `${[line(['image', 'tier', 'MIPS, first', 'then', 'runs', 'instructions', 'seconds']), ...rows].join('\n')}\n`;
}
