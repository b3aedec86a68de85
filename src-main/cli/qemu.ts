/** `elscope qemu`: starts a person's own QEMU, and attaches to it. */
import { constants } from 'node:os';
import { startQemu } from '../qemu/start.ts';
import { parseWords, UsageError } from '../usage.ts';
import { attachFlags, showAttached } from './attached.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function run(words: readonly string[]): Promise<number> {
  const split = words.indexOf('--');
  if (split < 0) throw new UsageError('QEMU’s arguments are missing: elscope qemu -- -machine virt,virtualization=on -cpu cortex-a53 ...');
  const { values, positionals } = parseWords(words.slice(0, split), { ...attachFlags, unlock: { type: 'boolean' } });
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" stands before --: what is for QEMU comes after it`);
  const isPrinted = values.print !== undefined;
  // What has ended leaves nothing behind: handlers of `exit` end QEMU and remove its folder. The app has signal handlers of its own.
  const stop = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);
  for (const signal of signals) process.on(signal, stop);
  const qemu = await startQemu(words.slice(split + 1), { console: !isPrinted });
  if (!isPrinted) for (const signal of signals) process.off(signal, stop);
  try {
    const { gdb, qmp, serial, traps, kernel: image, icountShift } = qemu;
    return await showAttached({ gdb, qmp, serial, traps, image, icountShift, unlock: values.unlock }, values);
  } finally {
    qemu.end();
    await qemu.ended;
  }
}
