/** `elscope dap`: a debug adapter for editors, on stdin and stdout or on a port of 127.0.0.1. */
import { createServer } from 'node:net';
import { serveDap } from '../dap-server.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { parseWords, UsageError, wholeNumber } from '../usage.ts';
import { Ending } from './ending.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, port: { type: 'string' } });
  if (positionals.length > 0) throw new UsageError(`${positionals[0]} is not expected: the editor names the program`);
  if (values.port === undefined) {
    await serveDap(process.stdin, process.stdout, values);
    // An editor may leave stdin open.
    process.stdin.destroy();
    return exitCode.done;
  }
  const port = wholeNumber('--port', values.port, 0, 0xffff);
  const ending = Ending.begin();
  const server = createServer({ noDelay: true }, (socket) => {
    void serveDap(socket, socket, values).then(() => socket.end());
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.on('error', () => reject(new UsageError(`port ${port} of 127.0.0.1 cannot be used: choose another with --port`)));
      server.listen(port, '127.0.0.1', resolve);
    });
    console.log(`Debug adapter at 127.0.0.1:${(server.address() as { port: number }).port}`);
    await ending.asked;
  } finally {
    server.close();
    ending.finished();
  }
  return ending.code ?? exitCode.done;
}
