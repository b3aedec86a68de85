/** Long proofs of the stub: a million damaged packets, and gdb's own test suite, where the folder `../shared` has the script that runs it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { damageRun } from './damage.ts';

test('a million damaged packets neither end the stub nor change what they only read', { timeout: 7_200_000 }, async () => {
  for (let seed = 1; seed <= 10; seed++) expect(await damageRun(100_000, seed)).toEqual({ sent: 100_000, problems: [] });
});

const suite = resolve('../shared/gdb-suite/run');
test.skipIf(!existsSync(suite))("gdb's own test suite, as far as real QEMU passes it", { timeout: 3_600_000 }, async () => {
  const env = { ...process.env, STUB: `${process.execPath} ${resolve('out/main/elscope.js')} gdb @PROG@ --port @PORT@` };
  const { stdout } = await promisify(execFile)(suite, [], { env, maxBuffer: 1 << 24 });
  const [, pass, fail] = /^total PASS (\d+) FAIL (\d+)/m.exec(stdout)!.map(Number);
  expect(pass, stdout).toBeGreaterThanOrEqual(417);
  expect(fail, stdout).toBeLessThanOrEqual(2);
});
