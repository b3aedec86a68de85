/** The page is served by addresses that lead into its folder and nowhere else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readPageFile } from '../../src-main/page-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-page-'));
const page = join(folder, 'page');
mkdirSync(join(page, 'assets'), { recursive: true });
for (const name of ['page/index.html', 'page/assets/a b.js', 'secret.txt', 'page-2.txt']) writeFileSync(join(folder, name), name);
afterAll(() => rmSync(folder, { recursive: true }));

test('its files, with their types', async () => {
  expect(await readPageFile(page, '/')).toMatchObject({ name: '/index.html', type: 'text/html; charset=utf-8' });
  expect(await readPageFile(page, '/assets/a%20b.js')).toMatchObject({ type: 'text/javascript; charset=utf-8' });
});

test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/../page-2.txt', '/%00', '/%zz', '/assets', '/no-such-file', ''])(
  'nothing for %s',
  async (path) => {
    await expect(readPageFile(page, path)).rejects.toThrow();
  },
);
