/** `elscope run`: runs a program with its UART on stdin and stdout, or repeats a recording. */
import { resolve } from 'node:path';
import {
  allTraps,
  breakpointFrom,
  diagnose,
  exceptionLoopSentence,
  findingLine,
  isRecording,
  plain,
  SessionBreakpoints,
  SilenceWatch,
  trapText,
  visible,
  type Program,
  type Recording,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { readProgramFile } from '../program-file.ts';
import { SavedFile } from '../saved-file.ts';
import { atMostOne, parseWords, UsageError, wholeNumber } from '../usage.ts';
import { Keyboard, Output } from './console.ts';
import { Ending } from './ending.ts';
import { checkEnd, openImage, openRecording } from './open-run.ts';
import { progress } from './progress.ts';
import { Recorder } from './recorder.ts';
import { inputFlags, scriptedInput, Typist, type ScriptedInput } from './run-input.ts';

/** Slices of the timeline between looks at stdin and at the limits. */
const SLICES = 8;

interface Limits {
  readonly until: RegExp | undefined;
  /** What to stop at, as it was written. */
  readonly breaks: readonly string[];
  readonly instructions: number;
}

/** How a program is run. */
interface How {
  readonly limits: Limits;
  readonly quiet: boolean;
  readonly ending: Ending;
  readonly recorder: Recorder | undefined;
}

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    until: { type: 'string' },
    break: { type: 'string', multiple: true },
    'max-instructions': { type: 'string' },
    ...inputFlags,
    traps: { type: 'string' },
    record: { type: 'string' },
    stats: { type: 'string' },
    quiet: { type: 'boolean' },
  });
  const path = atMostOne(positionals, 'image');
  const limits: Limits = {
    until: values.until === undefined ? undefined : pattern(values.until),
    breaks: values.break ?? [],
    instructions:
      values['max-instructions'] === undefined
        ? Infinity
        : wholeNumber('--max-instructions', values['max-instructions'], 1, Number.MAX_SAFE_INTEGER),
  };
  const scripted = await scriptedInput(values);
  const file = path === undefined ? undefined : await readProgramFile(path);
  const { program, recording } =
    file && isRecording(file.bytes) ? await openRecording(file, values) : { program: await openImage(file, values), recording: undefined };
  if (recording && scripted) throw new UsageError('--input and --input-after: a recording contains its own input');
  const saved = new SavedFiles(values, path ?? values.bios);
  const ending = Ending.begin();
  try {
    const started = performance.now();
    const recorder = await saved.begin(program, ending);
    const how: How = { limits, quiet: values.quiet ?? false, ending, recorder };
    const code = await (recording ? repeat(program, recording, how) : runProgram(program, how, scripted));
    await saved.finish(program, (performance.now() - started) / 1000);
    return ending.code ?? code;
  } finally {
    ending.finished();
    saved.discard();
  }
}

/** What a run writes beside the console, opened before it begins. */
class SavedFiles {
  private open: SavedFile[] = [];
  private readonly traps: SavedFile | undefined;
  private readonly stats: SavedFile | undefined;
  private readonly record: SavedFile | undefined;
  private recorder: Recorder | undefined;

  /** Throws InputError where one of them cannot be written. */
  constructor(
    private readonly paths: { readonly traps?: string; readonly stats?: string; readonly record?: string },
    program: string | undefined,
  ) {
    const all = [program, paths.traps, paths.stats, paths.record].flatMap((path) => (path === undefined ? [] : [resolve(path)]));
    const twice = all.find((path, i) => all.indexOf(path) !== i);
    if (twice !== undefined) throw new UsageError(`${twice} is named twice: choose another file to write`);
    try {
      this.traps = this.create(paths.traps);
      this.stats = this.create(paths.stats);
      this.record = this.create(paths.record);
    } catch (error) {
      this.discard();
      throw error;
    }
  }
  private create(path: string | undefined): SavedFile | undefined {
    if (path === undefined) return undefined;
    const file = SavedFile.create(path);
    this.open.push(file);
    return file;
  }

  async begin(program: Program, ending: Ending): Promise<Recorder | undefined> {
    return (this.recorder = this.record && (await Recorder.begin(this.record, program, ending)));
  }

  async finish(program: Program, seconds: number): Promise<void> {
    const { traps, stats, recorder, paths } = this;
    await recorder?.end();
    if (traps) {
      for (const piece of trapText('jsonl', program, allTraps(program))) {
        traps.write(piece);
        await nextTurn();
      }
      traps.finish();
      const { keptFrom } = program.timeline.traps;
      if (keptFrom > 0)
        console.error(`elscope run: ${paths.traps}: the traps before instant ${keptFrom} are left out: a larger --budget keeps them`);
    }
    stats?.write(`${JSON.stringify(statistics(program, seconds))}\n`);
    stats?.finish();
    this.open = [];
  }

  /** Takes away what was not finished. */
  discard(): void {
    for (const file of this.open) file.discard();
  }
}

