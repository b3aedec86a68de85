/** Xen 4.17, without a first domain, says the same and takes the same exceptions on our board as on QEMU's, down to its own panic. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CpuEvent } from '../../emulator/cpu/index.ts';
import { loadImage } from '../../emulator/machine/loader.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { traceQemu, type QemuEvent } from '../firmware/qemu.ts';

const file = join(process.env['PROVE_GUESTS'] ?? '', 'boot/xen-4.17-arm64');
const append = 'console=dtuart dtuart=/pl011@9000000';
/** Then it waits for five seconds, and starts anew. */
const END = 'Reboot in five seconds...';

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

describe.skipIf(!existsSync(file))('Xen', () => {
  it('panics for lack of a domain 0 as on QEMU', { timeout: 300_000 }, async () => {
    const theirs = await traceQemu({ image: file, args: ['-m', '1024', '-append', append], until: END, timeout: 120_000 });
    expect(theirs.ended).toBe('seen');

    const options = { memoryBytes: 1024 << 20, gic: 2, el2: true } as const;
    const machine = new Machine(options);
    machine.load(loadImage(readFileSync(file), 'xen', { ...options, append }));
    let text = '';
    const events: string[] = [];
    machine.onOutput.on(({ byte }) => (text += String.fromCharCode(byte)));
    machine.onEvent.on((event) => events.push(oursText(event)));
    for (let slice = 0; slice < 400 && !text.includes(END); slice++) machine.run(forSteps(100_000));

    const upToEnd = (all: string): string => all.slice(0, all.indexOf(END) + END.length);
    expect(upToEnd(text)).toBe(upToEnd(theirs.text));
    // QEMU is ended some time after it has said so.
    expect(events.length).toBeGreaterThan(20);
    expect(theirs.events.slice(0, events.length).map(qemuText)).toEqual(events);
  });
});
