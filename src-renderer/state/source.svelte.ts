/** The program that a person writes: its text, what the assembler says of it, and which version of it runs. */
import type { SourceProblem, SourceWord } from '../../emulator/session/contract.ts';
import { download } from './download.ts';
import { recall, remember } from './remembered.ts';
import type { MachineSession } from './session.svelte.ts';

interface Kept {
  readonly name: string;
  readonly text: string;
}

/** The source of the program that is open in the machine. */
export interface RunningSource extends Kept {
  /** Which program of the session it is. */
  readonly program: number;
  readonly lines: readonly { readonly line: number; readonly address: `0x${string}` }[];
}

/** As long as a source may be; what is longer is not remembered either. */
const MOST_CHARACTERS = 1 << 18;
/** Milliseconds without a key after which it is assembled, and remembered. */
const PAUSE_MS = 200;

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  'text' in value &&
  typeof value.name === 'string' &&
  typeof value.text === 'string' &&
  value.text.length <= MOST_CHARACTERS;

export class SourceText {
  name = $state('');
  /** As it is in the editor. */
  text = $state.raw('');
  /** As it was opened or saved last. */
  private saved = $state.raw('');
  problems = $state.raw<readonly SourceProblem[]>([]);
  /** Instructions of the text, as long as it assembles. */
  words = $state.raw<readonly SourceWord[]>([]);
  /** The text that `problems` and `words` are about. */
  private assembledText = $state.raw<string>();
  running = $state.raw<RunningSource | null>(null);
  /** Why it could not be assembled or run, beyond what is wrong in it. */
  error = $state('');
  /** Counts the texts that replaced another one as a whole. */
  version = $state(0);
  /** The line that has the cursor. */
  line = $state(1);
  /** The starting point that the editor shall open as soon as it is there. */
  wanted = $state<string | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;

  constructor(private readonly session: MachineSession) {
    const { name, text } = recall<Kept>('source', { name: '', text: '' }, isKept);
    if (name !== '')
      this.replace(
        name,
        text,
        recall('source-saved', '', (value): value is string => typeof value === 'string'),
      );
  }

  /** Something is there: a starting point or a file was opened at some time. */
  get isOpen(): boolean {
    return this.name !== '';
  }
  get isEdited(): boolean {
    return this.text !== this.saved;
  }
  /** What is in the editor is what the assembler has seen. */
  get isAssembled(): boolean {
    return this.assembledText === this.text;
  }
  /** The machine runs exactly this text. */
  get runs(): boolean {
    return this.running?.text === this.text && this.running.name === this.name;
  }

  /** Another text in place of this one. */
  replace(name: string, text: string, saved = text): void {
    this.name = name;
    this.text = text;
    this.saved = saved;
    this.line = 1;
    this.version++;
    this.problems = [];
    this.words = [];
    this.error = '';
    this.keep();
    void this.assemble();
  }
  /** The person has typed. */
  edit(text: string): void {
    this.text = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.keep();
      void this.assemble();
    }, PAUSE_MS);
  }

  private keep(): void {
    const { name, text, saved } = this;
    if (text.length > MOST_CHARACTERS) return;
    remember('source', { name, text });
    remember('source-saved', saved);
  }

  async assemble(): Promise<void> {
    const number = ++this.asked;
    const { text } = this;
    try {
      const { problems, words } = await this.session.attempt('assemble', { text });
      if (number !== this.asked) return;
      this.problems = problems;
      this.words = words;
      this.error = '';
    } catch (error) {
      if (number !== this.asked) return;
      this.error = (error as Error).message;
    }
    this.assembledText = text;
  }

  /** Runs it as it is; what is to be said, where there is something. Undefined where it does not assemble. */
  async run(): Promise<{ readonly text: string; readonly comparison: boolean } | undefined> {
    clearTimeout(this.timer);
    this.keep();
    const number = ++this.asked;
    const { name, text } = this;
    try {
      const { problems, words, ...said } = await this.session.attempt('runSource', { name, text });
      if (number === this.asked) {
        this.problems = problems;
        this.words = words;
        this.assembledText = text;
        this.error = '';
      }
      return problems.length > 0 ? undefined : said;
    } catch (error) {
      this.error = (error as Error).message;
      return undefined;
    }
  }

  /** Asks what the open program was made of. */
  async findRunning(program: number, image: string | undefined): Promise<void> {
    const file = image?.endsWith('.elf') ? await this.session.quietly('source', { file: 0 }) : undefined;
    if (program !== this.session.status.program) return;
    const isSource = file && file.text !== null && file.path === undefined && /\.(s|asm)$/i.test(file.name);
    this.running = isSource ? { program, name: file.name, text: file.text!, lines: file.lines as RunningSource['lines'] } : null;
  }

  async open(file: File): Promise<void> {
    const text = await file.text();
    if (text.length > MOST_CHARACTERS) throw new Error(`${file.name} has more than ${MOST_CHARACTERS} characters`);
    if (text.includes('\0')) throw new Error(`${file.name} is no text`);
    this.replace(file.name, text);
  }
  save(): void {
    download(new Blob([this.text], { type: 'text/plain' }), this.name);
    this.saved = this.text;
    this.keep();
  }
}

/** What the picker of files and the window take for a source. */
export const isSourceName = (name: string): boolean => /\.(s|asm)$/i.test(name);
