/** What a person does with the page, for specs. */
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect } from './shells.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');

export const nowLine = (page: Page): Locator => page.getByRole('status').first();

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('group', { name: 'Run and step' }).getByRole('button', { name, exact: true }).click();

export const instant = async (page: Page): Promise<number> => Number((await page.locator('.instant b').textContent())!.replace(/\D/g, ''));

export const openTab = (page: Page, name: string): Promise<void> =>
  page
    .getByRole('navigation', { name: 'Views' })
    .getByRole('link', { name })
    .or(page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name }))
    .click();

/** Brings a panel to the front: in a narrow window a person chooses it by its tab, in others it is there already. */
export async function bring(page: Page, panel: string): Promise<void> {
  await expect(page.locator('main [data-panel]').first()).toBeVisible();
  const tab = page.getByRole('tab', { name: panel, exact: true });
  if (await tab.isVisible()) await tab.click();
}

/** Opens a program with the file chooser, and waits for its end. */
export async function openAtItsEnd(page: Page, file: string): Promise<void> {
  await page.getByLabel('Program to open').setInputFiles(join(prebuilt, file));
  await expect(page.locator('.file').first()).toHaveText(file);
  await expect(nowLine(page)).toContainText('switched the machine off');
}
