/**
 * Tier 0: interprets records. Every instruction has its own handler that can be called; those that run often are in one loop,
 * where a handler may do a whole sequence of instructions. Each record of a sequence still holds all of its own instruction, so that any
 * of them can be run alone, jumped to, or replaced.
 */
import { functionModule } from './functions.ts';
import { Handlers, type Variant } from './handlers.ts';
import { helperModule, type HelperImports } from './helpers.ts';
import { HANDLERS, RECORD, type EngineLayout } from './layout.ts';
import { Race, TURN, type Loop } from './loop-race.ts';
import { chooseSequences, SequenceTree, type Counts } from './sequences.ts';
import { CalledTarget } from './tier0-called.ts';
import { Handler, loopModule, newModule } from './tier0-loop.ts';
import { Exit } from './tier0-target.ts';
import type { ModuleWriter } from './wasm.ts';

export interface Tier0Statistics {
  readonly handlers: number;
  readonly inLoop: number;
  /** Handlers of the loop that do several instructions. */
  readonly sequences: number;
  readonly loops: number;
}

/** When another loop is made. Never a matter of results. */
export interface Tuning {
  /** Steps between looks at what ran: at first, and at most. */
  readonly firstLook: number;
  readonly lastLook: number;
  /** What another loop costs, in handlers of the loop: it is made when the present one has wasted as much. */
  readonly newLoop: number;
  /** Least share of the steps counted that a sequence must have for a place in the loop. */
  readonly sequenceShare: number;
}
const defaultTuning: Tuning = { firstLook: 1 << 19, lastLook: 1 << 25, newLoop: 10_000_000, sequenceShare: 1 / 500 };

/** Longest stay in generated code that makes sense: what is better is only used from the next entry on. */
const SLICE = 1 << 20;
/** Steps of a long run that are counted. */
const SAMPLE = 1 << 10;
/** Beyond so many instructions in its handlers V8's code for the loop gets slower, and late. */
const LOOP_INSTRUCTIONS = 700;
const MOST_SEQUENCES = 120;
/** Least share of the steps counted that a handler must have for a place in the loop. */
const HANDLER_SHARE = 1 / 20_000;
/** What a step outside the loop costs, in handlers of the loop. */
const OUTSIDE = 5;

