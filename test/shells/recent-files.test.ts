import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RecentFiles } from '../../src-main/electron/recent-files.ts';

let folder: string;
let store: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'elscope-recent-'));
  store = join(folder, 'deep/recent-files.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the last one comes first, once, and the list is kept', () => {
  const recent = new RecentFiles(store);
  for (const path of ['/a', '/b', '/a']) recent.add(path);
  expect(recent.list).toEqual(['/a', '/b']);
  expect(new RecentFiles(store).list).toEqual(['/a', '/b']);
});

test('it does not grow without end', () => {
  const recent = new RecentFiles(store);
  for (let number = 0; number < 20; number++) recent.add(`/${number}`);
  expect(recent.list).toEqual(['/19', '/18', '/17', '/16', '/15', '/14', '/13', '/12']);
});

test('clear empties it', () => {
  const recent = new RecentFiles(store);
  recent.add('/a');
  recent.clear();
  expect(JSON.parse(readFileSync(store, 'utf8'))).toEqual([]);
});

test.each(['not json', '{}', '[1, null, "/a"]'])('a spoiled file costs only itself: %s', (text) => {
  new RecentFiles(store).add('/x');
  writeFileSync(store, text);
  expect(new RecentFiles(store).list).toEqual(text.includes('/a') ? ['/a'] : []);
});
