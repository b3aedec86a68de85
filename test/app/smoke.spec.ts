/** Each shell opens the page and connects it to a machine. */
import { expect, test } from './shells.ts';

test('opens, is welcomed by its machine, and connects again after a reload', async ({ app: { page }, shell }) => {
  await expect(page).toHaveTitle(/ELscope/);
  // Set from the machine's welcome message.
  await expect(page.locator('html')).toHaveAttribute('data-shell', shell);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-shell', shell);
});
