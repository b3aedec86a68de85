/**
 * What a run is made of beside the machine: the program and what came in. A shell keeps it outside the session, so that a session that ended
 * unasked can be restored.
 */
import type { BoardFile } from '../machine/loader.ts';
import type { InputEvent } from '../time/input-log.ts';
import type { MachineOptions } from './contract.ts';

interface Run {
  readonly program: {
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly options?: MachineOptions;
    /** Where it lies, where the shell knows it. */
    readonly path?: string;
  };
  /** What went into the machine beside it. */
  readonly files: readonly BoardFile[];
  readonly inputs: readonly InputEvent[];
}

export type JournalEntry =
  | ({ readonly kind: 'opened' } & Run)
  | { readonly kind: 'input'; readonly event: InputEvent }
  /** A change by hand: what came in after its instant is forgotten. */
  | { readonly kind: 'changed'; readonly inputs: readonly InputEvent[] };

/** A run that was lost, and what is said about that. */
export type LostRun = Run & { readonly why: string };

export class Journal {
  private run: Run | undefined;

  write(entry: JournalEntry): void {
    if (entry.kind === 'opened') this.run = entry;
    else if (this.run) this.run = { ...this.run, inputs: entry.kind === 'input' ? [...this.run.inputs, entry.event] : entry.inputs };
  }

  /** The run as it stands here; undefined where nothing was open. */
  lost(why: string): LostRun | undefined {
    return this.run && { ...this.run, why };
  }
}
