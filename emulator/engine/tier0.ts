/** Tier 0: makes the handlers that decoded instructions need, and the loop that runs them. */
import { cpuLayout } from '../cpu/layout.ts';
import { fields as fieldTable, type Decoded } from '../isa/index.ts';
import { helperModule, helperNames, helperSignatures, type HelperImports, type HelperName } from './helpers.ts';
import { HANDLERS, PAGE_STRIDE, RECORD, RECORDS_PER_PAGE, type EngineLayout } from './layout.ts';
import { emitInstruction, type Known } from './operands.ts';
import {
  Exit,
  handlerRegisters,
  handlerSignature,
  slotAddress,
  Tier0Target,
  type Dispatch,
  type RecordField,
  type Registers,
} from './tier0-target.ts';
import { Code, ModuleWriter } from './wasm.ts';

/** Numbers of the handlers that the loop itself is. A zeroed record is one to decode. */
export const Handler = { decode: 0, pageEnd: 1, undefined: 2, machine: 3, stop: 4, first: 5 } as const;

/** One definition with its shape fields, and what else is known, fixed. */
export interface Variant {
  readonly index: number;
  readonly example: Decoded;
  /** Whether its branch stays in the page. */
  readonly near: boolean;
  readonly recordFields: readonly RecordField[];
}

/**
 * Operands that get variants of their own although they could come from the record. Register 31 must: as XZR it needs no slot, and `cmp`,
 * `mov`, `mul` become as short as they look. Shifts by zero are worth it because compilers emit little else.
 */
const isKnown: Known = (name, value) => (value === 31 && name.startsWith('R')) || (value === 0 && (name === 'imm6' || name === 'imm3'));

export interface Tier0Statistics {
  readonly handlers: number;
  readonly inLoop: number;
  readonly loops: number;
}

/** Beyond some 300 cases V8's code for the loop gets slower, and late. */
const LOOP_VARIANTS = 300;
/** Steps between looks at what is called from outside the loop: at first, and at most. */
const FIRST_LOOK = 1 << 20;
const LAST_LOOK = 1 << 26;

