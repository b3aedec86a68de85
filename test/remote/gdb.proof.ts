/** Long proofs of the stub: a million damaged packets, and gdb's own test suite, where the folder `../shared` has the script that runs it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { serveGdb } from '../../src-main/gdb-server.ts';
import { scenario, standingAt } from './client.ts';
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

const lldb = '/usr/bin/lldb';
const commands = `
gdb-remote 127.0.0.1:PORT
breakpoint set -n el2_mmu_on
process continue
thread backtrace
breakpoint set -a 0x80000138
process continue
register read pc VTTBR_EL2
watchpoint set expression -w write -s 8 -- $sp - 40
process continue
register read pc
memory read -s 8 -f x -c 1 \`$sp\`
thread step-inst
register read pc
memory write -s 8 \`$sp\` 0x1122334455667788
memory read -s 8 -f x -c 1 \`$sp\`
register write x5 0x1234
register read x5
process detach
`;
test.skipIf(!existsSync(lldb))(
  'lldb attaches, stops before the MMU is on, in a guest and at a watched place, reads, writes and steps',
  async () => {
    const session = standingAt('04-stage2');
    const server = await serveGdb(session, 0);
    const lines = commands.trim().replace('PORT', String(server.port)).split('\n');
    const words = ['-x', '-b', scenario('04-stage2'), ...lines.flatMap((line) => ['-o', line])];
    const { stdout } = await promisify(execFile)(lldb, words, { timeout: 100_000 });
    server.close();
    void session.close();
    expect(stdout).toMatch(/frame #0: .*`el2_mmu_on[^]*frame #1: .*`main[^]*frame #2: .*`_text_start/);
    // The store that is watched is the first instruction, and lldb stands behind it.
    expect(stdout).toMatch(/pc = 0x0000000080000138[^]*VTTBR_EL2 = 0x0001[^]*Watchpoint 1 hit[^]*pc = 0x000000008000013c/);
    expect(stdout).toMatch(/step-inst[^]*pc = 0x0000000080000140[^]*: 0x1122334455667788[^]*x5 = 0x0000000000001234/);
  },
  120_000,
);
