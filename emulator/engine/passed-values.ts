/**
 * Values of registers that the instructions of a sequence pass on to each other in locals, as the sequence's links say (see sequences.ts).
 * Every result is still written to memory by its own instruction: only reading it back is saved.
 */
import { low, local, Value, zeroExtend, type Int } from './values.ts';
import type { Code, WasmType } from './wasm.ts';

interface Held {
  readonly local: number;
  readonly type: WasmType;
  /** A 32-bit result is all of the register, a 32-bit read only half of it. */
  readonly isResult: boolean;
}

export class PassedValues {
  private readonly wanted: ReadonlySet<number>;
  private readonly held = new Map<number, Held>();
  private reads: string[] = [];
  private writes = 0;
  private readsExpected = 0;
  /** Place of the first access of the instruction under way, and number of its first read. */
  private place = 0;
  private firstRead = 0;

  constructor(private readonly links: readonly number[]) {
    this.wanted = new Set(links);
  }

  /** The next instruction begins: one with so many reads. */
  begin(reads: number): void {
    this.place += this.readsExpected + this.writes;
    this.firstRead += this.readsExpected;
    this.readsExpected = reads;
    this.reads = [];
    this.writes = 0;
  }

  /** The value of a register operand, which `fromMemory` loads. */
  read(operand: string, fromMemory: Int): Int {
    let index = this.reads.indexOf(operand);
    if (index < 0) index = this.reads.push(operand) - 1;
    const link = this.links[this.firstRead + index];
    if (link >= 0) return this.passed(link, fromMemory) ?? fromMemory;
    const place = this.place + index;
    return this.wanted.has(place) ? this.keeping(place, fromMemory.use(), false) : fromMemory;
  }
  /** A result, kept where a later instruction wants it. */
  written(value: Int): Int {
    const place = this.place + this.readsExpected + this.writes++;
    return this.wanted.has(place) ? this.keeping(place, value, true) : value;
  }

  private passed(place: number, { type }: Int): Int | undefined {
    const held = this.held.get(place);
    if (!held) return undefined;
    const value = local(held.type, held.local) as Int;
    if (held.type === type) return value;
    if (type === 'i32') return low(value);
    return held.isResult ? zeroExtend(value) : undefined;
  }
  private keeping(place: number, value: Int, isResult: boolean): Int {
    const { type } = value;
    const body = (code: Code): void => {
      value.put(code);
      const index = code.temporary(type);
      code.tee(index);
      this.held.set(place, { local: index, type, isResult });
    };
    return new Value(type, body) as Int;
  }
}
