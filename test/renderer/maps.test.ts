import { describe, expect, test } from 'vitest';
import { addressAt, mapColumns } from '../../src-renderer/geometry/maps/columns.ts';
import { followAddress, zoomedMaps } from '../../src-renderer/geometry/maps/follow.ts';
import { mapsScene } from '../../src-renderer/geometry/maps/index.ts';
import { toSvg } from '../../src-renderer/geometry/svg.ts';
import { crowded, maps } from './fixtures/maps.ts';
import { expectReadable, rounded, sceneTexts } from './scene-checks.ts';

const heap = { column: 'v1', address: 0xffff_ff80_c041_2c40n };
const cursors = [null, heap, { column: 'pa', address: 0x4800_0000n }];

describe.each(Object.entries({ maps, crowded }))('%s', (name, view) => {
  test.each([
    [1090, 590],
    [1024, 430],
    [1500, 900],
  ])('are readable in %i x %i', (width, height) => {
    for (const cursor of cursors) expectReadable(mapsScene(view, { width, height, stops: cursor ? followAddress(view, cursor) : [] }));
  });

  test('say the address of every block in a picture for a slide', () => {
    const texts = sceneTexts(mapsScene(view, { width: 1120, height: 680 })).join(' ');
    for (const { blocks } of mapColumns(view, 1120, 680))
      for (const { base } of blocks) expect(texts).toContain(base.toString(16).slice(-5));
  });

  test('keep regions in order, apart, and inside', () => {
    for (const { blocks } of mapColumns(view, 1090, 590)) {
      blocks.slice(1).forEach((block, i) => {
        expect(block.y).toBeGreaterThanOrEqual(blocks[i].y + blocks[i].h - 0.01);
        expect(block.base >= blocks[i].end).toBe(true);
      });
      expect(blocks.at(-1)!.y + blocks.at(-1)!.h).toBeLessThanOrEqual(590);
    }
  });

  test('lose no region', () => {
    for (const { column, blocks } of mapColumns(view, 1090, 590))
      expect(blocks.flatMap((block) => block.regions).length).toBe(column.regions.length);
  });

  test('are drawn as before', async () => {
    await expect(rounded(toSvg(mapsScene(view, { width: 1090, height: 590, stops: followAddress(view, heap) })))).toMatchFileSnapshot(
      `snapshots/maps-${name}.svg`,
    );
  });
});

test('an address is followed to all places that it has, exactly', () => {
  const stops = followAddress(maps, heap);
  expect(stops.map(({ column, region, address }) => `${column}/${region} 0x${address.toString(16)}`)).toEqual([
    'v1/heap 0xffffff80c0412c40',
    'i1/heap 0x80157c40',
    'pa/heap 0x44157c40',
  ]);
  const svg = toSvg(mapsScene(maps, { width: 1090, height: 590, stops }));
  // VA, IPA and PA of the heap are outlined; the read-only page of the other guest is not part of it.
  expect(svg.match(/stroke="#14181d" stroke-width="2"/g)?.length).toBe(3);
  for (const address of ['0x80157c40', '0x44157c40'])
    expect(sceneTexts(mapsScene(maps, { width: 1090, height: 590, stops }))).toContain(address);
});

test('what two guests share is followed into both', () => {
  const stops = followAddress(maps, { column: 'pa', address: 0x4800_0010n });
  expect(stops.map(({ column }) => column).sort()).toEqual(['i1', 'i2', 'pa', 'v1', 'v2']);
  expect(followAddress(maps, { column: 'pa', address: 0x4700_0000n })).toEqual([]);
});

test('a range is shown alone, with what it translates to', () => {
  const zoomed = zoomedMaps(maps, { column: 'i1', from: 0x8000_8000n, to: 0x8001_2000n });
  expect(zoomed.columns.map(({ regions }) => regions.map(({ base, size }) => `${base}+${size.toString(16)}`))).toEqual([
    ['0xffffff8000008000+8000', '0xffffff8000010000+2000'],
    ['0x80008000+8000', '0x80010000+2000'],
    ['0x44008000+8000', '0x44010000+2000'],
    [],
    [],
  ]);
  for (const { from, to } of zoomed.ribbons)
    for (const end of [from, to])
      expect(zoomed.columns.find(({ id }) => id === end.column)!.regions.some(({ id }) => id === end.region)).toBe(true);
  expectReadable(mapsScene(zoomed, { width: 1090, height: 590 }));
});

test('a point in a block is an address of one of its regions', () => {
  for (const view of [maps, crowded])
    for (const { blocks } of mapColumns(view, 1090, 590))
      for (const block of blocks)
        for (const part of [0, 0.3, 0.99]) {
          const address = addressAt(block, block.y + part * block.h);
          expect(block.regions.some(({ base, size }) => address >= BigInt(base) && address < BigInt(base) + BigInt(size))).toBe(true);
        }
});

test('no column has more blocks than can be told apart', () => {
  for (const height of [430, 590, 2000]) expect(mapColumns(crowded, 1090, height)[0].blocks.length).toBeLessThanOrEqual(14);
});
