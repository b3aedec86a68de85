/**
 * Runs that are kept while they go on, in the browser's own database (IndexedDB): a page that was reloaded, closed or crashed is offered its
 * run when it is opened again. Each run is a recording in pieces, in the order in which they were written. A worker that is alive holds a
 * lock with the name of its run: a run whose lock nobody holds is over.
 */
import {
  InputError,
  isWorthKeeping,
  readRecording,
  RecordingWriter,
  RepeatedRun,
  type JournalEntry,
  type KeptRun,
  type SessionHost,
} from '../../emulator/index.ts';

/** Runs that stay, and bytes that they may take together. */
const [MOST_RUNS, MOST_BYTES] = [4, 1 << 28];

/** Milliseconds for which the worker of a page that is left may still be there. */
const GOING_MS = 2000;

/** The tables of the database, and what their rows are. */
const RUNS = 'runs';
interface Run {
  readonly id: string;
  /** When it went on last, in milliseconds since 1970. */
  readonly time: number;
  readonly bytes: number;
}
const PIECES = 'pieces';
interface Piece {
  readonly run: string;
  readonly bytes: Uint8Array;
}

export class KeptRuns implements Pick<SessionHost, 'keptRun' | 'keptRecording' | 'discardKept'> {
  private readonly id = crypto.randomUUID();
  private readonly database = openDatabase();
  /** What is written comes one after the other. */
  private last: Promise<void>;
  private writer: RecordingWriter | undefined;
  private written: Uint8Array[] = [];
  /** Of this run in the database. */
  private bytes = 0;
  private hasFailed = false;
  private repeated: RepeatedRun | undefined;

  /** `tell`: why the run is not kept any more. Said once; the session goes on without. */
  constructor(private readonly tell: (sentence: string) => void) {
    // For as long as this worker lives.
    void navigator.locks.request(this.id, () => new Promise(() => undefined));
    this.last = this.database.then(() => undefined).catch((error: unknown) => this.fail(error));
  }

  /** What the run is made of, as it comes. */
  write(entry: JournalEntry): void {
    if (this.hasFailed) return;
    if (entry.kind === 'opened') {
      this.repeated = entry.again === undefined ? undefined : new RepeatedRun(entry.again);
      // The run before has ended here.
      if (this.repeated) this.last = this.last.then(() => this.remove(this.id)).catch((error: unknown) => this.fail(error));
    } else if (this.repeated && RepeatedRun.isOther(entry)) this.takeOver();
    if (this.repeated) this.repeated.hold(entry);
    else this.keep(entry);
  }
  /** What is repeated is kept here from now on. */
  private takeOver(): void {
    const { told = [] } = this.repeated ?? {};
    this.repeated = undefined;
    for (const entry of told) this.keep(entry);
  }

