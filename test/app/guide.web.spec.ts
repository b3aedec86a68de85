/** A person takes a lesson, a lab and a word of the glossary: what is hidden before an answer, what is told after it, and what is kept. */
import type { Locator } from '@playwright/test';
import { violations } from './looks.ts';
import { bring, instant, nowLine } from './person.ts';
import { expect, test } from './shells.ts';

test('a lesson asks before the machine shows, explains each answer, and remembers it', async ({ app: { page } }) => {
  test.slow();
  const guide = page.getByRole('region', { name: 'Guide' });
  const lessons = guide.getByRole('navigation', { name: 'Lessons' });
  const transport = page.getByRole('group', { name: 'Run and step' });
  const sum = guide.locator('table.sum');
  const button = (name: string): Locator => guide.getByRole('button', { name, exact: true });
  const choice = (text: string): Locator => guide.getByRole('radio', { name: text, exact: true });
  /** In a narrow window the tower is a tab, and so is the Guide. */
  const towerIsCovered = async (isCovered: boolean): Promise<void> => {
    await bring(page, 'Levels');
    const tower = page.getByRole('region', { name: /^(Exception levels|Levels)$/ });
    const words = 'Covered until you answer';
    await (isCovered ? expect(tower).toContainText(words) : expect(tower).not.toContainText(words));
    await bring(page, 'Guide');
  };
  const question = async (title: string): Promise<void> => {
    // A narrow Guide shows the list or the question.
    if (!(await lessons.isVisible())) await button('All lessons').click();
    await lessons.getByRole('button', { name: title }).click();
    await expect(guide.getByRole('heading', { name: title })).toBeVisible();
  };

  await page.getByRole('button', { name: 'Guide', exact: true }).click();
  await expect(guide).toBeVisible();
  await page.keyboard.press('q');
  await expect(guide).toBeHidden();
  await page.keyboard.press('q');
  await expect(lessons).toContainText(/0 of 12 done, 0 of \d+ questions/);

  // What answers the question is covered, and the machine cannot be moved to it.
  await question('Where does it begin?');
  await expect(guide).toContainText('Lesson 1, Who am I?');
  await towerIsCovered(true);
  await expect(nowLine(page)).toHaveText(/^Covered until you answer/);
  await expect(page.getByText('The lanes are covered until you answer.')).toBeVisible();
  for (const name of ['Run', 'Step', 'Next trap']) await expect(transport.getByRole('button', { name, exact: true })).toBeDisabled();
  await page.keyboard.press('F11');
  expect(await instant(page)).toBe(0);
  await expect(button('Commit this answer')).toBeDisabled();
  await expect(guide).not.toContainText('comes out of reset');
  expect(await violations(page)).toEqual([]);

  // Left and entered again, it is the same question, and nothing has been given away.
  await button('Leave').click();
  await towerIsCovered(false);
  await question('Where does it begin?');

  // By the keyboard: the second of four, which is wrong.
  await choice('EL0').focus();
  await page.keyboard.press('ArrowDown');
  await expect(choice('EL1')).toBeChecked();
  await page.keyboard.press('Enter');
  await expect(guide.getByRole('heading', { name: 'Where kernels run' })).toBeVisible();
  await expect(guide).toContainText('a processor with EL2 begins at EL2 and must be told to go down');
  await expect(guide.getByRole('status')).toHaveText('No: Where kernels run. The answer is EL2.');
  await towerIsCovered(false);
  expect(await violations(page)).toEqual([]);
  if (await lessons.isVisible()) await expect(lessons).toContainText(/1 of \d+ questions/);
  await button('The question again').click();
  await choice('EL2').check();
  await button('Commit this answer').click();
  await expect(guide.getByRole('heading', { name: 'Right', exact: true })).toBeVisible();
  await expect(guide).toContainText('A processor comes out of reset at the highest level that it implements');

  // The next one changes the machine: it happens after the answer, and not before.
  await button('Next question').click();
  await expect(guide.getByRole('heading', { name: 'One bit less' })).toBeVisible();
  await expect(guide.locator('[aria-current="step"]')).toContainText('Modify');
  const before = await instant(page);
  await choice('SP_EL0').check();
  await page.keyboard.press('Enter');
  await expect(guide.getByRole('heading', { name: 'Right', exact: true })).toBeVisible();
  await expect.poll(() => instant(page)).toBe(before + 1);
  await expect(guide).toContainText('0b0100');
  await button('Now make it yourself').click();
  await expect(button('Check what is open')).toBeVisible();

  // A sum adds up to the answer.
  await question('Where does it store?');
  const values = await guide.locator('fieldset .value').allTextContents();
  await expect(sum).toHaveCount(0);
  await choice(values[0]).check();
  await button('Commit this answer').click();
  await expect(sum.getByRole('row')).toHaveCount(3);
  const [sp, offset, address] = (await sum.getByRole('cell').allTextContents())
    .filter((_, i) => i % 2 === 0)
    .map((text) => (text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)));
  expect(BigInt.asUintN(64, sp + offset)).toBe(address);
  await expect(guide.locator('label.right .value')).toHaveText(`0x${address.toString(16)}`);

  // What was answered outlives the page, until it is to be forgotten.
  await page.reload();
  // Not by its key: the page hears no keys before it is there.
  await page.getByRole('button', { name: 'Guide', exact: true }).click();
  await expect(lessons).toContainText(/0 of 12 done, 3 of \d+ questions/);
  await button('Forget my progress').click();
  await expect(lessons).toContainText(/0 of 12 done, 0 of \d+ questions/);
});

