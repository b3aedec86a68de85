/** Keeps a terminal equal to the console's output at the instant shown, forwards by appending and backwards by rewriting. */
import type { ConsoleView } from '../../emulator/session/views.ts';

interface Screen {
  write(bytes: Uint8Array): void;
  reset(): void;
}

export class OutputBuffer {
  epoch = 0;
  private bytes = new Uint8Array(4096);
  /** Bytes known, and bytes the screen shows. */
  length = 0;
  private written = 0;

  constructor(private readonly screen: Screen) {}

  show(view: ConsoleView): void {
    const restarted = view.epoch !== this.epoch;
    this.epoch = view.epoch;
    // Bytes before `from` were sent earlier; after a restart they are not.
    if (restarted && view.from > 0) this.length = 0;
    this.reserve(view.length);
    this.bytes.set(view.bytes, view.from);
    this.length = view.length;
    if (restarted || this.length < this.written) {
      this.screen.reset();
      this.written = 0;
    }
    if (this.length > this.written) this.screen.write(this.bytes.slice(this.written, this.length));
    this.written = this.length;
  }

  /** Everything that the screen shows. */
  get shown(): Uint8Array {
    return this.bytes.subarray(0, this.written);
  }

  private reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(length, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
