/** What the window knows, on a real session: no page, no component. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession, type ServedSession } from '../../emulator/session/serve.ts';
import type { NowView, StatusView } from '../../emulator/session/views.ts';
import { whereItStopped } from '../../src-renderer/state/announcement.ts';
import { App } from '../../src-renderer/state/app.svelte.ts';
import { Layouts, layouts } from '../../src-renderer/state/layouts.svelte.ts';
import { Motion } from '../../src-renderer/state/motion.svelte.ts';
import { Player } from '../../src-renderer/state/player.svelte.ts';
import { TableBrowser } from '../../src-renderer/state/tables.svelte.ts';
import { TrapBrowser } from '../../src-renderer/state/traps.svelte.ts';
import { clonedMessages, type Connection } from '../session/ports.ts';

const image = new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf')));
const kept = new Map<string, string>();

beforeEach(() => {
  kept.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});
afterAll(() => vi.unstubAllGlobals());

describe('where the machine stopped', () => {
  const now: NowView = {
    at: 1234,
    level: 1,
    sentence: ['In ', { code: 'main' }, ': next.'],
    pc: '0x40080000',
    vmid: 1,
    asid: 0,
    refused: null,
  };
  const status = (part: Partial<StatusView>): StatusView => ({ at: 1234, state: 'paused', ...part }) as StatusView;

  test('is told in one sentence, with the reason', () => {
    expect(whereItStopped(status({}), now)).toMatch(/^Step 1\s?234, EL1, PC 0x40080000: In main: next\.$/);
    expect(whereItStopped(status({ reason: 'breakpoint 1' }), now)).toMatch(/PC 0x40080000, breakpoint 1: In main/);
    expect(whereItStopped(status({ state: 'waiting' }), now)).toContain('waiting for input');
  });
  test('is not told while the machine runs, or of an instant that is not shown any more', () => {
    for (const state of ['running', 'seeking', 'empty'] as const) expect(whereItStopped(status({ state }), now)).toBe('');
    expect(whereItStopped(status({ at: 1235 }), now)).toBe('');
    expect(whereItStopped(status({}), undefined)).toBe('');
  });
});

describe('Layouts', () => {
  const [first, other] = layouts.filter(({ tab }) => tab === 'levels');

  test('a tab has its first layout until another is chosen, which the next visit has too', () => {
    const chosen = new Layouts();
    expect(chosen.of('levels')).toBe(first);
    chosen.choose(other);
    expect(chosen.of('levels')).toBe(other);
    expect(chosen.of('walk').tab).toBe('walk');
    expect(new Layouts().of('levels')).toBe(other);
  });

  test('sizes are the usual ones until they are dragged, where the number of parts is another, and after a reset', () => {
    const chosen = new Layouts();
    chosen.resized('levels', [30, 70]);
    expect(chosen.sizesOf('levels', [50, 50])).toEqual([30, 70]);
    expect(chosen.sizesOf('levels', [40, 30, 30])).toEqual([40, 30, 30]);
    chosen.reset();
    expect(new Layouts().sizesOf('levels', [50, 50])).toEqual([50, 50]);
  });

  test('what was kept is not believed where it makes no sense', () => {
    kept.set('elscope.sizes', '{"levels":[-3,"x"]}');
    kept.set('elscope.layout', '{"levels":"no such layout"}');
    const chosen = new Layouts();
    expect(chosen.sizesOf('levels', [50, 50])).toEqual([50, 50]);
    expect(chosen.of('levels')).toBe(first);
  });
});

describe('Player', () => {
  const player = (speed: 1 | 4): Player => {
    const motion = new Motion();
    motion.choose(speed);
    return new Player(motion, 'substep');
  };

  test('plays from the start, at the pace of the motion, and stops at the end', () => {
    vi.useFakeTimers();
    const slow = player(1);
    const fast = player(4);
    for (const one of [slow, fast]) one.load(3, true);
    expect([slow.done, slow.playing]).toEqual([0, true]);
    vi.advanceTimersByTime(700);
    expect([slow.done, fast.done, fast.playing]).toEqual([1, 3, false]);
    vi.advanceTimersByTime(10_000);
    expect([slow.done, slow.playing]).toEqual([3, false]);
    vi.useRealTimers();
  });

  test('steps within its bounds, and a step ends the playing', () => {
    const one = player(1);
    one.load(2, false);
    expect(one.done).toBe(2);
    one.next();
    expect(one.done).toBe(2);
    one.play();
    expect([one.done, one.playing]).toEqual([0, true]);
    one.previous();
    expect([one.done, one.playing]).toEqual([0, false]);
  });
});

describe('TrapBrowser', () => {
  test('asks for what is chosen and nothing else', () => {
    const traps = new TrapBrowser();
    expect(traps.choice).toEqual({});
    traps.filter = ' vm:1 ';
    traps.type = 'Trap';
    traps.scope = 'view';
    traps.shown = { from: 10.5, to: 20.5 };
    expect(traps.choice).toEqual({ filter: 'vm:1', type: 'Trap', from: 10, to: 21 });
    expect(traps.isFiltered).toBe(true);
  });

  test('a stretch stays within the recording, and zooming leaves an instant in its place', () => {
    const traps = new TrapBrowser();
    traps.shown = { from: 0, to: 1000 };
    traps.zoom(0.5, 250, 1000);
    expect(traps.stretch).toEqual({ from: 125, to: 625 });
    traps.shown = traps.stretch!;
    traps.pan(5000, 1000);
    expect(traps.stretch).toEqual({ from: 500, to: 1000 });
    traps.include(100, 1000);
    expect(traps.stretch).toEqual({ from: 0, to: 500 });
    traps.show({ from: 3, to: 4 }, 1000);
    expect(traps.stretch).toEqual({ from: 3, to: 11 });
  });
});

describe('on a session', () => {
  let connection: Connection;
  let served: ServedSession;
  let app: App;

  beforeAll(async () => {
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 0));
    connection = clonedMessages();
    served = serveSession(connection.server, { shell: 'test' });
    app = new App(new SessionClient(connection.client));
    await app.open(new File([image], '04-stage2.elf'));
    await vi.waitFor(() => expect(app.session.status.state).toBe('ended'), 20_000);
  });
  afterAll(() => {
    void served.close();
    connection.close();
  });

  test('MachineSession shows the status, goes to instants, and says what was refused', async () => {
    const { session } = app;
    expect(session.status).toMatchObject({ image: { name: '04-stage2.elf' } });
    await session.seek(1000);
    await vi.waitFor(() => expect(session.status).toMatchObject({ at: 1000, state: 'paused' }));
    expect(session.now?.at).toBe(1000);
    expect(await session.call('runTo', { address: 'main' })).toBeUndefined();
    expect(session.error).toMatch(/expected a hexadecimal address/);
    await session.call('seek', { at: 1001 });
    expect(session.error).toBeNull();
  });

  test('App shows panels by their layouts, and walks what it is told to', () => {
    app.showPanel('registerDetail');
    expect([app.tab, app.frontPanel]).toEqual(['registers', 'registerDetail']);
    app.showWalk({ va: '0x41000000', regime: 'el1' });
    expect([app.tab, app.walk]).toEqual(['walk', { va: '0x41000000', regime: 'el1' }]);
  });

  test('App forgets places of a program when another is opened', async () => {
    app.showTrap(3);
    app.showCode('0x40080000');
    app.showMemory('0x41000000', 'pa');
    app.showRegister('VTTBR_EL2');
    app.traps.filter = 'el1';
    app.maps.show('el1', [1]);
    app.browser.showGuest(1);
    app.browser.text = '0x80000000';
    await app.open(new File([image], 'other.elf'));
    expect([app.traps.chosen, app.codeAddress, app.walk, app.register]).toEqual([null, null, { follow: 'pc' }, null]);
    expect([app.memory.follow, app.memory.space, app.traps.isFiltered, app.maps.params]).toEqual(['sp', 'va', false, {}]);
    app.browser.rows = 24;
    expect(app.browser.params).toEqual({ zoom: { path: [] }, rows: 24 });
    await vi.waitFor(() => expect(app.session.status).toMatchObject({ state: 'ended', image: { name: 'other.elf' } }), 20_000);
    await vi.waitFor(() => expect(app.toasts.at(-1)?.text).toBe('Opened other.elf'));
  });

  test('TableBrowser finds an address in the tree that the session sends, and goes into its table and out again', async () => {
    const { session } = app;
    const browser = new TableBrowser();
    const fetched = async (): Promise<void> => browser.arrived(await session.get('tables', browser.params!));
    expect(browser.params).toBeNull();
    browser.rows = 24;
    browser.show('VTTBR_EL2');
    await fetched();
    expect(browser.view).toMatchObject({ register: 'VTTBR_EL2', stage: 2 });
    const { input } = browser.view!.inUse!;
    browser.find('VTTBR_EL2', input, null);
    for (let i = 0; i < 4 && !browser.chosen; i++) await fetched();
    expect(browser.chosen).toMatchObject({ input });
    const { entry } = await session.get('entry', browser.entryParams!);
    expect(entry?.level).toBe(browser.chosen!.level);
    browser.into(browser.key);
    await fetched();
    expect(browser.zoomed).toBe(true);
    browser.enter(0);
    expect(browser.zoomed).toBe(false);
    browser.toggle('device');
    expect(browser.params).toMatchObject({ filter: { traits: ['device'], text: '' } });
    browser.toggle('device');
    expect(browser.filtered).toBe(false);

    // What is looked at belongs to what is filtered by, not to what was chosen before.
    browser.text = '0x80001000';
    await fetched();
    expect(browser.view?.matches).toBe(1);
    expect(browser.entry).toEqual({ level: 3, input: '0x80001000' });
    expect((await session.get('entry', browser.entryParams!)).entry).toMatchObject({ level: 3, index: 1 });
    browser.text = 'nothing like it';
    await fetched();
    expect([browser.view?.matches, browser.entry]).toEqual([0, null]);
    browser.clearFilter();
    await fetched();
    expect(browser.entry).toMatchObject({ input });
  });
});
