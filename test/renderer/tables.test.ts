import { describe, expect, test } from 'vitest';
import { tablesScene } from '../../src-renderer/geometry/tables/index.ts';
import { tableAt, treeRows, type TreeRow } from '../../src-renderer/geometry/tables/tree.ts';
import { sceneTexts, toSvg } from '../../src-renderer/geometry/svg.ts';
import { tablesFixtures } from './fixtures/tables.ts';
import { expectReadable, rounded } from './scene-checks.ts';

describe.each(Object.entries(tablesFixtures))('the tree, %s', (name, view) => {
  test.each([
    [1065, 600],
    [1024, 430],
    [1500, 900],
  ])('is readable in %i x %i', (width, height) => {
    for (const path of [[], [3], [3, 2]]) expectReadable(tablesScene(view, { width, height, path, chosen: '0xffffff80c0412000' }));
  });
  test('is drawn as before', async () => {
    await expect(rounded(toSvg(tablesScene(view, { width: 1065, height: 600, path: [], chosen: null })))).toMatchFileSnapshot(
      `snapshots/tables-${name}.svg`,
    );
  });
});

test('a run that is alone is named with its address and where it leads', () => {
  const texts = sceneTexts(tablesScene(tablesFixtures.stage1, { width: 1065, height: 600, path: [], chosen: null }));
  expect(texts).toContain('[18] page');
  expect(texts).toContain('0x80157000');
});

test('what is too small to be read is counted, not lost', () => {
  const { root } = tablesFixtures.crowded.tree;
  const table = tableAt(root!, [3, 2]).table;
  const count = (rows: readonly TreeRow[]): number =>
    rows.reduce((sum, row) => sum + (row.rows.length ? count(row.rows) : row.run.kind === 'invalid' ? 0 : Math.max(1, row.hidden)), 0);
  expect(count(treeRows(table, 500))).toBe(table.runs.filter((run) => run.kind !== 'invalid').length);
});

test('a path that is gone leads to the last table that is there', () => {
  expect(tableAt(tablesFixtures.stage1.tree.root!, [3, 7, 1]).path).toEqual([3]);
});
