/**
 * Programs that are not ours say the same on our board as on QEMU's: Xen without a first domain, and Linux without a root file system, each
 * down to its own panic. Linux comes there without floating point.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CpuEvent } from '../../emulator/cpu/index.ts';
import { loadImage } from '../../emulator/machine/loader.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { runQemu, traceQemu, type QemuEvent } from '../firmware/qemu.ts';

const boot = join(process.env['PROVE_GUESTS'] ?? '', 'boot');
const find = (pattern: RegExp): string | undefined => {
  const name = existsSync(boot) ? readdirSync(boot).find((file) => pattern.test(file)) : undefined;
  return name && join(boot, name);
};
const xen = find(/^xen-4\.17-arm64$/);
const linux = find(/^vmlinuz-/);

/** Runs a kernel until the UART has sent `end`, `limit` steps at most. Returns what it sent up to there. */
function runOurs(file: string, megabytes: number, append: string, end: string, limit: number, onEvent?: (event: CpuEvent) => void): string {
  const options = { memoryBytes: megabytes << 20, gic: 2, el2: true } as const;
  const machine = new Machine(options);
  machine.load(loadImage(readFileSync(file), file, { ...options, append }));
  let text = '';
  machine.onOutput.on(({ byte }) => (text += String.fromCharCode(byte)));
  if (onEvent) machine.onEvent.on(onEvent);
  while (machine.steps < limit && !text.includes(end) && !machine.stop) machine.run(forSteps(100_000));
  return upTo(end, text);
}
const upTo = (end: string, text: string): string => (text.includes(end) ? text.slice(0, text.indexOf(end) + end.length) : text);

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
function oursText(event: CpuEvent): string {
  if (event.kind === 'psci') return `PSCI from EL${event.from}`;
  if (event.kind !== 'exception') return `${event.kind} EL${event.from} to EL${event.to}, PC ${hex(event.pc)}`;
  return `${event.type} EL${event.from} to EL${event.to}, ESR ${event.esr === null ? 'none' : hex(event.esr)}, ELR ${hex(event.elr)}`;
}
function qemuText(event: QemuEvent): string {
  if (event.kind === 'psci') return `PSCI from EL${event.from}`;
  if (event.kind !== 'exception') return `${event.kind} EL${event.from} to EL${event.to}, PC ${hex(event.pc)}`;
  return `${event.type} EL${event.from} to EL${event.to}, ESR ${event.esr === null ? 'none' : hex(event.esr)}, ELR ${hex(event.elr)}`;
}

describe.skipIf(!xen)('Xen', () => {
  it('panics for lack of a domain 0, with the same exceptions', { timeout: 300_000 }, async () => {
    const append = 'console=dtuart dtuart=/pl011@9000000';
    // Then it waits for five seconds, and starts anew.
    const end = 'Reboot in five seconds...';
    const theirs = await traceQemu({ image: xen!, args: ['-m', '1024', '-append', append], until: end, timeout: 120_000 });
    expect(theirs.ended).toBe('seen');
    const events: string[] = [];
    const text = runOurs(xen!, 1024, append, end, 4e7, (event) => events.push(oursText(event)));
    expect(text).toBe(upTo(end, theirs.text));
    // QEMU is ended some time after it has said so.
    expect(events.length).toBeGreaterThan(20);
    expect(theirs.events.slice(0, events.length).map(qemuText)).toEqual(events);
  });
});

describe.skipIf(!linux)('Linux', () => {
  it('boots until it misses its root file system', { timeout: 900_000 }, async () => {
    const append = 'console=ttyAMA0 earlycon=pl011,0x9000000 nokaslr cryptomgr.notests=1 initcall_blacklist=load_system_certificate_list';
    const end = '---[ end Kernel panic - not syncing: VFS';
    const theirs = await runQemu({ image: linux!, args: ['-nic', 'none', '-m', '512', '-append', append], until: end, timeout: 300_000 });
    expect(theirs.ended).toBe('seen');
    // QEMU's clock runs ahead by some instructions where a device is read in the middle of a block: times differ by microseconds.
    const untimed = (text: string): string => text.replace(/^\[ *[\d.]+\] /gm, '');
    expect(untimed(runOurs(linux!, 512, append, end, 1.2e9))).toBe(untimed(upTo(end, theirs.text)));
  });
});
