/** What a shell lends to its sessions: the programs that come with the app, and the text of source files. */
import { InputError } from '../base/errors.ts';
import type { SourceFile } from '../debug/dwarf-lines.ts';
import type { Target } from './target.ts';
import { noTeaching, type Teaching } from './teaching.ts';

export interface Scenario {
  readonly id: string;
  /** Name of its image. */
  readonly file: string;
  readonly title: string;
  readonly sentence: string;
}

/** The text of a source file and where it was found, or where it was looked for and why it cannot be shown. */
export type SourceText =
  | {
      readonly text: string;
      readonly path: string;
      /** It was changed after the program was built: lines may have moved. */
      readonly isNewer?: boolean;
    }
  | { readonly text: null; readonly looked: readonly string[]; readonly problem: string };

/** A run that was kept while it went on, whose session is over. */
export interface KeptRun {
  readonly id: string;
  /** Of its program. */
  readonly name: string;
  /** Instructions that it is known to have come. */
  readonly steps: number;
  readonly inputs: number;
  /** When it went on last, in milliseconds since 1970. */
  readonly time: number;
}

/** What comes again in a moment needs no offer: a run without input that was shorter. */
const WORTH_STEPS = 10_000_000;
export const isWorthKeeping = (steps: number, inputs: number): boolean => inputs > 0 || steps >= WORTH_STEPS;

/** Where a QEMU is to be reached: HOST:PORT, or the path of a Unix socket. */
export interface AttachPlace {
  readonly gdb: string;
  readonly qmp?: string | undefined;
  /** The other end of its serial line. */
  readonly serial?: string | undefined;
  /** Its log of exceptions may be switched on. */
  readonly traps?: boolean | undefined;
  /** Registers and memory of its guest may be written. */
  readonly unlock?: boolean | undefined;
  /** What the shell alone may say: the program that runs there, its RAM, and the nanoseconds of an instruction as a power of two. */
  readonly image?: string | undefined;
  readonly memory?: string | undefined;
  readonly icountShift?: number | undefined;
}

export interface SessionHost {
  readonly scenarios: readonly Scenario[];
  /** The image of a scenario, or of a lab in `labs/`. Rejects where the shell does not have it. */
  scenarioImage(file: string): Promise<Uint8Array>;
  /** The text of a source file of the images that come with the app, by its path in the firmware's folder; undefined where there is none. */
  bundledSource(name: string): Promise<string | undefined>;
  /** The text of a file that the debug information of a program names. `program`: where the program lies, if the shell knows. */
  sourceText(file: SourceFile, program: string | undefined): Promise<SourceText>;
  /** Lessons, and programs with mistakes. */
  teaching(): Promise<Teaching>;
  /** The content of a file with names, by its path in a run that this person's shell kept. Rejects where it cannot be had. */
  symbolFile(path: string): Promise<Uint8Array>;
  /** The last run that is worth opening again. */
  keptRun(): Promise<KeptRun | undefined>;
  /** The recording of such a run. Rejects where it is not kept any more. */
  keptRecording(id: string): Promise<Uint8Array>;
  discardKept(id: string): Promise<void>;
  /** Connects to a machine elsewhere. Rejects with a sentence where there is none. */
  attach(place: AttachPlace): Promise<Target>;
}

/** A shell that keeps no runs and reaches nothing. */
export const keepsNothing: Pick<SessionHost, 'symbolFile' | 'keptRun' | 'keptRecording' | 'discardKept' | 'attach'> = {
  attach: () =>
    Promise.reject(new InputError('a page without a server cannot reach QEMU', {}, 'run ELscope on the computer that QEMU runs on')),
  symbolFile: () => Promise.reject(new Error('there are no files here')),
  keptRun: () => Promise.resolve(undefined),
  keptRecording: () => Promise.reject(new Error('runs are not kept here')),
  discardKept: () => Promise.resolve(),
};

/** A shell that lends nothing. */
export const noHost: SessionHost = {
  scenarios: [],
  scenarioImage: (file) => Promise.reject(new Error(`this shell has no ${file}`)),
  teaching: () => Promise.resolve(noTeaching),
  bundledSource: () => Promise.resolve(undefined),
  sourceText: ({ path }) => Promise.resolve(nowhere(path)),
  ...keepsNothing,
};

/** The answer of a shell without files: a page on a static server. */
export const nowhere = (path: string): SourceText => ({
  text: null,
  looked: [path],
  problem: 'a page without a server cannot read files: run ELscope on the computer that has the sources',
});
