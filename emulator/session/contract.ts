/** Messages between a user interface and a session. Everything that comes in is validated; what is wrong is answered, never obeyed. */
import * as v from 'valibot';
import { exceptionTypes } from '../cpu/events.ts';
import { mostCpus } from '../machine/machine.ts';
import type { DecodedRegister, Encoding } from '../explain/views.ts';
import type { FuturePlaces } from './experiment-views.ts';
import { lessonPanels, lessonSteps, MOST_SEED } from '../lessons/format.ts';
import { trapFormats } from '../explain/trap-formats.ts';
import { typeTitle } from '../explain/trap-words.ts';
import { limits } from './limits.ts';
import {
  address,
  breakpointSpec,
  bytes,
  count,
  nothing,
  registerName,
  registerValue,
  sourceText,
  space,
  trapChoice,
  vmid,
  write,
  written,
} from './schemas.ts';

export const contractVersion = 5;

export { exceptionTypes, limits, typeTitle };

/** What a machine may be made of, whoever asks for it: the command line, a message, a recording. */
export const machineOptions = v.strictObject({
  memoryBytes: v.optional(
    v.pipe(
      count,
      v.minValue(16 << 20, 'RAM of less than 16 MiB'),
      v.maxValue(2 ** 31, 'RAM of more than 2 GiB'),
      v.multipleOf(4096, 'RAM that is not a multiple of 4 KiB, the smallest page'),
    ),
  ),
  gic: v.optional(v.picklist([2, 3])),
  cpus: v.optional(v.pipe(count, v.minValue(1, 'no CPU'), v.maxValue(mostCpus, `more than ${mostCpus} CPUs`))),
  append: v.optional(v.pipe(v.string(), v.maxLength(4096, 'a kernel command line of more than 4096 characters'))),
  el2: v.optional(v.boolean()),
  /** The program is firmware: bytes for flash bank 0, where the CPU begins. */
  firmware: v.optional(v.boolean()),
  /** HLT #0xf000 calls the debugger. */
  semihosting: v.optional(v.boolean()),
  /** Plugged into virtio slots after the disks, which are files beside the program. */
  devices: v.optional(v.pipe(v.array(v.picklist(['entropy', 'console', 'network'])), v.maxLength(8, 'more than 8 virtio devices'))),
  virtioVersion: v.optional(v.picklist(['legacy', 'modern'])),
  /** Where the random numbers of the machine begin. */
  seed: v.optional(v.pipe(count, v.maxValue(0xffff_ffff, 'a seed of more than 32 bits'))),
});
export type MachineOptions = v.InferOutput<typeof machineOptions>;

const scenario = v.object({ id: v.string(), file: v.string(), title: v.string(), sentence: v.string() });
const symbol = v.object({ name: v.string(), address, bytes: count, kind: v.picklist(['function', 'label', 'data']) });
const sourceFile = v.object({
  name: v.string(),
  /** Null where it cannot be had: `problem` says why, `looked` where. */
  text: v.nullable(v.string()),
  /** Where it was found; absent for sources that come with the app. */
  path: v.optional(v.string()),
  isNewer: v.optional(v.boolean()),
  looked: v.array(v.string()),
  problem: v.optional(v.string()),
  /** Lines that code comes from, rising, each with the VA where that code begins. */
  lines: v.array(v.object({ line: count, address })),
});
const instructionWord = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,8}$/i, 'expected the 32 bits of an instruction such as 0xd503201f'));
const sourceName = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(200),
  v.regex(/^[^/\\\p{Cc}]+$/u, 'expected the name of a file, without a folder'),
);
/** `repair`: what to write instead of what stands at its column. */
const problem = v.object({
  line: count,
  column: count,
  message: v.string(),
  repair: v.optional(v.object({ column: count, instead: v.string(), text: v.string() })),
});
const problems = v.array(problem);
const sourceWord = v.object({ line: count, address, word: v.string() });
export type SourceProblem = v.InferOutput<typeof problem>;
export type SourceWord = v.InferOutput<typeof sourceWord>;
const futureSide = v.picklist(['was', 'other']);
const experimentId = v.strictObject({ id: count });
const experiment = v.object({ id: count, name: v.string() });
const keptRun = v.object({ id: v.string(), name: v.string(), steps: count, inputs: count, time: v.number() });
const lessonId = v.pipe(v.string(), v.regex(/^[\w-]{1,40}$/, 'expected the name of a question, lab or concept'));
const seed = v.pipe(count, v.minValue(1), v.maxValue(MOST_SEED));
const lessonText = v.pipe(v.string(), v.maxLength(1 << 18, 'a lesson of more than 256 KiB'));
const lessonSummary = v.object({
  lesson: count,
  title: v.string(),
  goal: v.string(),
  concepts: v.array(v.string()),
  file: v.string(),
  questions: v.array(v.object({ id: v.string(), title: v.string(), step: v.picklist(lessonSteps), concepts: v.array(v.string()) })),
  task: v.string(),
  checks: v.array(v.string()),
});
const labSummary = v.object({ id: v.string(), title: v.string(), sentence: v.string(), concepts: v.array(v.string()) });
const keptId = v.strictObject({ id: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'expected the name of a kept run')) });
export type SourceFileText = v.InferOutput<typeof sourceFile>;
export type ProgramSymbol = v.InferOutput<typeof symbol>;

