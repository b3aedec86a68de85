/** The handlers that exist: one for each kind of instruction met, and those of the loop that do a sequence. */
import { fields as fieldTable, isShape, type Decoded } from '../isa/index.ts';
import type { IntFunction } from '../isa/builder.ts';
import { HANDLERS, PAGE_STRIDE, RECORD, RECORDS_PER_PAGE, type EngineLayout } from './layout.ts';
import { emitInstruction, type Known } from './operands.ts';
import { keyOf, linksOf, type Instruction, type Sequence } from './sequences.ts';
import { CalledTarget, type FunctionIndex } from './tier0-called.ts';
import { Handler, type LoopHandler } from './tier0-loop.ts';
import { slotAddress, vectorAddress, type RecordField, type RegisterField } from './tier0-target.ts';

/** One definition with its shape fields, and what else is known, fixed. */
export interface Variant {
  readonly index: number;
  readonly example: Decoded;
  /** Whether its branch stays in the page. */
  readonly near: boolean;
  readonly recordFields: readonly RecordField[];
  readonly reads: readonly RegisterField[];
  readonly writes: readonly RegisterField[];
  /** Whether the loop may hold it: nothing is called there. */
  readonly isSimple: boolean;
  /** What its own handler calls. */
  readonly calls: ReadonlySet<IntFunction>;
}

/**
 * Operands that get their own variants although they could come from the record. Register 31 must: as XZR it needs no slot, and `cmp`,
 * `mov`, `mul` become as short as they look. Shifts by zero are worth it because compilers emit little else.
 */
const isKnown: Known = (name, value) => (value === 31 && name.startsWith('R')) || (value === 0 && (name === 'imm6' || name === 'imm3'));

export class Handlers {
  /** By their numbers. */
  private readonly all: (Variant | Sequence | undefined)[] = new Array<undefined>(Handler.first).fill(undefined);
  private readonly variants = new Map<string, Variant>();
  private readonly sequences = new Map<string, number>();
  /** For each handler itself, or of a sequence the handler of its first instruction: in the memory, generated code looks there too. */
  private readonly own: Uint16Array;
  private readonly view: DataView;

  /** `onNew`: an instruction has got a handler that must be made before it runs. */
  constructor(
    buffer: ArrayBuffer,
    private readonly layout: EngineLayout,
    private readonly onNew: (variant: Variant) => void,
  ) {
    this.own = new Uint16Array(buffer, layout.own, HANDLERS);
    this.view = new DataView(buffer);
    for (let special = 0; special < Handler.first; special++) this.own[special] = special;
  }

  /** Handlers of single instructions so far. */
  get count(): number {
    return this.variants.size;
  }

  /** The handler for an instruction in this slot of its page. */
  variantOf(decoded: Decoded, slot: number): Variant {
    const { definition, fields, derived } = decoded;
    let key = `${definition.id}`,
      near = false;
    for (const { name } of definition.pattern.slots) {
      const binding = fieldTable[name][1],
        value = fields[name];
      if (binding === 'shape' || isKnown(name, value)) key += ` ${name}=${value}`;
      if (binding === 'offset') {
        near = slot + value >= 0 && slot + value < RECORDS_PER_PAGE;
        key += near ? ' near' : ' far';
      }
    }
    for (const [name, value] of Object.entries(derived)) if (isShape(value)) key += ` ${name}=${String(value)}`;
    let variant = this.variants.get(key);
    if (!variant) {
      const index = this.all.length,
        { recordFields, reads, writes, isSimple, calls } = this.emitCalled({ example: decoded, near }, () => 0);
      if (index >= HANDLERS) throw new Error('no room for another handler');
      variant = { index, example: decoded, near, recordFields, reads, writes, isSimple, calls };
      this.all.push(variant);
      this.own[index] = index;
      this.variants.set(key, variant);
      this.onNew(variant);
    }
    return variant;
  }
  /** The number of the handler for a sequence; undefined where the loop cannot hold it, or where too many were made. */
  sequenceNumber(sequence: Sequence): number | undefined {
    if (!sequence.every(({ own }) => this.isSimple(own))) return undefined;
    const key = keyOf(sequence);
    let number = this.sequences.get(key);
    if (number === undefined && this.all.length < HANDLERS / 2) {
      number = this.all.push(sequence) - 1;
      this.own[number] = sequence[0].own;
      this.sequences.set(key, number);
    }
    return number;
  }

  /** The handler of the instruction in a record alone. */
  ownAt(record: number): number {
    return this.own[this.view.getUint16(record, true)];
  }
  /** What is in a record, where it is an instruction that generated code executes. */
  instructionAt(record: number): Instruction | undefined {
    const own = this.ownAt(record);
    if (own < Handler.first) return undefined;
    const { reads, writes } = this.variant(own),
      numberOf = ({ offset, number }: RegisterField): number =>
        number ?? (this.view.getUint16(record + offset!, true) - slotAddress(this.layout, 0)) / 8;
    return { own, reads: reads.map(numberOf), writes: writes.map(numberOf) };
  }

  /** Whether the loop may hold the handler of an instruction. */
  isSimple(own: number): boolean {
    return own >= Handler.first && this.variant(own).isSimple;
  }
  /** Whether what follows the instruction in memory does not follow it. */
  isJump(own: number): boolean {
    const { flow } = this.variant(own).example.definition;
    return flow === 'jump' || flow === 'return' || flow === 'call';
  }
  /** The sequence that a handler does; undefined where it does one instruction. */
  sequence(number: number): Sequence | undefined {
    const handler = this.all[number];
    return Array.isArray(handler) ? (handler as Sequence) : undefined;
  }
  /** How many instructions a handler does. */
  length(number: number): number {
    return this.sequence(number)?.length ?? 1;
  }
  forLoop(index: number): LoopHandler {
    const sequence = this.sequence(index),
      variants = sequence ? sequence.map(({ own }) => this.variant(own)) : [this.variant(index)];
    return {
      index,
      links: sequence ? linksOf(sequence) : [],
      parts: variants.map(({ example, near, reads }) => ({
        near,
        reads: reads.length,
        emit: (target) => emitInstruction(target, example, isKnown),
      })),
    };
  }
  emitCalled({ example, near }: Pick<Variant, 'example' | 'near'>, indexOf: FunctionIndex): CalledTarget {
    const target = new CalledTarget(this.layout, indexOf, near);
    emitInstruction(target, example, isKnown);
    return target;
  }

  /** Writes the operands and the handler of an instruction. */
  writeRecord(record: number, decoded: Decoded): void {
    const { view } = this,
      { fields, derived } = decoded,
      variant = this.variantOf(decoded, (record % PAGE_STRIDE) / RECORD);
    for (const { operand, storage, offset, bytes } of variant.recordFields) {
      const value = operand in derived ? (derived[operand] as number | bigint) : fields[operand as keyof typeof fields];
      if (storage === 'slot') view.setUint16(record + offset, slotAddress(this.layout, Number(value)), true);
      else if (storage === 'vector') view.setUint16(record + offset, vectorAddress(this.layout, Number(value)), true);
      else if (storage === 'distance') view.setInt32(record + offset, Number(value) * RECORD, true);
      else if (bytes === 8) view.setBigInt64(record + offset, BigInt(value), true);
      else if (bytes === 4) view.setInt32(record + offset, Number(value), true);
      else view.setInt16(record + offset, Number(value), true);
    }
    view.setUint16(record, variant.index, true);
  }

  private variant(own: number): Variant {
    return this.all[own] as Variant;
  }
}
