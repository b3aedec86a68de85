/** Real gdb on a session that the app's own client looks at too: both see the same machine, and each the other's moves. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession, type ServedSession } from '../../emulator/session/serve.ts';
import { listenForGdb } from '../../src-main/gdb-server.ts';
import { clonedMessages, statusOf, type Connection } from '../session/ports.ts';
import { scenario } from './client.ts';

const program = scenario('04-stage2');
const script = String.raw`
set pagination off
set confirm off
set remotetimeout 30
target remote 127.0.0.1:PORT
monitor at 0
maintenance flush register-cache
break el2_mmu_on
continue
printf "MMU %d\n", $SCTLR_EL2 & 1
hbreak *0x80000138
continue
printf "guest %#lx\n", $pc
info threads
delete
watch -location *(unsigned long *)($sp - 40)
continue
printf "forwards %#lx %#lx\n", $pc, *(unsigned long *)$sp
reverse-continue
printf "backwards %#lx\n", $pc
delete
continue
reverse-continue
printf "start %#lx\n", $pc
load
compare-sections
stepi 3
printf "stepped %#lx\n", $pc
detach
`;

let connection: Connection;
let served: ServedSession;
let client: SessionClient;
beforeAll(() => {
  connection = clonedMessages();
  const image = { name: '04-stage2.elf', bytes: new Uint8Array(readFileSync(program)), path: program };
  served = serveSession(connection.server, { shell: 'test', image, listenForGdb });
  client = new SessionClient(connection.client);
});
afterAll(() => {
  void served.close();
  connection.close();
});

test('gdb stops before the MMU is on, in a guest by its VA, and at a watched place, forwards and backwards; and the app sees it', async () => {
  const states: string[] = [];
  const stop = client.subscribe('gdb', {}, ({ state }) => void (states.at(-1) !== state && states.push(state)));
  const instants: number[] = [];
  const stopStatus = client.subscribe('status', {}, ({ at }) => void instants.push(at));
  const { line } = await client.call('letGdbConnect', { on: true });
  expect(line).toMatch(/^gdb-multiarch \S*04-stage2\.elf -ex 'target remote 127\.0\.0\.1:\d+'$/);
  const file = join(mkdtempSync(join(tmpdir(), 'elscope-gdb-')), 'commands');
  writeFileSync(file, script.replace('PORT', /(\d+)'$/.exec(line!)![1]));
  const { stdout } = await promisify(execFile)('gdb-multiarch', ['-nx', '-batch', '-x', file, program], { timeout: 60_000 });

  expect(stdout).toContain('MMU 0');
  expect(stdout).toContain('guest 0x80000138');
  expect(stdout).toMatch(/CPU#0 \[EL1, VMID 1, running\]/);
  // The store that is watched is the first instruction, and gdb stands behind it; backwards in front of it.
  expect(stdout).toMatch(/Hardware watchpoint[^]*forwards 0x8000013c/);
  expect(stdout).toContain('backwards 0x80000138');
  expect(stdout).toMatch(/No more reverse-execution history[^]*start 0x40080000/);
  expect(stdout.match(/matched\./g)).toHaveLength(5);
  expect(stdout).not.toContain('MIS-MATCHED');
  expect(stdout).toMatch(/stepped 0x4008000c/);
  // Detached, the machine runs on to its end.
  await statusOf(client, ({ state }) => state === 'ended');
  expect(states.slice(-3)).toEqual(['waiting', 'connected', 'waiting']);
  expect(instants).toContain(0);
  await client.call('letGdbConnect', { on: false });
  stop();
  stopStatus();
}, 90_000);

test('a shell that cannot listen says why', async () => {
  const other = clonedMessages();
  const page = serveSession(other.server, { shell: 'static' });
  const visitor = new SessionClient(other.client);
  expect(await visitor.get('gdb', {})).toMatchObject({ state: 'off', why: expect.stringContaining('a page without a server') as string });
  await expect(visitor.call('letGdbConnect', {})).rejects.toThrow('a page without a server');
  void page.close();
  other.close();
});
