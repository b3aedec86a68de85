/** What the rules ask about: a program at an instant, with what is known of its faults and its past, each found once. */
import { VA } from '../../base/addresses.ts';
import { hex } from '../../base/hex.ts';
import type { ExceptionEvent } from '../../cpu/index.ts';
import type { Machine } from '../../machine/machine.ts';
import { detailedEvent, type DetailedEvent } from '../events.ts';
import { disassembled } from '../instruction-text.ts';
import { outcomeOf } from '../outcome.ts';
import { refusedWalk } from '../accesses.ts';
import { placeOf, type Subject } from '../subject.ts';
import type { Place } from '../views.ts';
import type { Walk } from '../../mmu/index.ts';
import { endingOf, isFault, isHalt, isOver, type Ending } from './ending.ts';
import type { Evidence } from './finding.ts';
import { History, type SystemStep } from './history.ts';

/** An exception whose handler has not returned. */
export type OpenException = ExceptionEvent & { readonly index: number };
export type DetailedException = Extract<DetailedEvent, { kind: 'exception' }>;

export class Examination {
  readonly ending: Ending;
  readonly at: number;
  /** Exceptions whose handlers have not returned, in their order. */
  readonly open: readonly OpenException[];
  private readonly details = new Map<number, DetailedException>();
  history = new History();

  constructor(readonly subject: Subject) {
    this.at = subject.timeline.at;
    this.ending = endingOf(subject);
    this.open = openExceptions(subject, this.ending);
  }

  get machine(): Machine {
    return this.subject.machine;
  }
  /** Nothing can happen any more, or the machine was switched off. */
  get isOver(): boolean {
    return isOver(this.ending);
  }
  /** It stands still for good, and not because it was switched off. */
  get isStuck(): boolean {
    return this.isOver && this.ending.kind !== 'stopped';
  }
  /** It stands still at a place at which programs end on purpose too. */
  get isHalt(): boolean {
    return isHalt(this.ending);
  }

  /** The instruction at which a program stands that waits: its WFI, what a loop reads, or PC. */
  get waitsAt(): VA {
    const { ending, machine } = this;
    const { pc } = machine.cpu;
    if (ending.kind === 'spin') return ending.wfi ?? ending.reads.at(-1)?.pc ?? pc;
    return machine.cpu.waiting ? VA(pc - 4n) : pc;
  }

  /** The instant after which nothing new happens: a loop repeats its first round. */
  get pastEnd(): number {
    const { ending, at } = this;
    return ending.kind === 'loop' ? Math.min(at, this.subject.timeline.traps.step(ending.first) + FIRST_ROUNDS) : at;
  }
  /**
   * The fault that the rest follows from: the first that the program took at its own level and did not return from, else the first taken to
   * a higher one. A fault to a level whose handler faults at its first instruction comes before those of the handler.
   */
  get root(): OpenException | undefined {
    const taken = this.open.filter(({ type }) => isFault(type));
    const own = taken.find(({ from, to }) => from === to);
    if (!own) return taken.at(0);
    return this.open.find((one) => one.n < own.n && own.n === one.n + 1 && own.elr === one.pc) ?? own;
  }

  detail({ n }: { readonly n: number }): DetailedException {
    let known = this.details.get(n);
    if (!known) this.details.set(n, (known = detailedEvent(this.subject, n) as DetailedException));
    return known;
  }

  /** Looks at the machine at another instant. */
  look<T>(n: number, key: string, look: () => T): T {
    return n === this.subject.timeline.at ? look() : this.subject.timeline.excursion(n, look, { key });
  }
  /** A register as it was. */
  registerAt(n: number, name: Parameters<Machine['cpu']['current']>[0]): bigint {
    return this.look(n, `register ${name}`, () => this.machine.cpu.current(name));
  }
  /** The walk that refused the access of a fault; undefined where none did. */
  walkOf({ n }: { readonly n: number }): Walk | undefined {
    return this.look(n, 'refused walk', () => refusedWalk(this.machine, outcomeOf(this.machine)));
  }

