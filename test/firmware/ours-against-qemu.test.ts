/**
 * Every firmware image runs in real QEMU and in our machine: the UART must send the same bytes, and the exceptions must be the same in the
 * same order (type, levels, EC, ISS, ELR), as must returns (levels, PC) and PSCI calls.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProgram, trapLine, type Program } from '../../emulator/index.ts';
import { traceQemu, type QemuEvent } from './qemu.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');
const LIMIT = 50_000_000;

const images = ['01-el2-to-el1', '02-hypercalls', '03-mmu', '04-stage2', '05-interrupts', '06-two-guests', '07-user-mode'];

interface OurRun {
  readonly program: Program;
  readonly uart: Uint8Array;
  readonly events: readonly string[];
}

function runOurs(image: string): OurRun {
  const program = openProgram(image, readFileSync(image));
  const { timeline } = program;
  while (timeline.at < LIMIT && timeline.forward(1_000_000) === 'budget');
  const events = Array.from({ length: timeline.traps.length }, (_, i) => {
    const line = trapLine(timeline.traps.get(i));
    if (line.kind === 'exception') return `${line.type} EL${line.from} to EL${line.to}, EC ${line.ec}, ISS ${line.iss}, ELR ${line.elr}`;
    return line.kind === 'psci' ? `PSCI from EL${line.from}` : `${line.kind} EL${line.from} to EL${line.to}, PC ${line.pc}`;
  });
  return { program, uart: timeline.output.slice(0, timeline.output.length), events };
}

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
function qemuText(event: QemuEvent): string {
  if (event.kind === 'psci') return `PSCI from EL${event.from}`;
  if (event.kind !== 'exception') return `${event.kind} EL${event.from} to EL${event.to}, PC ${hex(event.pc)}`;
  const iss = event.iss === null ? 'null' : hex(event.iss);
  return `${event.type} EL${event.from} to EL${event.to}, EC ${event.ec}, ISS ${iss}, ELR ${hex(event.elr)}`;
}

describe.each(images)('%s', (name) => {
  test('sends the same bytes and takes the same exceptions as in QEMU', { timeout: 60_000 }, async () => {
    const image = join(prebuilt, `${name}.elf`);
    const qemu = await traceQemu({ image });
    expect(qemu.ended).toBe('exit');
    const ours = runOurs(image);
    expect(ours.program.machine.stop).toMatchObject({ kind: 'off' });
    expect(Buffer.from(ours.uart).toString('latin1')).toBe(qemu.text);
    expect(qemu.events.length).toBeGreaterThan(0);
    expect(ours.events).toEqual(qemu.events.map(qemuText));
  });
});
