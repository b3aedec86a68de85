/** The app as a person uses it, in every shell: from the first screen to a picture on disk. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './shells.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const nowLine = (page: Page): Locator => page.getByRole('status').first();
const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('group', { name: 'Run and step' }).getByRole('button', { name, exact: true }).click();
const instant = async (page: Page): Promise<number> => Number((await page.locator('.instant b').textContent())!.replace(/\D/g, ''));
const openTab = (page: Page, name: string): Promise<void> =>
  page
    .getByRole('navigation', { name: 'Views' })
    .getByRole('link', { name })
    .or(page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name }))
    .click();

/** Opens a program as a person does, with the file chooser, and waits for its end. */
async function open(page: Page, file: string): Promise<void> {
  await page.getByLabel('Program to open').setInputFiles(join(prebuilt, file));
  await expect(page.locator('.file').first()).toHaveText(file);
}

test.describe('first run', () => {
  test('shows the demo running, with its console', async ({ app: { page } }) => {
    await expect(page.locator('.file').first()).toHaveText('hypervisor.elf');
    await expect(page.getByText('CurrentEL = EL2').first()).toBeVisible();
    await expect(nowLine(page)).not.toBeEmpty();
    // It runs at a pace to watch; at full speed it soon waits for somebody at its shell.
    await page.locator('label.speed select').selectOption('Full');
    await expect(page.getByText('type help').first()).toBeVisible();
    await expect(nowLine(page)).toContainText('is waiting for an interrupt');
  });
});

test.describe('a program of one’s own', () => {
  test.beforeEach(async ({ app: { page } }) => {
    await open(page, '04-stage2.elf');
    await expect(nowLine(page)).toContainText('switched the machine off');
  });

  test('is stepped through a trap, forwards and backwards', async ({ app: { page } }) => {
    const end = await instant(page);
    await press(page, 'Previous trap');
    await expect(nowLine(page)).toContainText('asked the hypervisor for a service');
    const trapped = await instant(page);
    expect(trapped).toBeLessThan(end);
    // The entry in its sub-steps, with the rule that routed it.
    await expect(page.getByText('HCR_EL2.HCD = 0').first()).toBeVisible();
    await expect(page.getByRole('button', { name: /Save PSTATE/ })).toBeVisible();

    await press(page, 'Step back');
    await expect(page.locator('.instant b')).toHaveText(new RegExp(String(trapped - 1).slice(-3)));
    await expect(nowLine(page)).toContainText('hvc');
    await press(page, 'Step');
    await expect(nowLine(page)).toContainText('asked the hypervisor for a service');
    expect(await instant(page)).toBe(trapped);
  });

  test('shows an exception entry one sub-step at a time', async ({ app: { page } }) => {
    await press(page, 'Previous trap');
    await page.getByRole('button', { name: /Save PSTATE/ }).click();
    await expect(page.getByRole('button', { name: /Save PSTATE/ })).toHaveAttribute('aria-current', 'step');
    await page.getByRole('button', { name: 'Next sub-step' }).click();
    await expect(page.getByRole('button', { name: /Save return/ })).toHaveAttribute('aria-current', 'step');
    await page.getByRole('button', { name: 'Play the sub-steps' }).click();
    await expect(page.getByRole('button', { name: /Jump/ })).toHaveAttribute('aria-current', 'step', { timeout: 15_000 });
  });

  test('has its six steps to EL1 listed with the values it wrote', async ({ app: { page } }) => {
    const list = page.getByRole('region', { name: 'Entering EL1' });
    for (const target of ['SP_EL1', 'HCR_EL2', 'SPSR_EL2', 'ELR_EL2', 'DSB + ISB', 'ERET'])
      await expect(list.getByText(target, { exact: true })).toBeVisible();
    await expect(list.getByText('_el1_stack_top')).toBeVisible();
    await expect(list.getByText('guest_main')).toBeVisible();
  });

  test('has an address walked through both stages, read by read', async ({ app: { page } }) => {
    await openTab(page, 'Walk');
    const address = page.getByLabel('VA', { exact: true });
    await address.fill('0xffffff8000000008');
    await address.press('Enter');
    await page.getByText('EL1&0').first().click();
    await page.getByRole('group', { name: 'Access' }).getByText('Read', { exact: true }).click();
    await expect(page.getByText(/of 15/)).toBeVisible();
    await page.getByRole('button', { name: 'Read 1, stage 2, level 1' }).click();
    await expect(page.getByText('1 of 15')).toBeVisible();
    await page.getByRole('button', { name: 'Next read' }).click();
    await expect(page.getByText('2 of 15')).toBeVisible();
    await page.getByRole('button', { name: 'Play the reads' }).click();
    await expect(page.getByText('15 of 15')).toBeVisible({ timeout: 20_000 });
  });

  test('can be run, paused and followed by keyboard alone', async ({ app: { page } }) => {
    await page.keyboard.press('[');
    await expect.poll(() => instant(page)).toBeLessThan(123_622);
    const before = await instant(page);
    await page.keyboard.press('Shift+F10');
    await expect.poll(() => instant(page)).toBe(before - 1);
    await page.keyboard.press('F11');
    await expect.poll(() => instant(page)).toBe(before);
    await page.keyboard.press('F5');
    await expect(nowLine(page)).toContainText('switched the machine off');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  });

  test('refuses a file that is no program, and goes on', async ({ app: { page } }) => {
    await page
      .getByLabel('Program to open')
      .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('not a program') });
    await expect(page.getByText(/neither an ELF program/).first()).toBeVisible();
    await expect(page.locator('.file').first()).toHaveText('04-stage2.elf');
    await press(page, 'Previous trap');
    await expect(nowLine(page)).not.toContainText('switched the machine off');
  });
});

