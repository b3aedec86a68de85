/**
 * Exceptions without end. The whole machine is as it was one round before, but for its clock; in between nothing asked for the time,
 * a device or the firmware, and no interrupt can come that would be taken. So the same round follows for ever.
 *
 * A round is proposed where an exception comes with the registers of an earlier one, which costs little, and believed only when the round
 * has run once more and the CPU, the TLB, the devices and every byte of memory are found to be what they were.
 */
import { equalBytes } from '../base/bytes.ts';
import type { CpuEvent, ExceptionEvent, ExceptionType } from '../cpu/events.ts';
import { interruptToTake } from '../cpu/index.ts';
import { comingInterrupts } from '../machine/coming-interrupts.ts';
import type { Machine } from '../machine/machine.ts';
import type { Keyframes } from './keyframes.ts';
import type { TrapLog } from './trap-log.ts';

export interface ExceptionLoop {
  /** Index of the first event of the first round, and how many events and steps a round has. */
  readonly first: number;
  readonly events: number;
  readonly steps: number;
  /** The instant at which it was certain. */
  readonly knownAt: number;
}

/** The longest round looked for, in events, and in steps where each of them is looked at. */
const MOST_EVENTS = 64;
const MOST_WATCHED_STEPS = 10_000;
/** Events to let pass after a round that was none; twice as many each time, up to the last. */
const [FIRST_REST, LONGEST_REST] = [16, 65_536];
/** X0 to X30 and SP, in 32-bit words. */
const REGISTER_WORDS = 64;

/** An exception that a round may begin with. */
interface Anchor {
  readonly index: number;
  readonly n: number;
  readonly pc: bigint;
  readonly elr: bigint;
  readonly encounters: number;
  readonly registers: Uint32Array;
}
/** A round that runs once more. */
interface Trial {
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly state: Uint8Array;
  readonly encounters: number;
  /** Interrupts may come: each step is asked whether it would take one. */
  readonly isWatched: boolean;
}

export class LoopFinder {
  found: ExceptionLoop | undefined;
  private anchor: Anchor | undefined;
  /** Events after which the anchor moves on: Brent's way to find a cycle of unknown length. */
  private reach = 1;
  private suspicion: { readonly at: number; readonly steps: number; readonly events: number } | undefined;
  private trial: Trial | undefined;
  /** What the runs over new ground encountered beside CPU and memory; what is looked at in between does not count. */
  private encounters = 0;
  private encountersElsewhere = 0;
  private rest = FIRST_REST;
  /** No suspicion before this event. */
  private restUntil = 0;

  constructor(
    private readonly machine: Machine,
    private readonly keyframes: Keyframes,
  ) {}

  /** Another run begins here. */
  forget(): void {
    this.found = this.anchor = this.suspicion = this.trial = undefined;
    [this.reach, this.rest, this.restUntil] = [1, FIRST_REST, 0];
  }

  /** A round is under way that must not be disturbed by new keyframes. */
  get isTrying(): boolean {
    return this.trial !== undefined;
  }
  /** The run was ended so that `look` is called. */
  get isSuspicious(): boolean {
    return this.suspicion !== undefined;
  }
  /** The instant at which `look` wants to be called next. */
  get nextLook(): number {
    const { trial } = this;
    return trial ? (trial.isWatched ? this.machine.steps + 1 : Math.max(trial.to, this.machine.steps + 1)) : Infinity;
  }

  /** An event that is new in the log. True: `look` wants to be called right after this step. */
  note(event: CpuEvent, index: number): boolean {
    // Where CPUs take turns, what each does next depends on all.
    if (this.machine.turns.areSeveral || event.kind !== 'exception' || this.found || this.trial || index < this.restUntil) return false;
    const { anchor } = this;
    if (anchor && this.isAgain(anchor, event)) {
      this.suspicion = { at: event.n + 1, steps: event.n - anchor.n, events: index - anchor.index };
      return true;
    }
    if (anchor && index - anchor.index < this.reach) return false;
    this.reach = anchor ? Math.min(2 * this.reach, MOST_EVENTS) : 1;
    const registers = this.machine.cpu.u32.slice(0, REGISTER_WORDS);
    this.anchor = { index, n: event.n, pc: event.pc, elr: event.elr, encounters: this.encountersNow, registers };
    return false;
  }
  private isAgain({ pc, elr, encounters, registers }: Anchor, event: ExceptionEvent): boolean {
    const { cpu } = this.machine;
    if (event.pc !== pc || event.elr !== elr || this.encountersNow !== encounters) return false;
    for (let i = 0; i < REGISTER_WORDS; i++) if (cpu.u32[i] !== registers[i]) return false;
    return true;
  }

