/**
 * Electron's own security list ("Security", section "Checklist"), point by point, on the running app. Points 16 and 19, of the version and
 * the fuses, are of the package: test/shells/packaging.test.ts; that the scheme reaches no other file is in test/shells/page-file.test.ts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './shells.ts';

const bundle = (name: string): string => readFileSync(join(import.meta.dirname, '../../out', name), 'utf8');
const elsewhere = 'http://127.0.0.1:9/elsewhere';

test("the points of Electron's security list", async ({ app }) => {
  const { page, evaluateMain, standIn } = app;
  await expect(page.locator('html')).toHaveAttribute('data-shell', 'electron');
  const url = await evaluateMain!(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].webContents.getURL());

  await test.step('1 and 18: the page comes from a scheme of its own, not from a server or file:', async () => {
    expect(url).toBe('app://elscope/index.html');
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name, location.href).origin),
    );
    expect(new Set(loaded.filter((origin) => origin !== 'null'))).toEqual(new Set([await page.evaluate(() => location.origin)]));
  });
  await test.step('2, 3 and 20: no Node and nothing of Electron in the page but the bridge', async () => {
    const reach = await page.evaluate(() => ({
      bridge: Object.keys(window.elscope ?? {}).sort(),
      node: ['require', 'process', 'module', 'Buffer', 'ipcRenderer'].filter((name) => name in globalThis),
    }));
    expect(reach).toEqual({ bridge: ['connect', 'onLink', 'onMenu'], node: [] });
  });
  await test.step('4: every page is in the sandbox', async () => {
    const isSandboxed = await evaluateMain!(({ app: electron }) =>
      'isSandboxed' in electron
        ? electron.isSandboxed
        : electron.getAppMetrics().every(({ type, sandboxed }) => type !== 'Tab' || sandboxed),
    );
    expect(isSandboxed).toBe(true);
  });
  await test.step('5: permissions are refused, but for what the person copies', async () => {
    const asked = await page.evaluate(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi'] as PermissionName[];
      return Promise.all(names.map((name) => navigator.permissions.query({ name }).then(({ state }) => state)));
    });
    expect(asked).not.toContain('granted');
    if (!standIn) return;
    const answers = await evaluateMain!(({ session }) => {
      const handlers = session.defaultSession as unknown as {
        permissionRequestHandler(contents: null, permission: string, answer: (granted: boolean) => void): void;
        permissionCheckHandler(contents: null, permission: string): boolean;
        devicePermissionHandler(details: object): boolean;
      };
      let granted = true;
      handlers.permissionRequestHandler(null, 'geolocation', (answer) => (granted = answer));
      return [
        granted,
        ...['media', 'clipboard-read', 'clipboard-sanitized-write'].map((name) => handlers.permissionCheckHandler(null, name)),
        handlers.devicePermissionHandler({ deviceType: 'usb' }),
      ];
    });
    expect(answers).toEqual([false, false, false, true, false]);
  });
  await test.step('6, 8, 9, 10 and 11: nothing that protects is switched off, nothing else on', async () => {
    if (!standIn) return;
    const preferences = await evaluateMain!(
      ({ BrowserWindow }) =>
        (BrowserWindow.getAllWindows()[0].webContents as unknown as { preferences: Record<string, unknown> }).preferences,
    );
    expect(preferences).toEqual({
      preload: expect.stringMatching(/preload\.cjs$/),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      spellcheck: false,
    });
  });
  await test.step('7: the policy is the strictest with which the page works', async () => {
    const policy = await page.evaluate(async () => (await fetch('/index.html')).headers.get('content-security-policy')!.split('; '));
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]),
    );
    expect(policy.join()).not.toMatch(/script-src[^,]*unsafe/);
    expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content')).toContain("script-src 'self';");
  });
  await test.step('12, 13 and 14: no contents lead elsewhere or open anything', async () => {
    await page.evaluate((address) => {
      window.open(address);
      const link = document.body.appendChild(document.createElement('a'));
      link.href = address;
      link.click();
    }, elsewhere);
    // Time for what must not come.
    await page.waitForTimeout(500);
    await expect.poll(() => page.context().pages().length, 'a window that was refused goes away').toBe(1);
    expect(page.url()).not.toContain('elsewhere');
    const refused = await evaluateMain!(({ BrowserWindow }, address) => {
      const { webContents } = BrowserWindow.getAllWindows()[0];
      const own = 'app://elscope/index.html';
      const tried: [string, object][] = [
        ['will-frame-navigate', { url: address, isMainFrame: true }],
        ['will-frame-navigate', { url: own, isMainFrame: false }],
        ['will-frame-navigate', { url: `${own}x`, isMainFrame: true }],
        ['will-redirect', { url: address }],
        ['will-attach-webview', {}],
        ['will-frame-navigate', { url: own, isMainFrame: true }],
      ];
      return tried.map(([name, details]) => {
        let prevented = false;
        (webContents as unknown as NodeJS.EventEmitter).emit(name, { ...details, preventDefault: () => (prevented = true) });
        return prevented;
      });
    }, elsewhere);
    expect(refused, 'all but loading the page again').toEqual([true, true, true, true, true, false]);
  });
  await test.step('15: nothing is given to other programs to open', () => {
    for (const name of ['main/main.js', 'preload/preload.cjs'])
      expect(bundle(name)).not.toMatch(/openExternal|\bshell\b[^;]*from "electron"/);
  });
  await test.step('17: a message counts only from the page itself', async () => {
    const sessions = await evaluateMain!(({ ipcMain, BrowserWindow }) => {
      const { webContents } = BrowserWindow.getAllWindows()[0];
      let connected = 0;
      const post = webContents.postMessage.bind(webContents);
      webContents.postMessage = (...given) => {
        connected++;
        post(...given);
      };
      const from = (sender: unknown, senderFrame: unknown): void => void ipcMain.emit('elscope:connect', { sender, senderFrame });
      from({}, webContents.mainFrame);
      from(webContents, { url: 'app://elscope/index.html' });
      from(webContents, null);
      return connected;
    });
    expect(sessions).toBe(0);
  });
});
