/** What if: both futures of a change side by side, steered, renamed, saved, entered, and kept. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { violations } from './looks.ts';
import { expect, test } from './shells.ts';

const image = join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf');

test('a change is seen as two futures at the same distance, which can be named, saved and entered', async ({ app: { page, standIn } }) => {
  test.skip(standIn !== undefined, 'Electron saves by a dialog');
  await page.getByLabel('Program to open').setInputFiles(image);
  await expect(page.getByRole('status').first()).toContainText('switched the machine off');
  await page.keyboard.press('Alt+=');
  const form = page.getByRole('form', { name: 'What to change' });
  await form.getByLabel('Change').fill('HCR_EL2.NONE=0');
  await form.getByLabel('at instant').fill('49000');
  await form.getByLabel('at instant').press('Enter');
  await expect(page.getByRole('alert')).toContainText('HCR_EL2 has no field "NONE"');
  await form.getByLabel('Change').fill('VTTBR_EL2=0');
  await form.getByLabel('Change').press('Enter');

  const panel = page.getByRole('region', { name: 'Futures' });
  const [was, other] = ['As it was', 'Other future'].map((name) => panel.getByRole('region', { name }));
  await expect(panel.getByText(/^First difference/)).toBeVisible();
  await expect(other).toContainText('instant 49\u2009001');
  await expect(
    panel.getByRole('img', { name: /As it was: Exception levels at instant 49001.*Other future: Exception levels/ }),
  ).toBeVisible();
  const picture = panel.getByRole('group', { name: /^Both futures, arrow keys/ });
  await picture.press('ArrowRight');
  await expect(was).toContainText('instant 49\u2009002');
  await picture.press('PageDown');
  await expect(was).toContainText('instant 49\u2009014');
  expect(await violations(page)).toEqual([]);
  const forms = panel.getByRole('group', { name: 'Both futures as' });
  for (const [name, seen] of [
    ['Walk', /As it was: Walk of virtual address/],
    ['Maps', /As it was: Memory maps/],
    ['Traps', /As it was: Levels from step/],
    ['Registers', /registers with other values/],
  ] as const) {
    await forms.getByText(name).click();
    await expect(panel.getByRole('img', { name: seen })).toBeVisible();
  }
  await panel.getByRole('group', { name: 'Distance by' }).getByText('Same trap').click();
  await expect(panel.getByText(/\+1 of \d+ traps/)).toBeVisible();

  const [told] = await Promise.all([page.waitForEvent('download'), panel.getByRole('button', { name: 'Text' }).click()]);
  expect(readFileSync(await told.path(), 'utf8')).toMatch(/^At instant 49000: VTTBR_EL2 0x\w+ -> 0x0\n[\s\S]*The other future, at instant/);
  await forms.getByText('Levels').click();
  await page.getByRole('button', { name: 'Export this picture' }).click();
  const both = page.getByRole('group', { name: 'Both futures', exact: true });
  const [svg] = await Promise.all([page.waitForEvent('download'), both.getByRole('menuitem', { name: 'SVG' }).first().click()]);
  expect(readFileSync(await svg.path(), 'utf8')).toMatch(/>As it was<[\s\S]*>Other future</);

  await panel.getByLabel('Name of the experiment').fill('No stage 2');
  await panel.getByLabel('Name of the experiment').press('Enter');
  await panel.getByRole('button', { name: 'Go there, other future' }).click();
  await expect(page.locator('.instant b')).toHaveText('49\u2009001');
  await page.keyboard.press('Alt+=');
  await panel.getByRole('button', { name: 'Show both futures of No stage 2' }).click();
  await expect(other).toContainText('instant 49\u2009001');
});
