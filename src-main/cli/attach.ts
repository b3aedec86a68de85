/** `elscope attach`: the app, or a panel on the terminal, on a QEMU that runs. */
import { atMostOne, parseWords, UsageError } from '../usage.ts';
import { attachFlags, showAttached } from './attached.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...attachFlags,
    qmp: { type: 'string' },
    image: { type: 'string' },
    memory: { type: 'string' },
    serial: { type: 'string' },
    traps: { type: 'boolean' },
    unlock: { type: 'boolean' },
  });
  const gdb = atMostOne(positionals, 'address');
  if (gdb === undefined) throw new UsageError('the address of QEMU’s -gdb is missing, such as 127.0.0.1:1234');
  const { qmp, image, memory, serial, traps, unlock } = values;
  if (traps && qmp === undefined) throw new UsageError('--traps needs --qmp: QEMU’s log is switched on by it');
  return showAttached({ gdb, qmp, serial, image, memory, traps, unlock }, values);
}
