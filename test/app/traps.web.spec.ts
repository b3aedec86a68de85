/** The traps of a run with two guests: filtered, drawn in lanes and in sequence, compared, saved. */
import { join } from 'node:path';
import { bring, pasted, saved } from './person.ts';
import { expect, test } from './shells.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');

test('traps are found, followed, compared and saved', async ({ app }) => {
  const { page } = app;
  await page.getByLabel('Program to open').setInputFiles(join(prebuilt, '06-two-guests.elf'));
  await expect(page.getByRole('status').first()).toContainText('switched the machine off');
  await page.getByRole('navigation', { name: 'Views' }).getByText('Traps').click();
  const list = page.getByRole('listbox', { name: 'Traps and returns' });
  await bring(page, 'List');
  await expect(list.getByRole('option').first()).toBeVisible();

  // A filter in words, and one that makes no sense.
  const filter = page.getByRole('searchbox', { name: 'Filter the traps' });
  await filter.fill('wfi, vm:2');
  await expect(list.getByRole('option')).toHaveCount(3);
  await filter.fill('to:EL9');
  await expect(page.getByText(/expected EL0, EL1 or EL2/)).toBeVisible();
  await filter.fill('wfi, vm:2');
  await expect(list.getByRole('option')).toHaveCount(3);

  // A click goes there; the story tells what the handler changed.
  await list.getByRole('option').first().click();
  await expect(page.getByRole('status').first()).toContainText('would have waited at wfi');
  await bring(page, 'Story');
  await expect(page.getByRole('heading', { name: 'The handler changed' })).toBeVisible();
  await expect(page.getByText('VTTBR_EL2', { exact: true }).first()).toBeVisible();

  // What the list shows, in two clicks.
  await page.getByRole('button', { name: 'Export this picture' }).click();
  const listed = await saved(app, () =>
    page.getByRole('group', { name: 'The traps in the list' }).getByRole('menuitem', { name: 'JSONL' }).click(),
  );
  expect(listed.bytes.toString('utf8').trimEnd().split('\n')).toHaveLength(3);

  // Returns belong to their traps, and need not be listed.
  await bring(page, 'List');
  await filter.fill('vm:2');
  const returns = list.getByRole('option').filter({ hasText: 'Return' });
  await expect(returns.first()).toBeVisible();
  await page.getByRole('checkbox', { name: 'Returns' }).uncheck();
  await expect(returns).toHaveCount(0);
  await page.getByRole('checkbox', { name: 'Returns' }).check();

  // A fault leads to the walk of its access, which stays as it was then.
  await filter.fill('dabt');
  await list.getByRole('option').first().click();
  await bring(page, 'Story');
  await page
    .getByRole('region', { name: /^Data abort, trap \d+/ })
    .getByRole('button', { name: 'Walk it' })
    .click();
  const refused = page.getByText(/the refused access, at instant/);
  await expect(refused).toBeVisible();
  const then = await refused.textContent();
  await page.keyboard.press(']');
  await expect(page.getByRole('button', { name: 'Go to its instant' })).toBeVisible();
  await expect(refused).toHaveText(then!);
  await page.getByRole('button', { name: 'Let it follow' }).click();
  await expect(refused).toBeHidden();
  await page.getByRole('navigation', { name: 'Views' }).getByText('Traps').click();

  // The whole recording, then closer with the keyboard; the dock shows the stretch.
  const timeline = page.getByRole('group', { name: /^Timeline/ });
  await timeline.press('0');
  const end = page.getByRole('slider', { name: 'End of the timeline' });
  const whole = Number(await end.getAttribute('aria-valuenow'));
  await timeline.press('+');
  await expect.poll(async () => Number(await end.getAttribute('aria-valuenow'))).toBeLessThan(whole);

  await bring(page, 'Timeline');
  const modes = page.getByRole('group', { name: 'Traps as' });
  await modes.getByText('Sequence').click();
  await expect(
    page
      .getByRole('group', { name: /^Sequence of traps/ })
      .getByText('Hypervisor')
      .first(),
  ).toBeAttached();

  await modes.getByText('Compare').click();
  await page.getByLabel('Run to compare with').setInputFiles(join(prebuilt, '06-two-guests.elf'));
  await expect(page.getByText(/^Nothing differs: /)).toBeVisible();
  await page.getByLabel('Run to compare with').setInputFiles(join(prebuilt, '04-stage2.elf'));
  await expect(page.getByText(/the first difference is/)).toBeVisible();
  await expect(page.getByRole('table', { name: 'Around the differences' }).getByRole('row').first()).toBeVisible();
  await modes.getByText('Lanes').click();

  // A link to what is seen leads back to it, from anywhere; browser's Back leads to the one before. Electron's are asked about (wiring).
  if (app.standIn !== undefined) return;
  const instant = page.locator('.instant b');
  const at = await instant.textContent();
  await page.getByRole('button', { name: 'Copy a link to this instant' }).click();
  await expect(page.getByText(/^Copied a link to instant/)).toBeVisible();
  const link = await pasted(page);
  const there = (text: string): Promise<void> => page.evaluate((hash) => void (location.hash = hash), text);
  await page.keyboard.press('Alt+1');
  await page.keyboard.press('Control+Home');
  await expect(instant).toHaveText('0');
  await there(new URL(link).hash);
  await expect(instant).toHaveText(at!);
  await bring(page, 'List');
  await expect(filter).toHaveValue('dabt');
  await there(new URL(link).hash.replace(/at=\d+/, 'at=100'));
  await expect(instant).toHaveText('100');
  await page.goBack();
  await expect(instant).toHaveText(at!);
  await there(new URL(link).hash.replace(/id=..../, 'id=0000'));
  await expect(page.getByText(/The link is for another build/)).toBeVisible();
});
