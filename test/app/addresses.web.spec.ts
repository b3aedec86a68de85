/** Page tables and memory maps in the hands of a person: zoom, filter, who reaches, who wrote, follow an address. */
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { bring } from './person.ts';
import { expect, test } from './shells.ts';

const open = async (page: Page, name: string): Promise<void> => {
  await page.getByLabel('Program to open').setInputFiles(join(import.meta.dirname, '../../firmware/prebuilt', name));
  await expect(page.getByRole('status').first()).toContainText('switched the machine off', { timeout: 30_000 });
};
const tab = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Views' }).getByText(name, { exact: true }).click();

test('tables are zoomed into, filtered, looked up and questioned', async ({ app: { page } }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, '04-stage2.elf');
  await tab(page, 'Tables');
  const tables = page.getByRole('region', { name: 'Page tables' });
  await tables.getByText('VTTBR_EL2', { exact: true }).first().click();
  await expect(tables.getByRole('cell', { name: '.guest.text', exact: true })).toBeVisible();

  // In and out again, by mouse and by keyboard.
  await tables.locator('g[data-id^="table:2/0x80000000"]').click();
  await expect(tables.getByRole('navigation', { name: 'Path through the tables' })).toContainText('0x80000000');
  await tables.locator('[data-picture]').focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Backspace');
  await expect(tables.getByText('Click a table to zoom in')).toBeVisible();

  await tables.getByRole('button', { name: 'Device' }).click();
  await expect(tables.getByRole('status')).toContainText('1 of');
  await tables.getByRole('button', { name: 'Clear the filter' }).click();

  // From a physical address to the entry that maps it, and to who wrote that.
  await bring(page, 'Look up');
  await page.getByPlaceholder('0x41000000').fill('0x43000010');
  await page.keyboard.press('Enter');
  const lookup = page.getByRole('region', { name: 'Look up' });
  await lookup.getByRole('button', { name: 'IPA 0x80200010' }).click();
  await bring(page, 'Entry');
  const entry = page.getByRole('region', { name: 'Entry' });
  await expect(entry.getByText('4 KiB page at PA 0x43000000')).toBeVisible();
  await entry.getByRole('button', { name: 'Who wrote this entry' }).click();
  await entry.getByRole('list', { name: 'The last writes' }).getByText('page_tables.c').first().click();
  await expect(entry.getByText('invalid: nothing is mapped here').or(entry.getByText('No such entry now')).first()).toBeVisible();
});

test('an address is followed through the maps of two guests', async ({ app: { page } }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, '06-two-guests.elf');
  await tab(page, 'Maps');
  await page.getByText('Both', { exact: true }).click();
  await bring(page, 'Selected');
  await expect(page.getByText('Same IPA, different memory')).toBeVisible();
  await bring(page, 'Maps');
  await page.getByLabel('Address to follow, or range to zoom into').fill('0x80002010');
  await page.keyboard.press('Enter');
  await bring(page, 'Selected');
  const selected = page.getByRole('region', { name: 'Selected' });
  for (const address of ['0x80002010', '0x41002010']) await expect(selected.getByText(address).first()).toBeVisible();
  await selected.getByRole('button', { name: 'Zoom in' }).click();
  await bring(page, 'Maps');
  await page.getByRole('button', { name: 'Zoom out' }).click();
  await bring(page, 'Selected');
  await selected.getByRole('button', { name: 'Who reaches it' }).click();
  await expect(page.getByRole('region', { name: 'Look up' }).getByText('Guest, VMID 1')).toBeVisible();
});
