/** What the app is started with, alike in Electron and in the browser. */
import { resolve } from 'node:path';
import { demoPace, type AttachPlace } from '../emulator/index.ts';
import { recordingBudget } from './budget.ts';
import { readProgramFile } from './program-file.ts';
import { boardFiles, machineArguments, machineFlags, machineOptions, type MachineFlagValues } from './machine-options.ts';
import { symbolSources } from './symbol-files.ts';
import { paths } from './paths.ts';
import type { Program } from './session-thread.ts';
import { atMostOne, parseWords, UsageError, wholeNumber } from './usage.ts';

export interface AppArguments {
  /** In the browser, even if Electron is here. */
  readonly web: boolean;
  /** Opens the browser. */
  readonly open: boolean;
  /** 0: any free one. */
  readonly port: number;
  /** Path of the file to show and to watch. Undefined: the demo. */
  readonly image: string | undefined;
  /** For the firmware, which is the image then, to start. */
  readonly kernel: string | undefined;
  /** Folders, absolute, in which the program's sources may be read beside its own. */
  readonly sources: readonly string[];
  readonly machine: NonNullable<Program['options']>;
  /** The same as they were written, with the files that go into the machine. */
  readonly words: MachineFlagValues;
  /** Files with names for its guests, as they were written: see symbol-files.ts. */
  readonly symbols: readonly string[];
  /** Runs are kept while they go on. */
  readonly keep: boolean;
  /** A QEMU to show in place of an image. */
  readonly attach: AttachPlace | undefined;
  /** Bytes that the recording of each session may take. */
  readonly budget: number;
}

/** Throws UsageError. */
export function appArguments(words: readonly string[]): AppArguments {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    web: { type: 'boolean' },
    'no-open': { type: 'boolean' },
    'no-keep': { type: 'boolean' },
    port: { type: 'string' },
    // Of `elscope attach` and `elscope qemu`: the place as JSON.
    attach: { type: 'string' },
    sources: { type: 'string', multiple: true },
  });
  if (values['semihosting-files'] !== undefined)
    throw new UsageError('the app has no --semihosting-files: a page must not reach files; elscope run has');
  const program = atMostOne(positionals, 'image');
  const image = values.bios ?? program;
  return {
    web: values.web ?? false,
    open: !values['no-open'],
    keep: !values['no-keep'],
    attach: values.attach === undefined ? undefined : (JSON.parse(values.attach) as AttachPlace),
    port: values.port === undefined ? 0 : wholeNumber('--port', values.port, 0, 65535),
    image,
    kernel: values.bios === undefined ? undefined : program,
    sources: (values.sources ?? []).map((folder) => resolve(folder)),
    machine: { ...machineOptions(values), ...(values.bios !== undefined && { firmware: true }) },
    words: values,
    symbols: values.symbols ?? [],
    budget: recordingBudget(values.budget),
  };
}

/** The program to show first. A file that was asked for must be there (InputError); a missing demo is only not shown. */
export async function firstProgram({
  image,
  kernel,
  machine,
  words,
  symbols: texts,
}: Pick<AppArguments, 'image' | 'kernel' | 'machine' | 'words' | 'symbols'>): Promise<Program | undefined> {
  const symbols = await symbolSources(texts);
  const files = boardFiles(await machineArguments(words), kernel === undefined ? undefined : await readProgramFile(kernel));
  if (image !== undefined) return { ...(await readProgramFile(image)), options: machine, symbols, files };
  const demo = await readProgramFile(paths.demo).catch(() => undefined);
  return demo && { ...demo, options: machine, symbols, files, stepsPerSecond: demoPace };
}
