/**
 * What a run is made of beside the machine: the program and what came in. A shell keeps it outside the session, in memory for a session that
 * ends unasked, and in a file that is a recording (time/recording-file.ts) for the day when the shell itself does.
 */
import type { InputEvent } from '../time/input-log.ts';
import type { RecordedSymbols } from '../time/recorded-symbols.ts';
import type { RunEntry, RunStart } from '../time/recording-file.ts';
import type { MachineOptions } from './contract.ts';

interface Run extends RunStart {
  readonly options: MachineOptions;
}

/** `again`: the kept run that is repeated. */
export type JournalEntry = ({ readonly kind: 'opened'; readonly again?: string } & Run) | RunEntry;

/** A run that was lost, and what is said about that. */
export type LostRun = Run & { readonly why: string };

export class Journal {
  private run: (Run & { readonly inputs: InputEvent[]; readonly symbols: RecordedSymbols[] }) | undefined;

  write(entry: JournalEntry): void {
    if (entry.kind === 'opened') this.run = { ...entry, inputs: [...entry.inputs], symbols: [...(entry.symbols ?? [])] };
    else if (!this.run) return;
    else if (entry.kind === 'experiments') this.run = { ...this.run, experiments: entry.list };
    else if (entry.kind === 'named') this.run.symbols.push(entry.file);
    else if (entry.kind === 'unnamed') this.run.symbols.splice(entry.number, 1);
    else if (entry.kind === 'input' || entry.kind === 'changed') {
      if (entry.kind === 'changed') this.run.inputs.length = entry.kept;
      this.run.inputs.push(entry.event);
    }
  }

  /** The run as it stands here; undefined where nothing was open. */
  lost(why: string): LostRun | undefined {
    return this.run && { ...this.run, inputs: [...this.run.inputs], symbols: [...this.run.symbols], why };
  }
}

/**
 * A kept run that is opened again. Until it is repeated to its end, or takes a course of its own, the recording that it comes from holds all
 * of it: what is told meanwhile waits here, so that two recordings of one run are never kept.
 */
export class RepeatedRun {
  private entries: readonly JournalEntry[] = [];

  constructor(readonly id: string) {}

  /** Whether it is a run of its own from here on. */
  static isOther({ kind }: JournalEntry): boolean {
    return kind === 'input' || kind === 'changed';
  }

  hold(entry: JournalEntry): void {
    // Of these the last one counts.
    const isOld = ({ kind }: JournalEntry): boolean => kind === entry.kind && (kind === 'reached' || kind === 'keyframe');
    this.entries = [...this.entries.filter((one) => !isOld(one)), entry];
  }
  /** What is to be written, once it is wanted. */
  get told(): readonly JournalEntry[] {
    return this.entries;
  }
}
