/** `--record`: the recording of a run, written while it goes on, so that even `kill -9` loses the last moment only. */
import { endingOf, InputError, KeyframeJournal, RecordingWriter, runStart, type Program } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import type { SavedFile } from '../saved-file.ts';
import type { Ending } from './ending.ts';

/** Milliseconds of running after which the file is told how far it came. */
const TOLD_MS = 250;

export class Recorder {
  /** It cannot be written any more: the disk is full. What is in it is a recording up to there. */
  private hasFailed = false;
  private readonly writer: RecordingWriter;
  private toldAt = performance.now();
  /** Inputs of the program that are in the file. */
  private written: number;
  private readonly keyframes: KeyframeJournal;
  private isEnded = false;

  private constructor(
    private readonly file: SavedFile,
    private readonly program: Program,
    private readonly ending: Ending,
  ) {
    this.writer = new RecordingWriter((bytes) => file.write(bytes));
    this.written = program.timeline.inputs.all().length;
    this.keyframes = new KeyframeJournal(program.timeline, (entry) => {
      if (!this.isEnded) this.trying(() => this.writer.write(entry));
    });
  }

  /** The file takes the place of an older one as soon as it is a recording. Throws InputError. */
  static async begin(file: SavedFile, program: Program, ending: Ending): Promise<Recorder> {
    const recorder = new Recorder(file, program, ending);
    await recorder.writer.beginDeflated(runStart(program));
    file.replace();
    return recorder;
  }

  /** Writes what has come in, and now and then how far the run is; at once where it waits. */
  follow(isWaiting = false): void {
    this.trying(() => this.add(isWaiting));
  }
  private add(isWaiting: boolean): void {
    const { inputs, end } = this.program.timeline;
    for (const event of inputs.all().slice(this.written)) this.writer.write({ kind: 'input', event });
    this.written = inputs.all().length;
    const now = performance.now();
    if (!isWaiting && now - this.toldAt < TOLD_MS) return;
    this.toldAt = now;
    this.writer.write({ kind: 'reached', n: end });
    this.keyframes.follow(isWaiting);
  }

  async end(): Promise<void> {
    await this.keyframes.add();
    this.isEnded = true;
    this.trying(() => {
      this.add(false);
      this.writer.end(endingOf(this.program.timeline));
      this.file.finish();
    });
  }

  /** What goes wrong is told, and ends the run. */
  private trying(work: () => void): void {
    if (this.hasFailed) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.hasFailed = true;
      console.error(`elscope run: ${error.message}; it holds the run up to there`);
      this.ending.ask(exitCode.badInput);
    }
  }
}
