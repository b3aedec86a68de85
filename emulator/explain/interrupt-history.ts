/**
 * What happened to one interrupt before an instant, found by repeating the past from keyframe to keyframe, the latest part first, and looking
 * at it whenever the GIC has changed and whenever the CPU has executed a system instruction or taken an exception.
 */
import type { Gic, Group } from '../devices/gic/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { Watched } from '../machine/watches.ts';
import type { Timeline } from '../time/timeline.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { listedFor, listedHeld, physicalHeld, softwareHeld } from './interrupt-way.ts';
import type { InterruptHistory, InterruptId, InterruptSpan, InterruptStep } from './interrupt-views.ts';
import type { Level } from './views.ts';

/** Of these many steps of its life the last are shown; more of the past is not looked at than this many keyframes. */
const MOST_STEPS = 40;
const MOST_KEYFRAMES = 64;
const watched: Watched = { memory: [], registers: [], instructions: true };

/** The interrupt at an instant. */
interface Seen {
  readonly at: number;
  readonly el: Level;
  readonly enabled: boolean;
  readonly high: boolean;
  readonly pending: boolean;
  readonly active: boolean;
  /** Its priority is one of those that are active. */
  readonly running: boolean;
  readonly listRegister: number | undefined;
  readonly listed: 'pending' | 'active' | 'active and pending' | undefined;
  readonly listedGroup: Group | undefined;
  /** What holds it: the field, or that it is taken. */
  readonly held: string;
}

function look(machine: Machine, id: InterruptId, at: number): Seen {
  const { board } = machine;
  const { el } = machine.cpu;
  const none = {
    enabled: false,
    high: false,
    pending: false,
    active: false,
    running: false,
    listRegister: undefined,
    listed: undefined,
    listedGroup: undefined,
  };
  if (typeof id !== 'number') {
    const held = softwareHeld(machine, id);
    return { at, el, ...none, pending: held.verdict !== 'quiet', held: held.hold?.field ?? 'taken' };
  }
  const { gic } = board;
  const { interrupts } = gic.distributor;
  const { enabled, high, pending, active } = interrupts.of(id);
  const listed = listedFor(gic, id);
  const physical = physicalHeld(machine, id);
  const way = listed && physical.verdict !== 'taken' ? listedHeld(machine, listed) : physical;
  return {
    ...{ at, el, enabled, high, pending, active },
    running: active && gic.cpuInterface.activePriorities.running === gic.cpuInterface.groupPriority(interrupts.asPending(id)),
    listRegister: listed?.listRegister,
    listedGroup: listed?.group,
    listed: listed && (listed.active ? (listed.pending ? 'active and pending' : 'active') : 'pending'),
    held: way.hold?.field ?? 'taken',
  };
}
const same = (a: Seen, b: Seen): boolean =>
  a.enabled === b.enabled &&
  a.high === b.high &&
  a.pending === b.pending &&
  a.active === b.active &&
  a.running === b.running &&
  a.listRegister === b.listRegister &&
  a.listed === b.listed &&
  a.held === b.held;

class HistorySearch {
  /** Each with another state than the one before. */
  private states: Seen[] = [];
  private from: number;
  private keyframes = 0;
  private steps: InterruptStep[] = [];

  constructor(
    private readonly timeline: Timeline,
    private readonly id: InterruptId,
    private readonly before: number,
  ) {
    this.from = before;
    this.states = [look(timeline.machine, id, before)];
  }

  get isComplete(): boolean {
    return this.from === 0 || this.steps.length >= MOST_STEPS || this.keyframes >= MOST_KEYFRAMES;
  }

  search(ms: number): this {
    if (this.isComplete) return this;
    const { timeline } = this;
    const home = timeline.at;
    const started = performance.now();
    try {
      do this.searchInterval();
      while (!this.isComplete && performance.now() - started < ms);
    } finally {
      timeline.returnTo(home);
    }
    return this;
  }

  private searchInterval(): void {
    const { timeline, id } = this;
    const { machine } = timeline;
    const { clock, board, watches } = machine;
    const from = timeline.keyframes.before(this.from - 1) ?? 0;
    timeline.returnTo(from, watched);
    const seen = [look(machine, id, from)];
    const note = (at: number): void => {
      const now = look(machine, id, at);
      const last = seen.at(-1)!;
      if (same(now, last)) return;
      // Within one step only what it ends with counts; the first is the state before all of them.
      if (last.at === at && seen.length > 1) seen.pop();
      seen.push(now);
    };
    // Time passes between two steps, before the next one; an instruction has done its work in the instant after it, and so has a wait.
    const { gic } = board;
    gic.onChanged = (): void => note(clock.running || machine.cpu.waiting ? clock.step + 1 : clock.step);
    const stop = watches.onDone.on((n) => note(n + 1));
    try {
      timeline.forwardTo(this.from, { watched });
    } finally {
      stop();
      gic.onChanged = undefined;
    }
    this.states = [...seen, ...this.states].filter((state, i, all) => i === 0 || !same(state, all[i - 1]));
    this.steps = [...stepsOf(board.gic, id, seen), ...takenBetween(timeline.traps, id, seen, from, this.from), ...this.steps].sort(
      (a, b) => a.at - b.at,
    );
    this.from = from;
    this.keyframes++;
  }

