/** The first visit, and Help. */
import { violations } from './looks.ts';
import { expect, test } from './shells.ts';

test('a tour on the first visit, and only then; Help with pictures; both without a mouse', async ({ app: { page } }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const tour = page.getByRole('complementary', { name: 'Tour' });
  await expect(tour).toContainText(/The .+ at EL[012] (is running|is waiting|comes next|has stopped)/);
  for (let i = 2; i <= 6; i++) {
    await tour.getByRole('button', { name: 'Next' }).press('Enter');
    await expect(tour).toContainText(`${i} of 6`);
    // Beside its part, not over the edge of the window.
    const box = (await tour.boundingBox())!;
    const { width, height } = page.viewportSize()!;
    expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height, JSON.stringify(box)).toBe(true);
  }
  await tour.getByRole('button', { name: 'Done' }).press('Enter');
  await expect(tour).toBeHidden();

  await page.keyboard.press('F1');
  const help = page.getByRole('dialog', { name: 'Help' });
  await expect(help.getByRole('article', { name: 'Levels' })).toContainText('The exception levels as a tower');
  const topics = help.getByRole('navigation').getByRole('button');
  for (const topic of await topics.all()) {
    const name = (await topic.textContent())!;
    if (name === 'Keyboard shortcuts') break;
    await topic.click();
    const article = help.getByRole('article', { name });
    await expect(article).toBeVisible();
    // A picture that is not there would have no size of its own.
    for (const picture of await article.getByRole('img').all())
      expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBe(1440);
  }
  expect(await violations(page, '.help')).toEqual([]);
  await topics.filter({ hasText: 'Walk' }).click();
  await help.getByRole('button', { name: 'Go to Walk' }).click();
  await expect(help).toBeHidden();
  await expect(page.getByRole('button', { name: 'Walk', exact: true })).toHaveAttribute('aria-current', 'page');

  await page.reload();
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Levels' }).click();
  await expect(page.getByRole('img').first()).toBeVisible();
  await expect(tour).toBeHidden();
});
