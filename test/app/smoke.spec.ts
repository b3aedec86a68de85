/** Each shell opens the page and connects it to a machine. */
import { expect, test } from './shells.ts';

test('opens and is welcomed by its machine', async ({ app, shell }) => {
  await expect(app.page).toHaveTitle(/ELscope/);
  // Set from the machine's welcome message.
  await expect(app.page.locator('html')).toHaveAttribute('data-shell', shell);
});

test('connects again after a reload', async ({ app, shell }) => {
  await expect(app.page.locator('html')).toHaveAttribute('data-shell', shell);
  await app.page.reload();
  await expect(app.page.locator('html')).toHaveAttribute('data-shell', shell);
});
