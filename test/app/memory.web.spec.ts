/** Memory as a person looks at it: to a symbol, through the guest's eyes, and back to who wrote it. */
import { join } from 'node:path';
import { bring } from './person.ts';
import { expect, test } from './shells.ts';

const image = join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf');

test('bytes are found by name, followed through both stages, and lead to the store that wrote them', async ({ app: { page } }) => {
  test.slow();
  await page.getByLabel('Program to open').setInputFiles(image);
  await expect(page.locator('.note')).toContainText('SYSTEM_OFF');
  const end = await page.locator('.instant b').textContent();
  await page.getByRole('navigation', { name: 'Views' }).getByText('Memory').click();
  const lines = page.getByRole('group', { name: /^Memory, arrow keys/ });
  const selected = page.getByRole('region', { name: 'Selected' });
  const goTo = page.getByLabel('Go to address, register or symbol');

  await page.keyboard.press('g');
  await expect(goTo).toBeFocused();
  await goTo.fill('el2_vectors');
  await goTo.press('Enter');
  await expect(lines.getByText('el2_vectors', { exact: true })).toBeVisible();
  await bring(page, 'Selected');
  await expect(selected).toContainText('RAM');
  await bring(page, 'Memory');

  // The guest's code: read-only for it, and behind another address.
  await page.getByRole('group', { name: 'As exception level' }).getByRole('radio', { name: 'EL1' }).click();
  await goTo.fill('0x80000000');
  await goTo.press('Enter');
  await bring(page, 'Selected');
  await expect(selected).toContainText('0x41000000');
  await bring(page, 'Memory');
  await expect(lines).toContainText('EL1 r-x');
  await goTo.fill('0x7f0000000000');
  await goTo.press('Enter');
  await expect(lines).toContainText('Stage 1 translation fault');

  // A register and a sum are addresses, too.
  await goTo.fill('el2_vectors + 0x200');
  await goTo.press('Enter');
  await expect(goTo).toHaveValue('');
  await goTo.fill('el2_vectors +');
  await goTo.press('Enter');
  await expect(page.getByRole('alert')).toContainText('neither an address nor a register or symbol');

  // A device by its registers.
  await page.getByRole('group', { name: 'Address space' }).getByRole('radio', { name: 'PA', exact: true }).click();
  await goTo.fill('0x9000000');
  await goTo.press('Enter');
  await expect(lines).toContainText('UARTDR');

  // The top of the stack: written by the program, not by the loader.
  await page.getByRole('group', { name: 'Address space' }).getByRole('radio', { name: 'VA' }).click();
  await page.getByRole('group', { name: 'As exception level' }).getByRole('radio', { name: 'Running' }).click();
  await page.getByLabel('Follow').selectOption('sp');
  await lines.locator('.pointed').click();
  await bring(page, 'Selected');
  await selected.getByRole('button', { name: 'Who wrote this' }).click();
  await expect(selected.getByRole('status')).toContainText(/were written: 0x\w+ .* by st/);
  await selected.getByRole('list', { name: 'The last writes' }).getByRole('button').first().click();
  await expect(page.locator('.instant b')).not.toHaveText(end!);
  await bring(page, 'Memory');
  await expect(lines).toBeVisible();

  await bring(page, 'Selected');
  await selected.getByRole('button', { name: 'Stop at writes' }).click();
  await page.keyboard.press('F5');
  await expect(page.locator('.note')).toContainText(/bytes at PA 0x\w+.* written/);
  await bring(page, 'Memory');
  await expect(lines.locator('.changed').first()).toBeVisible();
});