  /** A run over new ground begins. */
  resume(): void {
    this.encountersElsewhere = this.machine.encounters - this.encounters;
  }
  private get encountersNow(): number {
    return this.machine.encounters - this.encountersElsewhere;
  }

  /** A run over new ground has ended: begins a trial, watches it or ends it. */
  look(traps: TrapLog): void {
    const { machine, suspicion, trial } = this;
    this.encounters = this.encountersNow;
    this.suspicion = undefined;
    if (trial) {
      if (machine.steps > trial.to || (trial.isWatched && this.canBeInterrupted())) this.giveUp(traps);
      else if (machine.steps === trial.to) this.judge(trial, traps);
    } else if (suspicion && suspicion.at === machine.steps) this.begin(suspicion, traps);
  }

  private begin({ at, steps, events }: NonNullable<LoopFinder['suspicion']>, traps: TrapLog): void {
    const { machine, keyframes } = this;
    const isWatched = comingInterrupts(machine).some(({ obstacle }) => !obstacle);
    if (isWatched && (steps > MOST_WATCHED_STEPS || this.canBeInterrupted())) return this.giveUp(traps);
    keyframes.capture(at);
    const { encounters } = this;
    this.trial = { from: at, to: at + steps, events, state: machine.timelessState(), encounters, isWatched };
  }
  private giveUp(traps: TrapLog): void {
    this.trial = this.anchor = undefined;
    this.reach = 1;
    this.restUntil = traps.length + this.rest;
    this.rest = Math.min(2 * this.rest, LONGEST_REST);
  }
  /** Whether an interrupt that came now would be taken, and is not there already. */
  private canBeInterrupted(): boolean {
    const { cpu, board } = this.machine;
    const { lines } = board;
    return interruptToTake(cpu, { ...lines, irq: true, fiq: true }) !== interruptToTake(cpu, lines);
  }

  private judge({ from, to, events, state, encounters }: Trial, traps: TrapLog): void {
    const { machine, keyframes } = this;
    const last = traps.length - 1;
    const isSame =
      this.encounters === encounters &&
      traps.step(last) === to - 1 &&
      keyframes.isMemoryAsAt(from) &&
      equalBytes(machine.timelessState(), state);
    const first = isSame ? firstRound(traps, last, events, to - from) : 0;
    if (!isSame || !isEndless(traps, first, events)) return this.giveUp(traps);
    this.found = { first, events, steps: to - from, knownAt: to };
    this.trial = undefined;
  }
}

/** The first event from which on events repeat as the last ones do. */
function firstRound(traps: TrapLog, last: number, events: number, steps: number): number {
  let first = last - events + 1;
  while (
    first > traps.first &&
    traps.isAlike(first - 1, first - 1 + events) &&
    traps.step(first - 1 + events) - traps.step(first - 1) === steps
  )
    first--;
  return first;
}

/** Exceptions whose handler, once it has done its work, returns to where the program continues. */
const served: ReadonlySet<ExceptionType> = new Set(['HVC', 'SVC', 'Step']);

/**
 * Whether a round is more than a series of answered calls: an exception interrupts the program for good, because its handler does not
 * return, or returns to the instruction that takes the exception again.
 */
function isEndless(traps: TrapLog, first: number, events: number): boolean {
  for (let index = first; index < first + events; index++) {
    const event = traps.get(index);
    if (event.kind !== 'exception') continue;
    const end = traps.returnOf(index);
    const back = end === undefined ? undefined : traps.get(end);
    if (back?.kind !== 'return') return true;
    if (!served.has(event.type) && back.pc === event.elr) return true;
  }
  return false;
}
