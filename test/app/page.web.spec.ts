/** What the page does by itself, which is the same in every shell: playing sub-steps and reads, arranging code, and that all can use it. */
import type { Page } from '@playwright/test';
import { panels, tabs } from '../../src-renderer/state/panels.ts';
import { cut, smallestText, tooSmall, violations } from './looks.ts';
import { bring, instant, nowLine, openAtItsEnd, openTab, press } from './person.ts';
import { expect, test } from './shells.ts';

test.beforeEach(({ app: { page } }) => openAtItsEnd(page, '04-stage2.elf'));

test('what a run to its end is looked at with', async ({ app: { page } }) => {
  await test.step('the six steps of a program to EL1 are listed with the values it wrote', async () => {
    await bring(page, 'Entering EL1');
    const list = page.getByRole('region', { name: 'Entering EL1' });
    for (const target of ['SP_EL1', 'HCR_EL2', 'SPSR_EL2', 'ELR_EL2', 'DSB + ISB', 'ERET'])
      await expect(list.getByText(target, { exact: true })).toBeVisible();
    await expect(list.getByText('_el1_stack_top')).toBeVisible();
    await expect(list.getByText('guest_main')).toBeVisible();
  });
  await test.step('the source beside the code, the list of functions, and the sheet of shortcuts', async () => {
    await page.keyboard.press('Alt+6');
    await page
      .getByRole('radio', { name: 'Side by side' })
      .or(page.getByText('Side by side', { exact: true }))
      .first()
      .click();
    await bring(page, 'Functions');
    await page.getByRole('searchbox', { name: 'Find a function' }).fill('power_of');
    await page.getByRole('button', { name: /^power_off/ }).click();
    await expect(page.getByRole('group', { name: 'Source of el2/power.c' }).getByText('PSCI_SYSTEM_OFF;')).toBeVisible();
    await bring(page, 'Code');
    await page.locator('#disassembly').focus();
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByText('Step out')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();

    // Whatever has a name is found by it: registers, their fields, and what they point to.
    await page.keyboard.press('Control+k');
    await page.keyboard.type('vbar_el2+0x400');
    await expect(sheet.getByRole('option', { name: /^Show the code at 0x40080c00/ })).toBeVisible();
    await sheet.getByRole('combobox').fill('twi');
    await sheet.getByRole('option', { name: /^HCR_EL2\.TWI/ }).click();
    await bring(page, 'Decoded');
    await expect(page.getByRole('region', { name: 'Decoded' })).toContainText('HCR_EL2');
  });
  await test.step('an exception entry is shown one sub-step at a time', async () => {
    await openTab(page, 'Levels');
    await press(page, 'Previous trap');
    await page.getByRole('button', { name: /Save PSTATE/ }).click();
    await expect(page.getByRole('button', { name: /Save PSTATE/ })).toHaveAttribute('aria-current', 'step');
    await page.getByRole('button', { name: 'Next sub-step' }).click();
    await expect(page.getByRole('button', { name: /Save return/ })).toHaveAttribute('aria-current', 'step');
    await expect(page.locator('.sentence .shown')).toContainText(
      /^ELR_EL2: 0x\w+ → 0x\w+\. ELR_EL2 gets the address of the next instruction/,
    );
    await page.clock.install();
    await page.getByRole('button', { name: 'Play the sub-steps' }).click();
    await page.clock.runFor(20_000);
    await expect(page.getByRole('button', { name: /Jump/ })).toHaveAttribute('aria-current', 'step');
  });
  await test.step('an address is walked through both stages, read by read', async () => {
    await openTab(page, 'Walk');
    const address = page.getByLabel('VA', { exact: true });
    await address.fill('0xffffff8000000008');
    await address.press('Enter');
    await page.getByText('EL1&0').first().click();
    await page.getByRole('group', { name: 'Access' }).getByText('Read', { exact: true }).click();
    await expect(page.getByText(/of 15/)).toBeVisible();
    await page.getByRole('button', { name: 'Read 1, stage 2, level 1' }).click();
    await expect(page.getByText('1 of 15')).toBeVisible();
    await expect(page.locator('.sentence .shown')).toContainText(
      /^Read 1, stage 2, level 1: bits \d+:\d+ of the IPA choose entry \d+ of the table/,
    );
    await page.getByRole('button', { name: 'Next read' }).click();
    await expect(page.getByText('2 of 15')).toBeVisible();
    await page.getByRole('button', { name: 'Play the reads' }).click();
    await page.clock.runFor(20_000);
    await expect(page.getByText('15 of 15')).toBeVisible();
  });
});

test('before a room: one panel, large enough to read, moved by the keys of a remote', async ({ app: { page } }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.keyboard.press('Control+F11');
  const leave = page.getByRole('button', { name: 'Leave', exact: true });
  await expect(leave).toBeVisible();
  await page.keyboard.press('PageUp');
  await expect(nowLine(page)).toContainText('asked the hypervisor for a service');
  const trapped = await instant(page);
  // Back through the sub-steps of the trap, then forwards through them.
  await page.keyboard.press('PageUp');
  await expect(page.getByRole('button', { name: /Switch level/ })).toHaveAttribute('aria-current', 'step');
  await page.keyboard.press('PageDown');
  await expect(page.getByRole('button', { name: /Jump/ })).toHaveAttribute('aria-current', 'step');
  expect(await instant(page)).toBe(trapped);
  for (const [key, panel] of [
    'Exception levels',
    'Page-table walk',
    'Page tables',
    'Memory maps',
    'Timeline',
    'Code',
    'Registers',
    'The way of an interrupt',
    'Memory',
  ].entries()) {
    await page.keyboard.press(String(key + 1));
    await expect(page.getByRole('region', { name: panel, exact: true })).toBeVisible();
    await page.waitForTimeout(100);
    expect(await smallestText(page), panel).toBeGreaterThan(19.9);
  }
  await page.keyboard.press('0');
  await expect(page.getByRole('region', { name: 'Console' })).toBeVisible();
  await page.keyboard.press('b');
  await expect(page.getByText('The screen is blank. Press B to show it again.')).toBeVisible();
  await page.keyboard.press('b');
  await page.keyboard.press('Escape');
  await expect(leave).toBeHidden();
  await expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible();
});

