/**
 * A program and its recording as lessons ask them. It is run once to its end, or as far as lessons look, and then only looked at; another
 * future is another program, run from the beginning. Answers are kept: many seeds pick the same instants.
 */
import { assembleProgram, elfOf } from '../assembler/index.ts';
import { VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { disassembled } from '../explain/instruction-text.ts';
import type { Lesson } from '../lessons/format.ts';
import type { Change, World } from '../lessons/world.ts';
import { breakpointFrom } from './breakpoint-text.ts';
import { SessionBreakpoints } from './breakpoints.ts';
import { compileExpression, type Value } from './expression.ts';
import { openProgram, type Program } from './program.ts';
import { registerChange } from './register-change.ts';
import { TrapSelection } from './trap-selection.ts';

/** Steps of a run that lessons look at; of another future, from where it begins. */
const MOST_STEPS = 3_000_000;
const MOST_CHANGED_STEPS = 300_000;
/** Other futures that are kept. */
const MOST_FUTURES = 8;

export function lessonWorld(name: string, bytes: Uint8Array): World {
  const program = openProgram(name, bytes);
  runOn(program, MOST_STEPS);
  return new RecordedWorld(program);
}

/** The world of a program that is open, as far as it was run. */
export const worldOf = (program: Program): World => new RecordedWorld(program);

function runOn({ timeline }: Program, steps: number): void {
  timeline.forward(steps, { untilLoop: true });
}

class RecordedWorld implements World {
  readonly name: string;
  private readonly values = new Map<string, bigint | undefined>();
  private readonly compiled = new Map<string, Value>();
  private readonly found = new Map<string, readonly number[]>();
  private readonly futures = new Map<string, RecordedWorld>();

  constructor(private readonly program: Program) {
    this.name = program.name;
  }

  get end(): number {
    return this.program.timeline.end;
  }

  steps(filter: string): readonly number[] {
    return this.once(`traps ${filter}`, () => {
      const { traps } = this.program.timeline;
      const selection = TrapSelection.of(traps, this.program, { filter });
      selection.advance(Infinity);
      const indices = selection.indices(undefined);
      return Array.from({ length: indices.length }, (_, place) => traps.step(indices.get(place)));
    });
  }

  stops(text: string, most: number): readonly number[] {
    return this.once(`stops ${text}`, () => {
      const { program } = this;
      const { timeline } = program;
      const breakpoints = new SessionBreakpoints();
      breakpoints.attach(program);
      const spec = breakpointFrom(program, text);
      const found: number[] = [];
      timeline.seek(0);
      const id = breakpoints.add(program, spec);
      try {
        while (found.length < most && timeline.at < timeline.end) {
          const from = timeline.at;
          const stop = timeline.forward(timeline.end - from, { untilBreakpoint: true });
          if (stop === 'breakpoint') found.push(timeline.at);
          else if (timeline.at === from || stop !== 'budget') break;
        }
      } finally {
        breakpoints.remove(id);
      }
      return found;
    });
  }

  executions(instruction: string, most: number): readonly number[] {
    return this.once(`executes ${instruction}`, () => {
      const { program } = this;
      const { timeline } = program;
      const parts = instruction.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
      const pattern = new RegExp(`^${parts.join('.*')}$`, 'i');
      const stopAt = new Set(
        codeOf(program)
          .filter(({ text }) => pattern.test(text))
          .map(({ va }) => va),
      );
      const found: number[] = [];
      timeline.seek(0);
      while (stopAt.size > 0 && found.length < most && timeline.at < timeline.end) {
        const from = timeline.at;
        const stop = timeline.forward(timeline.end - from, { stopAt });
        if (stop === 'breakpoint') found.push(timeline.at);
        else if (timeline.at === from || stop !== 'budget') break;
      }
      return found;
    });
  }

  ask(at: number, expression: string): bigint | undefined {
    const key = `${at} ${expression}`;
    if (this.values.has(key)) return this.values.get(key);
    const value = this.looking(at, () => {
      let compiled = this.compiled.get(expression);
      // Fields of a syndrome depend on the machine: compiled where it is first asked.
      if (!compiled) this.compiled.set(expression, (compiled = compileExpression(this.program, expression, { travels: true })));
      return compiled();
    });
    this.values.set(key, value);
    return value;
  }

  instruction(at: number, va: bigint): string {
    return this.looking(at, ({ machine }) => {
      const word = machine.fetchWord(VA(va));
      return word === undefined ? 'nothing that can be fetched' : disassembled(word, VA(va));
    });
  }
  symbol(at: number, va: bigint): string {
    return this.looking(at, ({ names, machine }) => names.of(machine.cpu.el).symbol(VA(va)) ?? hex(va));
  }
  source(at: number, va: bigint): string {
    return this.looking(at, ({ names, machine }) => {
      const line = names.of(machine.cpu.el).line(VA(va));
      return line ? `${line.file}:${line.line}` : this.symbol(at, va);
    });
  }

  changed(at: number, changes: readonly Change[]): World {
    const key = JSON.stringify([at, changes]);
    let future = this.futures.get(key);
    if (!future) {
      const { name, bytes, options, files } = this.program;
      const program = openProgram(name, bytes, options, files);
      program.timeline.repeat(this.program.timeline.inputs.all().filter(({ n }) => n <= at));
      program.timeline.forward(at);
      if (program.timeline.at !== at) throw new InputError(`the run does not reach instant ${at}`);
      change(program, changes);
      runOn(program, MOST_CHANGED_STEPS);
      future = new RecordedWorld(program);
      for (const old of this.futures.keys()) if (this.futures.size >= MOST_FUTURES) this.futures.delete(old);
      this.futures.set(key, future);
    }
    return future;
  }

  private looking<T>(at: number, look: (program: Program) => T): T {
    this.program.timeline.seek(at);
    return look(this.program);
  }
  private once(key: string, find: () => readonly number[]): readonly number[] {
    let found = this.found.get(key);
    if (!found) this.found.set(key, (found = find()));
    return found;
  }
}

/** Every instruction of the program, by the VA that it was linked at. */
function codeOf({ sections }: Program): readonly { readonly va: VA; readonly text: string }[] {
  return sections.flatMap(({ address, data, isExecutable }) => {
    if (!isExecutable) return [];
    const words = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return Array.from({ length: data.byteLength >> 2 }, (_, i) => {
      const va = VA(address + BigInt(4 * i));
      return { va, text: disassembled(words.getUint32(4 * i, true), va) };
    });
  });
}

/** Changes registers and fields at the instant of the machine, by the rules of a change by hand. */
export function change(program: Program, changes: readonly Change[]): void {
  for (const [target, text] of changes) {
    const [name, field] = target.split('.');
    const { register, value } = registerChange(program, { register: name, ...(field !== undefined && { field }), value: text });
    program.timeline.change(register, value);
  }
}

/** The image of a lesson's program: one that comes with the app, or its own source, assembled. Throws InputError. */
export async function lessonImage(
  lesson: Lesson,
  scenario: string | undefined,
  scenarioImage: (file: string) => Promise<Uint8Array>,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const { source = '' } = lesson;
  if (scenario !== undefined) {
    const name = `${scenario}.elf`;
    const bytes = await scenarioImage(name).catch(() => {
      throw lesson.wrong(['scenario'], `there is no scenario ${scenario}`, '02-hypercalls, for example');
    });
    return { name, bytes };
  }
  const { program, problems } = assembleProgram(source);
  if (!program) {
    const [{ line, column, message }] = problems;
    throw lesson.wrong(['source'], `line ${line} of the source, column ${column}: ${message}`);
  }
  return { name: `lesson-${lesson.lesson}.elf`, bytes: elfOf(program, `lesson-${lesson.lesson}.s`) };
}

/**
 * The worlds of a lesson's questions, by number. `known`: those of programs that come with the app, for the next lesson. Throws InputError
 * where a program is not to be had.
 */
export async function lessonWorlds(
  lesson: Lesson,
  scenarioImage: (file: string) => Promise<Uint8Array>,
  known = new Map<string, World>(),
): Promise<(question: number) => World> {
  const worlds = await Promise.all(
    lesson.questions.map(({ scenario = lesson.scenario }) => scenario).map((scenario) => worldFor(lesson, scenario, scenarioImage, known)),
  );
  return (question) => worlds[question];
}

/** The world of a scenario, or of the lesson's own source. */
export async function worldFor(
  lesson: Lesson,
  scenario: string | undefined,
  scenarioImage: (file: string) => Promise<Uint8Array>,
  known: Map<string, World>,
): Promise<World> {
  const { name, bytes } = await lessonImage(lesson, scenario, scenarioImage);
  const key = scenario ?? `source ${lesson.source}`;
  const world = known.get(key) ?? lessonWorld(name, bytes);
  known.set(key, world);
  return world;
}
