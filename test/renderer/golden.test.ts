/**
 * The exported picture of each diagram, from a real run of a prebuilt program: `golden/*.svg`, numbers rounded. What changes in one is
 * looked at before it is taken (`npx vitest run test/renderer/golden.test.ts -u`). A new diagram is one line below.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { afterAll, expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession } from '../../emulator/session/serve.ts';
import type { TrapRow } from '../../emulator/session/views.ts';
import { interruptsPicture } from '../../src-renderer/geometry/interrupts/picture.ts';
import { lanesPicture } from '../../src-renderer/geometry/lanes-picture.ts';
import { syndromePicture } from '../../src-renderer/geometry/sheets/syndrome.ts';
import { sequencePicture } from '../../src-renderer/geometry/sequence-picture.ts';
import { mapsPicture } from '../../src-renderer/geometry/maps/picture.ts';
import { lessonCovers, lessonParts } from '../../emulator/lessons/format.ts';
import { pictureScene, type Picture } from '../../src-renderer/geometry/picture.ts';
import { pictureSvg } from '../../src-renderer/geometry/svg.ts';
import { pageRows, tablesPicture } from '../../src-renderer/geometry/tables/picture.ts';
import { towerPicture } from '../../src-renderer/geometry/tower/picture.ts';
import { walkPicture } from '../../src-renderer/geometry/walk/picture.ts';
import { clonedMessages, statusOf, type Connection } from '../session/ports.ts';
import type { SceneNode } from '../../src-renderer/geometry/scene.ts';
import { placesOf } from '../../src-renderer/state/spots.ts';
import { expectReadable, rounded } from './scene-checks.ts';

const connections: Connection[] = [];
afterAll(() => connections.forEach((connection) => connection.close()));

/** A program that has run far enough, and its session. */
class Run {
  private constructor(
    readonly file: string,
    readonly client: SessionClient,
    readonly traps: readonly TrapRow[],
  ) {}

  static async of(file: string): Promise<Run> {
    const connection = clonedMessages();
    connections.push(connection);
    serveSession(connection.server, { shell: 'test' });
    const client = new SessionClient(connection.client);
    await client.call('open', {
      name: file,
      bytes: new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt', file))),
    });
    // To the end, which `open` has started the run to.
    await statusOf(client, ({ state }) => state === 'ended');
    return new Run(file, client, (await client.get('traps', { first: 0, count: 1000 })).rows);
  }

  trap(wanted: (trap: TrapRow) => boolean): TrapRow {
    const found = this.traps.find(wanted);
    if (!found) throw new Error(`${this.file} has no such trap`);
    return found;
  }
}

const levels = async ({ client, file }: Run, at: number): Promise<Picture> => towerPicture(await client.get('levels', {}, at), file);
const walk = async ({ client, file }: Run, at: number, params: Parameters<typeof client.get<'walk'>>[1]): Promise<Picture> =>
  walkPicture((await client.get('walk', params, at)).walk, file);
const last = (run: Run): number => run.traps.at(-1)!.n;