const sizes = { usual: [1440, 900], small: [1024, 700], wide: [1920, 1080] } as const;
/** A phone, and the usual windows at 200 %. */
const narrow = { phone: [360, 640], half: [512, 384], doubled: [720, 450] } as const;
/** Colours go with the theme and room with the size: each panel in all of them, not in each pair, but where all looks are wanted. */
const all = [...Object.values(narrow), ...Object.values(sizes)];
const looks = process.env.ALL_LOOKS
  ? { light: all, dark: all, 'light, colours of the system': all, 'dark, colours of the system': all }
  : { light: [sizes.usual, sizes.wide], dark: [sizes.small], 'light, colours of the system': [narrow.phone] };

/** Media of a look: "dark, colours of the system". */
async function wear(page: Page, look: string): Promise<void> {
  const [theme, system] = look.split(', ');
  await page.emulateMedia({
    colorScheme: theme as 'light' | 'dark',
    reducedMotion: 'reduce',
    forcedColors: system === undefined ? 'none' : 'active',
  });
}

for (const [look, ofLook] of Object.entries(looks))
  test(`each panel is accessible in ${look}, and whole`, async ({ app: { page } }) => {
    test.slow();
    await wear(page, look);
    await press(page, 'Previous trap');
    for (const [width, height] of ofLook) {
      await page.setViewportSize({ width, height });
      for (const tab of ['Levels', 'Walk', 'Tables', 'Maps', 'Traps', 'Code', 'Registers', 'Interrupts', 'Memory']) {
        await openTab(page, tab);
        // In one column the panels of a tab are tabs themselves.
        const places = page.locator('main [role="tab"]');
        const count = process.env.ALL_LOOKS && width < 1000 ? await places.count() : 0;
        for (let place = 0; place < Math.max(1, count); place++) {
          if (count > 0) await places.nth(place).click();
          await page.waitForTimeout(200);
          const name = `${tab.toLowerCase()}${place || ''}-${width}x${height}-${look.replaceAll(/, | /g, '-')}`;
          // For a person to look at.
          if (process.env.PICTURES) await page.screenshot({ path: `test-results/pictures/${name}.png` });
          expect(await violations(page), name).toEqual([]);
          if (width < 1000) expect(await cut(page), name).toEqual([]);
        }
      }
    }
    if (look !== 'dark') return;
    await page.setViewportSize({ width: sizes.small[0], height: sizes.small[1] });
    for (const tab of tabs) {
      await openTab(page, panels[tab].title);
      await page.waitForTimeout(200);
      expect(await tooSmall(page), tab).toEqual([]);
    }
  });

/** Each opens with a key or two. */
const opened: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  palette: async (page) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('hcr');
    await expect(page.locator('#palette-list [role="option"]').first()).toBeVisible();
  },
  help: (page) => page.keyboard.press('F1'),
  shortcuts: (page) => page.keyboard.press('?'),
  export: (page) => page.keyboard.press('Control+e'),
  layouts: (page) => page.getByRole('button', { name: 'Arrange the panels' }).press('Enter'),
  scenarios: (page) => page.getByRole('button', { name: '04-stage2.elf' }).press('Enter'),
  'menu of a line of code': async (page) => {
    await page.keyboard.press('Alt+6');
    await page.locator('#disassembly tr[data-address]').first().click({ button: 'right' });
  },
  tour: async (page) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('Show the tour');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('complementary', { name: 'Tour' })).toBeVisible();
  },
};
/** Only where all looks are wanted: they change seldom. */
for (const [look, ofLook] of Object.entries(process.env.ALL_LOOKS ? looks : {}))
  test(`each menu and dialog is accessible in ${look}, and whole`, async ({ app: { page } }) => {
    test.slow();
    await wear(page, look);
    for (const [width, height] of ofLook) {
      await page.setViewportSize({ width, height });
      for (const [what, open] of Object.entries(opened)) {
        await open(page);
        const box = await page.locator('[role="dialog"], [role="menu"], aside[aria-label="Tour"]').first().boundingBox();
        const name = `${what}-${width}x${height}-${look.replaceAll(/, | /g, '-')}`;
        if (process.env.PICTURES) await page.screenshot({ path: `test-results/pictures/${name}.png` });
        expect(
          box!.x >= 0 && box!.y >= 0 && box!.x + box!.width <= width && box!.y + box!.height <= height,
          `${name}: ${JSON.stringify(box)}`,
        ).toBe(true);
        expect(await violations(page), name).toEqual([]);
        expect(await cut(page), name).toEqual([]);
        await page.keyboard.press('Escape');
        await expect(page.locator('[role="dialog"], [role="menu"], aside[aria-label="Tour"]')).toHaveCount(0);
      }
    }
  });