  /** A place in the program's own code; `n`: where the level of that instant finds it, if it runs elsewhere than it was linked. */
  place(address: VA, n?: number): Place {
    const { names } = this.subject;
    const linked = placeOf(names.linked, address);
    if (n === undefined) return linked;
    const here = this.look(n, `place of ${address}`, () => placeOf(names.of(this.machine.cpu.el), address));
    return here.symbol === undefined && here.file === undefined ? linked : here;
  }
  /** An instruction that was executed, as evidence. */
  step(n: number, pc: VA, text: string, more: Partial<Evidence> = {}): Evidence {
    const word = this.look(n, `word at ${pc}`, () => this.machine.fetchWord(pc));
    return {
      text,
      ...(word === undefined ? {} : { instruction: disassembled(word, pc) }),
      address: hex(pc),
      ...sourceOf(this.place(pc, n)),
      at: n,
      ...more,
    };
  }
  source(address: VA): { source?: string } {
    return sourceOf(this.place(address));
  }
  /** "main+0x10", or the address. */
  name(address: VA): string {
    const { names } = this.subject;
    const known = names.linked.symbol(address) ?? names.of(this.machine.cpu.el).symbol(address);
    return known?.replace(/\+0x0$/, '') ?? hex(address);
  }

  /** The MSR that last wrote a register before an instant. */
  writer(register: string, before: number): SystemStep | undefined {
    return this.history.lastWrite(register, before);
  }
  /** Whether no MSR wrote a register before an instant; false where that is not known. */
  wasNeverWritten(register: string, before: number): boolean {
    const { history } = this;
    return history.until >= Math.min(before, this.pastEnd) && !history.writesOf(register).some(({ n }) => n < before);
  }
  /** The barriers that the steps from one instant to another execute; all of them where that is too far to look. */
  barriersBetween(from: number, to: number): ReadonlySet<Barrier> {
    if (to - from > MOST_BARRIER_STEPS) return new Set<Barrier>(['DSB', 'ISB']);
    const { machine, subject } = this;
    const { timeline } = subject;
    return timeline.excursion(
      from,
      () => {
        const found = new Set<Barrier>();
        while (timeline.at < Math.min(to, this.at)) {
          const { at } = timeline;
          const name = machine.currentInstruction()?.definition.name;
          if (name === 'DSB' || name === 'ISB') found.add(name);
          timeline.forward(1);
          // An exception entry or return synchronizes the context too (Arm ARM D1.4.1).
          if (timeline.lastStepEvent()) found.add('ISB');
          if (timeline.at === at) break;
        }
        return found;
      },
      { key: `barriers until ${to}`, moves: true },
    );
  }
}

export type Barrier = 'DSB' | 'ISB';
/** Steps that are looked through one by one for barriers. */
const MOST_BARRIER_STEPS = 3_000;
/** Steps of an exception loop that its first rounds take. */
const FIRST_ROUNDS = 2_000;
/** Of a run that took millions of exceptions, the last ones. */
const MOST_EVENTS = 100_000;

function openExceptions({ timeline }: Subject, ending: Ending): OpenException[] {
  const { traps, at } = timeline;
  const open: OpenException[] = [];
  // An exception loop repeats its first round.
  const end = ending.kind === 'loop' ? Math.min(traps.firstAt(at), ending.first + 64) : traps.firstAt(at);
  for (let index = Math.max(traps.first, end - MOST_EVENTS); index < end; index++) {
    if (traps.kind(index) !== 'exception') continue;
    const back = traps.returnOf(index);
    if (back !== undefined && traps.step(back) < at && !(ending.kind === 'loop' && index >= ending.first)) continue;
    open.push({ ...(traps.get(index) as ExceptionEvent), index });
  }
  return open;
}

function sourceOf({ symbol, file, line }: Place): { source?: string } {
  const source = file === undefined ? symbol : `${file}:${line}`;
  return source === undefined ? {} : { source };
}
