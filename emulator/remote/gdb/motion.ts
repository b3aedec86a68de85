/** How gdb moves the machine: as any user interface does, by the session's movements, with the answer that gdb waits for. */
import { InputError } from '../../base/errors.ts';
import type { Movement } from '../../session/movement.ts';
import type { Session } from '../../session/session.ts';
import { instantBefore, stepInstruction, stepRange } from '../../time/quiet-steps.ts';
import type { GdbPoints, Seen } from './points.ts';

/** Bits of `qemu.sstep`, as QEMU has them. */
export const sstep = { ENABLE: 1, NOIRQ: 2, NOTIMER: 4 } as const;

/** `to`: the end of a range of VAs, for a step that goes on while it is inside. */
export type Action = { readonly kind: 'continue' | 'step' } | { readonly kind: 'range'; readonly from: bigint; readonly to: bigint };

const SIGINT = 2;
const SIGTRAP = 5;
const THREAD = 'p1.1';

/** The answer for a machine that stands, for a signal of the protocol (5 is SIGTRAP), with why. */
export const stopped = (signal: number, why = ''): string => `T${signal.toString(16).padStart(2, '0')}thread:${THREAD};${why}`;

const noProgress = (): undefined => undefined;

export class Motion {
  /** The bits of `qemu.sstep`: where no interrupts are wanted, a step goes over the handlers of those that come. */
  stepFlags: number = sstep.ENABLE | sstep.NOIRQ | sstep.NOTIMER;
  /** gdb waits for the machine. */
  isUnderWay = false;
  private isInterrupted = false;
  /** With which the program has ended itself, when gdb was told so last. */
  exitCode: number | undefined;
  /** The instant, of which program, that gdb knows. */
  private known = { programs: 0, at: 0 };

  constructor(
    private readonly session: Session,
    private readonly points: GdbPoints,
    /** Prints a line on gdb's console; only while gdb waits. */
    private readonly say: (line: string) => void,
  ) {}

  private get movement(): Movement {
    return this.session.movement;
  }
  private get isQuiet(): boolean {
    return (this.stepFlags & sstep.NOIRQ) !== 0;
  }

  /** Where the machine stands, told for the first time. */
  greet(): string {
    this.session.giveUp();
    this.remember();
    return stopped(SIGTRAP);
  }
  remember(): void {
    const { programs, program } = this.session;
    this.known = { programs, at: program?.timeline.at ?? 0 };
  }

  restarted(): void {
    this.exitCode = undefined;
    this.remember();
  }

  /** Ctrl-C. */
  interrupt(): void {
    if (!this.isUnderWay) return;
    this.isInterrupted = true;
    this.session.giveUp();
  }

  /** A command of gdb's that may take a while and move the machine: Ctrl-C ends it. */
  async doing<T>(work: () => Promise<T>): Promise<T> {
    this.isUnderWay = true;
    try {
      await this.session.ready('seek');
      return await work();
    } finally {
      this.isUnderWay = false;
      this.remember();
    }
  }

  /** Moves on, or back, and gives the answer for where the machine then stands. */
  async go(action: Action, back: boolean): Promise<string> {
    this.isUnderWay = true;
    this.isInterrupted = false;
    this.exitCode = undefined;
    try {
      await this.session.ready('run');
      this.tellOfOthers();
      const answer = await (back ? this.backward(action) : this.forward(action));
      // Somebody else may have taken over: gdb hears when the machine stands.
      await this.movement.rest();
      return this.exited() ?? (this.isInterrupted ? stopped(SIGINT) : answer());
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (!this.isInterrupted) this.say(error.message);
      return stopped(this.isInterrupted ? SIGINT : SIGTRAP);
    } finally {
      this.isUnderWay = false;
      this.remember();
    }
  }

  /** What others did while gdb was at its prompt. */
  private tellOfOthers(): void {
    const { known, session } = this;
    const { timeline } = session.needProgram();
    this.points.goesOn(timeline);
    if (session.programs !== known.programs) this.say('ELscope has opened the program anew meanwhile.');
    else if (timeline.at !== known.at) this.say(`ELscope has moved the machine from instant ${known.at} to ${timeline.at} meanwhile.`);
  }

  private async forward(action: Action): Promise<() => string> {
    const { movement, points } = this;
    const { timeline, machine } = this.session.needProgram();
    // gdb takes a breakpoint away to step off it: one that is there means to stop here.
    const here = points.at(machine.cpu.pc);
    if (here) return () => stopped(SIGTRAP, `${here}:;`);
    if (machine.stop && timeline.at === timeline.end) return () => this.atTheEnd();
    if (action.kind === 'continue') {
      movement.run();
      await movement.rest();
    } else {
      const { isQuiet } = this;
      const range = action.kind === 'range' ? action : undefined;
      await movement.pursue(
        (timeline) => (range ? stepRange(timeline, range.from, range.to, isQuiet) : stepInstruction(timeline, isQuiet)),
        'Stepping for gdb',
        noProgress,
      );
    }
    const seen = points.seen(timeline);
    // gdb expects to stand in front of an instruction that touches what is watched: it steps over it by itself, and then looks.
    if (seen) await movement.seek(seen.n, noProgress);
    return () => (seen ? watched(seen) : this.reason());
  }

  private reason(): string {
    const { machine, timeline } = this.session.needProgram();
    const kind = this.points.at(machine.cpu.pc);
    if (kind) return stopped(SIGTRAP, `${kind}:;`);
    if (machine.stop && timeline.at === timeline.end) return this.atTheEnd();
    const { reason } = this.movement;
    if (reason !== undefined) this.say(reason);
    return stopped(SIGTRAP);
  }
  /** Nothing follows: the machine is off. gdb may go back from there. */
  private atTheEnd(): string {
    this.say(this.session.needProgram().machine.stopSentence() ?? '');
    return stopped(0, 'replaylog:end;');
  }
  /** The program ended itself, by its call of the debugger: then it is gone for gdb. */
  private exited(): string | undefined {
    const { machine, timeline } = this.session.needProgram();
    if (machine.stop?.kind !== 'exit' || timeline.at < timeline.end) return undefined;
    this.exitCode = machine.stop.code;
    return `W${machine.stop.code.toString(16).padStart(2, '0')};process:1`;
  }

  /**
   * Back to before the last instruction, or to the last stop. A watchpoint stops after the access, which gdb then undoes by itself: the mirror
   * of what happens forwards.
   */
  private async backward(action: Action): Promise<() => string> {
    const { movement, points } = this;
    const { timeline, machine } = this.session.needProgram();
    const begin = (): string => stopped(0, 'replaylog:begin;');
    if (timeline.at <= timeline.first) return begin;
    if (points.hasWatchpoints) {
      // Repeats the last step, with the machine watching.
      const { at } = timeline;
      await movement.seek(at - 1, noProgress);
      if (timeline.at === at - 1) timeline.forward(1, { untilBreakpoint: true });
      const seen = points.seen(timeline);
      if (seen) return () => watched(seen);
    }
    if (action.kind === 'continue') {
      await movement.runBack(noProgress);
      const seen = points.seen(timeline);
      if (seen) return () => watched(seen);
      return () => (timeline.at <= timeline.first ? begin() : this.reason());
    }
    const { pc, el } = machine.cpu;
    await movement.seek(instantBefore(timeline, pc, el, this.isQuiet), noProgress, { again: true });
    return () => this.reason();
  }
}

const watched = ({ kind, address }: Seen): string => stopped(SIGTRAP, `${kind}:${address.toString(16)};`);