  view(): InterruptHistory {
    const { from, states, before } = this;
    const first = this.steps.length > MOST_STEPS ? this.steps[this.steps.length - MOST_STEPS].at : from;
    const last = states.at(-1)!;
    const change = states.findLastIndex(({ held }) => held !== last.held);
    const since = change >= 0 ? states[change + 1].at : from === 0 ? 0 : null;
    const span = (name: string, is: (seen: Seen) => boolean): InterruptSpan => ({ name, spans: spansOf(states, is, before) });
    return {
      from: first,
      steps: this.steps.filter(({ at }) => at >= first),
      spans: [
        span('Line', ({ high }) => high),
        span('Pending', ({ pending }) => pending),
        span('Active', ({ active }) => active),
        span('Listed', ({ listed }) => listed !== undefined),
      ].filter(({ spans }) => spans.length > 0),
      since,
      isSearching: !this.isComplete,
    };
  }
}

/** Where it is so, with ends where it is not any more. */
function spansOf(states: readonly Seen[], is: (seen: Seen) => boolean, before: number): InterruptSpan['spans'] {
  const spans: { from: number; to: number | null }[] = [];
  for (const state of states) {
    const open = spans.at(-1)?.to === null ? spans.at(-1) : undefined;
    if (is(state) && !open) spans.push({ from: Math.min(state.at, before), to: null });
    else if (!is(state) && open) open.to = state.at;
  }
  return spans;
}

/** What changed from one state to the next, in words. */
function stepsOf(gic: Gic, id: InterruptId, seen: readonly Seen[]): InterruptStep[] {
  return seen.slice(1).flatMap((now, i) => changes(gic, id, seen[i], now).map((text) => ({ at: now.at, el: now.el, text })));
}
function changes(gic: Gic, id: InterruptId, was: Seen, now: Seen): string[] {
  const [out, inTo] = [was.listRegister, now.listRegister];
  const { listRegister } = gic.names;
  const { acknowledge, end } = gic.cpuInterface.names;
  const guest = gic.virtualCpuInterface.names;
  const group = typeof id === 'number' ? gic.distributor.interrupts.group(id) : 0;
  const listedGroup = now.listedGroup ?? was.listedGroup ?? 0;
  return [
    ...(now.enabled === was.enabled ? [] : [now.enabled ? 'enabled at the distributor' : 'disabled at the distributor']),
    ...(now.high === was.high
      ? []
      : [now.high ? (now.pending && !was.pending ? 'its line goes high: pending' : 'its line goes high') : 'its line goes low']),
    ...(now.pending && !was.pending && (!now.high || was.high) ? ['becomes pending'] : []),
    ...(was.pending && !now.pending && !now.active && was.high === now.high ? ['is no longer pending'] : []),
    ...(now.active && !was.active ? [`acknowledged by a read of ${acknowledge(group)}: active`] : []),
    ...(was.running && !now.running && now.active ? [`ended by a write of ${end(group)}: its priority is dropped`] : []),
    ...(was.active && !now.active
      ? [was.listed === 'active' && now.listed === undefined ? 'deactivated with the virtual interrupt' : 'deactivated']
      : []),
    ...(inTo !== undefined && out === undefined ? [`put into ${listRegister(inTo)}, ${now.listed}`] : []),
    ...(was.listed === 'pending' && now.listed === 'active'
      ? [`acknowledged by the guest: a read of ${guest.acknowledge(listedGroup)}`]
      : []),
    ...(was.listed?.startsWith('active') && (now.listed === undefined || now.listed === 'pending')
      ? [`ended by the guest: a write of ${guest.end(listedGroup)}`]
      : []),
    ...(was.listed === 'pending' && out !== undefined && now.listed === undefined ? [`taken out of ${listRegister(out)}`] : []),
  ];
}

/** Where the CPU took it: the recording knows. */
function takenBetween(traps: TrapLog, id: InterruptId, seen: readonly Seen[], from: number, to: number): InterruptStep[] {
  const steps: InterruptStep[] = [];
  for (let index = traps.firstAt(from); index < traps.length && traps.step(index) < to; index++) {
    const event = traps.get(index);
    if (event.kind !== 'exception' || !isOf(event, id, seen)) continue;
    steps.push({ at: event.n + 1, el: event.to, text: `taken to EL${event.to} as ${event.type}` });
  }
  return steps;
}
function isOf(
  { type, intid, listRegister, n }: { type: string; intid: number | null; listRegister: number | null; n: number },
  id: InterruptId,
  seen: readonly Seen[],
): boolean {
  if (typeof id !== 'number') return intid === null && type === { VI: 'vIRQ', VF: 'vFIQ', VSE: 'vSError' }[id];
  if (type === 'IRQ' || type === 'FIQ') return intid === id;
  return (type === 'vIRQ' || type === 'vFIQ') && seen.findLast(({ at }) => at <= n)?.listRegister === listRegister && listRegister !== null;
}

/** The last search in each recording: frames of one instant ask for the same. */
const known = new WeakMap<TrapLog, { readonly key: string; readonly search: HistorySearch }>();

/** As far as `ms` of searching tell. The machine is at the instant that the history leads to. */
export function interruptHistory(timeline: Timeline, id: InterruptId, ms: number): InterruptHistory {
  const key = `${id} ${timeline.at} ${timeline.machine.inputsTaken}`;
  let last = known.get(timeline.traps);
  if (last?.key !== key) known.set(timeline.traps, (last = { key, search: new HistorySearch(timeline, id, timeline.at) }));
  return last.search.search(ms).view();
}
