/**
 * The breakpoints of a session: what the user asked for, and what that means in the open program. They survive a reset and a reload of the
 * program; symbols are looked up again, and memory breakpoints keep their physical addresses.
 */
import { IPA, VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import type { ExceptionType } from '../cpu/index.ts';
import { CodeMap } from '../debug/code-map.ts';
import { breakpointSentence, causeSentence } from '../explain/breakpoint-words.ts';
import { placeOf } from '../explain/subject.ts';
import type { ByteRange } from '../explain/writes.ts';
import { watchableRegister } from '../machine/watches.ts';
import type { Condition, Demand } from '../time/breakpoints.ts';
import { physicalRanges } from './address.ts';
import { compileExpression } from './expression.ts';
import type { Program } from './program.ts';
import type { BreakpointRow, BreakpointSpec, BreakpointsView } from './views.ts';

/** More than anybody sets by hand. */
const MOST = 200;

interface Breakpoint {
  readonly id: number;
  /** As it was asked for, names spelled as the architecture does. */
  spec: BreakpointSpec;
  enabled: boolean;
  hits: number;
  /** Why it cannot stop anything in this program. */
  problem?: string | undefined;
  /** Where the memory of a `memory` breakpoint was when it was set. */
  readonly ranges: readonly ByteRange[];
}

export class SessionBreakpoints {
  private list: Breakpoint[] = [];
  private nextId = 1;
  private program: Program | undefined;

  get count(): number {
    return this.list.length;
  }

  ids(): ReadonlySet<number> {
    return new Set(this.list.map(({ id }) => id));
  }

  /** From now on they hold for this program. Those at an address stay with their instruction, if another build of its function has it. */
  attach(program: Program): void {
    const before = this.program;
    this.program = program;
    const map = before && before.bytes !== program.bytes ? new CodeMap(before, program) : undefined;
    for (const breakpoint of this.list) {
      const { spec } = breakpoint;
      if (map && spec.kind === 'address') {
        const va = VA(BigInt(spec.va));
        const moved = map.toNewer(va) ?? this.inFunction(va, before!, program);
        if (moved !== undefined) breakpoint.spec = { ...spec, va: hex(moved) };
      }
      this.apply(breakpoint);
    }
  }

  /** As far behind the beginning of its function as it was. */
  private inFunction(va: VA, before: Program, program: Program): VA | undefined {
    const named = before.symbols.at(va);
    const start = named && program.names.find(named.symbol.name);
    return start === undefined ? undefined : VA(start + named!.offset);
  }

  /** The same breakpoint twice is one. Throws InputError for what cannot be watched in this program now. */
  add(program: Program, asked: BreakpointSpec): number {
    const spec = spelled(asked, program);
    const text = JSON.stringify(spec);
    const known = this.list.find((one) => JSON.stringify(one.spec) === text);
    if (known) {
      this.change(known.id, true);
      return known.id;
    }
    if (this.list.length >= MOST) throw new InputError(`there are ${MOST} breakpoints already`, {}, 'remove some of them');
    if (spec.kind === 'symbol' && program.names.find(spec.name) === undefined)
      throw new InputError(`${program.name} has no symbol ${JSON.stringify(spec.name)}`);
    if (spec.nth !== undefined && spec.every !== undefined)
      throw new InputError('a breakpoint stops at one time or at every so many, not both');
    // Throws where the condition makes no sense.
    if (spec.when !== undefined) compileExpression(program, spec.when);
    const ranges = spec.kind === 'memory' ? physicalRanges(program, spec) : [];
    const breakpoint: Breakpoint = { id: this.nextId++, spec, enabled: true, hits: 0, ranges };
    this.list.push(breakpoint);
    this.apply(breakpoint);
    return breakpoint.id;
  }

  change(id: number, enabled: boolean): void {
    const breakpoint = this.find(id);
    breakpoint.enabled = enabled;
    this.apply(breakpoint);
  }

  remove(id: number): void {
    this.find(id);
    this.list = this.list.filter((one) => one.id !== id);
    this.program?.timeline.breakpoints.set(id, undefined);
  }

  /** Forgets all of them: another program is open. */
  clear(): void {
    this.list = [];
  }

  /** Counts what stopped the run just now, and says it as a sentence. */
  stopped(program: Program): string {
    const { hits } = program.timeline.breakpoints;
    for (const { id } of hits) {
      const breakpoint = this.list.find((one) => one.id === id);
      if (breakpoint) breakpoint.hits++;
    }
    return [...new Set(hits.map(({ cause }) => causeSentence(program, cause)))].join('; ');
  }

  /** Those that stop in front of an instruction, by its VA. */
  byAddress(): ReadonlyMap<bigint, { readonly id: number; readonly enabled: boolean }> {
    const all = this.list.map((one) => [this.addressOf(one), { id: one.id, enabled: one.enabled }] as const);
    return new Map(all.flatMap(([va, one]) => (va === undefined ? [] : [[va, one]])));
  }

  view(): BreakpointsView {
    return { breakpoints: this.list.map((one) => this.row(one)) };
  }

  private row({ id, spec, enabled, hits, ranges, problem }: Breakpoint): BreakpointRow {
    const { program } = this;
    const va = this.addressOf({ spec });
    return {
      id,
      spec,
      enabled,
      hits,
      text: breakpointSentence(spec),
      ...(va !== undefined && program ? { place: placeOf(program.names.recorded.linked, va) } : {}),
      ...(ranges.length > 0
        ? { ranges: ranges.map(({ pa, bytes }) => ({ pa: hex(pa), bytes, name: program?.machine.board.titleAt(pa) ?? '' })) }
        : {}),
      ...(spec.kind === 'symbol' && va === undefined
        ? { problem: `The program that is open has no symbol ${spec.name}.` }
        : problem === undefined
          ? {}
          : { problem }),
    };
  }

  private find(id: number): Breakpoint {
    const found = this.list.find((one) => one.id === id);
    if (!found) throw new InputError(`there is no breakpoint ${id}`);
    return found;
  }

  private addressOf({ spec }: Pick<Breakpoint, 'spec'>): VA | undefined {
    if (spec.kind === 'address') return VA(BigInt(spec.va));
    return spec.kind === 'symbol' ? this.program?.names.find(spec.name) : undefined;
  }

  private apply(breakpoint: Breakpoint): void {
    const { id, enabled, spec } = breakpoint;
    breakpoint.problem = undefined;
    this.program?.timeline.breakpoints.set(id, enabled ? this.condition(breakpoint) : undefined, this.demand(breakpoint, spec));
  }

  private demand(breakpoint: Breakpoint, { when, nth, every }: BreakpointSpec): Demand {
    try {
      const value = when === undefined || !this.program ? undefined : compileExpression(this.program, when);
      return { holds: value && (() => (value() ?? 0n) !== 0n), nth, every };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      // The program that is open now lacks a symbol of it.
      breakpoint.problem = `The condition makes no sense in this program: ${error.message}.`;
      return { holds: () => false };
    }
  }

  /** Undefined where the program has nothing of the kind. */
  private condition({ spec, ranges }: Breakpoint): Condition | undefined {
    switch (spec.kind) {
      case 'address':
      case 'symbol': {
        const va = this.addressOf({ spec });
        return va === undefined ? undefined : { kind: 'address', va };
      }
      case 'exception':
        return { ...spec, types: spec.types as readonly ExceptionType[] | undefined };
      case 'memory':
        return { kind: 'memory', ranges: ranges.map((range) => ({ ...range, access: spec.access })) };
      case 'guest-access':
        return { ...spec, ipa: IPA(Number(spec.ipa)) };
      default:
        return spec;
    }
  }
}

/** With the names that the machine uses, and the level that a VA belongs to. */
function spelled(spec: BreakpointSpec, { machine }: Program): BreakpointSpec {
  if (spec.kind === 'memory' && spec.space === 'va') return { ...spec, el: spec.el ?? machine.cpu.el };
  if (spec.kind !== 'register-write') return spec;
  const register = watchableRegister(spec.register);
  if (register === undefined)
    throw new InputError(`there is no register ${JSON.stringify(spec.register)} that can be written`, {}, 'HCR_EL2, x0 or sp, for example');
  return { ...spec, register };
}
