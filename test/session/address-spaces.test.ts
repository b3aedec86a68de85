/** Page tables, memory maps and walks of real runs: what changed, whose it is, who reaches it; and small programs for what the prebuilt ones do not do. */
import { VA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainWalk } from '../../emulator/mmu/index.ts';
import { SessionClient } from '../../emulator/session/client.ts';
import { openProgram, type Program } from '../../emulator/session/program.ts';
import { serveSession } from '../../emulator/session/serve.ts';
import type { MapsView, TableOutline } from '../../emulator/session/views.ts';
import { Workshop } from '../debug/build.ts';
import { clonedMessages, statusOf, type Connection } from './ports.ts';

const prebuilt = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}.elf`)));

const connections: Connection[] = [];
afterAll(() => connections.forEach((connection) => connection.close()));

/** A program that has run to its end. */
async function ran(name: string): Promise<SessionClient> {
  const connection = clonedMessages();
  connections.push(connection);
  serveSession(connection.server, { shell: 'test' });
  const client = new SessionClient(connection.client);
  await client.call('open', { name: `${name}.elf`, bytes: prebuilt(name) });
  await statusOf(client, ({ state }) => state === 'ended');
  return client;
}

describe('two guests', () => {
  let client: SessionClient;
  beforeAll(async () => {
    client = await ran('06-two-guests');
  });
  const kinds = ({ columns }: MapsView, id: string): string[] => [
    ...new Set(columns.find((column) => column.id === id)!.regions.map(({ kind }) => kind)),
  ];

  test('are those that have run, each with the tables it was left with', async () => {
    const tables = await client.get('tables', { register: 'VTTBR_EL2' });
    expect(tables.guests).toEqual([
      { vmid: 1, isCurrent: false },
      { vmid: 2, isCurrent: true },
    ]);
    const first = await client.get('tables', { register: 'VTTBR_EL2', vmid: 1 });
    const second = await client.get('tables', { register: 'VTTBR_EL2', vmid: 2 });
    expect(second.root).toEqual(tables.root);
    expect(first.root!.address).not.toBe(second.root!.address);
    await expect(client.get('tables', { vmid: 3 })).rejects.toThrow(/no guest with VMID 3/);
    // Before the second has run there is one.
    const early = await client.get('maps', {}, 152_500);
    expect(early.guests.map(({ vmid }) => vmid)).toEqual([1]);
  });

  test('are looked at where the machine is at work in them', async () => {
    // A guest runs, then the hypervisor.
    const { rows } = await client.get('traps', { first: 0, count: 100 });
    const back = rows.findLast(({ kind, from, to }) => kind === 'return' && from === 2 && to === 1)!;
    const entry = rows.findLast(({ kind, from, to }) => kind === 'exception' && from === 1 && to === 2)!;
    const reasons = async (at: number): Promise<(string | undefined)[]> =>
      Promise.all(
        (['TTBR0_EL1', 'VTTBR_EL2', 'TTBR0_EL2'] as const).map(
          async (register) => (await client.get('tables', { register }, at)).inUse?.reason,
        ),
      );
    expect(await reasons(back.n + 1)).toEqual(['translates the PC', 'translates the IPA of the PC', 'begins the largest run']);
    expect((await reasons(entry.n + 1))[2]).toBe('translates the PC');
    const tables = await client.get('tables', { register: 'TTBR0_EL1' }, back.n + 1);
    const { pc } = await client.get('now', {}, back.n + 1);
    expect(BigInt(tables.inUse!.input)).toBe(BigInt(pc) & ~0xfffn);
    // Where that leads is what the walk says; and whoever looks up the page finds the PC.
    const { level, input } = tables.inUse!;
    const { leadsTo } = await client.get('entry', { register: 'TTBR0_EL1', level, input }, back.n + 1);
    const { walk } = await client.get('walk', { follow: 'pc' }, back.n + 1);
    expect(walk.result.ok && BigInt(walk.result.pa) & ~0xfffn).toBe(BigInt(leadsTo!));
    expect((await client.get('maps', {}, back.n + 1)).inUse).toEqual({ address: pc, name: 'the PC' });
    // Nothing but its memory is known of a guest that waits.
    expect((await client.get('tables', { register: 'TTBR0_EL1', vmid: 1 })).inUse!.reason).toBe('begins the largest run');
  });

  test('can be walked and read whether they run or wait', async () => {
    const walked = async (vmid: number): Promise<string> => {
      const { walk, guests } = await client.get('walk', { va: '0x80000000', vmid });
      expect(guests.map((guest) => guest.vmid)).toEqual([1, 2]);
      return walk.result.ok ? walk.result.pa : walk.result.text;
    };
    expect([await walked(1), await walked(2)]).toEqual(['0x41000000', '0x42000000']);
    expect((await client.get('walk', { va: '0x80000000', vmid: 1 })).noTlb).toMatch(/does not run/);
    for (const space of ['va', 'ipa'] as const) {
      const at = { space, address: '0x80002000', before: 0, bytes: 64 } as const;
      const [first, second, now] = [
        await client.get('memory', { ...at, vmid: 1 }),
        await client.get('memory', { ...at, vmid: 2 }),
        await client.get('memory', { ...at, el: 1 }),
      ];
      expect([first.spans[0].pa, second.spans[0].pa]).toEqual(['0x41002000', '0x42002000']);
      expect(first.bytes).toEqual((await client.get('memory', { ...at, space: 'pa', address: '0x41002000' })).bytes);
      expect([now.spans, now.bytes]).toEqual([second.spans, second.bytes]);
      // The registers are those of the guest that runs.
      expect(first.labels.filter(({ kind }) => kind === 'register')).toEqual([]);
    }
    await expect(client.get('walk', { follow: 'pc', vmid: 1 })).rejects.toThrow(/guest 1 does not run.*name an address/);
    await expect(client.get('memory', { space: 'va', follow: 'sp', before: 0, bytes: 64, vmid: 1 })).rejects.toThrow(
      /guest 1 does not run/,
    );
    await expect(client.get('walk', { va: '0x0', vmid: 3 })).rejects.toThrow(/no guest with VMID 3/);
  });

  test('stand side by side over one physical memory', async () => {
    const maps = await client.get('maps', { guests: [1, 2] });
    expect(maps.columns.map(({ id }) => id)).toEqual(['va', 'ipa', 'pa', 'ipa2', 'va2']);
    expect(maps.shown).toEqual([1, 2]);
    const pa = maps.columns[2].regions;
    expect(pa.filter(({ reachedBy }) => reachedBy?.length === 2).map(({ name }) => name)).toEqual(['UART']);
    expect(pa.find(({ base }) => base === '0x41000000')!.reachedBy).toEqual([1]);
    expect(pa.find(({ base }) => base === '0x42000000')!.reachedBy).toEqual([2]);
    expect(pa.find(({ base }) => base === '0x40080000')).toMatchObject({ kind: 'hypervisor', name: '.text .rodata', reachedBy: [] });
    expect(kinds(maps, 'ipa')).toContain('unmapped');
    expect(maps.notes.map(({ kind }) => kind)).toEqual(['same', 'unmapped', 'shared', 'hypervisor', 'unreached']);
    expect((await client.get('maps', { guests: [2] })).columns).toHaveLength(3);
  });

  test('are told apart by who reaches a physical address', async () => {
    const reach = await client.get('reach', { pa: '0x42002010' });
    expect(reach.spaces.map(({ title, vas }) => `${title}: ${vas.map(({ va, ipa }) => `${va} ${ipa}`).join()}`)).toEqual([
      'Hypervisor, EL2: 0x42002010 null',
      'Guest, VMID 1: ',
      'Guest, VMID 2: 0x80002010 0x80002010',
    ]);
    expect(reach.spaces[2].vas[0].permissions).toEqual({ '0': '---', '1': 'rw-' });
  });
});

test('where each guest first runs is one command away, recorded or not, and back', async () => {
  const connection = clonedMessages();
  connections.push(connection);
  serveSession(connection.server, { shell: 'test' });
  const client = new SessionClient(connection.client);
  await client.call('open', { name: '06-two-guests.elf', bytes: prebuilt('06-two-guests') });
  await client.call('reset', {});
  const firstRuns: number[] = [];
  for (const vmid of [1, 2]) {
    const { at } = await client.call('nextGuest', {});
    expect(await client.get('now', {})).toMatchObject({ at, level: 1, vmid });
    firstRuns.push(at);
  }
  const [first, second] = firstRuns;
  // There is no third: it runs to its end.
  expect((await client.call('nextGuest', {})).at).toBeGreaterThan(second);
  await statusOf(client, ({ state }) => state === 'ended');
  expect(await client.call('nextGuest', { back: true })).toEqual({ at: second });
  expect(await client.call('nextGuest', { back: true })).toEqual({ at: first });
  await expect(client.call('nextGuest', { back: true })).rejects.toThrow(/no guest has begun to run before/);
  await client.call('seek', { at: 0 });
  expect(await client.call('nextGuest', {})).toEqual({ at: first });
});

describe('tables', () => {
  let client: SessionClient;
  /** A stage-2 abort whose handler maps a missing page; the machine stands right after its return. */
  let mapped: number;
  beforeAll(async () => {
    client = await ran('04-stage2');
    const { rows } = await client.get('traps', { first: 0, count: 1000 });
    for (const { n } of rows.filter(({ type, to }) => type === 'DataAbort' && to === 2)) {
      await client.call('seek', { at: rows.find((row) => row.n > n && row.kind === 'return')!.n + 1 });
      const { changes } = await client.get('tables', { register: 'VTTBR_EL2', compare: n });
      if (changes!.added === 0) continue;
      mapped = n;
      break;
    }
  });

  test('show what a handler changed, entry by entry', async () => {
    const { changes, root } = await client.get('tables', { register: 'VTTBR_EL2', compare: mapped });
    expect(changes).toMatchObject({ since: mapped, removed: 0, changed: 0 });
    expect(changes!.added).toBeGreaterThan(0);
    const page = changes!.list.at(-1)!;
    expect(page).toMatchObject({ kind: 'added', level: 3, count: 1, before: { value: '0x0' } });
    expect(BigInt(page.input)).toBeGreaterThanOrEqual(0x8020_0000n);
    const marked = (table: TableOutline): number =>
      table.rows.reduce((sum, row) => sum + (row.table ? marked(row.table) : (row.changed ?? 0)), 0);
    expect(marked(root!)).toBeGreaterThan(0);
    const entry = await client.get('entry', { register: 'VTTBR_EL2', input: page.input, level: 3, compare: mapped });
    expect(entry.entry).toMatchObject({ value: page.after.value, verdict: page.after.verdict });
    expect(entry.before).toMatchObject({ since: mapped, value: '0x0', verdict: 'invalid: nothing is mapped here' });
    expect((await client.get('tables', { register: 'TTBR0_EL2', compare: mapped })).changes!.list).toEqual([]);
  });
  test('compare with the trap before, and with a time when the stage was off', async () => {
    const trap = await client.get('tables', { register: 'VTTBR_EL2', compare: 'trap' });
    expect(trap.changes!.since).toBeGreaterThan(mapped);
    const start = await client.get('tables', { register: 'VTTBR_EL2', compare: 0 });
    expect(start.changes!.added).toBeGreaterThan(100);
    expect(start.changes!.sentence).toContain('The stage was off then');
  });
  test('name what lies where they lead', async () => {
    const { root } = await client.get('tables', { register: 'VTTBR_EL2' });
    const names = (table: TableOutline): string[] =>
      table.rows.flatMap((row) => (row.table ? names(row.table) : row.name ? [row.name] : []));
    expect(names(root!)).toEqual(expect.arrayContaining(['UART', '.guest.text']));
  });
  test('refuse what makes no sense', async () => {
    await expect(client.get('tables', { rows: 1e9 })).rejects.toThrow();
    await expect(client.get('tables', { zoom: { path: [1, 2, 3, 4, 5] } })).rejects.toThrow();
    await expect(client.get('maps', { guests: [1, 2, 3] })).rejects.toThrow();
    await expect(client.get('reach', { pa: 'here' })).rejects.toThrow();
    expect((await client.get('reach', { pa: '0xffffffffffff' })).name).toBeNull();
  });
});

/** A guest with four levels of tables that moves a page without telling the TLB; then with the 64 KiB granule. */
const moves = `
  .text
  .globl _start
