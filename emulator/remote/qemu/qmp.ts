/** QEMU's machine protocol (QMP): JSON, an object a line. A greeting, then answers in the order of the commands, and events in between. */
import { InputError } from '../../base/errors.ts';
import { within, type Line } from './line.ts';

/** Characters of one answer; the longest that is asked for is the list of memory regions. */
const MOST_CHARACTERS = 2 ** 22;
const ANSWER_MS = 10_000;

type Json = Readonly<Record<string, unknown>>;
interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Qmp {
  /** "7.2.22". */
  version = '';
  onEvent: (name: string) => void = () => undefined;
  private readonly line: Line;
  private readonly decoder = new TextDecoder();
  private text = '';
  private greeted!: (greeting: Json) => void;
  private readonly greeting = new Promise<Json>((resolve) => (this.greeted = resolve));
  private readonly waiting: Waiting[] = [];
  private broken: Error | undefined;

  private constructor(line: Line) {
    this.line = line;
    line.listen(
      (bytes) => this.receive(bytes),
      () => this.end(new InputError('QEMU has closed its QMP connection')),
    );
  }

  /** Throws InputError where what answers is no QMP. */
  static async open(line: Line): Promise<Qmp> {
    const qmp = new Qmp(line);
    try {
      const greeting = await within(ANSWER_MS, Promise.race([qmp.greeting, qmp.whenBroken]), silent);
      const { major, minor, micro } = object(object(object(greeting['QMP'])['version'])['qemu']);
      qmp.version = [major, minor, micro].map(String).join('.');
      await qmp.ask('qmp_capabilities');
      return qmp;
    } catch (error) {
      qmp.close();
      throw error;
    }
  }

  /** Throws InputError with what QEMU says against it. */
  async ask(execute: string, parameters: Json = {}): Promise<unknown> {
    if (this.broken) throw this.broken;
    const answer = new Promise<unknown>((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.line.send(new TextEncoder().encode(`${JSON.stringify({ execute, arguments: parameters })}\n`));
    const late = (): Error => {
      // Answers carry no name: one that is missing would put all that follow in the wrong place.
      const error = new InputError(`QEMU did not answer ${execute} in ${ANSWER_MS / 1000} seconds`);
      this.end(error);
      return error;
    };
    return within(ANSWER_MS, answer, late);
  }

  /** A command of QEMU's human monitor. */
  async monitor(command: string): Promise<string> {
    const text = await this.ask('human-monitor-command', { 'command-line': command });
    return typeof text === 'string' ? text : '';
  }

  close(): void {
    this.broken ??= new InputError('the QMP connection was closed');
    this.line.close();
  }

  private fail!: (error: Error) => void;
  private readonly whenBroken = new Promise<never>((_, reject) => (this.fail = reject));

  private end(error: Error): void {
    if (this.broken) return;
    this.broken = error;
    this.whenBroken.catch(() => undefined);
    this.fail(error);
    for (const { reject } of this.waiting.splice(0)) reject(error);
    this.line.close();
  }

  private receive(bytes: Uint8Array): void {
    this.text += this.decoder.decode(bytes, { stream: true });
    for (let end = this.text.indexOf('\n'); end >= 0 && !this.broken; end = this.text.indexOf('\n')) {
      const line = this.text.slice(0, end).trim();
      this.text = this.text.slice(end + 1);
      if (line !== '') this.understand(line);
    }
    if (this.text.length > MOST_CHARACTERS) this.end(noQmp('an answer has no end'));
  }

  private understand(line: string): void {
    let message: Json;
    try {
      message = object(JSON.parse(line));
    } catch {
      return this.end(noQmp('it is not JSON, an object a line'));
    }
    if ('QMP' in message) this.greeted(message);
    else if (typeof message['event'] === 'string') this.onEvent(message['event']);
    else if ('return' in message) this.waiting.shift()?.resolve(message['return']);
    else if ('error' in message) this.waiting.shift()?.reject(new InputError(`QEMU: ${String(asObject(message['error'])['desc'])}`));
    else this.end(noQmp('a line is neither an answer nor an event'));
  }
}

const silent = (): InputError => new InputError('QMP says nothing', {}, 'something else may be connected to it: QEMU serves one at a time');
const noQmp = (why: string): InputError => new InputError(`what answers is not QMP: ${why}`, {}, 'give the socket of QEMU’s -qmp');

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
/** Throws where it is none. */
function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noQmp('something else was expected');
  return value as Json;
}
