/** The app as a debugger, by keyboard alone: going to code and its source, running to places, breakpoints, layouts that stay. */
import type { Locator, Page } from '@playwright/test';
import { bring, instant, nowLine, openAtItsEnd } from './person.ts';
import { expect, test } from './shells.ts';

const current = (page: Page): Locator => page.locator('#disassembly tr[aria-current]');

test('code with its source, run to and out of, by keyboard alone', async ({ app: { page } }) => {
  await openAtItsEnd(page, '04-stage2.elf');
  await page.keyboard.press('Control+Home');
  await expect.poll(() => instant(page)).toBe(0);
  await page.keyboard.press('Alt+6');

  // To a function by its name: its source stands above its instructions.
  await page.keyboard.press('g');
  await page.keyboard.type('stage2_map');
  await page.keyboard.press('Enter');
  await expect(page.locator('#disassembly').getByText('void stage2_map(', { exact: false })).toBeVisible();
  const place = await page.locator('#disassembly tr.chosen').getAttribute('data-address');
  await page.keyboard.press('Control+F10');
  await expect(current(page)).toHaveAttribute('data-address', place!);
  await expect(nowLine(page)).toContainText('stage2_map');
  const entered = await instant(page);

  await page.keyboard.press('Shift+F11');
  await expect.poll(() => instant(page)).toBeGreaterThan(entered + 10);
  await expect(nowLine(page)).not.toContainText('stage2_map');
  await page.keyboard.press('}');
  await expect(nowLine(page)).toContainText(/EL1/);
  await page.keyboard.press('{');
  await expect.poll(() => instant(page)).toBe(0);

  // An instant, typed.
  await page.keyboard.press('t');
  await page.keyboard.type(String(entered));
  await page.keyboard.press('Enter');
  await expect(current(page)).toHaveAttribute('data-address', place!);

  // A breakpoint at the chosen line stops the run, and is listed with how often it did.
  await page.locator('#disassembly').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('F9');
  await bring(page, 'Breakpoints');
  const list = page.getByRole('region', { name: 'Breakpoints' });
  await expect(list.getByText('0 stops')).toBeVisible();
  await page.keyboard.press('F5');
  await expect(list.getByText('1 stop', { exact: true })).toBeVisible();
  await expect.poll(() => instant(page)).toBe(entered + 1);

  // Who called it: its call is shown, and its variables with their types; the first frame leads back to the PC.
  await bring(page, 'Call stack');
  const stack = page.getByRole('region', { name: 'Call stack' });
  const frames = stack.getByRole('list', { name: 'Frames' }).locator('.frame');
  await frames.first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(frames.nth(1)).toHaveAttribute('aria-pressed', 'true');
  // In one column the code is behind the stack.
  await bring(page, 'Code');
  await expect(page.locator('#disassembly tr.chosen')).toContainText('bl');
  await bring(page, 'Call stack');
  await expect(stack.getByRole('heading', { level: 3 })).toContainText('of');
  await frames.nth(1).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(stack.getByRole('list', { name: 'Variables' })).toContainText('u64');
  await bring(page, 'Code');
  await expect(current(page)).toBeVisible();
});

test('scenarios open with a sentence each, and a layout stays over a reload of the page', async ({ app: { page } }) => {
  const choose = page.getByRole('button', { name: 'Choose a scenario' }).or(page.locator('h1 button')).first();
  const sheet = page.getByRole('dialog');
  // The same program on another machine, which the sheet then names.
  await choose.click();
  await sheet.getByLabel('Interrupt controller').selectOption('GICv3');
  await sheet.getByRole('button', { name: 'Start again on it' }).click();
  await expect(sheet).toBeHidden();
  await choose.click();
  await expect(sheet.getByLabel('Interrupt controller')).toHaveValue('3');
  await expect(sheet.getByText('Two guests take turns on one processor', { exact: false })).toBeVisible();
  await sheet.getByRole('button', { name: /From EL2 to EL1/ }).click();
  await expect(page.locator('.file').first()).toHaveText('01-el2-to-el1.elf');

  await page.getByRole('button', { name: 'Arrange the panels' }).click();
  await page.getByRole('menuitem', { name: /^Code and levels/ }).click();
  const tower = page.getByRole('region', { name: 'Exception levels' });
  await bring(page, 'Levels');
  await expect(tower).toBeVisible();
  // In one column there is nothing to share: the layout stays all the same.
  const isShared = page.viewportSize()!.width >= 1000;
  const line = page.locator('[data-pane-resizer]').first();
  const width = async (): Promise<number> => (await tower.boundingBox())!.width;
  const before = await width();
  if (isShared) {
    await line.focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
    await expect.poll(width).toBeGreaterThan(before + 20);
  }
  const wide = await width();
  await page.reload();
  await bring(page, 'Levels');
  await expect(tower).toBeVisible();
  await expect.poll(async () => Math.abs((await width()) - wide)).toBeLessThan(3);

  // What cannot be understood is forgotten, and the window opens all the same.
  await page.evaluate(() => {
    for (const key of ['layout', 'sizes', 'tab', 'code-form']) localStorage.setItem(`elscope.${key}`, '{"code":[1,"x"]');
  });
  await page.reload();
  await expect(page.getByRole('region', { name: 'Exception levels' })).toBeVisible();
});