export class Tier0 {
  readonly handlers: Handlers;
  private readonly memory: WebAssembly.Memory;
  private readonly layout: EngineLayout;
  private readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: HANDLERS });
  /** What handlers may import. */
  private imported: WebAssembly.Exports;
  private hasFunctions = false;
  /** Steps left, as generated code leaves them. */
  private readonly count: Int32Array;
  private readonly view: DataView;
  private waiting: Variant[] = [];
  private loop: Loop;
  private race: Race | undefined;
  private joinDue = false;
  private loops = 0;
  private steps = 0;
  private look: number;
  /** What has been spent since the loop was made that a better one would have saved, in handlers of the loop. */
  private loss = 0;

  constructor(
    memory: WebAssembly.Memory,
    layout: EngineLayout,
    imports: HelperImports,
    private readonly tuning: Tuning = defaultTuning,
  ) {
    this.look = tuning.firstLook;
    this.memory = memory;
    this.layout = layout;
    this.count = new Int32Array(memory.buffer, layout.count, 1);
    this.view = new DataView(memory.buffer);
    this.handlers = new Handlers(memory.buffer, layout, (variant) => this.waiting.push(variant));
    const module = new WebAssembly.Module(helperModule(this.memoryPages, layout));
    this.imported = new WebAssembly.Instance(module, { env: { memory, ...imports } }).exports;
    this.addSpecialHandlers();
    this.loop = this.makeLoop([]);
  }

  get statistics(): Tier0Statistics {
    const { numbers } = this.loop,
      sequences = numbers.filter((number) => this.handlers.sequence(number)).length;
    return { handlers: this.handlers.count, inLoop: numbers.length, sequences, loops: this.loops };
  }

  /** Steps for one call of `enter`, at most. */
  get slice(): number {
    return this.race ? TURN : SLICE;
  }
  /** Runs at most `steps` steps from cpu.pc on; says why it came back. */
  enter(steps: number): Exit {
    const { race } = this;
    // The end of a long run is a sample of what runs.
    const rest = steps >= 64 * SAMPLE ? SAMPLE : 0;
    if (!race) return this.loop.enter(steps, rest);
    const started = performance.now(),
      exit = race.runner.enter(steps, rest);
    race.ran(steps - this.count[0], performance.now() - started);
    if (race.isWon) this.use(race.challenger);
    return exit;
  }
  /** The same, each instruction by its own handler. */
  enterAlone(steps: number): Exit {
    return this.loop.enter(steps, steps);
  }

  /** Gives a record the handler that does most, as the records behind it are now. */
  join(record: number): void {
    const { handlers } = this,
      { tree } = this.loop,
      own = handlers.ownAt(record),
      found = tree.begins(own) ? tree.longest((i) => handlers.instructionAt(record + i * RECORD)) : undefined;
    this.view.setUint16(record, found?.handler ?? own, true);
  }

  /** Makes the handlers that records ask for, in one module. */
  compile(): void {
    if (this.waiting.length === 0) return;
    const { module, indexOf } = newModule(this.memoryPages, new Set(this.waiting.flatMap(({ calls }) => [...calls]))),
      made = this.waiting.map(({ index }) => index);
    if (this.waiting.some(({ calls }) => calls.size > 0)) this.addFunctions();
    for (const variant of this.waiting) module.add(this.handlers.emitCalled(variant, indexOf).code, `h${variant.index}`);
    this.fillTable(module, made);
    this.waiting = [];
  }

  /**
   * Called now and then with the steps that ran: remakes the loop where that pays off. What a program needs is not known before, and it
   * changes; results never depend on it. `takeCounts` gives what ran outside the loop since the last time: everything at first, then what
   * the loop cannot do and a sample, the end of each budget. True: another loop is used now, so that all records must be joined anew.
   */
  adapt(steps: number, takeCounts: (share: number) => Counts): boolean {
    const { joinDue } = this;
    this.joinDue = false;
    this.steps += steps;
    if (this.steps < this.look || this.race) return joinDue;
    const counts = takeCounts(HANDLER_SHARE),
      better = this.choose(counts);
    this.loss += (this.cost(counts, this.loop.numbers) - this.cost(counts, better)) * this.steps;
    this.steps = 0;
    this.look = Math.min(this.look * 2, this.tuning.lastLook);
    if (this.loss < this.tuning.newLoop) return joinDue;
    this.loss = 0;
    const loop = this.makeLoop(better);
    if (this.loop.numbers.length > 0) this.race = new Race(this.loop, loop);
    else this.use(loop);
    return joinDue;
  }
  /** Handlers for a loop that does well what was counted, and what the present one does. */
  private choose(counts: Counts): number[] {
    const { handlers } = this;
    const single = [...counts.byHandler].filter(([own, count]) => count > counts.total * HANDLER_SHARE && handlers.isSimple(own));
    const sequences = chooseSequences(counts, this.tuning.sequenceShare, MOST_SEQUENCES);
    const fresh = [...single.map(([own]) => own), ...sequences.flatMap((sequence) => handlers.sequenceNumber(sequence) ?? [])];
    const all = [...new Set([...this.loop.numbers, ...fresh])];
    return all.reduce((sum, number) => sum + handlers.length(number), 0) <= LOOP_INSTRUCTIONS ? all : fresh;
  }
  /** What a step of what was counted would cost in a loop of these handlers. */
  private cost({ straights }: Counts, loop: readonly number[]): number {
    const within = new Set(loop),
      tree = this.treeOf(loop);
    let [cost, steps] = [0, 0];
    for (const { code, counts } of straights) {
      for (const count of counts) steps += count;
      for (let at = 0; at < code.length;) {
        const found = tree.longest((i) => code[at + i]);
        cost += counts[at] * (found || within.has(code[at].own) ? 1 : OUTSIDE);
        at += found?.length ?? 1;
      }
    }
    return steps > 0 ? cost / steps : 0;
  }

  private makeLoop(numbers: readonly number[]): Loop {
    const handlers = numbers.map((number) => this.handlers.forLoop(number)),
      { enter } = this.instantiate(loopModule(this.memoryPages, this.layout, handlers));
    this.loops++;
    return { numbers, tree: this.treeOf(numbers), enter: enter as Loop['enter'] };
  }
  private use(loop: Loop): void {
    this.loop = loop;
    this.race = undefined;
    this.joinDue = true;
  }
  private treeOf(numbers: readonly number[]): SequenceTree {
    const tree = new SequenceTree();
    for (const number of numbers) {
      const sequence = this.handlers.sequence(number);
      if (sequence) tree.add(sequence, number);
    }
    return tree;
  }

  /** Those where no instruction is. */
  private addSpecialHandlers(): void {
    const { module, indexOf } = newModule(this.memoryPages);
    const add = (number: number, write: (target: CalledTarget) => void): void => {
      const target = new CalledTarget(this.layout, indexOf, true);
      write(target);
      module.add(target.code, `h${number}`);
    };
    add(Handler.decode, (target) => target.leave(Exit.decode));
    add(Handler.pageEnd, (target) => target.pageEnd());
    add(Handler.undefined, (target) => target.leave(Exit.undefined));
    add(Handler.machine, (target) => target.leave(Exit.machine));
    add(Handler.stop, (target) => target.leave(Exit.stop));
    this.fillTable(module, [Handler.decode, Handler.pageEnd, Handler.undefined, Handler.machine, Handler.stop]);
  }
  /** The functions that instructions call, at the first instruction that calls one. */
  private addFunctions(): void {
    if (this.hasFunctions) return;
    this.imported = { ...this.imported, ...this.instantiate(functionModule(this.memoryPages, this.layout)) };
    this.hasFunctions = true;
  }
  private fillTable(module: ModuleWriter, numbers: readonly number[]): void {
    const exports = this.instantiate(module.finish());
    for (const number of numbers) this.table.set(number, exports[`h${number}`]);
  }
  private instantiate(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Exports {
    const env = { ...this.imported, memory: this.memory, table: this.table };
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports;
  }
  private get memoryPages(): number {
    return this.memory.buffer.byteLength >>> 16;
  }
}
