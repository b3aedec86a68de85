/** What Electron's main process and preload script do for the page, in real Electron or in the stand-in. */
import type {} from '../../src-renderer/connect/bridge.ts';
import { expect, needsRealElectron, test } from './shells.ts';

/** Electron types it as any function. */
type Clickable = { click(): void };

test('the page reaches the bridge and nothing else', async ({ app }) => {
  const reach = await app.page.evaluate(() => ({
    bridge: Object.keys(window.elscope ?? {}).sort(),
    node: typeof (globalThis as { require?: unknown }).require + typeof (globalThis as { process?: unknown }).process,
  }));
  expect(reach).toEqual({ bridge: ['connect', 'onMenu'], node: 'undefinedundefined' });
});

test('links and new windows lead nowhere', async ({ app }) => {
  const before = app.page.url();
  await app.page.evaluate(() => {
    window.open('http://127.0.0.1:9/elsewhere');
    const link = document.body.appendChild(document.createElement('a'));
    link.href = 'http://127.0.0.1:9/elsewhere';
    link.click();
  });
  // Time for the navigation that must not come.
  await app.page.waitForTimeout(500);
  expect(app.page.url()).toBe(before);
  await expect.poll(() => app.page.context().pages().length, 'a window that was refused goes away').toBe(1);
});

test('choices of the menu reach the page', async ({ app }) => {
  const { page, evaluateMain } = app;
  await expect(page.locator('html')).toHaveAttribute('data-shell', 'electron');
  const chosen = page.evaluate(() => new Promise((resolve) => window.elscope!.onMenu(resolve)));
  // The listener must be there before the click.
  await page.evaluate(() => undefined);
  await evaluateMain!(({ Menu }) => (Menu.getApplicationMenu()!.getMenuItemById('command-palette') as unknown as Clickable).click());
  expect(await chosen).toBe('command-palette');
});

test('a file that cannot be read is told in a box, and the app goes on', async ({ app }) => {
  const { page, evaluateMain } = app;
  await expect(page.locator('html')).toHaveAttribute('data-shell', 'electron');
  const told = await evaluateMain!(async ({ dialog, Menu }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/nowhere/program.elf'] });
    const box = new Promise<string>((resolve) => (dialog.showErrorBox = (_title, text) => resolve(text)));
    (Menu.getApplicationMenu()!.getMenuItemById('open-program') as unknown as Clickable).click();
    return box;
  });
  expect(told).toContain('/nowhere/program.elf');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-shell', 'electron');
});

test('the renderer runs in the sandbox', async ({ app }) => {
  needsRealElectron(app);
  const sandboxed = await app.evaluateMain!(({ app }) => app.getAppMetrics().every(({ type, sandboxed }) => type !== 'Tab' || sandboxed));
  expect(sandboxed).toBe(true);
});
