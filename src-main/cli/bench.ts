/** `elscope bench`: how fast the machine is on this computer. */
import { openProgram } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { paths } from '../paths.ts';
import { readProgramFile, type ProgramFile } from '../program-file.ts';
import { parseWords, wholeNumber } from '../usage.ts';
import { write, writeJson } from './output.ts';
import { progress } from './progress.ts';

/** Each program is started anew until it has run this long, so that short ones count too. */
const DEFAULT_SECONDS = 2;
const SLICE = 1_000_000;

interface Measured {
  readonly image: string;
  /** Of the engine: 0 translates every instruction the same way, without looking at how often it runs. */
  readonly tier: number;
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
  let [runs, instructions, milliseconds] = [0, 0, 0];
  do {
    const { timeline } = openProgram(name, bytes);
    runs++;
    for (let stop = 'budget'; stop === 'budget' && milliseconds < seconds * 1000;) {
      const [from, started] = [timeline.at, performance.now()];
      stop = timeline.forward(SLICE);
      milliseconds += performance.now() - started;
      instructions += timeline.at - from;
      tell(instructions);
    }
  } while (milliseconds < seconds * 1000);
  return { image: name, tier: 0, runs, instructions, seconds: milliseconds / 1000, mips: instructions / milliseconds / 1000 };
}

function table(results: readonly Measured[]): string {
  const width = Math.max(5, ...results.map(({ image }) => image.length));
  const rows = results.map(({ image, tier, runs, instructions, seconds, mips }) =>
    [image.padEnd(width), String(tier).padStart(4), String(runs).padStart(6), String(instructions).padStart(14), seconds.toFixed(2).padStart(8), mips.toFixed(2).padStart(10)].join('  '),
  ); // prettier-ignore
  const head = ['image'.padEnd(width), 'tier', '  runs', '  instructions', ' seconds', '    MIPS  '].join('  ');
  return `${[head.trimEnd(), ...rows].join('\n')}\n`;
}
