/**
 * What gdb stops at: `Z0` to `Z4`. None of them writes to memory, so one at an address holds at every level, with the MMU off and on. Watched
 * is the physical memory that was behind the address when gdb first set the watchpoint: it takes it away at each stop and sets it again, in
 * whatever regime the machine is then.
 */
import { VA } from '../../base/addresses.ts';
import { InputError } from '../../base/errors.ts';
import type { ByteRange } from '../../explain/writes.ts';
import type { Condition } from '../../time/breakpoints.ts';
import type { Timeline } from '../../time/timeline.ts';
import type { Program } from '../../session/program.ts';
import type { GdbMemory } from './memory.ts';

type Kind = 'swbreak' | 'hwbreak' | 'watch' | 'rwatch' | 'awatch';
/** By the digit of the packet. */
const kinds: readonly Kind[] = ['swbreak', 'hwbreak', 'watch', 'rwatch', 'awatch'];
const accesses: Partial<Record<Kind, 'r' | 'w' | 'rw'>> = { watch: 'w', rwatch: 'r', awatch: 'rw' };

interface Point {
  readonly kind: Kind;
  readonly address: bigint;
  /** Under which its condition is set: a negative number, which no breakpoint of a person has. */
  readonly id: number;
  readonly condition: Condition;
}
/** More than a debugger ever sets. */
export const mostPoints = 1000;

/** gdb takes its watchpoints away for the steps by which it gets past what it has stopped at. */
const MOST_MISSED = 8;

/** The last access that a watchpoint saw. */
export interface Seen {
  readonly kind: Kind;
  readonly address: bigint;
  /** The step that did it. */
  readonly n: number;
}

export class GdbPoints {
  private readonly points = new Map<string, Point>();
  /** Where watchpoints lie, by the same key, and how often the machine has gone on without one. */
  private readonly places = new Map<string, { readonly ranges: readonly ByteRange[]; missed: number }>();
  private lastId = 0;
  private timeline: Timeline | undefined;

  constructor(private readonly memory: GdbMemory) {}

  /** Sets what a `Z` asks for. False where there is no such kind. Throws InputError where it cannot be. */
  add(program: Program, digit: string, address: bigint, length: number): boolean {
    const kind = kinds[Number(digit)] as Kind | undefined;
    if (!kind) return false;
    const key = `${digit},${address},${length}`;
    if (this.points.has(key)) return true;
    if (this.points.size >= mostPoints) throw new InputError(`there are ${mostPoints} breakpoints already`);
    const access = accesses[kind];
    const condition: Condition = access
      ? { kind: 'memory', ranges: this.placeOf(program, key, address, length).map((range) => ({ ...range, access })) }
      : { kind: 'address', va: VA(address) };
    const point = { kind, address, id: --this.lastId, condition };
    this.points.set(key, point);
    this.attach(program.timeline);
    this.timeline?.breakpoints.set(point.id, condition);
    return true;
  }
  private placeOf(program: Program, key: string, address: bigint, length: number): readonly ByteRange[] {
    const known = this.places.get(key);
    if (known) return known.ranges;
    const ranges = this.memory.physical(program, address, length);
    this.places.set(key, { ranges, missed: 0 });
    return ranges;
  }
  /** The machine goes on. What gdb has not set again for a while was deleted: its place is looked up when it is set anew. */
  goesOn(timeline: Timeline): void {
    this.attach(timeline);
    for (const [key, place] of this.places) {
      place.missed = this.points.has(key) ? 0 : place.missed + 1;
      if (place.missed > MOST_MISSED) this.places.delete(key);
    }
  }
  remove(digit: string, address: bigint, length: number): boolean {
    if (!kinds[Number(digit)]) return false;
    const key = `${digit},${address},${length}`;
    const point = this.points.get(key);
    if (point) this.timeline?.breakpoints.set(point.id, undefined);
    this.points.delete(key);
    return true;
  }
  clear(): void {
    for (const { id } of this.points.values()) this.timeline?.breakpoints.set(id, undefined);
    this.points.clear();
    this.places.clear();
  }

  /** From now on they hold for this run: another program may be open, or the same one again. */
  private attach(timeline: Timeline): void {
    if (this.timeline === timeline) return;
    this.timeline = timeline;
    for (const { id, condition } of this.points.values()) timeline.breakpoints.set(id, condition);
  }

  get hasWatchpoints(): boolean {
    return [...this.points.values()].some(({ kind }) => accesses[kind]);
  }
  /** The kind of breakpoint that is at a VA. */
  at(pc: bigint): Kind | undefined {
    return [...this.points.values()].find(({ kind, address }) => !accesses[kind] && address === pc)?.kind;
  }
  /** What the step just before the instant of the machine did with watched memory. */
  seen({ breakpoints, at }: Timeline): Seen | undefined {
    for (const { id, cause } of breakpoints.hits) {
      const point = [...this.points.values()].find((one) => one.id === id);
      if (point && cause.kind === 'memory' && cause.n === at - 1) return { kind: point.kind, address: point.address, n: cause.n };
    }
    return undefined;
  }
}
