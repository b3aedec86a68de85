/** Keeps a terminal equal to the console's output at the instant shown, forwards by appending and backwards by rewriting. */
import type { ConsoleView } from '../../emulator/session/views.ts';

interface Screen {
  write(bytes: Uint8Array): void;
  reset(): void;
}

/** Bytes kept, of which a terminal shows the last lines; twice as many are held at most. */
const KEPT = 2 << 20;

export class OutputBuffer {
  epoch = 0;
  private bytes = new Uint8Array(4096);
  /** Offset of the first byte that is kept. */
  first = 0;
  /** Bytes sent, and those of them that the screen had. */
  length = 0;
  private written = 0;

  constructor(private readonly screen: Screen) {}

  show(view: ConsoleView): void {
    const restarted = view.epoch !== this.epoch;
    this.epoch = view.epoch;
    // What came before is known, or is no longer sent.
    const isApart = restarted || view.from > this.length || view.from < this.first;
    if (isApart) this.first = view.from;
    this.reserve(view.length);
    this.bytes.set(view.bytes, view.from - this.first);
    this.length = view.length;
    if (isApart || this.length < this.written) {
      this.screen.reset();
      this.written = this.first;
    }
    if (this.length > this.written) this.screen.write(this.bytes.slice(this.written - this.first, this.length - this.first));
    this.written = this.length;
  }

  /** What the screen shows, from byte `first` on. */
  get shown(): Uint8Array {
    return this.bytes.subarray(0, this.written - this.first);
  }

  /** Makes room up to this offset. What a terminal has scrolled away is dropped. */
  private reserve(length: number): void {
    if (length - this.first > 2 * KEPT && this.written - KEPT > this.first) {
      this.bytes.copyWithin(0, this.written - KEPT - this.first, this.written - this.first);
      this.first = this.written - KEPT;
    }
    if (length - this.first <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(length - this.first, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
