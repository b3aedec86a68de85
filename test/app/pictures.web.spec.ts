/**
 * The pictures in the README and in Help: the app on its own programs, at instants that are the same in every run. `UPDATE_PICTURES=1`
 * writes them anew, into the folder from which Help takes them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { palettePng } from './palette-png.ts';
import { expect, test } from './shells.ts';

const root = join(import.meta.dirname, '../..');
const folder = process.env.UPDATE_PICTURES ? join(root, 'src-renderer/frame/help/pictures') : join(root, 'test-results/pictures');
const LARGEST = 250_000;

async function take(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const picture = palettePng(await page.screenshot());
  expect(picture.length, `bytes of ${name}.png`).toBeLessThan(LARGEST);
  writeFileSync(join(folder, `${name}.png`), picture);
}
const show = (page: Page, tab: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: tab, exact: true }).click();
const status = (page: Page) => page.getByRole('status').first();
const instant = (page: Page) => page.locator('.instant b');
async function open(page: Page, file: string): Promise<void> {
  await page.getByLabel('Program to open').setInputFiles(join(root, 'firmware/prebuilt', file));
  await expect(page.locator('h1 .file')).toHaveText(file);
  await expect(page.locator('footer .note')).toContainText('switched the machine off');
  await expect(page.locator('.toast')).toHaveCount(0);
}
async function nextTrap(page: Page): Promise<void> {
  const before = await instant(page).textContent();
  await page.getByRole('button', { name: 'Next trap' }).first().click();
  await expect(instant(page)).not.toHaveText(before!);
}

test.beforeEach(({ app: { page } }) => page.emulateMedia({ reducedMotion: 'reduce' }));

test('the demo: first visit, first hypercall, console', async ({ app: { page } }) => {
  await expect(page.getByRole('complementary', { name: 'Tour' })).toContainText(
    /The .+ at EL[012] (is running|is waiting|comes next|has stopped)/,
  );
  await page.getByRole('button', { name: 'Skip the tour' }).click();
  await page.locator('label.speed select').selectOption('Full');
  await expect(page.getByText('type help').first()).toBeVisible();
  await take(page, 'console');
  await page.getByRole('slider', { name: 'Instant' }).press('Home');
  // The first return is the way into the guest; the first exception after it the hypercall.
  await nextTrap(page);
  await take(page, 'start');
  await nextTrap(page);
  await expect(status(page)).toContainText('asked the hypervisor for a service');
  await expect(page.getByText('HCR_EL2.HCD = 0').first()).toBeVisible();
  await take(page, 'levels');
});

test('translation: walk, tables, maps', async ({ app: { page } }) => {
  await open(page, '04-stage2.elf');
  await show(page, 'Walk');
  const address = page.getByLabel('VA', { exact: true });
  await address.fill('0xffffff8000000008');
  await address.press('Enter');
  await page.getByText('EL1&0').first().click();
  await page.getByRole('group', { name: 'Access' }).getByText('Read', { exact: true }).click();
  await expect(page.getByText(/of 15/)).toBeVisible();
  await take(page, 'walk');
  await show(page, 'Tables');
  await page.getByText('VTTBR_EL2').first().click();
  await expect(page.getByText(/Maps to/).first()).toBeVisible();
  await take(page, 'tables');
  await open(page, '06-two-guests.elf');
  await show(page, 'Maps');
  await expect(page.getByText('Physical memory').first()).toBeVisible();
  await take(page, 'maps');
});

test('a run: traps, code, registers', async ({ app: { page } }) => {
  await open(page, '04-stage2.elf');
  await page.keyboard.press('[');
  await expect(status(page)).toContainText('asked the hypervisor for a service');
  await show(page, 'Traps');
  await expect(page.getByText('ESR_EL2').first()).toBeVisible();
  await take(page, 'traps');
  // In the guest, in front of its call: code with source lines.
  await page.keyboard.press('Shift+F10');
  await show(page, 'Code');
  await expect(page.getByText('hvc').first()).toBeVisible();
  await take(page, 'code');
  await show(page, 'Registers');
  await expect(page.getByText('ELR_EL2').first()).toBeVisible();
  await page.getByText('HCR_EL2').first().click();
  await take(page, 'registers');
});

test('another future, the way of an interrupt, a program of one’s own', async ({ app: { page } }) => {
  await open(page, '04-stage2.elf');
  await show(page, 'Futures');
  const form = page.getByRole('form', { name: 'What to change' });
  await form.getByLabel('Change').fill('VTTBR_EL2=0');
  await form.getByLabel('at instant').fill('49000');
  await form.getByLabel('at instant').press('Enter');
  const futures = page.getByRole('region', { name: 'Futures' });
  await expect(futures.getByText(/^First difference/)).toBeVisible();
  await futures.getByRole('group', { name: /^Both futures, arrow keys/ }).press('PageDown');
  // Without the frame of the focus.
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await take(page, 'futures');
  await open(page, '05-interrupts.elf');
  await show(page, 'Interrupts');
  await page.keyboard.press('t');
  await page.keyboard.type('58124');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Held: PSTATE.I = 1', { exact: false }).first()).toBeVisible();
  await take(page, 'interrupts');
  await show(page, 'Source');
  const source = page.getByRole('region', { name: 'Source' });
  await source.getByRole('button', { name: 'To repair: EL1 is silent' }).click();
  await source.getByText('eret', { exact: true }).click();
  await page.keyboard.press('Control+Enter');
  await expect(source.getByRole('status')).toContainText('The machine runs this version');
  // In front of the return that leads to the silence, with the whole of each line.
  await page.getByRole('slider', { name: 'Instant' }).press('Home');
  await nextTrap(page);
  await page.getByRole('button', { name: 'Step back', exact: true }).first().click();
  await expect(source.locator('.asm-current')).toContainText('eret');
  await source.locator('.cm-scroller').evaluate((scroller) => (scroller.scrollLeft = 0));
  await take(page, 'source');
});
