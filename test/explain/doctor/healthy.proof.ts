/** Programs that are right, ours and those of others: nothing in them is called broken, in reasonable time. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProgram, type Program } from '../../../emulator/index.ts';
import { ids, prebuilt } from '../../firmware/tools.ts';
import { broken, examine } from './programs.ts';

/** Milliseconds for a diagnosis of as much of a run as is looked at unasked, on a machine with other things to do. */
const MOST_TIME = 240_000;
const read = (file: string): Buffer => readFileSync(file);

test.each(ids)('the scenario %s', { timeout: MOST_TIME }, (id) => {
  expect(broken(examine(openProgram(`${id}.elf`, read(prebuilt(id))), 4_000_000))).toEqual([]);
});

const guests = join(process.env['PROVE_GUESTS'] ?? '', 'boot');
const guest = (pattern: RegExp): string | undefined => {
  const name = existsSync(guests) ? readdirSync(guests).find((file) => pattern.test(file)) : undefined;
  return name === undefined ? undefined : join(guests, name);
};
const uBoot = '/usr/lib/u-boot/qemu_arm64/u-boot.bin';
const others: readonly (readonly [name: string, steps: number, open: () => Program | undefined])[] = [
  ['U-Boot', 50_000_000, () => (existsSync(uBoot) ? openProgram('u-boot.bin', read(uBoot), { firmware: true }) : undefined)],
  [
    'Xen',
    12_000_000,
    () => {
      const file = guest(/^xen-4\.17-arm64$/);
      if (file === undefined) return undefined;
      return openProgram('xen', read(file), { memoryBytes: 2 ** 30, append: 'console=dtuart dtuart=/pl011@9000000' });
    },
  ],
  [
    'Linux',
    60_000_000,
    () => {
      const file = guest(/^vmlinuz-/);
      if (file === undefined) return undefined;
      return openProgram('linux', read(file), { memoryBytes: 2 ** 29, append: 'console=ttyAMA0 earlycon=pl011,0x9000000 nokaslr' });
    },
  ],
];
test.each(others)('%s, as far as %i steps', { timeout: MOST_TIME }, (_name, steps, open) => {
  const program = open();
  if (program) expect(broken(examine(program, steps))).toEqual([]);
});
