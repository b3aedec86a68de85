/** Every way in from outside, and inputs for it that are nearly right. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assembleProgram } from '../../emulator/assembler/index.ts';
import { VA } from '../../emulator/base/addresses.ts';
import { InputError, NotBuilt } from '../../emulator/base/errors.ts';
import {
  addRecordedSymbols,
  addSymbols,
  openProgram,
  parseLesson,
  readRecording,
  replay,
  runStart,
  writeRecording,
} from '../../emulator/index.ts';
import { partsOf, textOf, valueAt } from '../../emulator/debug/c-value.ts';
import { DebugInfo } from '../../emulator/debug/debug-info.ts';
import { readLineTable } from '../../emulator/debug/dwarf-lines.ts';
import { readSymbols } from '../../emulator/debug/symbols.ts';
import { deviceTreeBlob } from '../../emulator/machine/device-tree.ts';
import { readElf, readSections } from '../../emulator/machine/elf.ts';
import { readFdt } from '../../emulator/machine/fdt.ts';
import { loadImage } from '../../emulator/machine/loader.ts';
import { decodeMessage, encodeMessage } from '../../emulator/session/codec.ts';
import { commands } from '../../emulator/session/contract.ts';
import { readTask } from '../../emulator/grading/task.ts';
import { resumed } from '../../emulator/session/program.ts';
import { locate } from '../../emulator/session/expression.ts';
import type { Port } from '../../emulator/session/port.ts';
import { serveSession, type ServedSession } from '../../emulator/session/serve.ts';
import { views } from '../../emulator/session/views/index.ts';
import { ChunkWriter, concatenate, readChunks } from '../../emulator/time/chunks.ts';
import { appArguments } from '../../src-main/app-arguments.ts';
import { UsageError } from '../../src-main/usage.ts';
import { anything, damaged, soup, type Random } from './damage.ts';

export interface Door {
  readonly name: string;
  /** Of a thousand inputs, how many are for this one: those that take longer get fewer. */
  readonly share: number;
  /** Makes an input and lets it in. What is wrong with it comes back as a sentence, or as an error that is one; undefined: nothing is. */
  readonly enter: (random: Random) => string | undefined | Promise<string | undefined>;
  readonly close?: () => void;
}

const prebuilt = (name: string): Uint8Array => new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt', name)));
const program = prebuilt('01-el2-to-el1.elf');
const lesson = new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/lessons/02-going-down.yaml')));
const options = { memoryBytes: 128 << 20, gic: 2, el2: true } as const;
const endOfRam = 0x4000_0000 + options.memoryBytes;

/** Call frames, functions and variables at a few places. */
function takeDebugInfo(debug: DebugInfo): void {
  const frame = { register: () => 0x4009_0000n, memory: () => 0x4008_0010n, offset: 0n };
  for (const address of [0x4008_0004n, 0x4008_2000n]) {
    debug.caller(address, frame, false);
    for (const scope of debug.functionsAt(address))
      for (const variable of debug.variablesOf(scope, address)) {
        const value = valueAt(variable.type, debug.where(variable, address, frame), source);
        textOf(value, source);
        partsOf(value, variable.name, source);
      }
  }
  debug.global('stack_top');
}
const source = { memory: (_: bigint, count: number) => new Uint8Array(count), register: () => 1n, symbol: () => undefined };

/** Everything that is read of a program's file. */
export function takeProgram(bytes: Uint8Array): string | undefined {
  const symbols = readSymbols(bytes, 'x.elf');
  symbols.describe(VA(0x4008_0004n));
  symbols.find('main');
  const lines = readLineTable(bytes, 'x.elf');
  lines.at(VA(0x4008_0004n));
  lines.linesOf(0);
  lines.addresses('start.S', 4);
  takeDebugInfo(new DebugInfo(bytes, 'x.elf'));
  if (!lines.files.every(({ name }) => typeof name === 'string')) throw new Error('a source file has no name');
  for (const { pa, bytes: part } of loadImage(bytes, 'x.elf', options).segments)
    if (pa + part.length > endOfRam) throw new Error('a segment lies beyond the end of RAM');
  return symbols.problem ?? lines.problem;
}

/** Where the debugging information lies in the file. */
const debugSections = readSections(readElf(program, 'x.elf'))
  .filter(({ name, data }) => (name.startsWith('.debug_') || name.endsWith('strtab') || name === '.symtab') && data.length > 0)
  .map(({ data }) => ({ from: data.byteOffset - program.byteOffset, to: data.byteOffset - program.byteOffset + data.length }));

/** The header of a Linux kernel and some code. */
function kernel(): Uint8Array {
  const image = new Uint8Array(4096);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x1400_0000, true);
  view.setBigUint64(16, 4096n, true);
  view.setUint32(56, 0x644d_5241, true);
  return image;
}

