/** Answers on stdout. All of them go through here, so no text from a file can act on the terminal: see emulator/base/names.ts. */
import { visibleJson, visibleLines } from '../../emulator/index.ts';
import { stdoutFailed } from './ending.ts';

/** Writes all of it, at the pace of the reader: a pipe takes only so much at once. Text is made visible, bytes are written as they are. */
export async function write(output: string | Uint8Array): Promise<void> {
  const bytes = typeof output === 'string' ? visibleLines(output) : output;
  await new Promise<void>((resolve) =>
    process.stdout.write(bytes, (error) => {
      if (error) stdoutFailed(error);
      resolve();
    }),
  );
}

/** One JSON document. */
export const writeJson = (value: unknown): Promise<void> => write(`${visibleJson(value)}\n`);
