import { describe, expect, test } from 'vitest';
import { roomFor, tablesScene } from '../../src-renderer/geometry/tables/index.ts';
import { tablesPicture } from '../../src-renderer/geometry/tables/picture.ts';
import { chosenOrder, rowKey } from '../../src-renderer/geometry/tables/tree.ts';
import { walkNodes } from '../../src-renderer/geometry/scene.ts';
import { toSvg } from '../../src-renderer/geometry/svg.ts';
import { tablesFixtures } from './fixtures/tables.ts';
import { expectReadable, rounded, sceneTexts } from './scene-checks.ts';

const page = { width: 1065, height: 600 };

describe.each(Object.entries(tablesFixtures))('the tree, %s', (name, view) => {
  test.each([
    [1065, 600],
    [1024, 430],
    [1500, 900],
  ])('is readable in %i x %i', (width, height) => {
    for (const chosen of [null, '3/0xffffff80c0412000']) expectReadable(tablesScene(view, { width, height, chosen }));
  });
  test('is drawn as before', async () => {
    await expect(rounded(toSvg(tablesScene(view, { ...page, chosen: null })))).toMatchFileSnapshot(`snapshots/tables-${name}.svg`);
  });
});

test('a run that is alone is named with its address and where it leads', () => {
  const texts = sceneTexts(tablesScene(tablesFixtures.stage1, { ...page, chosen: null }));
  expect(texts).toContain('[18] page');
  expect(texts).toContain('0x80157000');
});

test('what shares a row says how much it is, and can be zoomed into', () => {
  const scene = tablesScene(tablesFixtures.crowded, { ...page, chosen: null });
  const shown = sceneTexts(scene).find((words) => /^\d+ more runs$/.test(words));
  expect(shown).toBeDefined();
  expect([...walkNodes(scene.nodes)].some((node) => node.kind === 'group' && node.id?.startsWith('more:'))).toBe(true);
});

test('the way out is offered only from inside', () => {
  const texts = (view: (typeof tablesFixtures)['zoomed']): string[] => sceneTexts(tablesScene(view, { ...page, chosen: null }));
  expect(texts(tablesFixtures.zoomed)).toContain('‹ back out');
  expect(texts(tablesFixtures.crowded)).not.toContain('‹ back out');
});

test('every row that can be chosen has a key of its own', () => {
  const keys = chosenOrder(tablesFixtures.crowded.root!).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toContain(rowKey(1, { input: '0xffffff80c0000000' }));
});

test('larger windows have room for more rows', () => {
  expect(roomFor(1065, 600)).toBeGreaterThan(roomFor(1024, 430));
});

test('the table for a spreadsheet has a line for each row', () => {
  const { csv } = tablesPicture(tablesFixtures.stage1, 'hv.elf');
  const [head, ...lines] = csv!.trimEnd().split('\r\n');
  expect(head.split(',')).toContain('descriptor');
  expect(lines.find((line) => line.includes('0xffffff80c0412000'))).toContain('0x80157000');
  expect(lines.every((line) => line.split(',').length >= head.split(',').length)).toBe(true);
});
