/** The place of the window from one run to the next. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { recallWindow, rememberWindow } from '../../src-main/electron/window-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-window-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'window.json');
const screens = [{ x: 0, y: 24, width: 1920, height: 1056 }];
const first = { width: 1440, height: 900, maximised: false };

test('is remembered', () => {
  expect(recallWindow(file, screens)).toEqual(first);
  const bounds = { x: 300, y: 50, width: 1200, height: 800 };
  rememberWindow(file, { bounds, maximised: true });
  expect(recallWindow(file, screens)).toEqual({ ...bounds, maximised: true });
});

test('that is on no screen any more is left to the system, its size is kept', () => {
  for (const [x, y] of [
    [-1190, 50],
    [1900, 50],
    [10, 1050],
    [10, 0],
  ]) {
    rememberWindow(file, { bounds: { x, y, width: 1200, height: 800 }, maximised: false });
    expect(recallWindow(file, screens)).toEqual({ width: 1200, height: 800, maximised: false });
  }
});

test('that makes no sense is forgotten', () => {
  for (const text of ['', '{', '[]', '{"bounds":{"x":"a"}}', '{"bounds":{"x":1,"y":1,"width":1e400,"height":1},"maximised":true}']) {
    writeFileSync(file, text);
    expect(recallWindow(file, screens), text).toEqual(first);
  }
  rememberWindow(file, { bounds: { x: 100, y: 100, width: 1, height: -5 }, maximised: false });
  expect(recallWindow(file, screens)).toMatchObject({ width: 360, height: 400 });
});
