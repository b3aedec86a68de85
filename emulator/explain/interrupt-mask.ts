/**
 * Which instruction or exception entry set a mask bit of PSTATE, asked of the recording: its traps say where exceptions were taken and
 * returned from, and what lies between the last of them and the instant is repeated for an MSR that set the bit.
 */
import type { ExceptionEvent, ReturnEvent } from '../cpu/events.ts';
import { currentVmid } from '../cpu/index.ts';
import { SPSR } from '../cpu/registers/bits.ts';
import { PSTATE } from '../cpu/spsr.ts';
import type { Machine } from '../machine/machine.ts';
import type { Watched } from '../machine/watches.ts';
import type { TrapLog } from '../time/trap-log.ts';
import type { MaskOrigin } from './interrupt-views.ts';
import { disassembled } from './instruction-text.ts';
import { listedHeld, physicalHeld, softwareHeld, type Held } from './interrupt-way.ts';
import { LastAnswer } from './last-answer.ts';
import { placeOf, type Subject } from './subject.ts';
import { trapName } from './trap-words.ts';
import type { Place } from './views.ts';
import { grouped } from './words.ts';

export const maskBits = ['A', 'I', 'F'] as const;
export type MaskBit = (typeof maskBits)[number];
/** The mask bit of "PSTATE.I"; undefined for every other field. */
export const maskBitOf = (field: string | undefined): MaskBit | undefined => maskBits.find((bit) => field === `PSTATE.${bit}`);

const watched: Watched = { memory: [], registers: [], instructions: true };
/** Traps that are looked through for the entry that saved what a return restores. */
const MOST_TRAPS = 4096;
/** So many steps of the past are repeated, the same on any host: a program that masks once and then runs for ever is not looked through. */
const MOST_STEPS = 16_000_000;

class MaskSearch {
  /** Undefined: not found yet. Null: nobody knows, or it is too long ago. */
  private found: MaskOrigin | null | undefined;
  /** From here on nothing set it. */
  private from: number;
  private lookedAt = 0;

  constructor(
    private readonly bit: MaskBit,
    before: number,
  ) {
    this.from = before;
  }

  /** The machine is back at its instant afterwards. */
  search(subject: Subject, ms: number): MaskOrigin | null | undefined {
    if (this.found !== undefined) return this.found;
    const { timeline } = subject;
    const home = timeline.at;
    const started = performance.now();
    let moved = false;
    try {
      do moved = this.goOn(subject) || moved;
      while (this.found === undefined && performance.now() - started < ms);
    } finally {
      if (moved) timeline.returnTo(home);
    }
    return this.found;
  }

  /** One interval of the past; true if the machine was moved for it. */
  private goOn(subject: Subject): boolean {
    const { bit } = this;
    const { timeline } = subject;
    const { traps, inputs } = timeline;
    const index = traps.firstAt(this.from) - 1;
    const event = index >= traps.first ? traps.get(index) : undefined;
    const byHand = inputs.changes.findLast((change) => change.kind === 'change' && change.register === 'DAIF' && change.n <= this.from)?.n;
    // After these nothing but an MSR can have set it.
    const floor = Math.max(event ? event.n + 1 : 0, byHand ?? 0);
    if (this.from > floor) {
      this.lookBack(subject, Math.max(timeline.keyframes.before(this.from - 1) ?? 0, floor));
      return true;
    }
    if (byHand === floor) this.found = told(bit, 'hand', byHand, null, 'A person set');
    else if (!event) this.found = traps.first > 0 ? null : told(bit, 'reset', 0, null, 'The reset set');
    else if (event.kind === 'psci') this.from = event.n;
    else if (event.kind === 'exception') {
      const place = placeOf(subject.names.met(event.from, event.vmid, event.n), event.elr);
      this.found = told(bit, 'entry', event.n, place, `The exception entry to EL${event.to} for the ${trapName(event)} set`);
    } else return this.decideReturn(subject, event, index);
    return false;
  }

  /** Looks for the last MSR from `start` to where the search stands that set the bit. */
  private lookBack(subject: Subject, start: number): void {
    const { machine, timeline } = subject;
    const { cpu, watches } = machine;
    const isSet = (): boolean => (cpu.daif & PSTATE[this.bit]) !== 0;
    if (start === 0) timeline.returnTo(0, watched);
    else timeline.seek(start);
    // Generated code sets bits without telling (DAIFSet); whatever clears them is told, so they are set once after they were last seen clear.
    let clear = isSet() ? undefined : start;
    let set = this.from;
    const stop = watches.onDone.on((n) => {
      if (!isSet()) [clear, set] = [n + 1, this.from];
      else set = Math.min(set, n + 1);
    });
    try {
      timeline.forwardTo(this.from, { watched });
    } finally {
      stop();
    }
    this.lookedAt += this.from - start;
    this.from = start;
    if (clear !== undefined) this.found = this.between(subject, clear, set, isSet);
    else if (this.lookedAt >= MOST_STEPS) this.found = null;
  }