/** Of this computer only: what a page asks for must not reach others. */
const attachAddress = v.pipe(
  v.string(),
  v.maxLength(255),
  v.regex(
    /^((127\.0\.0\.1|localhost|\[::1\])?:\d{1,5}|\/.*)$/,
    'expected an address of this computer, such as 127.0.0.1:1234, or the path of a socket',
  ),
);

/** Commands: parameters and what they answer. */
/** It moves the machine, or changes what a question about the instant is about: it waits while one is asked. */
const moves = true;

export const commands = {
  /** Opens a program: an ELF, or the bytes of a recording. Replaces the one that is open. */
  open: {
    params: v.strictObject({ name: v.pipe(v.string(), v.maxLength(255)), bytes, options: v.optional(machineOptions) }),
    result: v.object({ name: v.string() }),
  },
  /** The run so far as a file, up to its end. */
  recording: { params: nothing, result: v.object({ name: v.string(), bytes: v.instance(Uint8Array) }) },
  run: { moves, params: nothing, result: nothing },
  pause: { params: nothing, result: nothing },
  /** Steps forward; `over` runs a called function, or a trap's handler, to its return. */
  step: { moves, params: v.strictObject({ over: v.optional(v.boolean()) }), result: v.object({ at: count }) },
  stepBack: { moves, params: nothing, result: v.object({ at: count }) },
  /** Runs the current function to its return, or a trap's handler to its ERET. */
  stepOut: { moves, params: nothing, result: v.object({ at: count }) },
  /** To the state just after the next exception or return; `back` to the one before; `level`: only where the exception level changes. */
  nextTrap: {
    moves,
    params: v.strictObject({ back: v.optional(v.boolean()), level: v.optional(v.boolean()) }),
    result: v.object({ at: count }),
  },
  /** To the instant at which a guest first runs: the next one, or with `back` the last before this instant. */
  nextGuest: { moves, params: v.strictObject({ back: v.optional(v.boolean()) }), result: v.object({ at: count }) },
  /** Runs until the instruction at this VA is about to be executed. */
  runTo: { moves, params: v.strictObject({ address }), result: v.object({ at: count }) },
  /** To an instant; where the recording is shorter, the machine runs on to it, or to where it stops or a breakpoint stops it. */
  seek: { moves, params: v.strictObject({ at: count }), result: v.object({ at: count }) },
  /** To the instruction that sent byte `offset` of the console; without it, the last one before the instant. */
  seekOutput: { moves, params: v.strictObject({ offset: v.optional(count) }), result: v.object({ at: count }) },
  /** Back to instant 0; what was recorded is forgotten. */
  /** `options`: what the machine is to have other than now. */
  reset: { moves, params: v.strictObject({ options: v.optional(machineOptions) }), result: nothing },
  /** Steps a second; null: as fast as it goes. */
  speed: { params: v.strictObject({ stepsPerSecond: v.nullable(v.pipe(v.number(), v.minValue(1))) }), result: nothing },
  /** Bytes typed at the console. Only at the end of the recording: the past does not change. */
  input: { moves, params: v.strictObject({ bytes: v.pipe(bytes, v.maxLength(limits.inputBytes)) }), result: nothing },
  /**
   * Gives a register, or one field of it, another value at the instant shown: a number or a symbol. The view `registers` says which can be
   * changed. From there it is another run: what is recorded after the instant is forgotten. Where there is something, nothing is done
   * (`changed` is false) unless `replace` is true. `at`: refused unless that is the instant shown. Answers the register's value afterwards,
   * which may have kept bits that cannot be written, and a sentence about it.
   */
  setRegister: {
    moves,
    params: v.strictObject({
      register: registerName,
      field: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
      value: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
      at: v.optional(count),
      replace: v.optional(v.boolean()),
    }),
    result: v.object({ at: count, register: v.string(), value: registerValue, changed: v.boolean(), text: v.string() }),
  },
  /** The view `breakpoints` lists them. They survive `reset` and a reload of the program after a rebuild. */
  addBreakpoint: { params: v.strictObject({ spec: breakpointSpec }), result: v.object({ id: count }) },
  changeBreakpoint: { params: v.strictObject({ id: count, enabled: v.boolean() }), result: nothing },
  removeBreakpoint: { params: v.strictObject({ id: count }), result: nothing },
  /** To the latest instant before this one at which a breakpoint would have stopped the run; else to instant 0. */
  runBack: { moves, params: nothing, result: v.object({ at: count }) },
  /**
   * The last write before this instant to memory (the physical memory behind the place now) or to a register. Null: there is none, and
   * `text` says where the value is from. In every case `text` is a sentence. The machine is paused; any other command gives the search up.
   */
  lastWriter: { params: v.strictObject(written), result: v.object({ write: v.nullable(write), text: v.string() }) },
  /** The last `count` writes before this instant, the latest first. */
  writeHistory: {
    params: v.strictObject({ ...written, count: v.pipe(count, v.minValue(1), v.maxValue(limits.writes)) }),
    result: v.object({ writes: v.array(write) }),
  },
  /** The traps that are chosen as a file of another program's form. */
  exportTraps: {
    params: v.strictObject({ format: v.picklist(trapFormats), ...trapChoice }),
    /** `missing`: which traps of that stretch the recording has forgotten, as a sentence; empty where it has all. */
    result: v.object({ name: v.string(), bytes: v.instance(Uint8Array), missing: v.string() }),
  },
  /** Runs another program, or repeats a recording, beside the open one, which stays as it is. */
  compare: {
    params: v.strictObject({ name: v.pipe(v.string(), v.maxLength(255)), bytes }),
    result: v.object({ name: v.string() }),
  },
  /** Keeps the open run to be compared with, and starts its program again from instant 0. */
  keepAndReset: { moves, params: nothing, result: nothing },
  endComparison: { params: nothing, result: nothing },
  /**
   * An experiment: changes something at an instant, "HCR_EL2.TWI=1" or "[0x40090000]=0", and follows the run as it was and the other future,
   * each in its own machine; the open run stays as it is. The view `experiments` lists them and has what differs; every view of the program is
   * there of either future too (`run` of a subscription).
   */
  whatIf: {
    moves,
    params: v.strictObject({ at: count, set: v.pipe(v.array(v.pipe(v.string(), v.maxLength(1024))), v.minLength(1), v.maxLength(16)) }),
    result: experiment,
  },
  /** Follows both futures of one that is kept. */
  openExperiment: { moves, params: experimentId, result: experiment },
  closeExperiment: { params: nothing, result: nothing },
  renameExperiment: { params: v.strictObject({ id: count, name: v.pipe(v.string(), v.maxLength(200)) }), result: nothing },
  removeExperiment: { params: experimentId, result: nothing },
  /**
   * Both futures at the same distance from the change, in steps or in traps: at which instant each is then, and which registers differ.
   * `to`: at the next trap of either from there, or the one before.
   */
  futuresAt: {
    params: v.strictObject({ by: v.picklist(['step', 'trap']), distance: count, to: v.optional(v.picklist(['next', 'previous'])) }),
    result: v.custom<FuturePlaces>((value) => typeof value === 'object'),
  },
  /** Leaves the experiment at an instant of one of its futures, which is the open run from then on. */
  enterFuture: { moves, params: v.strictObject({ run: futureSide, at: count }), result: v.object({ at: count }) },
  /** Both futures of so many steps, compared as the command `whatif` does. */
  exportExperiment: {
    params: v.strictObject({ steps: v.pipe(count, v.minValue(1)), form: v.picklist(['text', 'json']) }),
    result: v.object({ name: v.string(), text: v.string() }),
  },
  /** Asks the Doctor about the run up to its end; the view `doctor` tells. `all`: about every instruction, however long that takes. */
  examine: { moves, params: v.strictObject({ all: v.optional(v.boolean()) }), result: nothing },
  stopExamining: { params: nothing, result: nothing },
  /** Lessons, the tasks at their ends, and programs with mistakes. */
  lessons: { params: nothing, result: v.object({ lessons: v.array(lessonSummary), labs: v.array(labSummary) }) },
  /** Reads a lesson that somebody wrote; answers its number. */
  openLesson: {
    params: v.strictObject({ name: v.pipe(v.string(), v.maxLength(255)), text: lessonText }),
    result: v.object({ lesson: count }),
  },
  /**
   * Puts a question: opens its program, which runs to the question's instant and stands there until there is an answer. The view `guide` has the
   * question.
   */
  askQuestion: { params: v.strictObject({ lesson: count, question: lessonId, seed }), result: nothing },
  /** Opens a program with a mistake, which runs until it goes silent, and asks for the cause. */
  askLab: { params: v.strictObject({ lab: lessonId, seed }), result: nothing },
  answerQuestion: { params: v.strictObject({ choice: count }), result: nothing },
  /** After the answer: makes the changes that the question was about, and goes to where it happened. */
  seeAnswer: { params: nothing, result: v.object({ at: count }) },
  leaveLesson: { params: nothing, result: nothing },
  /** Goes to where something can be seen, by the id of its concept. Answers the panel that shows it. */
  showConcept: {
    params: v.strictObject({ concept: lessonId }),
    result: v.object({ panel: v.picklist(lessonPanels), at: count, name: v.string() }),
  },
  /** Whether the open program, as far as it ran, does what a lesson asks to be made. */
  checkMade: {
    params: v.strictObject({ lesson: count }),
    result: v.object({ checks: v.array(v.object({ says: v.string(), otherwise: v.string(), ok: v.boolean() })) }),
  },
  /** Programs that come with the app. */
  scenarios: { params: nothing, result: v.object({ scenarios: v.array(scenario) }) },
  openScenario: { params: v.strictObject({ id: v.pipe(v.string(), v.maxLength(64)) }), result: v.object({ name: v.string() }) },
  /** The text of source file number `file` of the open program (`CodeLine.source`). Files are never asked for by name. */
  source: { params: v.strictObject({ file: count }), result: sourceFile },
  /** Assembles a source, which changes nothing. `words`: each instruction, with the line that it was written in. */
  assemble: { params: v.strictObject({ text: sourceText }), result: v.object({ problems, words: v.array(sourceWord) }) },
  /**
   * Assembles a source and runs it, named `name` without its ending. Where the open program is an earlier version of it, breakpoints stay, and
   * the machine goes back to the place that was shown; `text` says so, and `comparison` whether the two runs differ. With problems nothing
   * happens.
   */
  runSource: {
    params: v.strictObject({ name: sourceName, text: sourceText }),
    result: v.object({ problems, words: v.array(sourceWord), text: v.string(), comparison: v.boolean() }),
  },
  /** What a source may be written with. */
  vocabulary: {
    params: nothing,
    result: v.object({
      mnemonics: v.array(v.string()),
      directives: v.array(v.string()),
      registers: v.array(v.object({ name: v.string(), title: v.string() })),
      operations: v.array(v.string()),
    }),
  },
  /** An instruction word at a VA in words, and its bits by field. */
  encoding: {
    params: v.strictObject({ word: instructionWord, address }),
    result: v.custom<Encoding>((value) => typeof value === 'object'),
  },
  /** A system register with its fields, at this instant where a program is open. Null: there is none of that name. */
  systemRegister: {
    params: v.strictObject({ name: registerName }),
    result: v.object({ register: v.nullable(v.custom<DecodedRegister>((value) => typeof value === 'object')), isValue: v.boolean() }),
  },
  /**
   * The address in a space that a person means by an address, a register, a symbol or a sum of them, at this instant. `similar`: the symbol
   * whose name fits best will do.
   */
  locate: {
    params: v.strictObject({ text: v.pipe(v.string(), v.maxLength(1024)), space, similar: v.optional(v.boolean()) }),
    result: v.object({ address }),
  },
  /** Symbols whose name holds the text, best fits first. */
  symbols: {
    params: v.strictObject({
      text: v.pipe(v.string(), v.maxLength(128)),
      /** Only what is code: functions and labels. */
      code: v.optional(v.boolean()),
      count: v.pipe(count, v.maxValue(limits.rows)),
    }),
    result: v.object({ total: count, symbols: v.array(symbol) }),
  },
  /**
   * What the open program is, for links: `id` tells its bytes and its machine from all others, `inputs` what came in up to an instant (null:
   * nothing did).
   */
  identity: {
    params: v.strictObject({ at: count }),
    result: v.object({ name: v.string(), id: v.string(), inputs: v.nullable(v.string()) }),
  },
  /**
   * Names the code of a guest by another file: an ELF file with symbols, or a System.map. `offset` is added to its addresses, which are VAs
   * of EL2 or of EL1 and EL0 (`el` 1); without `el`, of the level that is seen to run there. `vmid`: of one guest alone.
   */
  addSymbols: {
    params: v.strictObject({
      name: v.pipe(v.string(), v.maxLength(255)),
      bytes,
      offset: v.optional(v.pipe(v.string(), v.regex(/^-?0x[0-9a-f]{1,16}$/i, 'expected a hexadecimal offset such as 0x80000'))),
      el: v.optional(v.picklist([1, 2])),
      vmid: v.optional(vmid),
    }),
    result: v.object({ text: v.string() }),
  },
  /** The file of this place in the view `symbolFiles`. */
  removeSymbols: { params: v.strictObject({ number: count }), result: nothing },
  /** The last run whose session is over, as the shell kept it while it went on. */
  keptRun: { params: nothing, result: v.object({ run: v.nullable(keptRun) }) },
  /** Opens such a run as far as it came, and keeps it from then on as the run that it is now. */
  openKept: { params: keptId, result: nothing },
  discardKept: { params: keptId, result: nothing },
  /** Whether a debugger may connect; absent: the other way round. The view `gdb` tells the state. Answers the line to type; null where it is off. */
  letGdbConnect: { params: v.strictObject({ on: v.optional(v.boolean()) }), result: v.object({ line: v.nullable(v.string()) }) },
  /**
   * Attaches to a QEMU that runs on this computer: `gdb`, `qmp` and `serial` are what its options of these names say, HOST:PORT or the path of
   * a Unix socket. `traps`: its log of exceptions is switched on, into a file of ours. It is shown in place of the open program until `detach`.
   */
  attach: {
    params: v.strictObject({
      gdb: attachAddress,
      qmp: v.optional(attachAddress),
      serial: v.optional(attachAddress),
      traps: v.optional(v.boolean()),
    }),
    result: v.object({ name: v.string() }),
  },
  detach: { params: nothing, result: nothing },
  /** Whether registers and memory of the machine elsewhere may be written; at first they may not. */
  unlockTarget: { params: v.strictObject({ on: v.boolean() }), result: nothing },
  /** Goes on in this machine from the instant at which the machine elsewhere stands. */
  takeOver: { params: nothing, result: nothing },
  stateHash: { params: nothing, result: v.object({ at: count, hash: v.string() }) },
} as const;

