/**
 * Every firmware image runs in real QEMU and in our machine: the UART must send the same bytes, and the exceptions must be the same in the
 * same order (type, levels, EC, ISS, ELR), as must returns (levels, PC) and PSCI calls.
 */
import { test } from 'vitest';
import { expectTheSame } from './both.ts';
import { prebuilt } from './tools.ts';

const images = ['01-el2-to-el1', '02-hypercalls', '03-mmu', '04-stage2', '05-interrupts', '06-two-guests', '07-user-mode'];

test.each(images)('%s sends the same bytes and takes the same exceptions as in QEMU', { timeout: 60_000 }, (id) =>
  expectTheSame(prebuilt(id)),
);
