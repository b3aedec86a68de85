/**
 * Which function handled a trap, found by running the handler again and looking at every call. The vector's code saves the registers of
 * whoever was interrupted and calls a first function with their address. Where that one passes the address on, it found out what the trap
 * is, and the function that it passes it to is the one that handles this kind.
 */
import { PA, VA } from '../base/addresses.ts';
import type { Watched } from '../machine/watches.ts';
import { LastAnswer } from './last-answer.ts';
import { placeOf, type Subject } from './subject.ts';
import type { Level, Place } from './views.ts';

/** Of a longer handler, what it has done by then decides. */
const MOST_STEPS = 5_000;
const MOST_DEPTH = 64;
/** X0 to X7 pass arguments (AAPCS64, section 6.4). */
const ARGUMENTS = 8;
/** The general registers and a few more, as a vector saves them. */
const SAVED_BYTES = 0x400n;

const allStores: Watched = { memory: [{ pa: PA(0), bytes: 2 ** 40, access: 'w' }], registers: [] };

interface Call {
  readonly entry: VA;
  readonly args: readonly bigint[];
  readonly calls: Call[];
  /** Steps from the call to the return. */
  steps: number;
}
interface Frame {
  readonly call: Call;
  /** It was branched to, so it is part of the code that branched. */
  readonly isJump: boolean;
  readonly back: VA;
  readonly sp: VA;
  readonly from: number;
}

const known = new LastAnswer<readonly Place[]>();

/**
 * The first function that the vector's code called with the address of the saved registers, and the one that it passed the address on to,
 * each with the place of its first instruction: of several the one that ran longest. One where it kept the address to itself, none where
 * the vector's code called nothing. `from` is the instant right after the exception entry, `to` the one of the return or the end of the run.
 */
export const handlerCalls = (subject: Subject, from: number, to: number, level: Level): readonly Place[] =>
  known.of(subject.timeline.traps, `${from} ${to} ${subject.names.version}`, () =>
    subject.timeline.excursion(from, () => repeated(subject, to, level), { key: `calls until ${to}`, moves: true }),
  );

function repeated(subject: Subject, to: number, level: Level): readonly Place[] {
  const names = subject.names.of(level);
  const { called, saved } = new Calls(subject, level).until(Math.min(to, subject.timeline.at + MOST_STEPS));
  // Where the address is passed to nobody, nothing tells the first functions apart but their share of the work.
  const first = longest(called.filter(({ args }) => saved !== undefined && args.includes(saved))) ?? longest(called);
  if (!first) return [];
  const place = saved === undefined ? -1 : first.args.indexOf(saved);
  const second = place < 0 ? undefined : longest(first.calls.filter(({ args }) => args[place] === saved));
  return [first, ...(second ? [second] : [])].map(({ entry }) => placeOf(names, entry));
}

const longest = (calls: readonly Call[]): Call | undefined =>
  calls.reduce<Call | undefined>((most, call) => (most && most.steps >= call.steps ? most : call), undefined);

/** The calls of a handler, as trees. */
class Calls {
  /** By the vector's own code. */
  readonly called: Call[] = [];
  /** Where the vector's code has stored registers, as the first function that got the address had it. */
  saved: bigint | undefined;
  private readonly stack: Frame[] = [];
  private readonly stored: VA[] = [];

  constructor(
    private readonly subject: Subject,
    private readonly level: Level,
  ) {}

  until(end: number): this {
    const { timeline, machine } = this.subject;
    /** Exceptions that the handler was interrupted by, or caused, and that have not returned. */
    let inner = 0;
    const stop = machine.watches.onReport.on((report) => {
      if (report.kind === 'memory' && report.access === 'w' && report.va !== undefined && inner === 0) this.stored.push(report.va);
    });
    try {
      while (timeline.at < end) {
        const { at } = timeline;
        const before = inner === 0 ? this.instruction() : undefined;
        // Only what the vector's own code stores is of interest.
        timeline.forward(1, this.called.length === 0 ? { watched: allStores } : {});
        if (timeline.at === at) break;
        const event = timeline.lastStepEvent();
        if (event?.kind === 'exception') inner++;
        else if (event?.kind === 'return') inner--;
        else if (before) this.follow(before);
      }
    } finally {
      stop();
    }
    for (const { call, from } of this.stack) call.steps = timeline.at - from;
    return this;
  }

  private instruction(): { readonly isCall: boolean; readonly isJump: boolean; readonly next: VA } | undefined {
    const { machine } = this.subject;
    const flow = machine.currentInstruction()?.definition.flow;
    return { isCall: flow === 'call', isJump: flow === 'jump', next: VA(machine.cpu.pc + 4n) };
  }

  /** After a step that did not end in an exception. */
  private follow({ isCall, isJump, next }: NonNullable<ReturnType<Calls['instruction']>>): void {
    const { machine, timeline } = this.subject;
    const { pc, sp } = machine.cpu;
    if (isCall) return this.enter(next, sp, false);
    for (let top = this.stack.at(-1); top && pc === top.back && sp >= top.sp; top = this.stack.at(-1)) {
      top.call.steps = timeline.at - top.from;
      this.stack.pop();
    }
    // A branch to the start of a function is a call that returns to the caller's caller, or the vector's way into code that it shares.
    const top = this.stack.at(-1);
    if (isJump && top?.call.entry !== pc && this.subject.names.of(this.level).function(pc)?.offset === 0n)
      this.enter(top?.back ?? VA(0n), top?.sp ?? sp, true);
  }

  private enter(back: VA, sp: VA, isJump: boolean): void {
    const { cpu } = this.subject.machine;
    const args = Array.from({ length: ARGUMENTS }, (_, i) => cpu.x(i));
    const call: Call = { entry: cpu.pc, args, calls: [], steps: 0 };
    const isOfVector = this.stack.every((frame) => frame.isJump);
    if (isOfVector) this.saved ??= args.find((value) => this.stored.some((va) => va >= value && va < value + SAVED_BYTES));
    if (this.stack.length >= MOST_DEPTH) return;
    if (!isOfVector) this.stack.at(-1)!.call.calls.push(call);
    else if (!isJump) this.called.push(call);
    this.stack.push({ call, isJump: isJump && isOfVector, back, sp, from: this.subject.timeline.at });
  }
}
