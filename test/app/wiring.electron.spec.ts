/** What Electron's main process and preload script do for the page, in real Electron or in the stand-in. */
import { join } from 'node:path';
import type {} from '../../src-renderer/connect/bridge.ts';
import { actions } from '../../src-renderer/state/actions.ts';
import { expect, test } from './shells.ts';

const prebuilt = (name: string): string => join(import.meta.dirname, '../../firmware/prebuilt', name);

/** Electron types it as any function. */
type Clickable = { click(): void };

test('files come from the menu, a second start and the system, and are remembered; one that cannot be read is told in a box', async ({
  app,
}) => {
  const { page, evaluateMain } = app;
  await expect(page).toHaveTitle(/ELscope/);
  await expect(page.locator('html')).toHaveAttribute('data-shell', 'electron');
  const told = await evaluateMain!(async ({ dialog, Menu }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/nowhere/program.elf'] });
    const box = new Promise<string>((resolve) => (dialog.showErrorBox = (_title, text) => resolve(text)));
    (Menu.getApplicationMenu()!.getMenuItemById('open-program') as unknown as Clickable).click();
    return box;
  });
  expect(told).toContain('/nowhere/program.elf');
  // The app goes on.
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-shell', 'electron');

  const title = page.locator('h1 .file');
  await expect(title).toHaveText('hypervisor.elf');
  await evaluateMain!(
    ({ app: electron }, image) => void electron.emit('second-instance', {}, [], '', { image }),
    prebuilt('01-el2-to-el1.elf'),
  );
  await expect(title).toHaveText('01-el2-to-el1.elf');
  const prevented = await evaluateMain!(({ app: electron }, path) => {
    let asked = false;
    electron.emit('open-file', { preventDefault: () => (asked = true) }, path);
    return asked;
  }, prebuilt('02-hypercalls.elf'));
  expect(prevented).toBe(true);
  await expect(title).toHaveText('02-hypercalls.elf');
  const labels = await evaluateMain!(({ Menu }) =>
    Menu.getApplicationMenu()!
      .getMenuItemById('open-recent')!
      .submenu!.items.map(({ label }) => label),
  );
  expect(labels.slice(0, 2)).toEqual([prebuilt('02-hypercalls.elf'), prebuilt('01-el2-to-el1.elf')]);
  // The list opens files, too.
  await evaluateMain!(({ Menu }) =>
    (Menu.getApplicationMenu()!.getMenuItemById('open-recent')!.submenu!.items[1] as unknown as Clickable).click(),
  );
  await expect(title).toHaveText('01-el2-to-el1.elf');
});

test.describe('a link from another program', () => {
  test.use({ words: ['elscope://open?lesson=04&seed=7'] });

  test('is asked about, and nothing happens before the answer: at the start, from a second start and from the system', async ({ app }) => {
    const { page, evaluateMain } = app;
    const title = page.locator('h1 .file');
    const question = page.getByText(/^A link asks to open /);
    const guide = page.getByRole('region', { name: 'Guide' });
    await expect(question).toHaveText('A link asks to open lesson 4 with seed 7, in place of hypervisor.elf');
    await expect(title).toHaveText('hypervisor.elf');
    await expect(guide).toBeHidden();
    await page.getByRole('button', { name: 'Not now' }).click();
    await expect(question).toBeHidden();

    const told = await evaluateMain!(({ app: electron, dialog }) => {
      const boxes: string[] = [];
      dialog.showErrorBox = (_title, text) => void boxes.push(text);
      for (const link of ['elscope://run?lesson=4', 'elscope://open?lesson=4&at=5', `elscope://open?${'x'.repeat(9000)}`])
        electron.emit('second-instance', {}, [], '', { link });
      return boxes;
    });
    expect(told).toEqual([
      expect.stringMatching(/^this is not a link for ELscope: /),
      expect.stringMatching(/^this is not a link to a lesson: /),
      expect.stringMatching(/more than 8192 characters$/),
    ]);
    await evaluateMain!(({ app: electron }) => void electron.emit('second-instance', {}, [], '', { link: 'elscope://open?lab=P17' }));
    await expect(question).toHaveText('A link asks to open lab P17, in place of hypervisor.elf');

    const prevented = await evaluateMain!(({ app: electron }) => {
      let asked = false;
      electron.emit('open-url', { preventDefault: () => (asked = true) }, 'elscope://open?lesson=3');
      return asked;
    });
    expect(prevented).toBe(true);
    await expect(question).toHaveText('A link asks to open lesson 3, in place of hypervisor.elf');
    await expect(title).toHaveText('hypervisor.elf');
    await expect(guide).toBeHidden();
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(guide).toBeVisible();
    await expect(title).not.toHaveText('hypervisor.elf');
    await expect(question).toBeHidden();
  });
});

test('the menu, what is saved, and the place of the window', async ({ app }) => {
  const { page, evaluateMain } = app;
  await expect(page.locator('html')).toHaveAttribute('data-shell', 'electron');
  await test.step('the menu has what the page can do, under the same keys, and its choices reach the page', async () => {
    const choices = await evaluateMain!(({ Menu }) => {
      const all: { id: string; accelerator: string }[] = [];
      const visit = (items: readonly { id?: string; accelerator?: string; submenu?: { items: readonly object[] } }[]): void => {
        for (const { id, accelerator, submenu } of items) {
          if (id !== undefined) all.push({ id, accelerator: accelerator ?? '' });
          if (submenu) visit(submenu.items);
        }
      };
      visit(Menu.getApplicationMenu()!.items as never);
      return all;
    });
    for (const action of actions) {
      if (action.menu === undefined) continue;
      const choice = choices.find(({ id }) => id === action.menu);
      expect(choice, action.menu).toBeDefined();
      expect(choice?.accelerator.replace('CmdOrCtrl', 'Ctrl'), action.menu).toBe(action.keys.split(' ')[0]);
    }
    const chosen = page.evaluate(() => new Promise((resolve) => window.elscope!.onMenu(resolve)));
    // The listener must be there before the click.
    await page.evaluate(() => undefined);
    await evaluateMain!(({ Menu }) => (Menu.getApplicationMenu()!.getMenuItemById('help') as unknown as Clickable).click());
    expect(await chosen).toBe('help');
    await expect(page.getByRole('dialog', { name: 'Help' })).toBeVisible();
  });
  // The real session keeps its handlers to itself.
  if (app.standIn)
    await test.step('what is saved goes where the person says', async () => {
      const answers = await evaluateMain!(({ session, app: electron }) => {
        let options: unknown;
        const item = { getFilename: () => 'levels-10.svg', setSaveDialogOptions: (given: unknown) => (options = given) };
        session.defaultSession.emit('will-download', {}, item);
        return { options, documents: electron.getPath('documents') };
      });
      expect(answers.options).toMatchObject({
        defaultPath: join(answers.documents, 'levels-10.svg'),
        filters: [{ extensions: ['svg'] }, { extensions: ['*'] }],
      });
    });
  await test.step('the place of the window is kept when it closes', async () => {
    const kept = await evaluateMain!(({ app: electron, BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      window.emit('close', {});
      return JSON.parse(process.getBuiltinModule('node:fs').readFileSync(`${electron.getPath('userData')}/window.json`, 'utf8')) as unknown;
    });
    expect(kept).toMatchObject({ bounds: { width: 1440, height: 900 }, maximised: false });
  });
});