test('pictures leave as SVG and PNG', async ({ app: { page, standIn } }) => {
  test.skip(standIn !== undefined, 'Electron saves by a dialog');
  await open(page, '04-stage2.elf');
  await expect(nowLine(page)).toContainText('switched the machine off');
  await press(page, 'Previous trap');
  await expect(page.getByText('HCR_EL2.HCD = 0').first()).toBeVisible();
  const save = async (form: string): Promise<Buffer> => {
    await page.getByRole('button', { name: 'Export this picture' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: form }).click()]);
    return readFileSync(await download.path());
  };
  const svg = (await save('SVG')).toString('utf8');
  expect(svg).toMatch(/^<(\?xml|svg)/);
  const problems = await page.evaluate(
    (text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror')?.textContent ?? null,
    svg,
  );
  expect(problems).toBeNull();
  // Text is text, and what is in the picture is what the machine did.
  for (const word of ['SPSR_EL2', 'HCR_EL2', '04-stage2.elf', 'instant']) expect(svg).toContain(word);
  const png = await save('PNG');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBeGreaterThan(1000);
});

const sizes = { usual: [1440, 900], small: [1024, 700], wide: [1920, 1080] } as const;

for (const theme of ['light', 'dark'] as const)
  test(`is accessible in ${theme}`, async ({ app: { page }, shell }) => {
    // The page is the same in every shell: both themes in one, the widest window in one theme; one theme and size in the others.
    test.skip(shell !== 'web' && theme === 'light');
    test.slow();
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await open(page, '04-stage2.elf');
    await expect(nowLine(page)).toContainText('switched the machine off');
    await press(page, 'Previous trap');
    await page.evaluate(axe);
    for (const [width, height] of shell !== 'web' ? [sizes.small] : theme === 'light' ? Object.values(sizes) : [sizes.usual, sizes.small]) {
      await page.setViewportSize({ width, height });
      for (const tab of ['Levels', 'Walk', 'Tables', 'Maps', 'Traps', 'Code', 'Registers', 'Memory']) {
        await openTab(page, tab);
        await page.waitForTimeout(200);
        const name = `${tab.toLowerCase()}-${width}x${height}-${theme}`;
        // For a person to look at.
        if (process.env.PICTURES) await page.screenshot({ path: `test-results/pictures/${name}.png` });
        // xterm.js draws its own text; its textarea is what assistive technology reads.
        const { violations } = await page.evaluate<AxeResults>("axe.run({ exclude: ['.xterm'], resultTypes: ['violations'] })");
        expect(violations.map(({ id, nodes }) => `${name}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual(
          [],
        );
      }
    }
  });