  private keep(entry: JournalEntry): void {
    if (this.hasFailed) return;
    const isFirst = entry.kind === 'opened';
    try {
      if (isFirst) {
        this.writer = new RecordingWriter((bytes) => this.written.push(bytes));
        this.writer.begin(entry);
      } else this.writer?.write(entry);
    } catch (error) {
      return this.fail(error);
    }
    const bytes = joined(this.written);
    this.written = [];
    this.last = this.last.then(() => this.add(bytes, isFirst)).catch((error: unknown) => this.fail(error));
  }
  private async add(bytes: Uint8Array, isFirst: boolean): Promise<void> {
    if (this.hasFailed) return;
    const { id } = this;
    this.bytes = (isFirst ? 0 : this.bytes) + bytes.length;
    if (this.bytes > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES >> 20} MiB`);
    if (isFirst) await this.makeRoom(bytes.length);
    await this.change((runs, pieces) => {
      if (isFirst) removePieces(pieces, id);
      pieces.add({ run: id, bytes } satisfies Piece);
      runs.put({ id, time: Date.now(), bytes: this.bytes } satisfies Run);
    });
  }
  private fail(error: unknown): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    // In a frame of another page, or by the person's own settings: nobody expects it to be kept.
    if (name === 'SecurityError' || /denied permission/.test(message)) return;
    const why = name === 'QuotaExceededError' ? 'the browser gives this page no more room' : message;
    this.tell(`The run is not kept from here on: ${why}`);
  }

  /** The last run of those that are over. */
  async keptRun(): Promise<KeptRun | undefined> {
    const [last] = await this.others();
    // The worker of a page that was just reloaded ends a moment later than this one begins.
    if (last) await Promise.race([navigator.locks.request(last.id, () => undefined), waited(GOING_MS)]);
    for (const { id, time } of await this.over()) {
      const run = await this.read(id).catch(() => undefined);
      if (run && isWorthKeeping(run.reached, run.inputs.length))
        return { id, name: run.name, steps: run.reached, inputs: run.inputs.length, time };
      // Nothing that anybody would miss, or nothing that can be read.
      await this.remove(id);
    }
    return undefined;
  }
  private async read(id: string): ReturnType<typeof readRecording> {
    return readRecording(await this.keptRecording(id), id, { withKeyframe: false });
  }

  async keptRecording(id: string): Promise<Uint8Array> {
    const database = await this.database;
    const pieces = await answer(database.transaction(PIECES).objectStore(PIECES).index('run').getAll(id) as IDBRequest<Piece[]>);
    if (pieces.length === 0)
      throw new InputError('this run is not kept any more', {}, 'it was opened or discarded, or later ones have taken its place');
    return joined(pieces.map(({ bytes }) => bytes));
  }

  /** It is not wanted, or has been repeated here and is kept here from now on. */
  async discardKept(id: string): Promise<void> {
    if (this.repeated?.id === id) {
      this.takeOver();
      await this.last;
      if (this.hasFailed) return;
    }
    await this.remove(id);
  }
  private remove(id: string): Promise<void> {
    return this.change((runs, pieces) => {
      runs.delete(id);
      removePieces(pieces, id);
    });
  }

  /** Those whose worker has ended, the last one first. */
  private async over(): Promise<Run[]> {
    const { held = [] } = await navigator.locks.query();
    const alive = new Set(held.map(({ name }) => name));
    return (await this.others()).filter(({ id }) => !alive.has(id));
  }
  /** Those of other workers, the last one first. */
  private async others(): Promise<Run[]> {
    const database = await this.database;
    const runs = await answer(database.transaction(RUNS).objectStore(RUNS).getAll() as IDBRequest<Run[]>);
    return runs.filter(({ id }) => id !== this.id).sort((a, b) => b.time - a.time);
  }

  /** Before so many bytes are written for a new run. */
  private async makeRoom(bytes: number): Promise<void> {
    let sum = bytes;
    for (const [i, run] of (await this.over()).entries())
      if ((sum += run.bytes) > MOST_BYTES || i >= MOST_RUNS - 1) await this.remove(run.id);
  }

  /** All of it is done, or nothing. */
  private async change(work: (runs: IDBObjectStore, pieces: IDBObjectStore) => void): Promise<void> {
    const transaction = (await this.database).transaction([RUNS, PIECES], 'readwrite');
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser refused it'));
    });
    work(transaction.objectStore(RUNS), transaction.objectStore(PIECES));
    await done;
  }
}

function removePieces(pieces: IDBObjectStore, run: string): void {
  const found = pieces.index('run').openKeyCursor(run);
  found.onsuccess = () => {
    const cursor = found.result;
    if (!cursor) return;
    pieces.delete(cursor.primaryKey);
    cursor.continue();
  };
}

function openDatabase(): Promise<IDBDatabase> {
  const opened = indexedDB.open('elscope', 1);
  opened.onupgradeneeded = () => {
    opened.result.createObjectStore(RUNS, { keyPath: 'id' });
    opened.result.createObjectStore(PIECES, { autoIncrement: true }).createIndex('run', 'run');
  };
  return answer(opened);
}

const waited = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser refused it'));
  });

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