  /** What set the bit, which is clear at one instant and set, for good, at some instant up to the other. */
  private between({ machine, timeline, names }: Subject, clear: number, set: number, isSet: () => boolean): MaskOrigin {
    let [low, high] = [clear, set];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      timeline.seek(middle);
      if (isSet()) high = middle;
      else low = middle;
    }
    timeline.seek(low);
    const { cpu } = machine;
    const { pc, el } = cpu;
    const word = machine.fetchWord(pc);
    const what = word === undefined ? 'An instruction' : disassembled(word, pc);
    return told(this.bit, 'instruction', low, placeOf(names.met(el, currentVmid(cpu), low), pc), `${what} set`);
  }

  /** Where its handler gave back what it had found, whoever set the bit did so before the exception. True: the machine was moved. */
  private decideReturn({ machine, timeline, names }: Subject, event: ReturnEvent, index: number): boolean {
    const entry = entryOf(timeline.traps, event, index);
    if (entry && entry.spsr & SPSR[this.bit]) {
      this.from = entry.n;
      return false;
    }
    timeline.seek(event.n);
    const place = placeOf(names.met(event.from, event.vmid, event.n), machine.cpu.pc);
    this.found = told(this.bit, 'return', event.n, place, `eret, with SPSR_EL${event.from}.${this.bit} = 1, set`);
    return true;
  }
}

/** The entry that saved what a return restores: from the same level of the same guest, at the same place. */
function entryOf(traps: TrapLog, { from, to, vmid, pc }: ReturnEvent, index: number): ExceptionEvent | undefined {
  for (let i = index - 1; i >= Math.max(traps.first, index - MOST_TRAPS); i--) {
    const entry = traps.get(i);
    if (entry.kind === 'exception' && entry.to === from && entry.from === to && entry.vmid === vmid)
      if (pc === entry.elr || pc === entry.elr + 4n) return entry;
  }
  return undefined;
}

function told(bit: MaskBit, by: MaskOrigin['by'], at: number, place: Place | null, who: string): MaskOrigin {
  const source = place?.file === undefined ? '' : ` (${place.file}:${place.line})`;
  const where = place === null ? '' : `, in ${place.symbol ?? place.address}${source}`;
  const since = by === 'reset' ? ', and nothing has cleared it' : ` at instant ${grouped(at)}`;
  return { bit, by, at, place, sentence: `${who} PSTATE.${bit}${where}${since}.` };
}

/** The last search in each recording: frames of one instant ask for the same. */
const known = new WeakMap<TrapLog, { readonly key: string; readonly search: MaskSearch }>();

/** What set the bit that is set at this instant, as far as `ms` of searching tell: undefined where that was not enough, null where nobody knows. */
export function maskOrigin(subject: Subject, bit: MaskBit, ms: number): MaskOrigin | null | undefined {
  const { timeline, machine } = subject;
  const key = `${bit} ${timeline.at} ${machine.inputsTaken} ${subject.names.version}`;
  let last = known.get(timeline.traps);
  if (last?.key !== key) known.set(timeline.traps, (last = { key, search: new MaskSearch(bit, timeline.at) }));
  return last.search.search(subject, ms);
}

/** What had held an interrupt that was taken, up to the step before, if that was PSTATE; and what had set the bit. Empty where it was not. */
export function maskedSentence(subject: Subject, event: ExceptionEvent): string {
  const { machine, timeline } = subject;
  const { n } = event;
  if (n <= timeline.first) return '';
  return lastSentence.of(timeline.traps, `${n} ${subject.names.version}`, () => {
    const look = (): MaskBit | undefined => maskBitOf(heldOf(machine, event)?.hold?.field);
    const bit = timeline.excursion(n - 1, look, { key: `mask ${event.type}` });
    if (bit === undefined) return '';
    const origin = new MaskSearch(bit, n - 1).search(subject, Infinity);
    return ` PSTATE.${bit} = 1 had held it up to instant ${grouped(n - 1)}.${origin ? ` ${origin.sentence}` : ''}`;
  });
}
const lastSentence = new LastAnswer<string>();

/** Where the interrupt of an exception is, at another instant than that. */
function heldOf(machine: Machine, { type, intid, listRegister }: ExceptionEvent): Held | undefined {
  if (intid === null) return type === 'vIRQ' || type === 'vFIQ' ? softwareHeld(machine, type === 'vIRQ' ? 'VI' : 'VF') : undefined;
  if (listRegister === null) return physicalHeld(machine, intid);
  const listed = machine.board.gic.virtualControl.inUse().find((one) => one.listRegister === listRegister);
  return listed && listedHeld(machine, listed);
}
