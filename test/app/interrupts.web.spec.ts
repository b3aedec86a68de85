/** Interrupts as a person follows one: where it is held, by which field, since when; its history as a way through time; another INTID. */
import { violations } from './looks.ts';
import { bring, instant, openAtItsEnd, openTab } from './person.ts';
import { expect, test } from './shells.ts';

test('an interrupt is found where it is held, and its history leads to the instants of its life', async ({ app: { page } }) => {
  test.slow();
  await openAtItsEnd(page, '05-interrupts.elf');
  await openTab(page, 'Interrupts');
  await page.keyboard.press('t');
  await page.keyboard.type('58124');
  await page.keyboard.press('Enter');
  const way = page.getByRole('group', { name: /^The way of an interrupt/ });
  const detail = page.getByRole('region', { name: 'Interrupt', exact: true });

  // Unasked, the one that tells most: in a list register, masked by the guest.
  await expect(way.getByRole('img')).toHaveAccessibleName(/virtual timer, INTID 27 \(PPI 11\), is pending, held by PSTATE\.I = 1/);
  await expect(way.getByText('Held: PSTATE.I = 1', { exact: false }).first()).toBeVisible();
  await expect(way.getByRole('row', { name: /Guest mask PSTATE\.I 1 holds it/ })).toHaveCount(1);
  await bring(page, 'Interrupt');
  await expect(detail.getByLabel('Register of the GIC')).toHaveValue('GICH_LR0');
  await expect(detail.getByRole('listbox', { name: 'Fields of GICH_LR0' })).toContainText('VirtualID');
  expect(await violations(page)).toEqual([]);

  // The instant at which it became pending.
  const history = detail.getByRole('list', { name: 'What happened to the interrupt' });
  await history
    .getByRole('button', { name: /its line goes high: pending/ })
    .last()
    .click();
  await expect.poll(() => instant(page)).toBeLessThan(58_124);
  await bring(page, 'Interrupts');
  await expect(way.getByRole('img')).toHaveAccessibleName(/held by PSTATE\.I = 1\. EL2 masks IRQs/);

  // Another one, by the keyboard, by its number, and back to what the machine does.
  await way.focus();
  await page.keyboard.press('ArrowUp');
  await expect(way.getByRole('img')).toHaveAccessibleName(/EL2 physical timer, INTID 26/);
  const number = page.getByLabel('INTID to show, 0 to 287');
  await number.fill('999');
  await number.press('Enter');
  await expect(number).toHaveAttribute('aria-invalid', 'true');
  await number.fill('33');
  await number.press('Enter');
  await expect(way.getByRole('img')).toHaveAccessibleName(/UART, INTID 33/);
  await way.focus();
  await page.keyboard.press('Escape');
  await expect(way.getByRole('img')).toHaveAccessibleName(/virtual timer, INTID 27/);
});
