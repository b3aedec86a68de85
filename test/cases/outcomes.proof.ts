/** The same programs in real QEMU: they print the same, but where the table says why not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runQemu } from '../firmware/qemu.ts';
import { buildCase } from './case.ts';
import { outcomes } from './outcomes.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(outcomes)('$name $flags prints in QEMU what it prints here, or the table says why not', async ({ name, flags, ends, ...row }) => {
  const image = join(folder, 'case.elf');
  writeFileSync(image, buildCase(name, ...flags));
  const run = await runQemu({ image, timeout: ends === 'off' ? 20_000 : 10_000 });
  const text = run.text.replace(/\s+/g, ' ').trim();
  if (row.departs === undefined) expect(text).toBe(row.prints);
  // A departure that has gone needs no excuse any more.
  else expect(text).not.toBe(row.prints);
});
