/**
 * The module that runs records: `fast`, one loop over the handlers that are used most, and `enter`, which calls it, runs by their own
 * handlers the instructions that it leaves, and ends exactly where the budget does.
 */
import { cpuLayout } from '../cpu/layout.ts';
import type { IntFunction } from '../isa/builder.ts';
import type { FlagKind } from './flags.ts';
import { signatureOf } from './functions.ts';
import { helperNames, helperSignatures } from './helpers.ts';
import { PAGE_STRIDE, RECORD, RUN_COUNTS, type EngineLayout } from './layout.ts';
import { PassedValues } from './passed-values.ts';
import { LONGEST } from './sequences.ts';
import { handlerSignature, type FunctionIndex } from './tier0-called.ts';
import { FastTarget, type Loop } from './tier0-fast.ts';
import { Exit } from './tier0-target.ts';
import { Code, ModuleWriter } from './wasm.ts';

/** Numbers of the handlers that no instruction has. A zeroed record is one to decode. */
export const Handler = { decode: 0, pageEnd: 1, undefined: 2, machine: 3, stop: 4, first: 5 } as const;

/** A handler of the loop: what it does, one instruction after the other. */
export interface LoopHandler {
  readonly index: number;
  readonly parts: readonly LoopPart[];
  /** As `linksOf` gives them. */
  readonly links: readonly number[];
}
export interface LoopPart {
  readonly near: boolean;
  /** How many registers it reads. */
  readonly reads: number;
  readonly emit: (target: FastTarget) => void;
}

/** A module with the helpers, and functions, imported. */
export function newModule(memoryPages: number, functions: Iterable<IntFunction> = []): { module: ModuleWriter; indexOf: FunctionIndex } {
  const module = new ModuleWriter();
  module.importMemory(memoryPages);
  const indices = new Map<string, number>(helperNames.map((name) => [name, module.importFunction(name, helperSignatures[name])]));
  for (const imported of functions) indices.set(imported.name, module.importFunction(imported.name, signatureOf(imported)));
  return { module, indexOf: (name) => indices.get(name)! };
}

/** The module exports `enter`. Without handlers there is no loop. Only this module imports the table: it costs each one time. */
export function loopModule(memoryPages: number, layout: EngineLayout, handlers: readonly LoopHandler[]): Uint8Array<ArrayBuffer> {
  const { module, indexOf } = newModule(memoryPages);
  module.importTable();
  const handlerType = module.type(handlerSignature);
  const fastIndex = handlers.length > 0 ? module.add(fast(layout, handlers)) : -1;
  module.add(enter(layout, indexOf, handlerType, fastIndex), 'enter');
  return module.finish();
}

/** (steps, how many of the last ones go by their own handlers): an `Exit`. */
function enter(layout: EngineLayout, indexOf: FunctionIndex, handlerType: number, fastIndex: number): Code {
  const code = new Code({ parameters: ['i32', 'i32'], results: ['i32'] });
  const [steps, rest] = [0, 1];
  const record = code.local('i32'),
    own = code.local('i32'),
    next = code.local('i32');
  code.i32(0).get(steps).access('i32.store', layout.count);
  code
    .i32(0)
    .access('i64.load', layout.cpu + cpuLayout.pc)
    .call(indexOf('lookup'))
    .tee(record)
    .op('i32.eqz')
    .if();
  code.i32(Exit.fetch).op('return').end();
  const top = code.loop();
  if (fastIndex >= 0) {
    code.get(steps).get(rest).op('i32.sub').tee(next).i32(LONGEST).op('i32.gt_s').if();
    code.get(record).get(next).call(fastIndex).set(record);
    code.i32(0).i32(0).access('i32.load', layout.count).get(rest).op('i32.add').access('i32.store', layout.count).end();
  }
  // How often a record runs here tells what deserves a place in the loop.
  code.get(record).i32(-PAGE_STRIDE).op('i32.and');
  code
    .get(record)
    .i32(PAGE_STRIDE - 1)
    .op('i32.and')
    .i32(2)
    .op('i32.shr_u', 'i32.add')
    .tee(next);
  code.get(next).access('i32.load', RUN_COUNTS).i32(1).op('i32.add').access('i32.store', RUN_COUNTS);

  code.get(record).access('i32.load16_u', 0).i32(1).op('i32.shl').access('i32.load16_u', layout.own).set(own);
  code.get(record).get(own).callIndirect(handlerType).tee(next).i32(0).op('i32.lt_s').if();
  code.get(next).i32(-1).op('i32.xor', 'return').end();
  code.get(next).set(record);
  code.i32(0).i32(0).access('i32.load', layout.count).i32(1).op('i32.sub').tee(steps).access('i32.store', layout.count);
  code.get(steps).branchIf(top);
  code.end();
  return code.get(record).call(indexOf('leave')).i32(Exit.budget);
}

/** (record, steps): the record that it leaves to its own handler, or at which the budget is nearly used up. Steps and flags are in memory. */
function fast(layout: EngineLayout, handlers: readonly LoopHandler[]): Code {
  const code = new Code({ parameters: ['i32', 'i32'], results: ['i32'] });
  const [record, limit] = [0, 1];
  const [tlb, kind] = [code.local('i32'), code.local('i32')];
  const [a, b] = [code.local('i64'), code.local('i64')];
  const flags = { kind: layout.cpu + cpuLayout.flagKind, a: layout.cpu + cpuLayout.flagA, b: layout.cpu + cpuLayout.flagB };
  code.get(limit).i32(RECORD).op('i32.mul').get(record).op('i32.add').set(limit);
  code.i32(0).access('i32.load', layout.dataTlb).set(tlb);
  code.i32(0).access('i32.load', flags.kind).set(kind);
  code.i32(0).access('i64.load', flags.a).set(a);
  code.i32(0).access('i64.load', flags.b).set(b);

  const leave = code.block(),
    loop: Loop = { record, limit, tlb, kind, a, b, leave, top: code.loop() };
  const labels = new Array<number>(1 + Math.max(...handlers.map(({ index }) => index))).fill(leave);
  for (const { index } of [...handlers].reverse()) labels[index] = code.block();
  labels[Handler.pageEnd] = code.block();
  // One step at least stays for `enter`, which ends the budget.
  code
    .get(limit)
    .get(record)
    .op('i32.sub')
    .i32(LONGEST * RECORD)
    .op('i32.le_s')
    .branchIf(leave);
  code.get(record).access('i32.load16_u', 0).branchTable(labels, leave);
  code.end();
  new FastTarget(code, layout, loop, { index: 0, isLast: true, near: true, kind: undefined, passed: new PassedValues([]) }).pageEnd();
  for (const { parts, links } of handlers) {
    code.end();
    code.freeTemporaries();
    const passed = new PassedValues(links);
    let kind: FlagKind | undefined;
    parts.forEach(({ near, reads, emit }, index) => {
      passed.begin(reads);
      const target = new FastTarget(code, layout, loop, { index, isLast: index === parts.length - 1, near, kind, passed });
      emit(target);
      kind = target.kindAfter;
    });
  }
  code.end().end();

  code.i32(0).get(limit).get(record).op('i32.sub').i32(RECORD).op('i32.div_s').access('i32.store', layout.count);
  code.i32(0).get(kind).access('i32.store', flags.kind);
  code.i32(0).get(a).access('i64.store', flags.a);
  code.i32(0).get(b).access('i64.store', flags.b);
  return code.get(record);
}
