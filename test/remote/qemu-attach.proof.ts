import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openProgram } from '../../emulator/index.ts';
import { root } from '../layering/imports.ts';
import { compareAt, firstVisits } from './same-as-qemu.ts';

const scenarios = ['01-el2-to-el1', '02-hypercalls', '03-mmu', '04-stage2', '05-interrupts', '06-two-guests', '07-user-mode'];

test.each(scenarios)(
  '%s shows the same in QEMU and in our machine at twenty instants, and goes on alike when it is taken over',
  async (name) => {
    const image = join(root, `firmware/prebuilt/${name}.elf`);
    const instants = firstVisits(openProgram(name, readFileSync(image)), 300_000, 20);
    const compared = await compareAt(image, instants);
    expect(compared.filter(({ differences }) => differences.length > 0)).toEqual([]);
    expect(compared).toHaveLength(20);
  },
  240_000,
);
