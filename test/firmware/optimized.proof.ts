/** The firmware as the compiler makes it when it may optimize and use V registers: QEMU and our machine agree on that too. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openProgram } from '../../emulator/index.ts';
import { keysFor, typeAtOurs, typeAtQemu } from '../machine/qemu-session.ts';
import { expectTheSame } from './both.ts';
import { ourTexts, qemuText } from './event-text.ts';
import { firmware, scenarios } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'firmware-optimized-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['-O2', '-O3'])('built with %s and V registers', (optimize) => {
  const out = join(folder, optimize);
  const image = (id: string): string => join(out, `${id}.elf`);
  test('it builds', { timeout: 300_000 }, () => {
    execFileSync('make', ['-C', firmware, `OUT=${out}`, `OPTIMIZE=${optimize}`, 'REGISTERS='], { stdio: 'pipe' });
  });

  test.each(scenarios)('%s sends the same bytes and takes the same exceptions as in QEMU', { timeout: 120_000 }, (id) =>
    expectTheSame(image(id)),
  );

  test('hypervisor.elf as well, typed at', { timeout: 120_000 }, async () => {
    const keys = keysFor('guest> ', ['tick\r', 'peek 12345678\r', 'off\r']);
    const theirs = await typeAtQemu(image('hypervisor'), keys, 90_000);
    const ours = openProgram('hypervisor.elf', readFileSync(image('hypervisor')));
    expect(typeAtOurs(ours, keys)).toBe(theirs.text);
    expect(ourTexts(ours)).toEqual(theirs.events.map(qemuText));
  });
});

test('with -O3 the compiler did use V registers, in code that copies and clears memory', () => {
  const code = execFileSync('aarch64-linux-gnu-objdump', ['-d', join(folder, '-O3/06-two-guests.elf')], { encoding: 'utf8' });
  for (const instruction of [/ldr\s+q0/, /str\s+q0/, /dup\s+v1\.16b/]) expect(code).toMatch(instruction);
});
