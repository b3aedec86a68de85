/**
 * Runs that are kept while they go on, each as a recording in a folder of the person's, so that neither a crash nor `kill -9` nor a closed
 * tab loses one. Each session has one file. Of those that are over, the last ones stay until they are opened or discarded.
 */
import { mkdirSync, readdirSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  InputError,
  isWorthKeeping,
  readRecording,
  RecordingWriter,
  RepeatedRun,
  type JournalEntry,
  type KeptRun,
} from '../emulator/index.ts';
import { SavedFile } from './saved-file.ts';

/** Runs that stay, and bytes that they may take together. */
const [MOST_RUNS, MOST_BYTES] = [8, 1 << 30];
/** How many of the others stay, for pages that come back, and for how many milliseconds. */
const [MOST_SHORT, SHORT_MS] = [2, 60_000];
/** Milliseconds after which a session of another process says again that it is there, and after which it is not there any more. */
const [BEAT_MS, SILENT_MS] = [5000, 20_000];

const form = /^([0-9a-z]+)-(\d+)-(\d+)\.elrec$/;

/** Where programs keep such things: what a person would not miss, but does not want to lose today. */
export function stateFolder(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  const home = homedir();
  if (process.platform === 'win32') return join(LOCALAPPDATA ?? join(home, 'AppData/Local'), 'elscope');
  if (process.platform === 'darwin') return join(home, 'Library/Application Support/elscope');
  // A relative path there is to be ignored (XDG Base Directory Specification).
  return join(XDG_STATE_HOME?.startsWith('/') ? XDG_STATE_HOME : join(home, '.local/state'), 'elscope');
}

export class KeptRuns {
  /** Of sessions of this process that go on. */
  private readonly open = new Map<string, KeptSession>();
  /** Runs of this process that are over and worth nothing. */
  private readonly short: string[] = [];
  private count = 0;

  /** `folder`: undefined where nothing is to be kept. */
  constructor(private readonly folder: string | undefined) {}

  /** For a session that begins. `tell`: shows it a sentence. */
  begin(tell: (sentence: string) => void = () => undefined): KeptSession {
    const id = `${Date.now().toString(36)}-${process.pid}-${++this.count}`;
    const session = new KeptSession(id, this.folder && this.path(id), {
      before: (bytes) => this.makeRoom(bytes),
      over: (isWorthIt) => this.isOver(id, isWorthIt),
      tell,
    });
    this.open.set(id, session);
    return session;
  }
  private isOver(id: string, isWorthIt: boolean): void {
    this.open.delete(id);
    // Its page may be about to come back: it stays for a while in any case.
    if (!isWorthIt && this.short.push(id) > MOST_SHORT) this.remove(this.short.shift()!);
  }

  /** The last run of those whose session is over. */
  async last(): Promise<KeptRun | undefined> {
    for (const { id, time } of this.over()) {
      const run = await this.read(id).catch(() => undefined);
      if (run && isWorthKeeping(run.steps, run.inputs)) return { id, ...run, time };
      // Nothing that anybody would miss, or nothing that can be read; but its page may be about to come back.
      if (Date.now() - time > SHORT_MS) this.remove(id);
    }
    return undefined;
  }
  private async read(id: string): Promise<Pick<KeptRun, 'name' | 'steps' | 'inputs'>> {
    const { name, reached, inputs } = await readRecording(await this.bytes(id), id, { withKeyframe: false });
    return { name, steps: reached, inputs: inputs.length };
  }

  /** Its recording. Throws InputError where it is not there. */
  async bytes(id: string): Promise<Uint8Array> {
    if (!this.over().some((one) => one.id === id))
      throw new InputError('this run is not kept any more', {}, 'it was opened or discarded, or later ones have taken its place');
    return new Uint8Array(await readFile(this.path(id)));
  }

  /** It is not wanted, or a session has repeated it and keeps it from here on. */
  discard(id: string): void {
    const isKept = [...this.open.values()].every((session) => session.takeOver(id));
    if (isKept && this.over().some((one) => one.id === id)) this.remove(id);
  }

  private path(id: string): string {
    return join(this.folder!, `${id}.elrec`);
  }
  private remove(id: string): void {
    if (this.folder !== undefined) unlinkQuietly(this.path(id));
  }

