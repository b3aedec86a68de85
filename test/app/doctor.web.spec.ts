/** A program with a mistake: the Doctor's mark says how much it found, its panel why, and each fact leads to where it happened. */
import { join } from 'node:path';
import { violations } from './looks.ts';
import { instant, pasted } from './person.ts';
import { expect, test } from './shells.ts';

test('a program that hangs is diagnosed, and the evidence leads to its instants', async ({ app: { page } }) => {
  const doctor = page.getByRole('region', { name: 'Doctor' });
  await page.getByLabel('Program to open').setInputFiles(join(import.meta.dirname, '../../firmware/prebuilt/labs/P10.elf'));
  await expect(page.locator('.file').first()).toHaveText('P10.elf');

  // It speaks by itself; its mark stays.
  await expect(page.getByText(/^Silent since instant/)).toBeVisible();
  const mark = page.getByRole('button', { name: /^Doctor: [1-9]\d* findings?$/ });
  const [, found] = /(\d+)/.exec((await mark.getAttribute('aria-label'))!)!;
  await mark.click();
  await expect(doctor.getByRole('article')).toHaveCount(Number(found));
  await expect(doctor).toContainText(/Silent since instant/);
  const first = doctor.getByRole('article').first();
  await expect(first).toContainText('VBAR_EL1');
  expect(await violations(page)).toEqual([]);

  const fact = first.getByTitle(/^Go to instant/).first();
  const at = Number((await fact.textContent())!.replace(/\D/g, ''));
  expect(await instant(page)).not.toBe(at);
  await fact.click();
  await expect.poll(() => instant(page)).toBe(at);

  await first.getByRole('button', { name: 'Copy this finding as text' }).click();
  await expect(page.getByText('The finding is on the clipboard, as text')).toBeVisible();
  const heading = await first.getByRole('heading').locator('[id$="-title"]').textContent();
  expect(await pasted(page)).toContain(heading);

  await page.keyboard.press('d');
  await expect(doctor).toBeHidden();
  await expect(mark).toBeVisible();
});
