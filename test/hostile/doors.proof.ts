/** A hundred thousand wrong inputs for each seed over all doors, and every bomb at its full size: none takes 10 s or 1 GB. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRecording } from '../../emulator/index.ts';
import { readFdt } from '../../emulator/machine/fdt.ts';
import { bombs } from './bombs.ts';
import { doors, isSentence, takeProgram } from './doors.ts';
import { enterAll, secondsSince, seed } from './enter.ts';

const seeds = Array.from({ length: Number(process.env.PROVE ?? 1) }, (_, i) => seed + i);
const INPUTS = 100_000;

test.each(doors)('$name', { timeout: 1_800_000 }, async (door) => {
  let slowest = 0;
  let refused = 0;
  for (const one of seeds) {
    const result = await enterAll(door, one, INPUTS);
    slowest = Math.max(slowest, result.slowest);
    refused += result.refused;
  }
  console.log(
    `${door.name}: ${(seeds.length * INPUTS * door.share) / 1000} inputs, ${refused} refused, the slowest in ${(1000 * slowest).toFixed(0)} ms`,
  );
});

const quick = { timeout: 60_000 };
/** Lets one in; what it says is a sentence. */
async function cost(name: string, take: () => unknown): Promise<void> {
  const before = process.resourceUsage().maxRSS;
  const began = process.cpuUsage();
  try {
    await take();
  } catch (error) {
    if (!isSentence(error)) throw error;
  }
  const seconds = secondsSince(began);
  const mebibytes = (process.resourceUsage().maxRSS - before) / 1024;
  console.log(`${name}: ${seconds.toFixed(2)} s, ${mebibytes.toFixed(0)} MiB`);
  expect(seconds).toBeLessThan(10);
  expect(mebibytes).toBeLessThan(1024);
}
test.each(Object.entries(bombs))('%s', quick, (name, make) => {
  const bytes = make(1);
  return cost(name, () => takeProgram(bytes));
});

/** Files that were found to do harm once. */
const found = join(import.meta.dirname, '../../../shared/cases/hostile');
const files = existsSync(found)
  ? readdirSync(found, { recursive: true })
      .map(String)
      .filter((name) => /\.(elf|elrec|dtb)$/.test(name))
  : [];
test.skipIf(files.length === 0).each(files.length ? files : [''])('%s', quick, (name) => {
  const bytes = new Uint8Array(readFileSync(join(found, name)));
  return cost(name, () =>
    name.endsWith('.dtb') ? readFdt(bytes, name) : name.endsWith('.elrec') ? readRecording(bytes, name) : takeProgram(bytes),
  );
});
