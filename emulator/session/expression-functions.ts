/**
 * Functions of the language of expressions: translations, and the machine at other instants of the recording. Each says how its arguments
 * are read; what they mean is asked of the walk and of the timeline.
 */
import { PA, VA } from '../base/addresses.ts';
import type { InputError } from '../base/errors.ts';
import { explainWalk } from '../mmu/index.ts';
import type { Access, Regime } from '../mmu/walk-types.ts';
import type { Program } from './program.ts';
import { TrapSelection, type TrapIndices } from './trap-selection.ts';

/** The value at the instant of the machine, not cut to any width; undefined where memory cannot be read. */
export type Value = () => bigint | undefined;

/** The text of the arguments, from behind the parenthesis. */
interface Arguments {
  /** An expression. */
  value(): Value;
  word<W extends string>(words: readonly W[]): W;
  /** Text in quotes, if that is what comes. */
  quoted(): string | undefined;
  /** Names and numbers of parts, ".result.pa", if that is what comes. */
  path(): string | undefined;
  take(operator: string): boolean;
  need(operator: string): void;
  error(problem: string): InputError;
}

interface ExpressionFunction {
  /** It looks at other instants: nothing may run meanwhile. */
  readonly travels: boolean;
  readonly parse: (program: Program, args: Arguments) => Value;
}

/** The next event that is meant, exceptions where none is named: its step. */
function nextStep({ timeline, ...source }: Program, filter: string): number | undefined {
  const indices = chosen({ timeline, ...source }, filter);
  const { traps, at } = timeline;
  const place = indices.lowerBound(traps.firstAt(at));
  return place < indices.length ? traps.step(indices.get(place)) : undefined;
}
function chosen(program: Program, filter: string): TrapIndices {
  const selection = TrapSelection.of(program.timeline.traps, program, { filter });
  selection.advance(Infinity);
  return selection.indices(undefined);
}
const EXCEPTIONS = '-eret -psci';

/** The value at another instant; undefined where the recording does not reach it. */
function valueAt({ timeline }: Program, at: number | undefined, value: Value): bigint | undefined {
  if (at === undefined || at > timeline.end) return undefined;
  const home = timeline.at;
  timeline.seek(at);
  try {
    return value();
  } finally {
    timeline.returnTo(home);
  }
}

/** `next("hvc", x)`: reads the filter, if there is one, and the expression. */
function filterAndValue(args: Arguments): { readonly filter: string; readonly value: Value } {
  const filter = args.quoted();
  if (filter !== undefined) args.need(',');
  const value = args.value();
  args.need(')');
  return { filter: filter ?? EXCEPTIONS, value };
}

export const functions = {
  /** `walk(va)`, `walk(va, el1)`, `walk(va, el1, w)`, `walk(va, el1, w, 0)`: then a part of it, such as `.reads` or `.result.pa`. */
  walk: {
    travels: false,
    parse: (program, args) => {
      const va = args.value();
      const regime: Regime | undefined = args.take(',') ? args.word<Regime>(['el1', 'el2']) : undefined;
      const access: Access = args.take(',') ? args.word<Access>(['r', 'w', 'x']) : 'r';
      const level = args.take(',') ? args.value() : undefined;
      args.need(')');
      const path = args.path();
      if (path === undefined) throw args.error('should be a part of the walk, .result.pa or .reads for example,');
      return () => {
        const address = va();
        if (address === undefined) return undefined;
        const { mmu, cpu } = program.machine;
        const asked = regime ?? (cpu.el === 2 ? 'el2' : 'el1');
        const el = level?.() === 0n ? 0 : asked === 'el2' ? 2 : level === undefined && cpu.el === 0 ? 0 : 1;
        return partOf(explainWalk(mmu, VA(BigInt.asUintN(64, address)), { regime: asked, el, access, faultsOnDevice: false }), path);
      };
    },
  },
  /** What a debugger would see at a PA, without any effect on a device: `physical(0x08030100)`, `physical(0x41000000, 8)`. */
  physical: {
    travels: false,
    parse: ({ machine }, args) => {
      const address = args.value();
      const bytes = args.take(',') ? (Number(args.word(['1', '2', '4', '8'])) as 1 | 2 | 4 | 8) : 4;
      args.need(')');
      return () => {
        const pa = address();
        const { bus } = machine.board;
        if (pa === undefined || pa < 0n || pa >> 40n !== 0n || !bus.peek(PA(Number(pa)), bytes)) return undefined;
        return BigInt.asUintN(8 * bytes, (BigInt(bus.high >>> 0) << 32n) | BigInt(bus.low >>> 0));
      };
    },
  },
  /** The value one step later. */
  after: {
    travels: true,
    parse: (program, args) => {
      const value = args.value();
      args.need(')');
      return () => valueAt(program, program.timeline.at + 1, value);
    },
  },
  /** The value just after the next exception, or the next event that passes a filter of the list of traps. */
  next: {
    travels: true,
    parse: (program, args) => {
      const { filter, value } = filterAndValue(args);
      return () => {
        const step = nextStep(program, filter);
        return step === undefined ? undefined : valueAt(program, step + 1, value);
      };
    },
  },
  /** The value just before it. */
  before: {
    travels: true,
    parse: (program, args) => {
      const { filter, value } = filterAndValue(args);
      return () => valueAt(program, nextStep(program, filter), value);
    },
  },
  /** The value at an instant: `at(1000, x0)`. */
  at: {
    travels: true,
    parse: (program, args) => {
      const instant = args.value();
      args.need(',');
      const value = args.value();
      args.need(')');
      return () => {
        const at = instant();
        return at === undefined || at < 0n ? undefined : valueAt(program, Number(at), value);
      };
    },
  },
  /** How many events that pass a filter come from here to the end of the recording. */
  coming: { travels: true, parse: (program, args) => counted(program, args, (length, here) => length - here) },
  /** How many came before. */
  passed: { travels: true, parse: (program, args) => counted(program, args, (_length, here) => here) },
} satisfies Readonly<Record<string, ExpressionFunction>>;
export type FunctionName = keyof typeof functions;

function counted(program: Program, args: Arguments, answer: (length: number, here: number) => number): Value {
  const filter = args.quoted();
  if (filter === undefined) throw args.error('should be a filter of traps in quotes, "hvc from:EL1" for example,');
  args.need(')');
  return () => {
    const indices = chosen(program, filter);
    const { traps, at } = program.timeline;
    return BigInt(answer(indices.length, indices.lowerBound(traps.firstAt(at))));
  };
}

/** A part of data by its path, as a number: what is none has no value. */
function partOf(data: unknown, path: string): bigint | undefined {
  let part = data;
  for (const [, name, index] of path.matchAll(/\.(\w+)|\[(\d+)\]/g)) {
    const key = name ?? index;
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return undefined;
    part = (part as Readonly<Record<string, unknown>>)[key];
  }
  if (typeof part === 'boolean') return part ? 1n : 0n;
  if (typeof part === 'number' && Number.isSafeInteger(part)) return BigInt(part);
  return typeof part === 'string' && /^(0x[0-9a-f]+|0b[01]+|\d+)$/i.test(part) ? BigInt(part) : undefined;
}
