/**
 * Every firmware image runs in real QEMU and in our machine: the UART must send the same bytes, and the exceptions must be the same in the
 * same order (type, levels, EC, ISS, ELR), as must returns (levels, PC) and PSCI calls.
 */
import { test } from 'vitest';
import { expectTheSame } from './both.ts';
import { prebuilt, scenarios } from './tools.ts';

test.each(scenarios)('%s sends the same bytes and takes the same exceptions as in QEMU', { timeout: 60_000 }, (id) =>
  expectTheSame(prebuilt(id)),
);
