/** The guest's console as a person uses it, in every shell; and a run that is kept and opened again. */
import type { Page } from '@playwright/test';
import { bring, instant, saved } from './person.ts';
import { expect, test } from './shells.ts';

const line = (page: Page, text: string) => page.locator('.xterm-rows > div', { hasText: text }).last();

test('the guest answers, a character leads to what sent it, and the run is saved and opened again', async ({ app }) => {
  const { page } = app;
  await page.locator('label.speed select').selectOption('Full');
  await bring(page, 'Console');
  await expect(line(page, 'type help')).toBeVisible();
  // In a small window the tour stands before the console.
  await page.keyboard.press('Escape');
  const now = page.getByRole('status').first();
  await expect(now).toContainText('is waiting for an interrupt');
  const before = await instant(page);
  await page.locator('.xterm-helper-textarea').focus();
  await expect(page.getByText('F6 leaves the terminal')).toBeVisible();
  await page.keyboard.type('help\n');
  await expect(line(page, 'poke')).toBeVisible();
  await expect.poll(() => instant(page)).toBeGreaterThan(before);
  await expect(now).toContainText('is waiting for an interrupt');
  const end = await instant(page);

  // The first character of its answer: the machine stands where it was sent, and stepping on sends it.
  await line(page, 'poke').scrollIntoViewIfNeeded();
  const place = (await line(page, 'poke').boundingBox())!;
  await page.mouse.move(place.x + 4, place.y + place.height / 2);
  await page.mouse.move(place.x + 3, place.y + place.height / 2);
  await expect(page.getByRole('tooltip')).toContainText(/EL[012].*at instant/);
  // A drag selects, and stays here.
  await page.mouse.down();
  await page.mouse.move(place.x + 60, place.y + place.height / 2, { steps: 3 });
  await page.mouse.up();
  expect(await instant(page)).toBe(end);
  await page.mouse.click(place.x + 3, place.y + place.height / 2);
  await expect.poll(() => instant(page)).toBeLessThan(end);
  const sent = await instant(page);
  expect(sent).toBeGreaterThan(before);
  await expect(now).toContainText('at 0x9000000');
  await expect(line(page, 'poke')).toHaveCount(0);

  const { name, bytes } = await saved(app, () => save(page));
  expect(name).toBe('hypervisor.elrec');
  await page.keyboard.press('Shift+F10');
  await expect.poll(() => instant(page)).toBe(sent - 1);
  await page.getByLabel('Program to open').setInputFiles({ name: 'kept.elrec', mimeType: 'application/octet-stream', buffer: bytes });
  await bring(page, 'Console');
  // It opens where it was kept, with what was there to see; its end is as it was.
  await expect.poll(() => instant(page)).toBe(sent);
  await expect(now).toContainText('at 0x9000000');
  await expect(page.locator('.instant .of')).toContainText(String(end).slice(-3));
  await page.keyboard.press('F11');
  await expect.poll(() => instant(page)).toBe(sent + 1);
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await expect(line(page, 'poke')).toBeVisible();
  expect(await instant(page)).toBe(end);
});

/** By the palette: with the keyboard in the console, Ctrl+S is the guest's. */
async function save(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Save the recording');
  await page.keyboard.press('Enter');
}
