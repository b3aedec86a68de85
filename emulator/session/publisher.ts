/**
 * Pushes views to a user interface: only those that changed, at most once per display frame, all in one message, and never more than
 * two frames or some megabytes ahead of what the other end has acknowledged: a slow reader is not flooded.
 */
import { crc32 } from '../base/crc32.ts';
import { jsonText } from './codec.ts';
import type { Reply, Update } from './contract.ts';

/** Milliseconds between frames: one display frame. */
const FRAME_MS = 16;
/** The same while the machine runs fast: nobody reads faster, and drawing must leave time for everything else that moves. */
const RUNNING_FRAME_MS = 125;
const MAX_UNACKNOWLEDGED = 2;
/** A frame is sent only while fewer bytes than this are on their way; it may itself be larger. */
export const MAX_UNACKNOWLEDGED_BYTES = 4 << 20;

/** What a view shows, or why it cannot. */
export type Shown = { readonly data: unknown } | { readonly error: string };
export const notShown = (error: unknown): Shown => ({ error: error instanceof Error ? error.message : String(error) });

/** Pinned views that are computed for one frame. Each can be a long way: with hundreds of them, the session answers in between. */
const MOST_PINNED = 8;

interface Source {
  /** Computes the view, or throws why it cannot be shown. */
  readonly compute: () => unknown;
  /** Only of views at an instant of their own: what was computed last still holds. */
  readonly isSettled?: () => boolean;
}
interface Subscription extends Source {
  /** What was sent last, to find out whether it changed. */
  last: string | undefined;
}

export class Publisher {
  private readonly subscriptions = new Map<number, Subscription>();
  private frame = 0;
  private acknowledged = 0;
  /** Sizes of the frames that are not acknowledged, the oldest first. */
  private readonly sizes: number[] = [];
  private lastSent = -Infinity;
  /** When all views were looked at last, not only new ones. */
  private lastWhole = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer comes. */
  private due = 0;
  private dirty = false;
  /** There are views that have never been sent: somebody is waiting for each. */
  private awaited = false;

  constructor(
    private readonly send: (message: Reply) => void,
    /** False while the machine is not at the instant to show: frames wait for the next `touch`. */
    private readonly mayLook: () => boolean = () => true,
    private readonly runsFast: () => boolean = () => false,
    /** Computes what belongs to one frame. */
    private readonly together: (views: readonly (() => unknown)[]) => readonly Shown[] = (views) => views.map(shown),
  ) {}

  get count(): number {
    return this.subscriptions.size;
  }

  add(id: number, source: Source): void {
    this.subscriptions.set(id, { ...source, last: undefined });
    this.awaited = true;
    this.touch();
  }
  remove(id: number): void {
    this.subscriptions.delete(id);
  }

  /** The machine changed: views are computed again with the next frame. */
  touch(): void {
    this.dirty = true;
    this.schedule();
  }

  /** The other end has shown this frame and all before it. */
  acknowledge(frame: number): void {
    const shown = Math.min(frame, this.frame) - this.acknowledged;
    if (shown <= 0) return;
    this.sizes.splice(0, shown);
    this.acknowledged += shown;
    if (this.dirty) this.schedule();
  }

  /** Sends a frame if one is due. The session calls this between slices of a running machine, where timers come late. */
  poll(): void {
    if (this.dirty && this.mayGo() && performance.now() >= this.nextFrame()) this.publish();
  }

  close(): void {
    this.subscriptions.clear();
    clearTimeout(this.timer);
  }

  private mayGo(): boolean {
    return this.sizes.length < MAX_UNACKNOWLEDGED && this.sizes.reduce((sum, size) => sum + size, 0) < MAX_UNACKNOWLEDGED_BYTES;
  }
  private nextFrame(): number {
    return this.runsFast() && !this.awaited ? this.lastWhole + RUNNING_FRAME_MS : this.lastSent + FRAME_MS;
  }
  private schedule(): void {
    if (!this.mayGo()) return;
    const due = this.nextFrame();
    // What stops the run is shown at once.
    if (this.timer !== undefined && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        if (this.dirty && this.mayGo()) this.publish();
      },
      Math.max(0, due - performance.now()),
    );
  }

  /** The views to compute for this frame, and whether those are all that may have changed. */
  private dueNow(isWhole: boolean): { due: [number, Subscription][]; isAll: boolean } {
    const views = [...this.subscriptions];
    const live = views.filter(([, { isSettled, last }]) => !isSettled && (isWhole || last === undefined));
    const pinned = views.filter(([, { isSettled }]) => isSettled?.() === false);
    const due = pinned.slice(0, MOST_PINNED);
    for (const [id, subscription] of due) {
      // The others first next time, also where an instant is never reached.
      this.subscriptions.delete(id);
      this.subscriptions.set(id, subscription);
    }
    return { due: [...live, ...due], isAll: due.length === pinned.length };
  }

  private publish(): void {
    if (!this.mayLook()) return;
    this.lastSent = performance.now();
    // What is asked for anew while the machine runs fast comes alone: what follows the run in it would otherwise be asked for anew at once.
    const isWhole = !this.runsFast() || this.lastSent >= this.lastWhole + RUNNING_FRAME_MS;
    if (isWhole) this.lastWhole = this.lastSent;
    this.dirty = !isWhole;
    this.awaited = false;
    const updates: Update[] = [];
    let size = 0;
    const { due, isAll } = this.dueNow(isWhole);
    if (!isAll) this.dirty = this.awaited = true;
    const results = this.together(due.map(([, { compute }]) => compute));
    for (const [i, [id, subscription]] of due.entries()) {
      const update: Update = { id, ...results[i] };
      const { text, bytes } = fingerprint(update);
      if (text === subscription.last) continue;
      subscription.last = text;
      size += text.length + bytes;
      updates.push(update);
    }
    if (updates.length > 0) {
      this.sizes.push(size);
      this.send({ type: 'frame', frame: ++this.frame, updates });
    }
    if (this.dirty) this.schedule();
  }
}

export function shown(view: () => unknown): Shown {
  try {
    return { data: view() };
  } catch (error) {
    return notShown(error);
  }
}

/** Text that differs when the data differs, and how many bytes it represents beside itself. */
function fingerprint(data: unknown): { text: string; bytes: number } {
  let bytes = 0;
  const text = jsonText(data, (value) => {
    bytes += value.length;
    return [value.length, crc32(value)];
  });
  return { text, bytes };
}
