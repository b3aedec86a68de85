/**
 * Experiments of a person: something changed by hand at an instant, and both futures of it, each in a machine of its own, to be looked at side by
 * side. What is kept of one is what it was begun with; both futures come from that again, exactly.
 */
import { InputError } from '../base/errors.ts';
import { visible, visibleJson } from '../base/names.ts';
import { lowerBound } from '../time/columns.ts';
import type { InputEvent } from '../time/input-log.ts';
import type { StoredExperiment } from '../time/stored-experiments.ts';
import { comparedRun, Comparison, placesOf, type ComparisonOptions } from './comparison.ts';
import type { DistanceBy, ExperimentRow, ExperimentsView, FuturePlaces, FutureSide } from './experiment-views.ts';
import type { Progress } from './movement.ts';
import type { ComparisonView } from './trap-views.ts';
import { checkInputs, isSameUpTo, type Program } from './program.ts';
import {
  bothFutures,
  changeText,
  compareFutures,
  differingRegisters,
  futureNames,
  futuresDocument,
  futuresText,
  parseChange,
  type Futures,
} from './what-if.ts';
import { yieldToMessages } from './yield.ts';

/** Milliseconds between looks at messages. */
const TURN_MS = 30;
/** How far past the change both futures are followed, of a short run and of one that goes on and on. */
const [LEAST_STEPS, MOST_STEPS] = [1_000_000, 200_000_000];
/** Experiments that are kept at most. */
const MOST_KEPT = 32;
/** Traps of one future by which its distance is counted. */
const MOST_TRAPS = 1_000_000;
const MOST_NAME = 80;

interface Experiment extends ExperimentRow {
  /** Of the run as it was. */
  readonly inputs: readonly InputEvent[];
}

/** Both futures of an experiment. */
interface Opened {
  readonly experiment: Experiment;
  readonly futures: Futures;
  readonly comparison: Comparison;
  /** Steps of the traps after the change. */
  readonly traps: Readonly<Record<FutureSide, readonly number[]>>;
  /** As it was told last, while nothing has come to it. */
  told?: ComparisonView | undefined;
}

type IsWanted = () => boolean;

export class Experiments {
  private list: readonly Experiment[] = [];
  private opened: Opened | undefined;
  private nextId = 1;

  constructor(
    /** Another list, or another experiment is open. */
    private readonly changed: () => void,
    /** The list is to be kept with the run. */
    private readonly keep: (list: readonly StoredExperiment[]) => void,
    private readonly sources: () => NonNullable<ComparisonOptions['sources']>,
  ) {}

  view(): ExperimentsView {
    const { opened } = this;
    const list = this.list.map(row);
    if (!opened) return { list, open: null };
    const { experiment, futures, comparison, traps } = opened;
    const ends = { was: futures.was.timeline.end, other: futures.other.timeline.end };
    const again = (): void => {
      opened.told = undefined;
      this.changed();
    };
    if (!opened.told?.result) opened.told = comparison.view(futures.other, again);
    return {
      list,
      open: {
        ...row(experiment),
        made: futures.made,
        ends,
        steps: Math.max(ends.was, ends.other) - experiment.at,
        traps: Math.max(traps.was.length, traps.other.length),
        comparison: opened.told,
      },
    };
  }

  /** Changes something of the run of the program at an instant, and follows both futures. Undefined where nobody wants it any more. */
  async run(
    program: Program,
    at: number,
    set: readonly string[],
    progress: Progress,
    isWanted: IsWanted,
  ): Promise<ExperimentRow | undefined> {
    const inputs = program.timeline.inputs.all().slice();
    const known = this.list.find((one) => one.at === at && String(one.set) === String(set) && isSameUpTo(one.inputs, inputs, Infinity));
    if (!known && this.list.length >= MOST_KEPT)
      throw new InputError(`there are ${MOST_KEPT} experiments already`, {}, 'remove one of them first');
    const name = `${changeText(set.map(parseChange))} at ${at}`.slice(0, MOST_NAME);
    const experiment = known ?? { id: this.nextId++, name, at, set, inputs };
    if (!(await this.follow(program, experiment, progress, isWanted))) return undefined;
    if (!known) this.take([...this.list, experiment]);
    return row(experiment);
  }

  /** The futures of one that is kept, again. */
  async open(program: Program, id: number, progress: Progress, isWanted: IsWanted): Promise<ExperimentRow | undefined> {
    const experiment = this.find(id);
    return (await this.follow(program, experiment, progress, isWanted)) ? row(experiment) : undefined;
  }

  private async follow(program: Program, experiment: Experiment, progress: Progress, isWanted: IsWanted): Promise<boolean> {
    const { at, set, inputs } = experiment;
    checkInputs(program, inputs);
    const goal = at + Math.min(Math.max(program.timeline.end - at, LEAST_STEPS), MOST_STEPS);
    const change = { at, changes: set.map(parseChange), inputs };
    const futures = await inTurns(bothFutures(program, change, goal, { untilLoop: true }), goal, progress, isWanted);
    if (!futures || !isWanted()) return false;
    const { was, other } = futures;
    const comparison = new Comparison(comparedRun(was), { calledAs: futureNames, placesOfOther: placesOf(was), sources: this.sources() });
    if (!(await comparison.finished(other, isWanted))) return false;
    this.opened = { experiment, futures, comparison, traps: { was: trapsAfter(was, at), other: trapsAfter(other, at) } };
    this.changed();
    return true;
  }