const pictures: readonly [name: string, program: string, make: (run: Run) => Promise<Picture>][] = [
  ['levels-hypercall', '02-hypercalls', (run) => levels(run, run.trap(({ type }) => type === 'HVC').n + 1)],
  ['levels-stage2-abort', '04-stage2', (run) => levels(run, run.trap(({ type, to }) => type === 'DataAbort' && to === 2).n + 1)],
  ['levels-interrupt', '05-interrupts', (run) => levels(run, run.trap(({ type, from }) => type === 'IRQ' && from === 1).n + 1)],
  ['levels-before-return', '01-el2-to-el1', (run) => levels(run, run.trap(({ kind }) => kind === 'return').n)],
  ['levels-return', '01-el2-to-el1', (run) => levels(run, run.trap(({ kind }) => kind === 'return').n + 1)],
  ['walk-one-stage', '03-mmu', (run) => walk(run, last(run), { follow: 'pc' })],
  ['walk-two-stages', '04-stage2', (run) => walk(run, last(run), { va: '0xffffff8000000008', regime: 'el1', el: 1, access: 'r' })],
  ['walk-fault', '04-stage2', (run) => walk(run, run.trap(({ type, to }) => type === 'DataAbort' && to === 2).n + 1, { follow: 'fault' })],
  [
    'tables-stage1',
    '04-stage2',
    async ({ client, file, traps }) =>
      tablesPicture(await client.get('tables', { register: 'TTBR0_EL1', rows: pageRows }, traps.at(-1)!.n), file),
  ],
  [
    'tables-stage2',
    '04-stage2',
    async ({ client, file, traps }) =>
      tablesPicture(await client.get('tables', { register: 'VTTBR_EL2', rows: pageRows }, traps.at(-1)!.n), file),
  ],
  ['maps-guest', '06-two-guests', async (run) => mapsPicture(await run.client.get('maps', { regime: 'el1' }, last(run)), run.file)],
  [
    'maps-two-guests',
    '06-two-guests',
    async (run) => mapsPicture(await run.client.get('maps', { regime: 'el1', guests: [1, 2] }, last(run)), run.file),
  ],
  ['maps-hypervisor', '04-stage2', async (run) => mapsPicture(await run.client.get('maps', { regime: 'el2' }, last(run)), run.file)],
  [
    'lanes',
    '06-two-guests',
    async ({ client, file, traps }) => {
      const view = await client.get('lanes', { from: 0, to: null, width: 1120 });
      return lanesPicture(view, traps, file, view.to);
    },
  ],
  [
    'sequence',
    '06-two-guests',
    async ({ client, file, traps }) => {
      const { lanes, to } = await client.get('lanes', { from: 0, to: null, width: 1 });
      return sequencePicture(traps, lanes, file, to, null)!;
    },
  ],
  // In a list register, held by the mask of the guest; the physical one is tied to it.
  [
    'interrupt-held',
    '05-interrupts',
    async (run) =>
      interruptsPicture(
        await run.client.get(
          'interrupts',
          { id: 27, ms: 10_000 },
          run.trap(({ type, text }) => type === 'vIRQ' && text.includes('27')).n - 1,
        ),
        run.file,
      ),
  ],
  ['syndrome-bits', '04-stage2', syndrome],
];

/** The decoded syndrome of a trap's story, as the panel shows it. */
async function syndrome({ client, file, traps }: Run): Promise<Picture> {
  const { index } = traps.find(({ type, to: level }) => type === 'DataAbort' && level === 2)!;
  return syndromePicture((await client.get('trap', { index }))!, file)!;
}

const runs = new Map<string, Promise<Run>>();
/** Keys of what the pictures are made of. */
const keys = new Set<string>();
function addKeys(nodes: readonly SceneNode[]): void {
  for (const node of nodes) {
    if (node.key !== undefined) keys.add(node.key);
    if (node.kind === 'group') addKeys(node.nodes);
  }
}
test.each(pictures)('%s', async (name, program, make) => {
  const file = `${program}.elf`;
  if (!runs.has(file)) runs.set(file, Run.of(file));
  const picture = await make(await runs.get(file)!);
  const scene = pictureScene(picture);
  expectReadable(scene);
  addKeys(scene.nodes);
  const svg = pictureSvg(picture);
  await expect(rounded(svg)).toMatchFileSnapshot(`golden/${name}.svg`);
  const { width } = new Resvg(svg, { font: { loadSystemFonts: false } });
  expect(width).toBeCloseTo(scene.width, 0);
});

/** The keys that one of the selectors of a spot asks for. */
const keysOf = (selectors: readonly string[]): string[] =>
  selectors.flatMap((one) => [...one.matchAll(/data-key\^?="(.+?)"/g)].map(([, key]) => key));
test.each(['vectors', 'pstate', 'el0', 'el1', 'el2', 'walk-address', 'walk-result', 'verdict', 'LR0', 'VTTBR_EL2', 'VBAR_EL1', 'ELR_EL2'])(
  'a question can point at %s: it is a part of one of these pictures',
  (spot) => {
    const wanted = keysOf(placesOf(spot, 'levels').slice(0, 1));
    expect(wanted).not.toEqual([]);
    expect([...keys].filter((key) => wanted.some((one) => key === one || (one === 'rider' && key.startsWith(one))))).not.toEqual([]);
  },
);
test('every part that a question may name has a place of its own, beside the panel that stands for all', () => {
  for (const part of [...lessonParts, ...lessonCovers]) {
    const [first, ...rest] = placesOf(part, 'levels');
    expect(first, part).not.toContain(`data-register="${part}"`);
    expect(rest, part).not.toEqual([]);
  }
});