export type CommandName = keyof typeof commands;
export const isMoving = (command: CommandName): boolean => 'moves' in commands[command];
export type CommandParams<C extends CommandName> = v.InferInput<(typeof commands)[C]['params']>;
export type CommandResult<C extends CommandName> = v.InferOutput<(typeof commands)[C]['result']>;

const id = count;
/** From the user interface. */
export const request = v.variant('type', [
  v.strictObject({ type: v.literal('call'), id, command: v.picklist(Object.keys(commands) as CommandName[]), params: v.unknown() }),
  v.strictObject({
    type: v.literal('subscribe'),
    id,
    /** Its name in `views/index.ts`. */
    view: v.string(),
    params: v.unknown(),
    /** Pins the view to an instant; absent: it follows the instant shown. */
    at: v.optional(count),
    /** At that instant of one of the futures of the open experiment. */
    run: v.optional(futureSide),
  }),
  v.strictObject({ type: v.literal('unsubscribe'), id }),
  v.strictObject({ type: v.literal('ack'), frame: count }),
]);
export type Request = v.InferOutput<typeof request>;

/**
 * Why a request was not done. `invalid`: it does not fit this contract. `refused`: it does, but the program, file or machine does not allow
 * it. `internal`: a defect of ELscope.
 */
export type ErrorKind = 'invalid' | 'refused' | 'internal';

/** A view as it is now, or why it cannot be shown. */
export type Update = { readonly id: number; readonly data: unknown } | { readonly id: number; readonly error: string };

/** What a notice leads to. */
export type NoticeTopic = 'comparison';

/** From the session. One `frame` carries all views that changed since the last one. */
export type Reply =
  /** `run`: under what name the shell keeps the run of this session, where it does. */
  | { readonly type: 'welcome'; readonly version: number; readonly shell: string; readonly run?: string }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number | null; readonly kind: ErrorKind; readonly message: string }
  /** `fraction` null: nobody knows how much is left. */
  | { readonly type: 'progress'; readonly id: number; readonly fraction: number | null; readonly text: string }
  /** Something happened unasked: the program was rebuilt. `about`: where more is to be seen. */
  | { readonly type: 'notice'; readonly kind: 'done' | 'problem'; readonly text: string; readonly about?: NoticeTopic }
  /** The session has ended, for a reason that is told as a sentence; the connection closes. */
  | { readonly type: 'ended'; readonly text: string }
  | { readonly type: 'frame'; readonly frame: number; readonly updates: readonly Update[] };