  close(): void {
    this.opened = undefined;
    this.changed();
  }
  rename(id: number, name: string): void {
    const experiment = this.find(id);
    const wanted = visible(name.trim()).slice(0, MOST_NAME);
    if (wanted === '') throw new InputError('an experiment has a name');
    const renamed = { ...experiment, name: wanted };
    if (this.opened?.experiment === experiment) this.opened = { ...this.opened, experiment: renamed };
    this.take(this.list.map((one) => (one === experiment ? renamed : one)));
  }
  remove(id: number): void {
    const experiment = this.find(id);
    if (this.opened?.experiment === experiment) this.opened = undefined;
    this.take(this.list.filter((one) => one !== experiment));
  }
  /** Those of another program, or of a run that a question is about, have no place here. */
  forget(): void {
    this.list = [];
    this.opened = undefined;
  }
  /** Those that came with a recording. */
  restore(stored: readonly StoredExperiment[]): void {
    this.list = stored.slice(0, MOST_KEPT).map((one) => ({
      ...one,
      id: this.nextId++,
      name: visible(one.name).slice(0, MOST_NAME),
      set: one.set.map(visible),
    }));
    this.opened = undefined;
    if (this.list.length > 0) this.keep(this.stored);
  }
  get stored(): readonly StoredExperiment[] {
    return this.list.map(({ id: _id, ...stored }) => stored);
  }

  /** The program of one of the two futures. */
  side(which: FutureSide): Program {
    return this.needOpen().futures[which];
  }
  /** What tells that views of the two show something else. */
  get token(): object | undefined {
    return this.opened?.futures;
  }

  /** Both futures at a distance from the change; `to`: at the next trap of either from there, or the one before. */
  places(by: DistanceBy, distance: number, to?: 'next' | 'previous'): FuturePlaces {
    const { experiment, futures, traps } = this.needOpen();
    const { at } = experiment;
    const ends = { was: futures.was.timeline.end, other: futures.other.timeline.end };
    const most = by === 'trap' ? Math.max(traps.was.length, traps.other.length) : Math.max(ends.was, ends.other) - at;
    const step = to === 'next' ? 1 : to === 'previous' ? -1 : 0;
    const wanted = by === 'step' && step !== 0 ? trapFrom(distance, step, most, at, [traps.was, traps.other]) : distance + step;
    const shown = Math.max(0, Math.min(wanted, most));
    const place = (side: FutureSide): { readonly at: number; readonly isEnd: boolean } => {
      const n = by === 'step' ? at + shown : shown === 0 ? at : (traps[side].at(shown - 1) ?? Infinity) + 1;
      return { at: Math.min(n, ends[side]), isEnd: n > ends[side] };
    };
    const [was, other] = [place('was'), place('other')];
    futures.was.timeline.seek(was.at);
    futures.other.timeline.seek(other.at);
    return {
      distance: shown,
      at: { was: was.at, other: other.at },
      isEnd: { was: was.isEnd, other: other.isEnd },
      registers: differingRegisters(futures),
    };
  }

  /** Both futures of `steps` steps as `elscope whatif` tells them. */
  async told(
    steps: number,
    form: 'text' | 'json',
    progress: Progress,
    isWanted: IsWanted,
  ): Promise<{ readonly name: string; readonly text: string } | undefined> {
    const { experiment, futures } = this.needOpen();
    const { at, set, inputs } = experiment;
    const goal = at + steps;
    const again = await inTurns(bothFutures(futures.was, { at, changes: set.map(parseChange), inputs }, goal), goal, progress, isWanted);
    if (!again) return undefined;
    const told = compareFutures(again, steps);
    if (form === 'json') return { name: `whatif-${at}.json`, text: `${visibleJson(futuresDocument(told))}\n` };
    return { name: `whatif-${at}.txt`, text: await futuresText(told, this.sources().older) };
  }

  private take(list: readonly Experiment[]): void {
    this.list = list;
    this.keep(this.stored);
    this.changed();
  }
  private find(id: number): Experiment {
    const found = this.list.find((one) => one.id === id);
    if (!found) throw new InputError('there is no such experiment');
    return found;
  }
  private needOpen(): Opened {
    if (!this.opened) throw new InputError('no experiment is open', {}, 'change something first');
    return this.opened;
  }
}

const row = ({ id, name, at, set }: Experiment): ExperimentRow => ({ id, name, at, set });

/** The steps of the traps from an instant on, without the returns from them. */
function trapsAfter({ timeline: { traps } }: Program, at: number): number[] {
  const steps: number[] = [];
  for (let index = traps.firstAt(at); index < traps.length && steps.length < MOST_TRAPS; index++)
    if (traps.kind(index) !== 'return') steps.push(traps.step(index));
  return steps;
}

/** The distance just after the next trap of either, or the one before. */
function trapFrom(distance: number, step: 1 | -1, most: number, at: number, traps: readonly (readonly number[])[]): number {
  const found = traps.flatMap((steps) => {
    // Just after a trap is the instant after its step.
    const place =
      step > 0
        ? lowerBound(steps.length, at + distance, (i) => steps[i])
        : lowerBound(steps.length, at + distance - 1, (i) => steps[i]) - 1;
    const n = place < 0 ? undefined : steps[place];
    return n === undefined ? [] : [n + 1 - at];
  });
  if (found.length === 0) return step > 0 ? most : 0;
  return step > 0 ? Math.min(...found) : Math.max(...found);
}

/** Does what takes long in turns, between which messages are looked at. Undefined where nobody wants it any more. */
async function inTurns(
  work: Generator<number, Futures>,
  goal: number,
  progress: Progress,
  isWanted: IsWanted,
): Promise<Futures | undefined> {
  for (let told = performance.now(); ;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - told < TURN_MS) continue;
    told = performance.now();
    progress(Math.min(1, value / goal), `Running both futures: at ${value} of ${goal}`);
    await yieldToMessages();
    if (!isWanted()) return undefined;
  }
}
