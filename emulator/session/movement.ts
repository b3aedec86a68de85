/**
 * How the machine of the open program moves: it runs, goes to an instant or towards a goal, or is elsewhere to answer a question about
 * the past. One of these at a time, in slices between which messages are looked at.
 */
import { InputError } from '../base/errors.ts';
import { SilenceWatch } from '../explain/doctor/run.ts';
import { exceptionLoopSentence } from '../explain/exception-loop.ts';
import { plain } from '../explain/words.ts';
import type { Goal } from '../time/goals.ts';
import { countStops, previousStop, type Search } from '../time/search.ts';
import type { Timeline, TimelineStop } from '../time/timeline.ts';
import type { SessionBreakpoints } from './breakpoints.ts';
import type { Program } from './program.ts';
import { Rate } from './rate.ts';
import { yieldToMessages } from './yield.ts';

/** `fraction` null: nobody knows how much is left. */
export type Progress = (fraction: number | null, text: string) => void;

/** Milliseconds the machine runs before messages are looked at: half a display frame. */
const SLICE_MS = 8;
/** Milliseconds for which a search runs before messages are handled. */
const SEARCH_MS = 30;
/** Milliseconds on the way to an instant before messages are looked at. */
const SEEK_MS = 100;

export interface SeekOptions {
  /** Leaves a keyframe near the instant, since its neighbours are often visited next. */
  readonly again?: boolean;
  /** Repeats a recording, though this machine has not done it yet: no breakpoint stops it. */
  readonly repeats?: boolean;
  /** Says how far it is. */
  readonly text?: (at: number) => string;
}

export class Movement {
  /** Why it does not run, as a sentence. */
  reason: string | undefined;
  /** Steps a second; null: as fast as it goes. */
  speed: number | null = null;
  stepsPerSecond = 0;
  /** The instant at which the machine stood before it moved last; undefined where it has not moved. */
  previousStop: number | undefined;
  /** Counts how often the output was cut back. */
  outputEpoch = 0;
  /** Where the program went silent as it ran last: nothing more can come of it. */
  silentAt: number | undefined;
  private running = false;
  private seeking = false;
  /** Counts the movements: one that another has taken over from ends. */
  private count = 0;
  /** A question about the past that is being answered: the machine is elsewhere. */
  private question: Search<unknown> | undefined;
  /** Who waits until nothing moves the machine. */
  private waiting: (() => void)[] = [];

  constructor(
    private readonly needProgram: () => Program,
    private readonly breakpoints: SessionBreakpoints,
    /** Something that views show has changed. */
    private readonly changed: () => void,
    /** A chance to send a frame while the machine runs. */
    private readonly poll: () => void,
    /** The program has gone silent, or has stopped by itself. */
    private readonly cameToRest: () => void,
  ) {}

  get isRunning(): boolean {
    return this.running;
  }
  /** On the way to an instant. */
  get isSeeking(): boolean {
    return this.seeking;
  }
  /** It runs so fast that no single step can be seen. */
  get runsFast(): boolean {
    return this.running && (this.speed === null || this.speed > 60);
  }

  /** The machine is at a different instant from the one shown. */
  get isAway(): boolean {
    return this.question !== undefined;
  }
  /** Gives up the question that is being answered: the machine is back at the instant that is shown. */
  comeHome(): void {
    this.question?.return(undefined);
    this.question = undefined;
  }

