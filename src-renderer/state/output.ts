/**
 * Keeps a terminal equal to the console's output at the instant shown, forwards by appending and backwards by rewriting. A terminal gets a
 * piece at a time; where a running machine sends more than it can show, what lies between is left out until the machine rests.
 */
import type { ConsoleView, SenderRun } from '../../emulator/session/views.ts';

export interface Screen {
  /** `offset`: of the first byte. Calls `done` when it has been drawn. */
  write(bytes: Uint8Array, offset: number, senders: readonly SenderRun[], done: () => void): void;
  /** Empty again; what comes next begins at this byte. */
  reset(offset: number): void;
}

/** Bytes kept, which are more than a terminal scrolls back over; twice as many are held at most. */
const KEPT = 512 << 10;
/** Bytes in one piece. */
const PIECE = 64 << 10;
/** More than this need not be shown while it rushes by: the last bytes are enough. */
const MOST_WAITING = 96 << 10;
const FLEETING = 16 << 10;

export class OutputBuffer {
  epoch = 0;
  private bytes = new Uint8Array(4096);
  private senders: SenderRun[] = [];
  /** Offset of the first byte that is kept. */
  first = 0;
  /** Bytes sent, and those of them that the screen was given, from which one on. */
  length = 0;
  private begun = 0;
  private written = 0;
  /** The screen draws; afterwards it must begin again. */
  private isBusy = false;
  private isStale = false;
  /** Something was left out. */
  isThinned = false;

  constructor(
    private readonly screen: Screen,
    /** The machine runs: there will be more. */
    private readonly isHurried: () => boolean = () => false,
  ) {}

  show(view: ConsoleView): void {
    const restarted = view.epoch !== this.epoch;
    this.epoch = view.epoch;
    // What came before is known, or is no longer sent.
    const isApart = view.from > this.length || view.from < this.first;
    const isOther = isApart || (restarted && !this.holds(view));
    if (isApart) {
      this.isThinned ||= view.from > this.length && this.isHurried();
      this.first = view.from;
      this.senders = [];
    }
    this.reserve(view.length);
    this.bytes.set(view.bytes, view.from - this.first);
    this.senders = [...runsBetween(this.senders, 0, view.from - this.first), ...view.senders];
    this.length = view.length;
    if (isOther || this.length < this.written) this.rewrite();
    else this.flush();
  }

  /** The whole of what is kept anew: the terminal has another shape, or other colours. */
  rewrite(): void {
    this.isStale = true;
    this.flush();
  }

  /** What the screen shows, and the offset of its first byte. */
  get shown(): { readonly bytes: Uint8Array; readonly offset: number } {
    return { bytes: this.bytes.subarray(this.begun - this.first, this.written - this.first), offset: this.begun };
  }
  /** The bytes from one offset to before another, of those that are kept. */
  between(from: number, to: number): Uint8Array {
    return this.bytes.subarray(Math.max(0, from - this.first), Math.min(to, this.length) - this.first);
  }
  /** All that there is has been drawn. */
  get isDrawn(): boolean {
    return !this.isBusy && !this.isStale && this.written === this.length;
  }

  private flush(): void {
    while (!this.isBusy) {
      const waiting = this.length - this.written;
      const skips = this.isHurried() && waiting > MOST_WAITING;
      if (skips) this.isThinned = true;
      if (this.isStale || skips) this.begin(skips ? FLEETING : KEPT);
      const end = Math.min(this.length, this.written + PIECE);
      if (end === this.written) return;
      const [from, to] = [this.written - this.first, end - this.first];
      this.isBusy = true;
      this.written = end;
      this.screen.write(this.bytes.slice(from, to), this.first + from, runsBetween(this.senders, from, to), () => {
        this.isBusy = false;
        this.flush();
      });
    }
  }
  /** Begins again with the last bytes, at the start of a line if that is near. */
  private begin(most: number): void {
    this.isStale = false;
    const from = Math.max(this.first, this.length - most);
    const line = from === this.first ? -1 : this.bytes.subarray(from - this.first, from - this.first + 1024).indexOf(10);
    this.begun = this.written = from + line + 1;
    this.screen.reset(this.begun);
  }

  /** The bytes that were sent again are those that are here. */
  private holds({ from, bytes, length }: ConsoleView): boolean {
    const end = Math.min(this.length, length);
    for (let offset = from; offset < end; offset++) if (this.bytes[offset - this.first] !== bytes[offset - from]) return false;
    return true;
  }

  /** Makes room up to this offset. What a terminal has scrolled away is dropped. */
  private reserve(length: number): void {
    if (length - this.first > 2 * KEPT && this.written - KEPT > this.first) {
      const gone = this.written - KEPT - this.first;
      this.bytes.copyWithin(0, gone, this.length - this.first);
      this.senders = runsBetween(this.senders, gone, this.length - this.first);
      this.first += gone;
      this.begun = Math.max(this.begun, this.first);
    }
    if (length - this.first <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(length - this.first, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Who sent the bytes between two places. */
function runsBetween(runs: readonly SenderRun[], from: number, to: number): SenderRun[] {
  const found: SenderRun[] = [];
  let at = 0;
  for (const run of runs) {
    const bytes = Math.min(to, at + run.bytes) - Math.max(from, at);
    if (bytes > 0) found.push({ ...run, bytes });
    at += run.bytes;
    if (at >= to) break;
  }
  return found;
}
