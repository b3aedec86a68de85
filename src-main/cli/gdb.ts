/** `elscope gdb`: serves gdb on 127.0.0.1. The program's UART is stdin and stdout. */
import { InputError, Session, visible, type Program } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { gdbLine, serveGdb } from '../gdb-server.ts';
import { machineFlags } from '../machine-options.ts';
import { readProgramFile } from '../program-file.ts';
import { atMostOne, parseWords, UsageError, wholeNumber } from '../usage.ts';
import { Keyboard, Output } from './console.ts';
import { Ending } from './ending.ts';
import { openImage } from './open-run.ts';
import { write } from './output.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, port: { type: 'string' } });
  const path = atMostOne(positionals, 'image') ?? values.bios;
  if (path === undefined) throw new UsageError('image is missing');
  const port = values.port === undefined ? 0 : wholeNumber('--port', values.port, 0, 0xffff);
  // A debugger is there: calls of it have somebody to answer them.
  const options = { ...values, semihosting: true };
  const program = await openImage(positionals.length === 0 ? undefined : await readProgramFile(path), options);
  const ending = Ending.begin();
  const output = new GuestOutput();
  const session = new Session(
    () => output.follow(session.program),
    () => undefined,
  );
  session.show(program);
  const server = await serveGdb(session, port, { killed: () => ending.ask(exitCode.done), exited: (code) => ending.ask(code) });
  const keyboard = new Keyboard();
  try {
    await write(`${gdbLine(path, server.port)}\n`);
    void typing(keyboard, session, ending);
    await ending.asked;
    await output.flush();
  } finally {
    keyboard.close();
    server.close();
    void session.close();
    ending.finished();
  }
  return ending.code ?? exitCode.done;
}

/** What the guest sends, when it sends it for the first time. */
class GuestOutput {
  private readonly output = new Output(false, undefined);
  private known: Program | undefined;

  /** Looks at the program that is open now: after a restart it runs in another machine. */
  follow(program: Program | undefined): void {
    if (program && program !== this.known) {
      this.known = program;
      program.machine.onOutput.on(({ n, byte }) => void (n >= program.timeline.end && this.output.push(byte)));
    }
    void this.flush();
  }
  flush(): Promise<void> {
    return this.output.flush();
  }
}

/** Gives what is typed to the guest, until nothing more can be. */
async function typing(keyboard: Keyboard, session: Session, ending: Ending): Promise<void> {
  for (;;) {
    const typed = await keyboard.take(true);
    if (keyboard.quit) return ending.ask(exitCode.done);
    if (typed.length === 0) return;
    try {
      session.input(typed);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      console.error(`elscope gdb: ${visible(error.message)}`);
    }
  }
}