_start:
  ldr x0, =vectors
  msr vbar_el2, x0
  ldr x0, =0x80000000
  msr hcr_el2, x0
  ldr x0, =0x200800010        // T0SZ 16, 4 KiB, no TTBR1, 40-bit output
  msr tcr_el1, x0
  ldr x0, =l0
  msr ttbr0_el1, x0
  mov x0, #0xff
  msr mair_el1, x0
  ldr x0, =0x30d00801
  msr sctlr_el1, x0
  mov x0, #0x3c5
  msr spsr_el2, x0
  ldr x0, =guest
  msr elr_el2, x0
  isb
  eret
guest:
  ldr x1, =0x123400005010
  ldr x2, [x1]
  ldr x3, =leaf
  ldr x4, [x3]
  add x4, x4, #0x1000
  str x4, [x3]
  dsb sy
stale:
  ldr x5, [x1]
  hvc #0
large:
  ldr x1, =0xa0050010
  ldr x6, [x1]
  hvc #1
  .balign 2048
vectors:
  .space 0x400
  mrs x7, esr_el2
  and x7, x7, #0xffff
  cbnz x7, off
  ldr x0, =0x200804016        // T0SZ 22, 64 KiB
  msr tcr_el1, x0
  ldr x0, =big2
  msr ttbr0_el1, x0
  tlbi alle1
  dsb sy
  isb
  eret
