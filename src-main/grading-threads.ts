/** Grades many submissions: in a thread for each core, so that one that takes the memory of its thread ends alone. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { badFile, readTask, visible, type Report } from '../emulator/index.ts';
import { paths } from './paths.ts';
import { reportOf } from './submission.ts';

export interface TaskText {
  readonly text: string;
  /** Of its file, for errors. */
  readonly name: string;
}

/** Each thread has a machine with its recording: more than these would be too much for the memory of most computers. */
const MOST_THREADS = 8;
/** The memory that a submission may take beside that of its machine. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

/** In the order of the files. Throws InputError where the task makes no sense. */
export async function reportsOf(files: readonly string[], { text, name }: TaskText): Promise<Report[]> {
  const task = readTask(text, name);
  // The start of a thread is worth it from the second one on.
  if (files.length === 1) return [await reportOf(files[0], task)];
  const reports: Report[] = [];
  const left = [...files.keys()];
  const lane = async (): Promise<void> => {
    let thread: GraderThread | undefined;
    for (let i = left.shift(); i !== undefined; i = left.shift()) {
      thread ??= new GraderThread({ text, name });
      try {
        reports[i] = await thread.report(files[i]);
      } catch (error) {
        if (!isOutOfHeap(error)) throw error;
        thread = undefined;
        reports[i] = badFile(visible(files[i]), task, 'there is not enough memory to run it');
      }
    }
    await thread?.end();
  };
  await Promise.all(Array.from({ length: Math.min(files.length, availableParallelism(), MOST_THREADS) }, lane));
  return reports;
}

const isOutOfHeap = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';

class GraderThread {
  private readonly worker: Worker;
  private waiting: { resolve(this: void, report: Report): void; reject(this: void, error: unknown): void } | undefined;

  constructor(task: TaskText) {
    this.worker = new Worker(paths.grader, { workerData: task, resourceLimits });
    this.worker.on('message', (report: Report) => this.waiting?.resolve(report));
    this.worker.on('error', (error) => this.waiting?.reject(error));
  }
  report(path: string): Promise<Report> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.worker.postMessage(path);
    });
  }
  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
