/**
 * What the guest sent to the UART, each byte with the step that sent it. Of most bytes only the distance from the one before is kept, in as
 * few bytes as it takes, which is one or two; each block begins with a whole step.
 */
import { lowerBound } from './columns.ts';

const BLOCK = 4096;
/** A distance below 2^53 takes no more. */
const LONGEST_DISTANCE = 8;

class Block {
  readonly bytes = new Uint8Array(BLOCK);
  length = 0;
  /** Distances in groups of seven bits, the lowest first; bit 7 says that more follow. */
  private distances = new Uint8Array(BLOCK);
  private used = 0;
  private last: number;

  constructor(
    /** The step of the first byte. */
    readonly first: number,
  ) {
    this.last = first;
  }

  push(n: number, byte: number): void {
    this.bytes[this.length++] = byte;
    if (this.used + LONGEST_DISTANCE > this.distances.length) this.resize(2 * this.distances.length);
    let distance = n - this.last;
    this.last = n;
    for (; distance >= 0x80; distance = Math.floor(distance / 0x80)) this.distances[this.used++] = (distance & 0x7f) | 0x80;
    this.distances[this.used++] = distance;
  }
  /** Nothing more comes. */
  close(): void {
    this.resize(this.used);
  }
  private resize(length: number): void {
    const distances = new Uint8Array(length);
    distances.set(this.distances.subarray(0, this.used));
    this.distances = distances;
  }

  get held(): number {
    return BLOCK + this.distances.length;
  }

  /** The step of each byte. */
  steps(): Float64Array {
    const steps = new Float64Array(this.length);
    let step = this.first;
    for (let i = 0, at = 0; i < this.length; i++) {
      let unit = 1;
      let group: number;
      do {
        group = this.distances[at++];
        step += (group & 0x7f) * unit;
        unit *= 0x80;
      } while (group & 0x80);
      steps[i] = step;
    }
    return steps;
  }
}

export class OutputLog {
  private blocks: Block[] = [];
  /** Offset of the first byte that is still kept: a multiple of a block. */
  first = 0;
  /** Bytes sent, forgotten ones included. */
  length = 0;
  /** Bytes that the blocks take that are full. */
  private heldByFull = 0;

  /** Bytes that this takes. */
  get held(): number {
    return this.heldByFull + (this.blocks.at(-1)?.held ?? 0);
  }

  push(n: number, byte: number): void {
    let last = this.blocks.at(-1);
    if (!last || last.length === BLOCK) {
      if (last) {
        last.close();
        this.heldByFull += last.held;
      }
      this.blocks.push((last = new Block(n)));
    }
    last.push(n, byte);
    this.length++;
  }

  /** Forgets about so many of the bytes that this takes, the oldest first. What was sent last stays. */
  forget(bytes: number): void {
    let count = 0;
    for (let gone = 0; gone < bytes && count < this.blocks.length - 1; count++) gone += this.blocks[count].held;
    for (const block of this.blocks.splice(0, count)) this.heldByFull -= block.held;
    this.first += count * BLOCK;
  }

  /** How many bytes had been sent at instant `at`, that is by the steps before it; the first ones that are kept count as sent. */
  lengthAt(at: number): number {
    const index = lowerBound(this.blocks.length, at, (i) => this.blocks[i].first) - 1;
    if (index < 0) return this.first;
    const steps = this.blocks[index].steps();
    return this.first + index * BLOCK + lowerBound(steps.length, at, (i) => steps[i]);
  }

  /** A separate log of what the steps before instant `at` sent. */
  before(at: number): OutputLog {
    const log = new OutputLog();
    const length = this.lengthAt(at);
    const whole = Math.floor((length - this.first) / BLOCK);
    log.first = this.first;
    log.length = this.first + whole * BLOCK;
    log.blocks = this.blocks.slice(0, whole);
    const last = log.blocks.pop();
    log.heldByFull = log.blocks.reduce((sum, { held }) => sum + held, 0);
    if (last) log.blocks.push(last);
    const steps = this.stepsOf(log.length, length);
    for (const [i, byte] of this.slice(log.length, length).entries()) log.push(steps[i], byte);
    return log;
  }

  /** The step that sent byte `offset`; undefined where that is not kept, or was not sent yet. */
  stepOf(offset: number): number | undefined {
    const [step] = this.stepsOf(offset, offset + 1);
    return step;
  }

  /** The steps that sent the bytes from `from` to before `to`, of those that are kept. */
  stepsOf(from: number, to: number): Float64Array {
    const start = Math.max(from, this.first);
    const end = Math.min(to, this.length);
    const all = new Float64Array(Math.max(0, end - start));
    this.eachBlock(start, end, (block, low, high, at) => all.set(block.steps().subarray(low, high), at));
    return all;
  }

  /** The bytes from `from` to before `to`, of those that are kept. */
  slice(from: number, to: number): Uint8Array {
    const start = Math.max(from, this.first);
    const end = Math.min(to, this.length);
    const all = new Uint8Array(Math.max(0, end - start));
    this.eachBlock(start, end, (block, low, high, at) => all.set(block.bytes.subarray(low, high), at));
    return all;
  }

  /** The blocks that hold the bytes from `start` to before `end`, the part of each, and how far that is from `start`. */
  private eachBlock(start: number, end: number, visit: (block: Block, low: number, high: number, at: number) => void): void {
    for (let at = start; at < end;) {
      const index = Math.floor((at - this.first) / BLOCK);
      const offset = this.first + index * BLOCK;
      const high = Math.min(BLOCK, end - offset);
      visit(this.blocks[index], at - offset, high, at - start);
      at = offset + high;
    }
  }
}
