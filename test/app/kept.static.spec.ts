/** A page without a server keeps its run in the browser. */
import type { Locator, Page } from '@playwright/test';
import { instant, nowLine } from './person.ts';
import { expect, test } from './shells.ts';

const row = (page: Page, text: string): Locator => page.locator('.xterm-rows > div', { hasText: text }).last();
async function type(page: Page, text: string): Promise<void> {
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type(text);
}

test('a page that is opened again is offered its run, and one that may store no more says so and goes on', async ({ app: { page } }) => {
  await page.locator('label.speed select').selectOption('Full');
  await expect(row(page, 'type help')).toBeVisible();
  await type(page, 'help\n');
  await expect(row(page, 'poke')).toBeVisible();
  await expect(nowLine(page)).toContainText('is waiting for an interrupt');
  const before = await instant(page);

  await page.reload();
  await expect(page.getByText(/^Your last run of hypervisor\.elf, [\d,]+ instructions, with 5 inputs:$/)).toBeVisible();
  await page.getByRole('button', { name: 'Open it' }).click();
  await expect.poll(() => instant(page)).toBe(before);
  await expect(row(page, 'poke')).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByText('Your last run')).toHaveCount(0);
  await page.reload();
  await expect(nowLine(page)).toContainText('EL2');
  await expect(page.getByText('Your last run')).toHaveCount(0);

  await page.workers()[0].evaluate(() => {
    IDBObjectStore.prototype.add = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await page.locator('label.speed select').selectOption('Full');
  await expect(row(page, 'type help')).toBeVisible();
  await type(page, 'x');
  await expect(page.getByText('The run is not kept from here on: the browser gives this page no more room')).toBeVisible();
  await type(page, '\n');
  await expect(row(page, 'no command "x"')).toBeVisible();
});
