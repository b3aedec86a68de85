/**
 * What a user interface sees of the machine. Each view is plain data about one instant; 64-bit values are hex strings (`0x...`),
 * instants are step numbers (below 2^53): "at n" is the state before step n. All types of views come
 * through this file; explanations are in explain/views.ts, the larger groups in the `-views.ts` beside this one.
 */
import type { TargetState } from './target.ts';
import type { Diagnosis } from '../explain/doctor/finding.ts';

export type { Evidence as FindingEvidence, Finding, FindingLink } from '../explain/doctor/finding.ts';
import type { Hex, Level, Place } from '../explain/views.ts';

export type { TrapFormat } from '../explain/trap-formats.ts';
export type * from '../explain/interrupt-views.ts';
export type * from '../explain/views.ts';
export * from './address-views.ts';
export type * from './code-views.ts';
export type * from './experiment-views.ts';
export type * from './trap-views.ts';
export type * from './guide-views.ts';

// ---- status: what the machine is doing

export type RunState =
  | 'empty' // no image yet
  | 'paused'
  | 'running'
  | 'waiting' // running, in WFI, and only input can wake it
  | 'seeking' // on the way to another instant
  | 'ended' // the guest powered the machine off
  | 'stopped'; // it cannot go on: `reason` says why

/** A machine elsewhere to which the session is attached. */
export interface AttachedView {
  /** "QEMU 7.2.22". */
  readonly name: string;
  readonly address: string;
  readonly state: TargetState;
  /** Why it stands still or was lost, as a sentence. */
  readonly reason?: string;
  /** What could not be asked of it, as sentences. */
  readonly unknown: readonly string[];
  /** Its registers and memory may be written. */
  readonly unlocked: boolean;
  /** Why nothing is heard of its console, or of its traps; absent where it is. */
  readonly noConsole?: string;
  readonly noTraps?: string;
}

export interface StatusView {
  readonly state: RunState;
  /** The machine elsewhere that is shown; null: it runs here. */
  readonly attached: AttachedView | null;
  /** The instant shown. */
  readonly at: number;
  /** The latest instant reached so far: at <= end. */
  readonly end: number;
  /** Why it paused or stopped, as a sentence; absent while it runs. */
  readonly reason?: string;
  /** Steps a second over the last second; 0 when paused. */
  readonly stepsPerSecond: number;
  /** Speed limit in steps a second; null: flat out. */
  readonly speed: number | null;
  /** Counts the programs opened: a different number means a different program, even if the same file was reopened. */
  readonly program: number;
  readonly image: { readonly name: string; readonly bytes: number; readonly entry: Hex } | null;
  /** Exceptions, returns and PSCI calls of the run, and how many of them are traps: all but the returns. */
  readonly traps: number;
  readonly trapsTaken: number;
  /** Index of the last of them before the instant shown. */
  readonly trap: number | null;
  /** Which CPU executes the next step: it is the one that views show. Absent with a single CPU. */
  readonly cpu?: { readonly executes: number; readonly of: number };
  readonly machine: { readonly memoryBytes: number; readonly gic: 2 | 3; readonly el2: boolean; readonly cpus: number };
  readonly recording: {
    /** Memory that it takes, and that it may take. */
    readonly bytes: number;
    readonly budget: number;
    /** Of the steps from this one on all traps are listed, and the index of the first one; 0: all are. */
    readonly keptFrom: number;
    readonly firstTrap: number;
  };
}

// ---- the Doctor

/** What the Doctor has found, and how far it is where it is looking. */
export interface DoctorView {
  /** Of the last examination; null where there was none of this run. */
  readonly diagnosis: Diagnosis | null;
  /** From 0 to 1; null while nothing is examined. */
  readonly fraction: number | null;
  /** The instant at which the program went silent as it ran last, which nobody asked; null where it did not. */
  readonly silentAt: number | null;
  /** The diagnosis is about the end of the run. */
  readonly isCurrent: boolean;
  /** Each finding as text, to be copied. */
  readonly texts: readonly string[];
}

// ---- console

/** Bytes in a row that one level sent, in one VM; null where the recording has forgotten which, or there are several CPUs. */
export interface SenderRun {
  readonly bytes: number;
  readonly el: Level | null;
  /** 0 of EL2. */
  readonly vmid: number;
}

/** What sent a byte of the console. */
export interface SenderView {
  /** The step that sent it. */
  readonly n: number;
  readonly el: Level;
  readonly vmid: number;
  readonly place: Place;
  /** "strb w1, [x0]". */
  readonly instruction: string;
}

export interface ConsoleView {
  /** Offset of the first byte in `bytes` from the start of the output. */
  readonly from: number;
  readonly bytes: Uint8Array;
  /** Who sent them. */
  readonly senders: readonly SenderRun[];
  /** Length of the whole output at this instant. */
  readonly length: number;
  /** Changes when the output was cut back (stepping back, reset): then start again from 0. */
  readonly epoch: number;
}