  /** Ends whatever moves the machine. */
  pause(reason?: string): void {
    this.comeHome();
    this.count++;
    this.running = false;
    this.seeking = false;
    this.reason = reason;
    this.changed();
    this.standsStill();
  }
  /** Resolves when nothing moves the machine: at once where it stands. */
  rest(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.standsStill();
    });
  }
  /** Tells those who wait, unless another movement follows at once. */
  private standsStill(): void {
    if (this.waiting.length === 0) return;
    queueMicrotask(() => {
      if (this.running || this.seeking || this.question) return;
      for (const resolve of this.waiting.splice(0)) resolve();
    });
  }
  /** A movement begins, in place of the one that was under way. */
  private begin(): number {
    this.pause();
    this.previousStop = this.needProgram().timeline.at;
    return this.count;
  }
  /** From here on it is another run: nothing that was shown before is its past. */
  forget(): void {
    this.reason = undefined;
    this.previousStop = undefined;
    this.silentAt = undefined;
    this.outputEpoch++;
  }

  run(): void {
    const { machine, timeline } = this.needProgram();
    if (this.running || (machine.stop && timeline.at === timeline.end)) return;
    const movement = this.begin();
    this.running = true;
    this.silentAt = undefined;
    void this.loop(movement);
  }

  /** Runs in slices until something stops it, looking at messages in between. */
  private async loop(movement: number): Promise<void> {
    const program = this.needProgram();
    const { timeline } = program;
    const silence = new SilenceWatch(program);
    const goesOn = (): boolean => this.count === movement;
    let debt = 0;
    let last = performance.now();
    const rate = new Rate(last, timeline.at);
    while (goesOn()) {
      const now = performance.now();
      // At a limited speed, steps are owed by the time that passed; a long pause of the host is not made up for.
      if (this.speed !== null) debt = Math.min(debt + (Math.min(now - last, 250) * this.speed) / 1000, this.speed / 4 + 1);
      last = now;
      let stepped = false;
      while (goesOn() && performance.now() - now < SLICE_MS) {
        const budget = this.speed === null ? timeline.slice : Math.min(timeline.slice, Math.floor(debt));
        if (budget === 0) break;
        const before = timeline.at;
        const stop = timeline.forward(budget, { untilBreakpoint: true, untilLoop: true });
        // At full speed nothing is owed: a slower speed that is chosen then begins from here.
        debt = this.speed === null ? 0 : debt - (timeline.at - before);
        stepped ||= timeline.at !== before;
        if (stop === 'budget') continue;
        if (stop === 'idle') break;
        this.pause(this.whyStopped(stop));
        if (stop === 'loop') this.fallSilent(program);
        else if (stop === 'end') this.cameToRest();
      }
      if (this.silentAt === undefined && goesOn() && silence.look()) this.fallSilent(program);
      const measured = rate.measure(performance.now(), timeline.at);
      if (measured !== undefined) this.stepsPerSecond = measured;
      if (stepped || measured !== undefined) this.changed();
      this.poll();
      if (stepped && this.speed === null) await yieldToMessages();
      else await new Promise<void>((resolve) => setTimeout(resolve, 8));
    }
    if (!this.running) this.stepsPerSecond = 0;
    this.changed();
  }

  private fallSilent(program: Program): void {
    this.silentAt = program.timeline.at;
    this.cameToRest();
  }

  /** Goes to an instant, telling how far it is. Where the recording is shorter it runs on, and stops at breakpoints as any run does. */
  async seek(at: number, progress: Progress, { again = false, repeats = false, text }: SeekOptions = {}): Promise<{ at: number }> {
    const { timeline } = this.needProgram();
    const movement = this.begin();
    this.seeking = true;
    const before = timeline.at;
    if (again) timeline.approach(at);
    timeline.beginSeek(at);
    const start = timeline.at;
    let told = performance.now();
    let reason: string | undefined;
    while (timeline.at < at) {
      const at0 = timeline.at;
      const isKnown = at0 < timeline.end;
      const goal = isKnown ? Math.min(at, timeline.end) : at;
      const stop = timeline.forward(Math.min(10 * timeline.slice, goal - at0), { untilBreakpoint: !isKnown && !repeats });
      if (stop === 'breakpoint' || timeline.at === at0) {
        reason = this.whyStopped(stop);
        break;
      }
      if (performance.now() - told > SEEK_MS) {
        told = performance.now();
        progress((timeline.at - start) / (at - start), text?.(timeline.at) ?? `Going to instant ${at}: at ${timeline.at}`);
        this.changed();
        await yieldToMessages();
        if (this.count !== movement) break;
      }
    }
    if (timeline.at < before) this.outputEpoch++;
    if (this.count === movement) this.pause(reason);
    this.changed();
    return { at: timeline.at };
  }

  /**
   * Runs up to an instant flat out, past all breakpoints, with input that comes by itself. `feed` is asked where it may be due: at the
   * instants that it names, and where the machine waits for input; it answers whether there was any. False: another movement took over.
   */
  async follow(goal: number, nextInput: () => number, feed: (isIdle: boolean) => boolean): Promise<boolean> {
    const { timeline } = this.needProgram();
    const movement = this.begin();
    this.seeking = true;
    let told = performance.now();
    let reason: string | undefined;
    for (;;) {
      const until = Math.min(goal, Math.max(nextInput(), timeline.at));
      const stop =
        timeline.at < until ? timeline.forward(Math.min(10 * timeline.slice, until - timeline.at), { untilLoop: true }) : 'budget';
      const isFed = feed(stop === 'idle');
      if (stop === 'end' || stop === 'loop' || (stop === 'idle' && !isFed)) {
        reason = this.whyStopped(stop);
        break;
      }
      if (timeline.at >= goal) break;
      if (performance.now() - told < SEEK_MS / 4) continue;
      told = performance.now();
      this.changed();
      this.poll();
      await yieldToMessages();
      if (this.count !== movement) return false;
    }
    this.pause(reason);
    return true;
  }

  /** Runs towards a goal until it is there, something stops it, or somebody pauses. */
  async pursue(makeGoal: (timeline: Timeline) => Goal, text: string, progress: Progress): Promise<{ at: number }> {
    const { timeline } = this.needProgram();
    const goal = makeGoal(timeline);
    const movement = this.begin();
    this.running = true;
    const start = performance.now();
    const rate = new Rate(start, timeline.at);
    let told = start;
    for (;;) {
      const { done, value: stop } = goal.next();
      if (done) {
        this.pause(stop === 'budget' ? undefined : this.whyStopped(stop));
        break;
      }
      const now = performance.now();
      if (now - told < 16) continue;
      told = now;
      if (now - start > 250) progress(null, text);
      this.stepsPerSecond = rate.measure(now, timeline.at) ?? this.stepsPerSecond;
      this.changed();
      this.poll();
      await yieldToMessages();
      if (this.count !== movement) break;
    }
    if (!this.running) this.stepsPerSecond = 0;
    this.changed();
    return { at: timeline.at };
  }

  /** Answers a question about the past, unless something else is asked for meanwhile. Nothing is shown until the machine is back. */
  async ask<T>(question: Search<T>, text: string, progress: Progress): Promise<T> {
    this.pause();
    this.question = question;
    try {
      for (;;) {
        const since = performance.now();
        let step = question.next();
        while (!step.done && performance.now() - since < SEARCH_MS) step = question.next();
        if (step.done) return step.value;
        progress(step.value, text);
        await yieldToMessages();
        if (this.question !== question) throw new InputError('the search was cancelled');
      }
    } finally {
      if (this.question === question) this.comeHome();
      this.changed();
      this.standsStill();
    }
  }

  /** Breakpoints that stop at a certain time know after this how often each was reached before. */
  async countStops(progress: Progress): Promise<void> {
    const { timeline } = this.needProgram();
    if (timeline.breakpoints.countedTo < timeline.at)
      await this.ask(countStops(timeline), 'Counting how often the breakpoints were reached', progress);
  }

  /** To the last instant before this one at which a breakpoint would have stopped the run. */
  async runBack(progress: Progress): Promise<{ at: number }> {
    const program = this.needProgram();
    const { timeline } = program;
    const found = await this.ask(previousStop(timeline), 'Looking for the last stop at a breakpoint', progress);
    const before = found === undefined ? 0 : found - 1;
    const arrived = await this.seek(before, progress);
    if (arrived.at !== before) return arrived;
    // The step that ends at the stop tells why.
    if (found !== undefined) timeline.forward(1, { untilBreakpoint: true });
    this.pause(found === undefined ? 'start of the run: no breakpoint would have stopped it earlier' : this.breakpoints.stopped(program));
    return { at: timeline.at };
  }

  private whyStopped(stop: TimelineStop): string | undefined {
    const program = this.needProgram();
    if (stop === 'breakpoint') return this.breakpoints.stopped(program);
    if (stop === 'loop') return whyItLoops(program);
    return stop === 'idle' ? 'the processor is waiting for an interrupt (WFI) and only input can wake it' : program.machine.stopSentence();
  }
}

/** Reasons stand after others, in lower case and without a full stop. */
const whyItLoops = (program: Program): string => {
  const sentence = plain(exceptionLoopSentence(program) ?? []);
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
};