const taskText = readFileSync(join(import.meta.dirname, '../../firmware/tasks/stage2.yaml'), 'utf8');
const damagedText = (text: string, random: Random): string => new TextDecoder().decode(damaged(new TextEncoder().encode(text), random));
const taskWords = [
  'checks:', '\n', '\n  - ', '\n    ', 'id: a', 'points: 1', 'when: ', 'enter ', 'after ', 'trap ', 'HVC', 'expect: ', '{ ', ' }', '[ ', ' ]', ', ', 'HCR_EL2.RW: ', 'walk: ',
  'va: ', 'memory: ', 'trace: ', 'never: ', 'uart: ', 'is: ', '0x80000000', '5_000_000', '-1', '&a ', '*a', '"', "'", '- ', ': ', '? ', '|', '>', '!!int ', '#', '%', '@', '<<: ',
  '__proto__: ', 'null', '~', 'true', '1e999', 'type: ', 'return: ', 'to: 1',
]; // prettier-ignore

const tree = deviceTreeBlob(options);

const recorded = (async () => {
  const run = openProgram('x.elf', program);
  run.timeline.forward(2000);
  run.timeline.input(new TextEncoder().encode('help\r'));
  run.timeline.forward(2000);
  addSymbols(run, [{ name: 'System.map', bytes: new TextEncoder().encode('0000000040080000 T start\n'), el: 2 }]);
  const file = await writeRecording(runStart(run), run.timeline);
  return { file, chunks: (await readChunks(file, 'x.elrec')).chunks };
})();

/** Damage below the checksums, which would only be found by them. */
async function spoiledRecording(random: Random): Promise<Uint8Array> {
  const { file, chunks } = await recorded;
  if (random.chance(30)) return damaged(file, random);
  const parts: Uint8Array[] = [];
  const writer = new ChunkWriter((part) => parts.push(part));
  const order = chunks.filter(() => !random.chance(4)).flatMap((chunk) => (random.chance(4) ? [chunk, chunk] : [chunk]));
  const spoiled = random.below(order.length);
  for (const [i, { type, payload }] of order.entries())
    writer.write({ type, payload: i === spoiled ? spoil(type, payload, random) : payload });
  return concatenate(parts);
}
function spoil(type: string, payload: Uint8Array, random: Random): Uint8Array {
  if (type !== 'HEAD' && type !== 'DONE') return damaged(payload, random);
  const text = new TextDecoder().decode(payload);
  const digits = text.replace(/\d+/g, (number) => (random.chance(40) ? String(random.of([-1, 0, 1.5, 2 ** 40, 2 ** 53, 1e300])) : number));
  return new TextEncoder().encode(
    random.chance(50) ? digits : text.slice(0, random.below(text.length)) + digits.slice(random.below(text.length)),
  );
}
async function takeRecording(random: Random): Promise<string | undefined> {
  const recording = await readRecording(await spoiledRecording(random), 'x.elrec');
  // To open the machine takes longer than to read the file.
  if (random.chance(5)) {
    const program = replay(recording);
    await addRecordedSymbols(program, recording, undefined);
    program.timeline.forward(1000);
  }
  // Its state is put into a machine, and that must be able to go on.
  if (recording.keyframe && random.chance(20)) {
    const { timeline } = resumed(expressed, recording.keyframe);
    timeline.forward(1000);
    const shown = { ...expressed, machine: timeline.machine, timeline };
    views.registers.of(shown, {});
    views.levels.of(shown, {});
  }
  return recording.lost > 0 || recording.end === undefined ? 'it is not whole' : undefined;
}

/** A session at whose other end this test is. */
class Hand {
  private readonly session: ServedSession;
  private receive: (message: unknown) => void = () => undefined;
  private readonly sent: { type: string; id?: number | null; kind?: string; message?: string }[] = [];

  constructor() {
    const port: Port = {
      send: (message) => this.sent.push(message as { type: string }),
      onMessage: (listener) => (this.receive = listener),
      onClose: () => undefined,
      close: () => undefined,
    };
    this.session = serveSession(port, { shell: 'test', image: { name: 'x.elf', bytes: program, stepsPerSecond: 1 } });
  }
  /** The answer to a message: an error with a sentence, or that it was done. */
  async send(message: unknown): Promise<string | undefined> {
    this.sent.length = 0;
    this.receive(message);
    // What it began does not go on for ever.
    this.receive({ type: 'call', id: 9_999, command: 'pause', params: {} });
    while (!this.sent.some(({ id }) => id === 9_999)) await new Promise((resolve) => setImmediate(resolve));
    const error = this.sent.find(({ type }) => type === 'error');
    if (error?.kind === 'internal') throw new Error(error.message);
    if (error && !error.message) throw new Error('an error without a sentence');
    return error?.message;
  }
  close(): void {
    void this.session.close();
  }
}
let hand: Hand | undefined;

const names = [
  'at',
  'count',
  'address',
  'text',
  'bytes',
  'name',
  'spec',
  'id',
  'register',
  'value',
  'space',
  'va',
  'format',
  'file',
  'first',
  'from',
  'to',
  'width',
  'follow',
  'before',
  'after',
  'index',
  'el',
];
const record = (random: Random): unknown =>
  random.chance(10)
    ? anything(random)
    : Object.fromEntries(Array.from({ length: random.below(4) }, () => [random.of(names), anything(random, 2)]));