/** Signals are heard meanwhile. */
const nextTurn = (): Promise<undefined> => new Promise((resolve) => setImmediate(() => resolve(undefined)));

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UsageError(`--until: ${(error as Error).message}`);
  }
}

function statistics({ timeline, machine }: Program, seconds: number): object {
  const instructions = timeline.at;
  const { exceptions } = timeline.traps;
  return { instructions, seconds, mips: instructions / seconds / 1e6, exceptions, tlbMisses: machine.mmu.misses, tier: 0 };
}

/** Repeats a recording to its end, with the input that it brings. */
async function repeat(program: Program, recording: Recording, how: How): Promise<number> {
  const { reached } = recording;
  const limits = { ...how.limits, instructions: Math.min(how.limits.instructions, reached) };
  const code = await runProgram(program, { ...how, limits }, { atOnce: new Uint8Array(0), answers: [] }, reached);
  if (program.timeline.at === reached) checkEnd(program, recording, recording.name);
  return code;
}

/** `recorded`: the end of the recording that is repeated. */
async function runProgram(
  program: Program,
  { limits, quiet, ending, recorder }: How,
  scripted: ScriptedInput | undefined,
  recorded?: number,
): Promise<number> {
  const { machine, timeline } = program;
  const output = new Output(quiet, limits.until);
  const breakpoints = breakpointsOf(program, limits.breaks);
  machine.onOutput.on(({ n, byte }) => {
    // What is repeated to look at the past has been printed.
    if (n >= timeline.end && output.push(byte)) machine.pause();
  });
  const keyboard = scripted ? undefined : new Keyboard();
  void ending.asked.then(() => keyboard?.stop());
  if (keyboard && process.stdin.isTTY && !quiet) console.error('elscope run: Ctrl-A x ends the run');
  // On a terminal that shows the guest's output, nothing may come between its letters.
  const told = quiet || !process.stdout.isTTY ? progress('elscope run', limits.instructions) : undefined;
  const typist = scripted && new Typist(program, scripted);
  const silence = recorded === undefined ? new SilenceWatch(program) : undefined;
  try {
    for (;;) {
      if (timeline.at === recorded) return exitCode.done;
      const left = limits.instructions - timeline.at;
      if (left <= 0) return limit(`the limit of ${limits.instructions} instructions was reached`);
      const steps = Math.min(SLICES * timeline.slice, left, silence?.steps ?? Infinity);
      const stop = timeline.forward(steps, { untilLoop: recorded === undefined, untilBreakpoint: breakpoints !== undefined });
      told?.tell(timeline.at);
      recorder?.follow(stop === 'idle');
      await Promise.race([output.flush(), ending.asked]);
      if (output.seen) return exitCode.done;
      if (typist?.type()) {
        recorder?.follow();
        continue;
      }
      if (stop === 'breakpoint' && breakpoints) return stopped(program, breakpoints);
      if (stop === 'end') return ended(program);
      if (stop === 'loop') return looping(program);
      if (silence?.look()) return stuck(program, diagnose(program).standing);
      const typed = await (keyboard ? keyboard.take(stop === 'idle') : nextTurn());
      if (keyboard?.quit || ending.code !== undefined) return exitCode.done;
      if (typed?.length) {
        timeline.input(typed);
        recorder?.follow();
      } else if (stop === 'idle') return waiting(program);
    }
  } finally {
    told?.end();
    keyboard?.close();
  }
}

/** Undefined where nothing is to be stopped at, which costs nothing. */
function breakpointsOf(program: Program, texts: readonly string[]): SessionBreakpoints | undefined {
  if (texts.length === 0) return undefined;
  const breakpoints = new SessionBreakpoints();
  breakpoints.attach(program);
  for (const text of texts) breakpoints.add(program, breakpointFrom(program, text));
  return breakpoints;
}
function stopped(program: Program, breakpoints: SessionBreakpoints): number {
  console.error(`elscope run: instant ${program.timeline.at}: ${visible(breakpoints.stopped(program))}`);
  return exitCode.done;
}

function limit(text: string): number {
  console.error(`elscope run: ${text}`);
  return exitCode.limit;
}
function ended(program: Program): number {
  const { stop } = program.machine;
  if (stop?.kind === 'exit') return stop.code;
  return stop?.kind === 'off' ? exitCode.done : stuck(program, program.machine.stopSentence() ?? '');
}
const looping = (program: Program): number => stuck(program, plain(exceptionLoopSentence(program) ?? []));
function waiting(program: Program): number {
  const { machine, names } = program;
  const at = names.of(machine.cpu.el).symbol(machine.cpu.pc);
  const where = at ? ` in ${at}` : '';
  return stuck(program, `the processor is waiting for an interrupt (WFI)${where}, no timer is set, and there is no more input`);
}
/** Says how it is stuck, and the most likely cause. */
function stuck(program: Program, reason: string): number {
  console.error(`elscope run: ${visible(reason)}`);
  const [finding] = diagnose(program).findings;
  if (finding?.kind === 'broken') console.error(`elscope run: ${visible(findingLine(finding))}`);
  return exitCode.stuck;
}
