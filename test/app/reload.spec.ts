/** A program that is built anew while the app shows it: in the browser and in Electron, which can read files. */
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bring } from './person.ts';
import { expect, test } from './shells.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');
const folder = mkdtempSync(join(tmpdir(), 'elscope-reload-'));
const path = join(folder, 'mine.elf');
copyFileSync(join(prebuilt, '01-el2-to-el1.elf'), path);
test.use({ words: [path] });
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('shows the new program, keeps what a person has arranged, and says what happened', async ({ app: { page }, shell }) => {
  test.skip(shell === 'static', 'a page on its own reads no files');
  await expect(page.locator('.file').first()).toHaveText('mine.elf');
  await expect(page.getByRole('status').first()).toContainText('switched the machine off');
  await page.keyboard.press('Alt+6');
  const second = readFileSync(join(prebuilt, '03-mmu.elf'));
  // Half of it, as a linker may leave it for a moment: the program that is there stays.
  writeFileSync(path, second.subarray(0, second.length >> 1));
  await expect(page.getByText(/the current program keeps running/)).toBeVisible();
  await expect(page.locator('.instant b')).not.toHaveText('0');

  writeFileSync(join(folder, 'next'), second);
  renameSync(join(folder, 'next'), path);
  await expect(page.getByText(/^mine\.elf was rebuilt\. The new build takes/)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Code' })).toBeVisible();
  await bring(page, 'Console');
  await expect(page.getByText(/EL1.*fault/i).first()).toBeVisible();

  // In one click, what it does differently; the build before is still there to be compared with.
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  const compare = page.getByRole('region', { name: 'Compare' });
  await expect(compare.getByText(/^The new build takes/)).toBeVisible();
  await expect(compare.getByText('mine.elf, the build before').first()).toBeVisible();
});
