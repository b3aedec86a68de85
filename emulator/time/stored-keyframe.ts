/**
 * A keyframe in a recording: the whole machine at one instant, so that this instant is shown before the run has been replayed. It is input
 * like the rest of the file. Its hash says that it came through whole; whether it is true, only the replay knows.
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { InputError } from '../base/errors.ts';
import type { Machine, StoredPage } from '../machine/machine.ts';
import { deflate } from './chunks.ts';
import type { Timeline } from './timeline.ts';

export interface StoredKeyframe {
  readonly n: number;
  /** State hash of the machine there. */
  readonly hash: string;
  readonly state: Uint8Array;
  readonly pages: readonly StoredPage[];
}

/** Bytes that a keyframe may have before it is deflated. A machine that uses more memory is replayed. */
export const mostKeyframeBytes = 2 ** 27;
const PAGE = 4096;
const PAGE_BYTES = 4 + PAGE;

/** The machine as it is, as bytes; undefined where that is too much. */
export function keyframeBytes({ machine, at }: Timeline): Uint8Array<ArrayBuffer> | undefined {
  const state = machine.saveState();
  const hash = machine.stateHash();
  const pages = [...machine.storedPages()];
  const bytes = 64 + hash.length + state.length + pages.length * PAGE_BYTES;
  if (bytes > mostKeyframeBytes) return undefined;
  const writer = new ByteWriter(bytes).count(at).text(hash).bytes(state).u32(pages.length);
  for (const { page, bytes } of pages) writer.u32(page).raw(bytes);
  return writer.finish();
}

/** Throws InputError. The pages are views of the payload. */
export function readKeyframe(payload: Uint8Array, file: string): StoredKeyframe {
  const reader = new ByteReader(payload, file);
  const n = reader.count();
  const hash = reader.text();
  const state = reader.bytes();
  const count = reader.countOf(PAGE_BYTES);
  const pages: StoredPage[] = [];
  for (let i = 0; i < count; i++) {
    const page = reader.u32();
    if (page <= (pages.at(-1)?.page ?? -1)) throw reader.error(`page ${page} of a keyframe is out of order`, 'expected rising numbers');
    pages.push({ page, bytes: reader.raw(PAGE) });
  }
  if (reader.remaining > 0) throw reader.error(`${reader.remaining} bytes follow the last page of a keyframe`, 'expected its end');
  return { n, hash, state, pages };
}

/** Puts a machine that has not run where the keyframe was kept. Throws InputError where it is not of this machine, or not whole. */
export function resumeAt({ n, hash, state, pages }: StoredKeyframe, machine: Machine): void {
  machine.resume(state, pages);
  if (machine.steps !== n || machine.stateHash() !== hash)
    throw new InputError(`the state stored for instant ${n} is damaged, or of another version of ELscope`);
}

/** A keyframe that was kept while the run went on, as it stands in a journal. */
export interface KeyframeEntry {
  readonly kind: 'keyframe';
  readonly n: number;
  readonly deflated: Uint8Array<ArrayBuffer>;
}

/** Milliseconds of running after which one is kept: while it goes on, and where it stands. */
const [RUNNING_MS, STANDING_MS] = [5000, 500];
/** They come further apart the longer the run is: after this share of it again... */
const SHARE = 1 / 16;
/** ... and further still where they are large: after as long again for so many bytes. */
const BYTES_FOR_AS_LONG = 2 ** 23;
/** What all of them may take in a journal. */
const MOST_BYTES = 2 ** 27;

/** Keeps keyframes of a run in its journal, now and then, at the latest instant. */
export class KeyframeJournal {
  /** Of the last one: `Timeline.ran`, and its bytes. */
  private ran = 0;
  private bytes = 0;
  private sum = 0;
  /** The one that is being deflated, while the run goes on. */
  private busy: Promise<void> | undefined;

  constructor(
    private readonly timeline: Timeline,
    private readonly keep: (entry: KeyframeEntry) => void,
  ) {}

  /** Looks whether one is due; `isStanding`: the run does not go on by itself. */
  follow(isStanding: boolean): void {
    const { timeline } = this;
    const share = Math.max(SHARE, this.bytes / BYTES_FOR_AS_LONG);
    const due = this.ran + Math.max(isStanding ? STANDING_MS : RUNNING_MS, share * this.ran);
    const mayAdd = !this.busy && timeline.at === timeline.end && this.sum + this.bytes <= MOST_BYTES;
    if (mayAdd && timeline.ran >= due) void this.add();
  }

  /** One of this instant, whatever came before. */
  async add(): Promise<void> {
    if (this.busy) await this.busy;
    this.busy = this.keepThis().finally(() => (this.busy = undefined));
    await this.busy;
  }
  private async keepThis(): Promise<void> {
    const { timeline } = this;
    const { at: n, inputs } = timeline;
    this.ran = timeline.ran;
    const bytes = keyframeBytes(timeline);
    const deflated = bytes && (await deflate(bytes));
    // After a change in the past it is of another run.
    if (!deflated || timeline.inputs !== inputs) return;
    this.bytes = deflated.length;
    this.sum += deflated.length;
    this.keep({ kind: 'keyframe', n, deflated });
  }
}
