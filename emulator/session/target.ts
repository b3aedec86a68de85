/** A machine elsewhere that a session is attached to. It runs there; at each stop a snapshot of it is what the session shows. */
import type { ExceptionLevel } from '../cpu/index.ts';
import type { Snapshot } from '../machine/snapshot.ts';

/** `connected`: what it does is not known yet. */
export type TargetState = 'connected' | 'stopped' | 'running' | 'lost';

/** An exception, return or call of the firmware of which the machine elsewhere tells in a log of its own: that it happened, and no more. */
export interface ToldTrap {
  readonly kind: 'exception' | 'return' | 'illegal-return' | 'psci';
  /** As the log calls it, "Hypervisor Call"; of an exception only. */
  readonly name: string;
  readonly from: ExceptionLevel;
  readonly to: ExceptionLevel;
  /** Null for interrupts, which write none. */
  readonly esr: number | null;
  readonly far: bigint | null;
  /** Where it was taken; of an exception only. */
  readonly elr: bigint | null;
  /** The vector, or where a return goes on; null for a call of the firmware. */
  readonly pc: bigint | null;
}

export interface Target {
  /** "QEMU 7.2.22". */
  readonly name: string;
  readonly state: TargetState;
  /** Why it stands still or was lost, as a sentence. */
  readonly reason: string | undefined;
  /** Called whenever the state has changed. */
  onChange: () => void;
  /** Why nothing is heard of its console, as a sentence; undefined: `onOutput` is called with what it prints. */
  readonly noConsole: string | undefined;
  onOutput: (bytes: Uint8Array) => void;
  /** What it is sent as typed at its console. */
  type(bytes: Uint8Array): void;
  /** Why nothing is heard of its traps, as a sentence; undefined: `onTraps` is called with those it tells of. */
  readonly noTraps: string | undefined;
  onTraps: (traps: readonly ToldTrap[]) => void;
  /** All of it, where it stands still. Throws InputError. */
  snapshot(progress: (fraction: number, text: string) => void): Promise<Snapshot>;
  /** It goes on by itself, or by one instruction. */
  resume(how: 'step' | 'continue'): void;
  interrupt(): void;
  /** The VAs at which it is to stop, in place of those before. Throws InputError where it cannot. */
  stopAt(addresses: ReadonlySet<bigint>): Promise<void>;
  /** A register by its architectural name, or a doubleword of memory as `[PA]`. Throws InputError where it does not take the value. */
  write(name: string, value: bigint): Promise<void>;
  /** Ends the connection: it goes on as it was before, or stands where it is. */
  leave(how: 'asBefore' | 'stopped'): Promise<void>;
}