  /** Those whose session is over, the last one first. */
  private over(): { readonly id: string; readonly time: number; readonly bytes: number }[] {
    if (this.folder === undefined) return [];
    return namesIn(this.folder)
      .flatMap((name) => {
        const [, , pid] = form.exec(name) ?? [];
        const stats = pid && statSync(join(this.folder!, name), { throwIfNoEntry: false });
        const id = name.replace('.elrec', '');
        if (!stats || this.open.has(id) || isElsewhere(Number(pid), stats.mtimeMs)) return [];
        return [{ id, time: stats.mtimeMs, bytes: stats.size }];
      })
      .sort((a, b) => b.time - a.time);
  }

  /** Before a file of about so many bytes is begun. */
  private makeRoom(bytes: number): void {
    mkdirSync(this.folder!, { recursive: true, mode: 0o700 });
    let sum = bytes;
    for (const [i, { id, bytes: size }] of this.over().entries()) if ((sum += size) > MOST_BYTES || i >= MOST_RUNS - 1) this.remove(id);
  }
}

/** A session of another process, which says now and then that it goes on. */
function isElsewhere(pid: number, mtime: number): boolean {
  if (pid === process.pid || Date.now() - mtime > SILENT_MS) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already.
  }
}

interface Keeping {
  readonly before: (bytes: number) => void;
  readonly over: (isWorthIt: boolean) => void;
  readonly tell: (sentence: string) => void;
}

/** The file of one session. What goes wrong with it is told once, and the session goes on without. */
export class KeptSession {
  /** Under what name it is kept, where it is. */
  readonly run: string | undefined;
  private file: SavedFile | undefined;
  private writer: RecordingWriter | undefined;
  private steps = 0;
  private inputs = 0;
  private hasFailed = false;
  private repeated: RepeatedRun | undefined;
  private readonly beat: NodeJS.Timeout | undefined;

  constructor(
    id: string,
    private readonly path: string | undefined,
    private readonly keeping: Keeping,
  ) {
    if (path === undefined) return;
    this.run = id;
    this.beat = setInterval(() => this.file && touch(path), BEAT_MS);
    this.beat.unref();
  }

  write(entry: JournalEntry): void {
    if (this.path === undefined || this.hasFailed) return;
    if (entry.kind === 'opened') {
      this.repeated = entry.again === undefined ? undefined : new RepeatedRun(entry.again);
      // The run before has ended here.
      if (this.repeated) this.forget(this.path);
    } else if (this.repeated && RepeatedRun.isOther(entry)) this.takeOver(this.repeated.id);
    if (this.repeated) this.repeated.hold(entry);
    else this.keep(this.path, entry);
  }
  private forget(path: string): void {
    this.file?.discard();
    this.file = this.writer = undefined;
    [this.steps, this.inputs] = [0, 0];
    unlinkQuietly(path);
  }

  /** Where it repeats this run, it keeps it from here on. False where it cannot. */
  takeOver(id: string): boolean {
    if (this.path === undefined || this.repeated?.id !== id) return true;
    const { told } = this.repeated;
    this.repeated = undefined;
    for (const entry of told) this.keep(this.path, entry);
    return !this.hasFailed;
  }

  private keep(path: string, entry: JournalEntry): void {
    if (this.hasFailed) return;
    try {
      if (entry.kind === 'opened') this.open(path, entry);
      else this.writer?.write(entry);
    } catch (error) {
      this.hasFailed = true;
      this.keeping.tell(`The run is not kept from here on: ${(error as Error).message}`);
    }
    if (entry.kind === 'opened') [this.steps, this.inputs] = [0, entry.inputs.length];
    else if (entry.kind === 'input') this.inputs++;
    else if (entry.kind === 'changed') this.inputs = entry.kept + 1;
    else if (entry.kind === 'reached') this.steps = entry.n;
  }

  private open(path: string, run: JournalEntry & { readonly kind: 'opened' }): void {
    this.keeping.before(run.bytes.length);
    this.file?.discard();
    const file = (this.file = SavedFile.create(path, 0o600));
    this.writer = new RecordingWriter((bytes) => file.write(bytes));
    // All of it is written at once: what comes next follows.
    this.writer.begin(run);
    file.replace();
  }

  /** The session is over. */
  close(): void {
    clearInterval(this.beat);
    this.file?.discard();
    this.keeping.over(isWorthKeeping(this.steps, this.inputs));
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Somebody took it away.
  }
}