test('a mistake is found before the Doctor tells it, and a word is shown on the machine', async ({ app: { page } }) => {
  const guide = page.getByRole('region', { name: 'Guide' });
  const mark = page.getByRole('button', { name: /^Doctor: / });
  const button = (name: string | RegExp): Locator => guide.getByRole('button', { name, exact: true });

  await page.getByRole('button', { name: 'Guide', exact: true }).click();
  await button('Find it before the Doctor').click();
  await button(/P10.*The PC sits at 0x200/).click();
  await expect(page.locator('.file').first()).toHaveText('P10.elf');
  await page.keyboard.press('d');
  await expect(page.getByRole('region', { name: 'Doctor' })).toHaveText(/Covered until you answer/);
  await page.keyboard.press('q');
  // The machine moves as one likes, and falls silent again; why it does is not told.
  const silence = page.getByText(/^Silent since instant/);
  const at = await instant(page);
  await page.keyboard.press('Shift+F10');
  await expect.poll(() => instant(page)).toBeLessThan(at);
  await page.keyboard.press('F5');
  await expect.poll(() => instant(page)).toBe(at);
  expect(await violations(page)).toEqual([]);
  await expect(silence).toBeHidden();
  await expect(mark).toBeHidden();

  await guide.getByRole('radio', { name: /^VBAR_EL1 was never set/ }).check();
  await button('Commit this answer').click();
  await expect(guide.getByRole('heading', { name: 'Right', exact: true })).toBeVisible();
  await expect(silence).toBeVisible();
  await expect(mark).toBeVisible();
  await expect(guide).toContainText('To repair it: Write the address of a vector table to VBAR_EL1');
  expect(await violations(page, '[data-panel="Guide"]')).toEqual([]);
  await button('the Doctor').click();
  await expect(page.getByRole('region', { name: 'Doctor' })).toContainText('VBAR_EL1');
  await page.keyboard.press('q');
  await button('Leave').click();
  await expect(guide).toContainText(/1\s+of 37 tried/);

  await button('All lessons').click();
  await button('Glossary').click();
  await guide.getByRole('searchbox', { name: 'Search the glossary' }).fill('syndrome');
  await expect(guide.getByRole('term').first()).toHaveText('ESR: EC, IL, ISS');
  await button('Show me').first().click();
  await expect(page.locator('.file').first()).not.toHaveText('P10.elf');
  await expect.poll(() => instant(page)).toBeGreaterThan(0);
});

test('three lessons are taken to their end, one by the keyboard alone, and each says how it went', async ({ app: { page } }) => {
  test.slow();
  const guide = page.getByRole('region', { name: 'Guide' });
  const status = guide.getByRole('status');
  const heading = guide.locator('.question h3');
  /** Tab until something has the focus that is called so. */
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const { activeElement } = document;
        return activeElement instanceof HTMLInputElement ? activeElement.type : (activeElement?.textContent ?? '');
      });
      if (name.test(focused.trim())) return;
    }
    throw new Error(`Tab does not reach ${name.source}`);
  };
  /** Answers each question of a lesson with its second choice, goes on, and tells how many were right. */
  const play = async (isByKeys: boolean): Promise<{ readonly asked: number; readonly right: number }> => {
    let [asked, right] = [0, 0];
    for (;;) {
      await expect(heading).toBeVisible();
      const title = await heading.textContent();
      if (isByKeys) {
        await tabTo(/^radio$/);
        await page.keyboard.press('Space');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
      } else {
        await guide.getByRole('radio').nth(1).click();
        await guide.getByRole('button', { name: 'Commit this answer' }).click();
      }
      await expect(status).toHaveText(/^(Right\.|No: .+\.) The answer is /s);
      asked++;
      if ((await status.textContent())!.startsWith('Right.')) right++;
      const onward = guide.getByRole('button', { name: /^(Next question|Now make it yourself)$/ });
      const isLast = (await onward.textContent())!.includes('make it yourself');
      if (isByKeys) {
        await tabTo(/^(Next question|Now make it yourself)$/);
        await page.keyboard.press('Enter');
      } else await onward.click();
      if (isLast) return { asked, right };
      await expect(heading).not.toHaveText(title!);
      await expect(guide.getByRole('radio').first()).toBeEnabled();
    }
  };
  const score = ({ asked, right }: { readonly asked: number; readonly right: number }): string =>
    `${asked} of ${asked} questions answered, ${right} of them right.`;

  // The page is whole once the tour is there.
  await expect(page.getByRole('complementary', { name: 'Tour' })).toBeVisible();
  await page.keyboard.press('q');
  await expect(guide).toBeFocused();
  await tabTo(/^(Begin with lesson 1|Where does it begin\?)$/);
  await page.keyboard.press('Enter');
  await expect(guide.locator('.score')).toHaveText(score(await play(true)));
  for (const number of [2, 3]) {
    await guide.getByRole('button', { name: new RegExp(`^Lesson ${number}: `) }).click();
    await expect(guide.locator('.score')).toHaveText(score(await play(false)));
  }
  expect(await violations(page, '[data-panel="Guide"]')).toEqual([]);
});
