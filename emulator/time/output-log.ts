/** What the guest sent to the UART, each byte with the step that sent it. */
import { Column } from './columns.ts';

export class OutputLog {
  private bytes = new Column(Uint8Array);
  private steps = new Column(Float64Array);

  push(n: number, byte: number): void {
    this.bytes.push(byte);
    this.steps.push(n);
  }

  get length(): number {
    return this.bytes.length;
  }

  /** How many bytes had been sent at instant `at`, that is by the steps before it. */
  lengthAt(at: number): number {
    return this.steps.lowerBound(at);
  }

  /** A log of its own of what the steps before instant `at` sent. */
  before(at: number): OutputLog {
    const log = new OutputLog();
    const length = this.lengthAt(at);
    log.bytes = this.bytes.firstOnes(length);
    log.steps = this.steps.firstOnes(length);
    return log;
  }

  /** The step that sent byte `offset`. */
  stepOf(offset: number): number | undefined {
    return offset < this.steps.length ? this.steps.get(offset) : undefined;
  }

  slice(from: number, to: number): Uint8Array {
    return this.bytes.slice(from, to);
  }
}
