/**
 * What the end does not tell: the run, or its beginning where it is long, repeated with an observer. It costs only when somebody asks for a
 * diagnosis. It is repeated in short pieces, after each of which the machine is back where it was, and no further than it is asked for.
 */
import { PA, type VA } from '../../base/addresses.ts';
import { peekRegister, type ExceptionLevel } from '../../cpu/index.ts';
import { decode, operationOf, registerOf, type Decoded, type SystemOperationName } from '../../isa/index.ts';
import type { WatchedAccess, Watched } from '../../machine/watches.ts';
import { LastAnswer } from '../last-answer.ts';
import type { Subject } from '../subject.ts';

/** An instruction that the machine itself executes, before it did anything. */
export interface SystemStep {
  readonly n: number;
  readonly pc: VA;
  readonly el: ExceptionLevel;
  readonly instruction: Decoded;
  /** "MSR (register)", "SYS", "ERET" ... */
  readonly name: string;
  /** The system register of MSR and MRS; the operation of SYS. */
  readonly register: string | undefined;
  readonly operation: SystemOperationName | undefined;
  /** X[Rt]. */
  readonly operand: bigint;
  /** Of MSR: what the register was. */
  readonly before: bigint | undefined;
}

/** A store to memory, or a device's, by the program. */
export interface Store {
  readonly n: number;
  readonly pc: VA;
  readonly el: ExceptionLevel;
  readonly pa: PA;
  readonly va: VA;
  readonly bytes: number;
  /** As little-endian numbers; undefined for what a device had. */
  readonly before: bigint | undefined;
  readonly after: bigint;
  /** Through a cacheable mapping: Normal memory, and the data cache is on. */
  readonly cached: boolean;
}

export interface Exclusive {
  readonly n: number;
  readonly pc: VA;
  readonly va: VA;
  readonly device: boolean;
}

/** A load from the start of RAM, where a device tree may lie. */
export interface TreeRead {
  readonly n: number;
  readonly pc: VA;
  readonly pa: PA;
}

/** How far a history is followed. */
export interface Reach {
  readonly steps: number;
  readonly reports: number;
}
/** Some seconds at most: no clock of the host decides what is found. */
export const quickReach: Reach = { steps: 4_000_000, reports: 250_000 };
/** What somebody asked for who waits: all of it, as far as there is room for what it tells. */
export const wholeReach: Reach = { steps: Infinity, reports: 4_000_000 };

/** Milliseconds of a piece, and steps between looks at the clock. */
const PIECE_MS = 25;
const SLICE = 5_000;
/** Where RAM begins. */
const TREE = 0x4000_0000;

const watched: Watched = { memory: [{ pa: PA(0), bytes: 2 ** 40, access: 'rw' }], registers: [], instructions: true };

export class History {
  readonly system: SystemStep[] = [];
  readonly stores: Store[] = [];
  /** The first of each load-exclusive. */
  readonly exclusives: Exclusive[] = [];
  /** The first few of them. */
  readonly treeReads: TreeRead[] = [];
  /** The instant up to which it was watched. */
  until = 0;

  private readonly writes = new Map<string, SystemStep[]>();

  add(step: SystemStep): void {
    this.system.push(step);
    if (step.name !== 'MSR (register)' || step.register === undefined) return;
    const writes = this.writes.get(step.register);
    if (writes) writes.push(step);
    else this.writes.set(step.register, [step]);
  }
  /** The last MSR of a register before an instant. */
  lastWrite(register: string, before: number): SystemStep | undefined {
    return this.writesOf(register).findLast(({ n }) => n < before);
  }
  writesOf(register: string): readonly SystemStep[] {
    return this.writes.get(register) ?? [];
  }
}

const known = new LastAnswer<{ readonly history: History; readonly observer: Observer }>();

/**
 * The history before an instant that is recorded, as far as the reach goes: what was observed of it before is not observed again. Yields how
 * much of the way it is; the machine is then where it was. Nobody who waits for the end needs pieces, and each costs the way there and back.
 */
export function* observing(subject: Subject, before: number, reach: Reach, pieceMs = PIECE_MS): Generator<number, History> {
  const { timeline } = subject;
  const { history, observer } = known.of(timeline.traps, String(before), () => {
    const history = new History();
    return { history, observer: new Observer(subject, history) };
  });
  const end = Math.min(before, reach.steps);
  while (history.until < end && observer.reports < reach.reports) {
    const from = history.until;
    timeline.excursion(from, () => observePiece(subject, history, observer, { end, reports: reach.reports, pieceMs }), {
      key: `history from ${from}`,
      moves: true,
    });
    if (history.until === from) break;
    yield history.until / end;
  }
  return history;
}

interface PieceLimit {
  readonly end: number;
  readonly reports: number;
  readonly pieceMs: number;
}

function observePiece({ machine, timeline }: Subject, history: History, observer: Observer, { end, reports, pieceMs }: PieceLimit): void {
  const stops = [
    machine.watches.onInstruction.on(({ n, pc, instruction }) => observer.instruction(n, pc, instruction)),
    machine.watches.onReport.on((report) => {
      if (report.kind === 'memory') observer.access(report);
    }),
  ];
  const started = performance.now();
  try {
    while (timeline.at < end && observer.reports < reports && performance.now() - started < pieceMs) {
      const { at } = timeline;
      timeline.forward(Math.min(SLICE, end - at), { watched });
      if (timeline.at === at) break;
    }
  } finally {
    for (const stop of stops) stop();
  }
  history.until = timeline.at;
}

class Observer {
  reports = 0;
  private readonly loads = new Map<VA, boolean>();

  constructor(
    private readonly subject: Subject,
    private readonly history: History,
  ) {}

  instruction(n: number, pc: VA, instruction: Decoded): void {
    this.reports++;
    const { cpu, environment } = this.subject.machine;
    const { name } = instruction.definition;
    const register = name === 'MSR (register)' || name === 'MRS' ? registerOf(instruction) : undefined;
    const before = name === 'MSR (register)' && register !== undefined ? peekRegister(cpu, environment, register) : undefined;
    this.history.add({
      ...{ n, pc, el: cpu.el, instruction, name, register },
      operation: operationOf(instruction),
      operand: cpu.x(instruction.fields.Rt),
      before,
    });
  }
  access({ n, pc, access, pa, va, before, after }: WatchedAccess): void {
    this.reports++;
    if (va === undefined) return;
    const { machine } = this.subject;
    const { cpu, mmu } = machine;
    if (access === 'w') {
      const cached = !mmu.device && isCacheOn(machine);
      this.history.stores.push({
        ...{ n, pc, el: cpu.el, pa, va, bytes: after.length, cached },
        before: before && little(before),
        after: little(after),
      });
      return;
    }
    if (pa >= TREE && pa < TREE + 8 && this.history.treeReads.length < 4) this.history.treeReads.push({ n, pc, pa });
    let isExclusive = this.loads.get(pc);
    if (isExclusive === undefined) {
      const word = machine.fetchWord(pc);
      isExclusive = word !== undefined && /^LDA?X/.test(decode(word)?.definition.name ?? '');
      this.loads.set(pc, isExclusive);
      if (isExclusive) this.history.exclusives.push({ n, pc, va, device: mmu.device });
    }
  }
}
const isCacheOn = ({ cpu }: Subject['machine']): boolean => (cpu.low(cpu.el === 2 ? 'SCTLR_EL2' : 'SCTLR_EL1') & 5) === 5;

const little = (bytes: Uint8Array): bigint => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
