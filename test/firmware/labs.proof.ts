/** Every lab and its twin in real QEMU: the same bytes and exceptions as in our machine, or the table says why not. */
import { test } from 'vitest';
import { expectLabInQemu } from './labs-in-qemu.ts';
import { labs } from './labs.ts';

test.each(labs)('$id and its twin do the same in QEMU', { timeout: 60_000 }, async ({ id }) => expectLabInQemu(id));
