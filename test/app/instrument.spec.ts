/** The app as a person uses it, in every shell: from the first screen to a picture on disk. */
import { bring, instant, nowLine, openAtItsEnd, press, saved } from './person.ts';
import { expect, test } from './shells.ts';

test.describe('first run', () => {
  test('shows the demo running, with its console', async ({ app: { page } }) => {
    await expect(page.locator('.file').first()).toHaveText('hypervisor.elf');
    await bring(page, 'Console');
    // Its terminal may be narrow: not over the end of a line.
    await expect(page.getByText('ELscope hypervisor, CurrentEL').first()).toBeVisible();
    await expect(nowLine(page)).not.toBeEmpty();
    // It runs at a pace to watch; at full speed it soon waits for somebody at its shell.
    await page.locator('label.speed select').selectOption('Full');
    await expect(page.getByText('type help').first()).toBeVisible();
    await expect(nowLine(page)).toContainText('is waiting for an interrupt');
  });
});

test('a program of one’s own, from its opening to its pictures', async ({ app }) => {
  const { page } = app;
  await openAtItsEnd(page, '04-stage2.elf');
  await test.step('is stepped through a trap, forwards and backwards', async () => {
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
  await test.step('can be run, paused and followed by keyboard alone', async () => {
    const here = await instant(page);
    await page.keyboard.press('[');
    await expect.poll(() => instant(page)).toBeLessThan(here);
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
  await test.step('refuses a file that is no program, and goes on', async () => {
    await page
      .getByLabel('Program to open')
      .setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('not a program') });
    await expect(page.getByText(/neither an ELF program/).first()).toBeVisible();
    await expect(page.locator('.file').first()).toHaveText('04-stage2.elf');
    await press(page, 'Previous trap');
    await expect(nowLine(page)).not.toContainText('switched the machine off');
  });
  await test.step('pictures leave as SVG and PNG', async () => {
    await expect(page.getByText('HCR_EL2.HCD = 0').first()).toBeVisible();
    const save = async (form: string): Promise<Buffer> => {
      await page.getByRole('button', { name: 'Export this picture' }).click();
      const item = page.getByRole('group', { name: 'Levels' }).getByRole('menuitem', { name: form, exact: true });
      return (await saved(app, () => item.click())).bytes;
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
    const slide = await save('Slide, dark, PNG');
    expect([slide.readUInt32BE(16), slide.readUInt32BE(20)]).toEqual([1920, 1080]);
  });
});
