/** Every picture of real programs, at instants all over their runs, is readable: what the fixtures did not think of shows here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession } from '../../emulator/session/serve.ts';
import type { TrapRow } from '../../emulator/session/views.ts';
import { tableRegisters } from '../../emulator/session/views.ts';
import { mapsScene } from '../../src-renderer/geometry/maps/index.ts';
import { sequenceScene } from '../../src-renderer/geometry/sequence.ts';
import { tablesScene } from '../../src-renderer/geometry/tables/index.ts';
import { tower } from '../../src-renderer/geometry/tower/index.ts';
import { walkScene } from '../../src-renderer/geometry/walk/index.ts';
import { zoomLanes } from '../../src-renderer/geometry/zoom-lanes.ts';
import { clonedMessages, type Connection } from '../session/ports.ts';
import { expectReadable } from './scene-checks.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');
const rooms = [
  { width: 888, height: 575 },
  { width: 708, height: 462 },
];

describe.each(['01-el2-to-el1.elf', '04-stage2.elf', '05-interrupts.elf', '06-two-guests.elf', '07-user-mode.elf'])('%s', (file) => {
  let connection: Connection;
  let client: SessionClient;
  let traps: readonly TrapRow[];

  beforeAll(async () => {
    connection = clonedMessages();
    serveSession(connection.server, { shell: 'test' });
    client = new SessionClient(connection.client);
    await client.call('open', { name: file, bytes: new Uint8Array(readFileSync(join(prebuilt, file))) });
    await client.call('seek', { at: 400_000 });
    traps = (await client.get('traps', { first: 0, count: 1000 })).rows;
  });
  afterAll(() => connection.close());

  /** One trap of each kind and route, right before and after it. */
  const instants = (): number[] => {
    const kinds = new Map(traps.map((trap) => [`${trap.kind} ${trap.type} ${trap.from} ${trap.to}`, trap.n]));
    return [...kinds.values()].flatMap((n) => [n, n + 1]).sort((a, b) => a - b);
  };

  test('its levels, walks, maps and tables', async () => {
    expect(traps.length).toBeGreaterThan(0);
    for (const at of instants()) {
      await client.call('seek', { at });
      const levels = await client.get('levels', {});
      for (const room of rooms)
        for (let step = 0; step <= (levels.event?.steps.length ?? 0); step++) expectReadable(tower(levels, { ...room, step }));
      for (const follow of ['pc', 'sp', 'fault'] as const) {
        const { walk } = await client.get('walk', { follow });
        expectReadable(walkScene(walk, { width: 1024, height: 430 }));
      }
      for (const regime of ['el1', 'el2'] as const)
        expectReadable(mapsScene(await client.get('maps', { regime }), { width: 1024, height: 430, chosen: null }));
      for (const register of tableRegisters)
        expectReadable(tablesScene(await client.get('tables', { register, rows: 13 }), { width: 1024, height: 430, chosen: null }));
    }
  });

  test('its timeline and its sequence', async () => {
    for (let first = 0; first < traps.length; first += 12) {
      const rows = traps.slice(first, first + 24);
      const range = { from: rows[0].n, to: rows.at(-1)!.n + 10 };
      const lanes = await client.get('lanes', { ...range, width: 2048 });
      expectReadable(zoomLanes(lanes, rows, { width: 990, height: 170, chosen: rows[0], at: range.from }));
      for (const width of [990, 430])
        expectReadable(sequenceScene(rows, lanes.lanes, { width, height: 700, chosen: rows[0].index, at: rows[0].n + 1 }));
    }
  });
});