/** Messages as a window sends them, but for what they say. */
function message(random: Random): unknown {
  const id = random.chance(95) ? random.below(100) : anything(random, 1);
  const params = record(random);
  if (random.chance(60)) return { type: 'call', id, command: random.of(Object.keys(commands)), params };
  if (random.chance(60))
    return { type: 'subscribe', id, view: random.of(Object.keys(views)), params, ...(random.chance(30) && { at: random.below(5000) }) };
  return random.chance(50) ? { type: random.of(['ack', 'unsubscribe']), id, frame: id } : anything(random);
}

const typed = [
  'main',
  'x0',
  'sp',
  'HCR_EL2',
  '+',
  '-',
  '*',
  '(',
  ')',
  '[',
  ']',
  ' ',
  '0x',
  '0x4008_0000',
  '1',
  '_',
  '.',
  ',',
  '==',
  '&&',
  '"',
  '\\',
  '\x1b',
  '\u202e',
  '🦉',
  '0b',
  '99999999999999999999',
];
const expressed = openProgram('x.elf', program);

const assembly = [
  '.macro m a',
  '.endm',
  'm ',
  'x0',
  ', ',
  '#',
  'mov ',
  'ldr ',
  '=',
  '.rept ',
  '99999',
  '.endr',
  '\n',
  '\n',
  ':',
  'a',
  '1b',
  '1f',
  '.org ',
  '.align ',
  '.fill ',
  '.ascii "',
  '"',
  '/*',
  '*/',
  '//',
  '.if ',
  '.endif',
  '.set a, ',
  '(',
  '-',
  '<<',
  '\\a',
  '\0',
  '0x',
  '.section .',
  '.irp r, ',
  '.include ',
];

const words = [
  '--memory',
  '--gic',
  '--budget',
  '--append',
  '--port',
  '--sources',
  '--web',
  '--no-open',
  '--no-el2',
  '--',
  '-',
  '--x',
  '',
  '512M',
  '1K',
  '2G',
  '-1',
  '99999999999G',
  '1e9',
  '0x10',
  'a.elf',
  '\x1b]0;',
  '=',
  '--memory=',
  '--port=1',
];

export const doors: readonly Door[] = [
  { name: 'a program', share: 10, enter: (random) => takeProgram(damaged(program, random)) },
  {
    name: 'the symbols and line numbers of a program',
    share: 15,
    enter(random) {
      const { from, to } = random.of(debugSections);
      return takeProgram(damaged(program, random, from, to));
    },
  },
  {
    name: 'a few bytes that begin like a program',
    share: 50,
    enter: (random) => takeProgram(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...random.bytes(random.below(300))])),
  },
  {
    name: 'a Linux kernel',
    share: 15,
    enter(random) {
      const dtb = random.chance(30) ? { dtb: { name: 'x.dtb', bytes: damaged(tree, random) } } : {};
      loadImage(damaged(kernel(), random, 0, 64), 'Image', { ...options, ...dtb });
      return undefined;
    },
  },
  {
    name: 'a device tree',
    share: 150,
    enter(random) {
      try {
        readFdt(damaged(tree, random), 'x.dtb');
        return undefined;
      } catch (error) {
        if (error instanceof InputError && error.place.offset === undefined) throw new Error('no place is named', { cause: error });
        throw error;
      }
    },
  },
  { name: 'a recording', share: 10, enter: takeRecording },
  {
    name: 'a message',
    share: 15,
    enter(random) {
      // One session takes many; what they have opened is left behind after a while.
      if (random.chance(2)) {
        hand?.close();
        hand = undefined;
      }
      return (hand ??= new Hand()).send(message(random));
    },
    close() {
      hand?.close();
      hand = undefined;
    },
  },
  {
    name: 'a message of a WebSocket',
    share: 300,
    enter(random) {
      decodeMessage(damaged(encodeMessage(message(random)), random));
      return undefined;
    },
  },
  {
    name: 'source in assembly',
    share: 50,
    enter: (random) => assembleProgram(soup(assembly, random, 40)).problems[0]?.message,
  },
  {
    name: 'a lesson',
    share: 5,
    enter(random) {
      parseLesson('x.yaml', new TextDecoder().decode(damaged(lesson, random)));
      return undefined;
    },
  },
  {
    name: 'a task to be graded',
    share: 50,
    enter: (random) => {
      readTask(random.chance(60) ? damagedText(taskText, random) : soup(taskWords, random, 40), 'task.yaml');
      return undefined;
    },
  },
  {
    name: 'an expression',
    share: 130,
    enter(random) {
      locate(expressed, { text: soup(typed, random), space: random.of(['va', 'ipa', 'pa'] as const), similar: random.chance(50) });
      return undefined;
    },
  },
  {
    name: 'options',
    share: 200,
    enter(random) {
      appArguments(Array.from({ length: random.below(6) }, () => soup(words, random, 2)));
      return undefined;
    },
  },
];

/** What may be thrown: a sentence about the input. */
export const isSentence = (error: unknown): error is Error =>
  error instanceof InputError || error instanceof NotBuilt || error instanceof UsageError;