off:
  ldr x0, =0x84000008
  smc #0
  .data
  .balign 4096
l0: .fill 36, 8, 0            // VA 0x123400005010: index 36
  .quad l1 + 3
  .fill 475, 8, 0
l1: .fill 208, 8, 0           // 208
  .quad l2 + 3
  .fill 303, 8, 0
l2: .quad l3 + 3
  .fill 511, 8, 0
l3: .fill 5, 8, 0
leaf: .quad data + 0x703
  .fill 506, 8, 0
  .balign 4096
data: .fill 2, 8, 0
  .quad 0x1111
  .balign 4096
  .fill 2, 8, 0
  .quad 0x2222
  .balign 65536
big2: .fill 2, 8, 0
  .quad 0x40000000 + 0x701
  .fill 2, 8, 0
  .quad big3 + 3
  .fill 8186, 8, 0
big3: .fill 5, 8, 0
  .quad big4 + 0x703
  .fill 8186, 8, 0
  .balign 65536
big4: .fill 2, 8, 0
  .quad 0x3333
`;

describe('a program that moves a page without a TLBI', () => {
  const workshop = new Workshop();
  afterAll(() => workshop.close());
  let program: Program;
  beforeAll(() => {
    // The first gigabyte of RAM must be mapped for the guest to run: entry 0 of the level-0 table.
    const source = moves
      .replace('l0: .fill 36, 8, 0 ', 'l0: .quad low1 + 3\n  .fill 35, 8, 0 ')
      .replace(
        '  .balign 4096\ndata:',
        '  .balign 4096\nlow1: .quad 0\n  .quad 0x40000000 + 0x701\n  .fill 510, 8, 0\n  .balign 4096\ndata:',
      );
    const { bytes } = workshop.link('moves.elf', { 'moves.S': source }, ['-Wl,-Ttext=0x40080000', '-Wl,--section-start=.data=0x40100000']);
    program = openProgram('moves.elf', new Uint8Array(bytes));
  });
  /** Runs to the first instruction after a label that `done` accepts. */
  const runTo = (label: string, offset: number): void => {
    for (let i = 0; i < 400; i++) {
      if (
        program.names.of(program.machine.cpu.el).symbol(program.machine.cpu.pc) === (offset ? `${label}+0x${offset.toString(16)}` : label)
      )
        return;
      program.timeline.forward(1);
    }
    throw new Error(`${label} was not reached`);
  };
  const walk = (va: bigint) => explainWalk(program.machine.mmu, VA(va), { regime: 'el1', el: 1, access: 'r' });

  test('gets the old page, and the walk says that the tables say otherwise', () => {
    runTo('stale', 0);
    const there = walk(0x1234_0000_5010n);
    expect(there.reads).toBe(4);
    expect(there.tlb).toMatchObject({ hit: true, stale: true });
    expect(there.result).toMatchObject({ ok: true });
    const now = BigInt((there.result as { pa: string }).pa);
    expect(BigInt(there.tlb.entry!.pa)).toBe(now - 0x1010n);
    program.timeline.forward(1);
    expect(program.machine.cpu.x(5)).toBe(0x1111n);
  });
  test('reads two levels with the 64 KiB granule', () => {
    runTo('large', 8);
    expect(program.machine.cpu.x(6)).toBe(0x3333n);
    const there = walk(0xa005_0010n);
    expect(there).toMatchObject({ reads: 2, result: { ok: true, stage1Bytes: 65536 }, tlb: { hit: true, stale: false } });
    expect(walk(0x1_0000_0000n).result).toMatchObject({ ok: false, fault: { kind: 'translation', level: 2 } });
  });
});