export class Tier0 {
  /** Runs at most `count` steps from cpu.pc on; says why it came back. */
  enter!: (count: number) => Exit;
  private readonly memory: WebAssembly.Memory;
  private readonly layout: EngineLayout;
  private readonly view: DataView;
  private readonly calls: Uint32Array;
  private readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: HANDLERS });
  private readonly helpers: WebAssembly.Exports;
  private readonly variants = new Map<string, Variant>();
  private waiting: Variant[] = [];
  private inLoop = new Set<Variant>();
  private steps = 0;
  private look = FIRST_LOOK;
  private loops = 0;

  constructor(memory: WebAssembly.Memory, layout: EngineLayout, imports: HelperImports) {
    this.memory = memory;
    this.layout = layout;
    this.view = new DataView(memory.buffer);
    this.calls = new Uint32Array(memory.buffer, layout.calls, HANDLERS);
    const module = new WebAssembly.Module(helperModule(memory.buffer.byteLength >>> 16, layout));
    this.helpers = new WebAssembly.Instance(module, { env: { memory, ...imports } }).exports;
    this.makeLoop([]);
  }

  get statistics(): Tier0Statistics {
    return { handlers: this.variants.size, inLoop: this.inLoop.size, loops: this.loops };
  }

  /** Writes the record of an instruction that generated code executes; a handler it needs is made by the next `compile`. */
  writeRecord(record: number, decoded: Decoded): void {
    const { view } = this,
      { fields, derived } = decoded,
      variant = this.variantOf(decoded, (record % PAGE_STRIDE) / RECORD);
    for (const { operand, storage, offset, bytes } of variant.recordFields) {
      const value = operand in derived ? (derived[operand] as number | bigint) : fields[operand as keyof typeof fields];
      if (storage === 'slot') view.setUint16(record + offset, slotAddress(this.layout, Number(value)), true);
      else if (storage === 'distance') view.setInt32(record + offset, Number(value) * RECORD, true);
      else if (bytes === 8) view.setBigInt64(record + offset, BigInt(value), true);
      else if (bytes === 4) view.setInt32(record + offset, Number(value), true);
      else view.setInt16(record + offset, Number(value), true);
    }
    view.setUint16(record, variant.index, true);
  }

  /** Makes the handlers that `writeRecord` asked for, in one module. */
  compile(): void {
    if (this.waiting.length === 0) return;
    const { module, helpers } = this.newModule();
    for (const variant of this.waiting) {
      const code = new Code(handlerSignature);
      this.emit(variant, code, helpers, { kind: 'called' }, handlerRegisters);
      module.add(code, `h${variant.index}`);
    }
    const exports = this.instantiate(module);
    for (const { index } of this.waiting) this.table.set(index, exports[`h${index}`]);
    this.waiting = [];
  }

  /**
   * Called now and then with the steps that ran: remakes the loop when handlers outside of it are called often. What a program needs is
   * not known before, and it changes; results never depend on it.
   */
  adapt(steps: number): void {
    this.steps += steps;
    if (this.steps < this.look) return;
    const called = [...this.variants.values()].filter(({ index }) => this.calls[index] > this.steps / 20_000);
    const total = this.calls.reduce((sum, n) => sum + n, 0);
    if (total > this.steps / 50) {
      called.sort((a, b) => this.calls[b.index] - this.calls[a.index]);
      const wanted = [...this.inLoop, ...called];
      // Too many: run all of them from outside for a while, to see which are used most now.
      this.makeLoop(wanted.length <= LOOP_VARIANTS ? wanted : this.inLoop.size === 0 ? called.slice(0, LOOP_VARIANTS) : []);
      this.look = Math.min(this.look * 2, LAST_LOOK);
    }
    this.calls.fill(0);
    this.steps = 0;
  }

  private variantOf(decoded: Decoded, slot: number): Variant {
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
    for (const [name, value] of Object.entries(derived))
      if (typeof value === 'boolean' || typeof value === 'string') key += ` ${name}=${value}`;
    let variant = this.variants.get(key);
    if (!variant) {
      const shape = { index: Handler.first + this.variants.size, example: decoded, near };
      variant = { ...shape, recordFields: this.emit(shape, new Code(handlerSignature), noHelpers, { kind: 'called' }, handlerRegisters) };
      if (variant.index >= HANDLERS) throw new Error('no room for another handler');
      this.variants.set(key, variant);
      this.waiting.push(variant);
    }
    return variant;
  }

  private emit(
    { example, near }: Pick<Variant, 'example' | 'near'>,
    code: Code,
    helpers: Readonly<Record<HelperName, number>>,
    dispatch: Dispatch,
    locals: Registers,
  ): RecordField[] {
    const target = new Tier0Target(code, this.layout, helpers, dispatch, locals, near);
    emitInstruction(target, example, isKnown);
    return target.recordFields;
  }

  private newModule(): { module: ModuleWriter; helpers: Record<HelperName, number> } {
    const module = new ModuleWriter();
    module.importMemory(this.memory.buffer.byteLength >>> 16);
    const helpers = Object.fromEntries(helperNames.map((name) => [name, module.importFunction(name, helperSignatures[name])]));
    return { module, helpers: helpers as Record<HelperName, number> };
  }
  private instantiate(module: ModuleWriter): WebAssembly.Exports {
    const env = { ...this.helpers, memory: this.memory, table: this.table };
    return new WebAssembly.Instance(new WebAssembly.Module(module.finish()), { env }).exports;
  }

  /** One function with a br_table over the hot variants; all others are called. Only this module imports the table. */
  private makeLoop(hot: readonly Variant[]): void {
    const { layout } = this,
      { module, helpers } = this.newModule(),
      handlerType = module.type(handlerSignature);
    module.importTable();
    const code = new Code({ parameters: ['i32'], results: ['i32'] });
    const locals: Registers = {
      count: 0,
      record: code.local('i32'),
      tlb: code.local('i32'),
      kind: code.local('i32'),
      a: code.local('i64'),
      b: code.local('i64'),
    };
    const next = code.local('i32');

    // The way in
    code
      .i32(0)
      .access('i64.load', layout.cpu + cpuLayout.pc)
      .call(helpers.lookup)
      .tee(locals.record)
      .op('i32.eqz')
      .if();
    code.i32(0).get(locals.count).access('i32.store', layout.count).i32(Exit.fetch).op('return').end();
    code.i32(0).access('i32.load', layout.dataTlb).set(locals.tlb);
    new Tier0Target(code, layout, helpers, { kind: 'called' }, locals, true).loadFlags();
    const top = code.loop(),
      dispatch: Dispatch = { kind: 'loop', top },
      target = new Tier0Target(code, layout, helpers, dispatch, locals, true);

    const otherwise = code.block(),
      labels = new Array<number>(Handler.first + this.variants.size).fill(otherwise);
    for (const { index } of [...hot].reverse()) labels[index] = code.block();
    for (const index of [Handler.decode, Handler.pageEnd, Handler.undefined, Handler.machine, Handler.stop]) labels[index] = code.block();
    code.get(locals.record).access('i32.load16_u', 0).branchTable(labels, otherwise);
    code.end();
    target.leave(Exit.stop);
    code.end();
    target.leave(Exit.machine);
    code.end();
    target.leave(Exit.undefined);
    code.end();
    target.pageEnd(top);
    code.end();
    target.leave(Exit.decode);
    for (const variant of hot) {
      code.end();
      this.emit(variant, code, helpers, dispatch, locals);
    }

    // Not in here: the handler is called and says where to go on.
    code.end();
    code.get(locals.record).access('i32.load16_u', 0).i32(2).op('i32.shl').tee(next);
    code.get(next).access('i32.load', layout.calls).i32(1).op('i32.add').access('i32.store', layout.calls);
    for (const name of ['record', 'count', 'tlb', 'kind', 'a', 'b'] as const) code.get(locals[name]);
    code.get(locals.record).access('i32.load16_u', 0).callIndirect(handlerType).tee(next).i32(0).op('i32.lt_s').if();
    code.get(next).i32(-1).op('i32.xor', 'return').end();
    target.loadFlags();
    code.get(next);
    target.goOn();
    code.end().op('unreachable');
    module.add(code, 'loop');
    this.enter = this.instantiate(module).loop as (count: number) => Exit;
    this.inLoop = new Set(hot);
    this.loops++;
  }
}

/** For emitting only to learn the layout of a record. */
const noHelpers = Object.fromEntries(helperNames.map((name) => [name, 0])) as Record<HelperName, number>;
