/** `elscope state`: registers and the state hash at an instant of a recording (or of a program without input). */
import { decodedOf, stateOf, stateText } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...instantFlags,
    json: { type: 'boolean' },
    fields: { type: 'boolean' },
  });
  const program = await openRun(atMostOne(positionals, 'recording'), values);
  const decoded = values.fields ? decodedOf(program) : undefined;
  await (values.json ? writeJson({ ...stateOf(program), ...(decoded && { fields: decoded }) }) : write(stateText(program, decoded)));
  return exitCode.done;
}
