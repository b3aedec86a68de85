/**
 * Pushes views to a user interface: only those that changed, at most once per display frame, all in one message, and never more than
 * two frames ahead of what the other end has acknowledged (the cost is per message, and a slow reader must not be flooded).
 */
import type { Reply } from './contract.ts';

/** Milliseconds between frames: one display frame. */
const FRAME_MS = 16;
const MAX_UNACKNOWLEDGED = 2;

interface Subscription {
  readonly id: number;
  /** Computes the view; undefined when nothing changed since the last call. */
  readonly compute: () => unknown;
  /** Compared to find out whether it changed. */
  last: string | undefined;
}

export class Publisher {
  private readonly subscriptions = new Map<number, Subscription>();
  private frame = 0;
  private acknowledged = 0;
  private lastSent = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private dirty = false;

  constructor(
    private readonly send: (message: Reply) => void,
    /** False while the machine does not stand at the instant to show: frames wait for the next `touch`. */
    private readonly mayLook: () => boolean,
  ) {}

  add(id: number, compute: () => unknown): void {
    this.subscriptions.set(id, { id, compute, last: undefined });
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

  acknowledge(frame: number): void {
    this.acknowledged = Math.max(this.acknowledged, Math.min(frame, this.frame));
    if (this.dirty) this.schedule();
  }

  /** Sends a frame if one is due. The session calls this between slices of a running machine, where timers come late. */
  poll(): void {
    if (this.dirty && this.isDue()) this.publish();
  }

  close(): void {
    this.subscriptions.clear();
    clearTimeout(this.timer);
  }

  private isDue(): boolean {
    return this.frame - this.acknowledged < MAX_UNACKNOWLEDGED && performance.now() - this.lastSent >= FRAME_MS;
  }
  private schedule(): void {
    if (this.timer !== undefined || this.frame - this.acknowledged >= MAX_UNACKNOWLEDGED) return;
    const wait = Math.max(0, this.lastSent + FRAME_MS - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.dirty) this.publish();
    }, wait);
  }

  private publish(): void {
    if (!this.mayLook()) return;
    this.dirty = false;
    this.lastSent = performance.now();
    const updates: { id: number; data: unknown }[] = [];
    for (const subscription of [...this.subscriptions.values()]) {
      const { id } = subscription;
      try {
        const data = subscription.compute();
        const text = fingerprint(data);
        if (text === subscription.last) continue;
        subscription.last = text;
        updates.push({ id, data });
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (subscription.last === `error ${message}`) continue;
        subscription.last = `error ${message}`;
        this.send({ type: 'error', id, message });
      }
    }
    if (updates.length) this.send({ type: 'frame', frame: ++this.frame, updates });
  }
}

/** Text that differs when the data differs. Bytes come with an offset and an epoch beside them, so their length says enough. */
function fingerprint(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) => (value instanceof Uint8Array ? value.length : value)) ?? '';
}
