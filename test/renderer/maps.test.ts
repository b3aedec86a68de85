import { describe, expect, test } from 'vitest';
import { mapColumns } from '../../src-renderer/geometry/maps/columns.ts';
import { mapsScene } from '../../src-renderer/geometry/maps/index.ts';
import { toSvg } from '../../src-renderer/geometry/svg.ts';
import { crowded, maps } from './fixtures/maps.ts';
import { expectReadable, rounded } from './scene-checks.ts';

describe.each(Object.entries({ maps, crowded }))('%s', (name, view) => {
  test.each([
    [1090, 590],
    [1024, 430],
    [1500, 900],
  ])('are readable in %i x %i', (width, height) => {
    for (const chosen of [null, 'v1/heap', 'pa/shm']) expectReadable(mapsScene(view, { width, height, chosen }));
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
    await expect(rounded(toSvg(mapsScene(view, { width: 1090, height: 590, chosen: 'v1/heap' })))).toMatchFileSnapshot(
      `snapshots/maps-${name}.svg`,
    );
  });
});

test('a chosen region is outlined with all it leads to', () => {
  const svg = toSvg(mapsScene(maps, { width: 1090, height: 590, chosen: 'v1/heap' }));
  // VA, IPA and PA of the heap; the read-only page of the other guest is not part of it.
  expect(svg.match(/stroke="#14181d" stroke-width="2"/g)?.length).toBe(3);
});
