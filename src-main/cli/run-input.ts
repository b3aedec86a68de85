/** What a run is given to type at its console: `--input` at the beginning, `--input-after` when the guest has printed something. */
import type { Program } from '../../emulator/index.ts';
import { readProgramFile } from '../program-file.ts';
import { UsageError } from '../usage.ts';

/** For `parseWords`. */
export const inputFlags = { input: { type: 'string' }, 'input-after': { type: 'string', multiple: true } } as const;
export interface InputFlagValues {
  readonly input?: string;
  readonly 'input-after'?: readonly string[];
}

interface Answer {
  readonly when: string;
  readonly bytes: Uint8Array;
}
export interface ScriptedInput {
  readonly atOnce: Uint8Array;
  readonly answers: readonly Answer[];
}

/** Undefined where the console is to be read. Throws UsageError or InputError. */
export async function scriptedInput({ input, 'input-after': after = [] }: InputFlagValues): Promise<ScriptedInput | undefined> {
  if (input === undefined && after.length === 0) return undefined;
  return { atOnce: await inputBytes(input ?? ''), answers: await Promise.all(after.map(answer)) };
}

async function answer(text: string): Promise<Answer> {
  const [, when, typed] = /^((?:[^\\:]|\\[^])+):([^]*)$/.exec(text) ?? [];
  if (when === undefined) throw new UsageError(`--input-after ${text}: expected WHEN:TEXT, such as "login\\: :root\\n"`);
  return { when: latin1(unescaped(when)), bytes: await inputBytes(typed) };
}

/** TEXT with the usual escapes, or the bytes of a file. */
const inputBytes = async (text: string): Promise<Uint8Array> =>
  text.startsWith('@') ? (await readProgramFile(text.slice(1), 'a file of input')).bytes : new TextEncoder().encode(unescaped(text));

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', ':': ':' };
const unescaped = (text: string): string =>
  text.replace(/\\(x[0-9a-f]{2}|[nrt\\:])/gi, (_all, code: string) =>
    code.length > 1 ? String.fromCharCode(parseInt(code.slice(1), 16)) : escapes[code.toLowerCase()],
  );
/** A character for each byte. */
const latin1 = (text: string): string => Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');

/** Types what is scripted. The run stops at the instant at which something is to be typed, so that it comes there each time. */
export class Typist {
  private next = 0;
  private tail = '';
  private isDue = false;

  constructor(
    private readonly program: Program,
    private readonly script: ScriptedInput,
  ) {
    const { machine, timeline } = program;
    if (script.atOnce.length > 0) timeline.input(script.atOnce);
    machine.onOutput.on(({ n, byte }) => {
      const awaited = script.answers.at(this.next);
      if (!awaited || this.isDue || n < timeline.end) return;
      const { when } = awaited;
      this.tail = (this.tail + String.fromCharCode(byte)).slice(-when.length);
      this.isDue = this.tail === when;
      if (this.isDue) machine.pause();
    });
  }

  /** Types what is due, between two steps; false where nothing is. */
  type(): boolean {
    if (!this.isDue) return false;
    this.program.timeline.input(this.script.answers[this.next++].bytes);
    this.isDue = false;
    this.tail = '';
    return true;
  }
}
