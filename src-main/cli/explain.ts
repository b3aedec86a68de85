/** `elscope explain`: a syndrome in words, or what happens at an instant of a run. */
import { explainInstant, explainSyndrome, instantText, syndromeText } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { address, atMostOne, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, ...instantFlags, json: { type: 'boolean' } });
  const subject = atMostOne(positionals, 'syndrome, image or recording');
  // A file may be called "96000045", but not together with no instant.
  if (subject !== undefined && values.at === undefined && /^(0x)?[0-9a-f]+$/i.test(subject)) {
    const syndrome = explainSyndrome(address('ESR', subject));
    await (values.json ? writeJson(syndrome) : write(`${syndromeText(syndrome)}\n`));
    return exitCode.done;
  }
  const instant = explainInstant(await openRun(subject, values));
  await (values.json ? writeJson(instant) : write(`${instantText(instant)}\n`));
  return exitCode.done;
}
