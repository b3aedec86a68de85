/** The wire of the Debug Adapter Protocol: a header with the length, then JSON, on any pair of streams. */
import type { Readable, Writable } from 'node:stream';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DapAdapter, noHost, Session, type DapMessage, type DapRequest } from '../emulator/index.ts';
import { openImage } from './cli/open-run.ts';
import { KeptRuns } from './kept-runs.ts';
import type { MachineFlagValues } from './machine-options.ts';
import { readProgramFile } from './program-file.ts';
import { fileHost } from './session-host.ts';

/** Bytes of a message: what an editor sends is small, but for memory. */
const MOST_BYTES = 16 << 20;

/** Serves one editor until it leaves. `values`: the machine. */
export function serveDap(input: Readable, output: Writable, values: MachineFlagValues): Promise<void> {
  return new Promise((done) => {
    const folder = resolve('.');
    const session = new Session(
      () => undefined,
      () => undefined,
      { ...noHost, ...fileHost([folder], new KeptRuns(undefined)) },
    );
    const end = (): void => {
      void session.close();
      done();
    };
    const send = (message: DapMessage): void => {
      const text = JSON.stringify(message);
      output.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    };
    const shell = {
      open: async (opened: Session, program: string): Promise<void> => {
        opened.show(await openImage(await readProgramFile(program), values));
        opened.path = resolve(program);
      },
      base64: {
        encode: (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64'),
        decode: (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64')),
      },
      openInApp: (name: string, recording: Uint8Array): Promise<void> => {
        const file = join(mkdtempSync(join(tmpdir(), 'elscope-')), name);
        writeFileSync(file, recording, { mode: 0o600 });
        spawn(process.execPath, [process.argv[1], 'app', file], { detached: true, stdio: 'ignore', cwd: dirname(file) }).unref();
        return Promise.resolve();
      },
    };
    const adapter = new DapAdapter(session, shell, send, end);
    const frames = new Frames((text) => adapter.receive(JSON.parse(text) as DapRequest));
    input.on('data', (bytes: Buffer) => {
      if (!frames.take(bytes)) end();
    });
    input.on('close', end);
    input.on('end', end);
    input.on('error', end);
    output.on('error', end);
  });
}

/** Takes messages out of a stream that may be cut anywhere. */
class Frames {
  private waiting = Buffer.alloc(0);

  constructor(private readonly message: (text: string) => void) {}

  /** False: this is not the protocol. */
  take(bytes: Buffer): boolean {
    this.waiting = Buffer.concat([this.waiting, bytes]);
    for (;;) {
      const end = this.waiting.indexOf('\r\n\r\n');
      if (end < 0) return this.waiting.length < 4096;
      const length = Number(/content-length:\s*(\d+)/i.exec(this.waiting.toString('latin1', 0, end))?.[1] ?? NaN);
      if (!(length <= MOST_BYTES)) return false;
      if (this.waiting.length < end + 4 + length) return true;
      const text = this.waiting.toString('utf8', end + 4, end + 4 + length);
      this.waiting = this.waiting.subarray(end + 4 + length);
      try {
        this.message(text);
      } catch {
        return false;
      }
    }
  }
}
