/** Panels by their rows: what they name is there, and each can be reached. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { topics } from '../../src-renderer/frame/help/topics.ts';
import { actions } from '../../src-renderer/state/actions.ts';
import { layouts } from '../../src-renderer/state/layouts.svelte.ts';
import { panels, tabKeys, tabs, type PanelName } from '../../src-renderer/state/panels.ts';

const names = Object.keys(panels) as PanelName[];

test.each(names)('%s has its component, and a place in a layout, or stands beside all of them', (name) => {
  expect(existsSync(join(import.meta.dirname, '../../src-renderer/panels', `${panels[name].component}.svelte`))).toBe(true);
  const placed = layouts.flatMap(({ columns }) => columns.flatMap(({ places }) => places.flatMap((place) => place.panels)));
  expect([...placed, 'doctor', 'guide']).toContain(name);
});

test.each(tabs)('the tab %s shows its own panel first, has a key and a page of Help', (tab) => {
  const ofTab = layouts.filter((layout) => layout.tab === tab);
  expect(ofTab.length).toBeGreaterThan(0);
  for (const { columns } of ofTab) expect(columns[0].places[0].panels[0]).toBe(tab);
  expect(actions.find(({ title }) => title === `Show ${panels[tab].title}`)?.keys).toBe(tabKeys(tab));
  expect(topics.find(({ id }) => id === tab)).toMatchObject({ tab, title: panels[tab].title });
});

test('each tab has a key of its own', () => {
  expect(new Set(tabs.map(tabKeys)).size).toBe(tabs.length);
  expect(tabKeys('levels')).toBe('Alt+1');
  expect(tabKeys('source')).toBe('Alt+-');
});

test('no two panels share a component, and no two pages of Help a title', () => {
  const unique = (all: readonly string[]): void => expect(all).toEqual([...new Set(all)]);
  unique(names.map((name) => panels[name].component));
  unique(topics.map(({ title }) => title));
});
