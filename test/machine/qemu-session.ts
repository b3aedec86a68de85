/**
 * A guest in real QEMU that is typed at, one key at a time and only while it waits in a trapped WFI with no timer running. There the
 * virtual clock stands still, so that it does not matter when a key arrives: the run is the same every time.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Program } from '../../emulator/index.ts';
import { sentBy } from '../firmware/both.ts';
import { parseInterruptLog, type QemuEvent } from '../firmware/qemu-log.ts';
import { deterministic, QEMU } from '../firmware/qemu.ts';

/** A key, sent when the UART has sent `after` last and the guest waits. */
export interface Key {
  readonly after: string;
  readonly key: string;
}

/** Keys for lines typed at a prompt, each character behind the echo of the one before. */
export const keysFor = (prompt: string, lines: readonly string[]): Key[] =>
  lines.flatMap((line) => [...line].map((key, i) => ({ after: prompt + line.slice(0, i), key })));

/** How the log tells that the guest waits: its last event is the trapped WFI. */
const WAITS = /\n\.\.\.with ESR 0x1\/0x[0-9a-f]+\n\.\.\.with ELR 0x[0-9a-f]+\n\.\.\.to EL2 PC 0x[0-9a-f]+ PSTATE 0x[0-9a-f]+\n$/;

/** Rejects where the guest does not come to its end in `timeout` milliseconds. */
export async function typeAtQemu(image: string, keys: readonly Key[], timeout: number): Promise<{ text: string; events: QemuEvent[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'qemu-keys-'));
  const log = join(folder, 'int.log');
  const board = ['-machine', 'virt,virtualization=on,dtb-randomness=off', '-cpu', 'cortex-a53', '-nodefaults', '-display', 'none'];
  const qemu = spawn(QEMU, [...board, '-serial', 'stdio', '-kernel', image, ...deterministic, '-d', 'int', '-D', log]);
  const deadline = Date.now() + timeout;
  let text = '';
  let ended = false;
  qemu.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  qemu.stdin.on('error', () => undefined);
  const end = new Promise<void>((resolve, reject) => {
    qemu.on('close', () => {
      ended = true;
      resolve();
    });
    qemu.on('error', reject);
  });
  try {
    for (const { after, key } of keys) {
      while (!text.endsWith(after) || !WAITS.test(await readFile(log, 'latin1'))) {
        if (ended || Date.now() > deadline) throw new Error(`QEMU did not come to wait behind "${after}":\n${text}`);
        await delay(2);
      }
      qemu.stdin.write(key);
    }
    const watch = setTimeout(() => qemu.kill('SIGKILL'), deadline - Date.now());
    await end;
    clearTimeout(watch);
    return { text, events: parseInterruptLog(await readFile(log, 'latin1')) };
  } finally {
    qemu.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Types the same keys in our machine, each when it has nothing left to do but wait for it. Returns what the UART sent. */
export function typeAtOurs(program: Program, keys: readonly Key[]): string {
  const { timeline } = program;
  for (const { after, key } of keys) {
    expect(timeline.forward(20_000_000)).toBe('idle');
    const sent = sentBy(program);
    expect(sent.endsWith(after), sent).toBe(true);
    timeline.input(Buffer.from(key, 'latin1'));
  }
  expect(timeline.forward(20_000_000)).toBe('end');
  return sentBy(program);
}
