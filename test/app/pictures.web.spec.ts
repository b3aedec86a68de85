/** The pictures in the README: the demo at instants that are the same in every run. `UPDATE_PICTURES=1` writes them anew. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './shells.ts';

const folder = process.env.UPDATE_PICTURES ? join(import.meta.dirname, 'pictures') : 'test-results/pictures';

test('the demo at its first hypercall', async ({ app: { page } }) => {
  mkdirSync(folder, { recursive: true });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.locator('label.speed select').selectOption('Full');
  await expect(page.getByText('type help').first()).toBeVisible();
  await page.getByRole('slider', { name: 'Instant' }).press('Home');
  // The first return is the way into the guest; the first exception after it the hypercall.
  for (let i = 0; i < 2; i++) {
    const before = await page.locator('.instant b').textContent();
    await page.getByRole('button', { name: 'Next trap' }).first().click();
    await expect(page.locator('.instant b')).not.toHaveText(before!);
  }
  await expect(page.getByRole('status').first()).toContainText('asked the hypervisor for a service');
  await expect(page.getByText('HCR_EL2.HCD = 0').first()).toBeVisible();
  await page.screenshot({ path: join(folder, 'levels.png') });
});
