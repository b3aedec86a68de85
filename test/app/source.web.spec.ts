/** A person repairs a lab in the editor: sees that it is silent, makes a mistake on the way, is shown the repair, and runs it. */
import { violations } from './looks.ts';
import { expect, test } from './shells.ts';
import { bring, nowLine, openTab, saved } from './person.ts';

test('a lab is repaired in the editor, and a place in it is found again', async ({ app }) => {
  const { page } = app;
  test.slow();
  const console = page.getByRole('region', { name: 'Console' });
  const source = page.getByRole('region', { name: 'Source' });
  const editor = source.getByRole('textbox', { name: /^Assembly source/ });
  const status = source.getByRole('status');
  await openTab(page, 'Source');
  await source.getByRole('button', { name: 'To repair: EL1 is silent' }).click();
  await expect(status).toContainText(/\d+ instructions from 0x40080000/);
  expect(await violations(page, '.app')).toEqual([]);

  // As it is, EL2's line comes and nothing else.
  await editor.click();
  await page.keyboard.press('Control+Enter');
  await expect(status).toContainText('The machine runs this version');
  await bring(page, 'Console');
  await expect(console).toContainText('EL2: going down to EL1');
  await bring(page, 'Source');
  await expect(page.locator('.file').first()).toHaveText('lab-silent-el1.elf');
  await page.keyboard.press('F5');

  // A breakpoint at the ERET, where it shall stop again afterwards.
  await editor.getByText('eret', { exact: true }).click();
  await page.keyboard.press('F9');
  await page.keyboard.press('Control+Shift+F5');
  await page.keyboard.press('F5');
  await expect(nowLine(page)).toContainText('eret');
  await expect(editor.locator('.asm-current')).toContainText('eret');

  // The repair, with a mistake in it: it is marked where it is, and the machine goes on with what it has.
  await editor.getByText('isb', { exact: true }).click();
  await page.keyboard.press('End');
  await page.keyboard.type('\nmov x0, #1 << 31\nmsr hrc_el2, x0');
  await page.keyboard.press('Escape');
  await expect(status).toContainText('1 error, line 26: There is no system register hrc_el2; did you mean hcr_el2?');
  await expect(status).toContainText('The machine still runs the version before it');
  await expect(editor.locator('.asm-wrong')).toHaveText('hrc_el2');
  expect(await violations(page, '.app')).toEqual([]);
  await page.keyboard.press('Control+Enter');
  await expect(nowLine(page)).toContainText('eret');
  await status.getByRole('button', { name: 'Write hcr_el2' }).click();
  await expect(status).not.toContainText('error');
  await expect(editor).toContainText('msr hcr_el2, x0');

  // What is under the pointer is explained, and the bits of the line stand beside it.
  await bring(page, 'Encoding');
  await expect(page.getByRole('region', { name: 'Encoding' })).toContainText('Bits 20:5 name HCR_EL2');
  await bring(page, 'Source');
  await editor.getByText('hcr_el2').hover();
  await expect(page.locator('.asm-card')).toContainText('HCR_EL2 = 0x0');
  await editor.focus();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText(/lab-silent-el1\.elf was rebuilt\..*You are back at lab-silent-el1\.s:27/)).toBeVisible();
  await expect(editor.locator('.asm-current')).toContainText('eret');
  await page.keyboard.press('F5');
  await bring(page, 'Console');
  await expect(console).toContainText('hello from EL1');
  await expect(nowLine(page)).toContainText('switched the machine off');
  await bring(page, 'Source');

  // Saved as a file; still there after a reload; Escape, then Tab, leaves the editor.
  const { name, bytes } = await saved(app, () => source.getByRole('button', { name: 'Save' }).click());
  expect(name).toBe('lab-silent-el1.s');
  expect(bytes.toString('utf8')).toContain('msr hcr_el2, x0');
  await page.reload();
  await openTab(page, 'Source');
  await expect(editor).toContainText('msr hcr_el2, x0');
  await editor.click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(editor).not.toBeFocused();

  // A file of one's own, dropped or opened.
  await page
    .getByLabel('Program to open')
    .setInputFiles({ name: 'own.S', mimeType: 'text/plain', buffer: Buffer.from('_start: nop\n b _start\n') });
  await expect(editor).toContainText('b _start');
  await expect(source).toContainText('own.S');
});
