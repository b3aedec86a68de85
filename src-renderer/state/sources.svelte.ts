/** Texts of the open program's source files, fetched when a panel first needs them. */
import type { SourceFileText } from '../../emulator/session/contract.ts';
import type { MachineSession } from './session.svelte.ts';

export interface Source extends SourceFileText {
  /** Undefined where there is no text. */
  readonly rows: readonly string[] | undefined;
}

export class Sources {
  private files = $state.raw<readonly (Source | 'asked' | undefined)[]>([]);
  private program = 0;

  constructor(private readonly session: MachineSession) {}

  /** Undefined until it has come. Call from a derived value or an effect: it comes later, and then they run again. */
  get(number: number): Source | undefined {
    const { program } = this.session.status;
    // Read in any case: what comes later is noticed by this.
    const { files } = this;
    const file = this.program === program ? files[number] : undefined;
    // Asking changes what is read here, which a derived value must not do while it is made.
    if (!file) queueMicrotask(() => void this.ask(number, program));
    return file === 'asked' ? undefined : file;
  }
  readonly textOf = (number: number): readonly string[] | undefined => this.get(number)?.rows;

  private async ask(number: number, program: number): Promise<void> {
    if (this.program !== program) {
      this.program = program;
      this.files = [];
    }
    if (this.files[number]) return;
    this.set(number, 'asked');
    const file = await this.session.quietly('source', { file: number });
    if (this.program === program && file) this.set(number, { ...file, rows: file.text?.split(/\r?\n/) });
  }
  private set(number: number, file: Source | 'asked'): void {
    const files = [...this.files];
    files[number] = file;
    this.files = files;
  }
}
