/** Nothing is lost with the connection, the shell or the tab. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { instant, nowLine } from './person.ts';
import { expect, test } from './shells.ts';

/** Starts the shell in a folder of its own for what it keeps; gives the address that it prints. */
async function start(state: string): Promise<{ shell: ChildProcess; url: string }> {
  const env = { ...process.env, XDG_STATE_HOME: state };
  const shell = spawn(process.execPath, ['out/main/web.js', '--no-open'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  return { shell, url: /http:\S+/.exec(String(line))![0] };
}
async function end(shell: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(shell, 'exit');
  shell.kill(signal);
  await ended;
}
const row = (page: Page, text: string): Locator => page.locator('.xterm-rows > div', { hasText: text }).last();

test('a killed shell that is started again has its page back, and a closed tab its run', async ({ playwright, launchOptions }) => {
  const state = mkdtempSync(join(tmpdir(), 'elscope-state-'));
  const browser = await playwright.chromium.launch(launchOptions);
  let { shell, url } = await start(state);
  try {
    const { origin } = new URL(url);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('label.speed select').selectOption('Full');
    await expect(row(page, 'type help')).toBeVisible();
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('help\n');
    await expect(row(page, 'poke')).toBeVisible();
    await expect(nowLine(page)).toContainText('is waiting for an interrupt');
    const before = await instant(page);

    await end(shell, 'SIGKILL');
    await expect(nowLine(page)).toContainText('The connection to ELscope was lost. The run is kept');
    ({ shell, url } = await start(state));
    expect(new URL(url).origin).toBe(origin);
    await expect(page.getByText('The connection is back')).toBeVisible();
    expect(await instant(page)).toBe(before);
    await expect(row(page, 'poke')).toBeVisible();

    await page.close();
    const next = await context.newPage();
    await next.goto(origin);
    await expect(next.getByText(/^Your last run of hypervisor\.elf, [\d,]+ instructions, with 5 inputs:$/)).toBeVisible();
    await next.getByRole('button', { name: 'Open it' }).click();
    await expect.poll(() => instant(next)).toBe(before);
    // What moves the machine waits until the run is replayed: from then on it is one that can be discarded.
    await next.keyboard.press('Shift+F10');
    await expect.poll(() => instant(next)).toBe(before - 1);
    await next.reload();
    await next.getByRole('button', { name: 'Discard' }).click();
    await expect(next.getByText('Your last run')).toHaveCount(0);
    await next.reload();
    await expect(nowLine(next)).toContainText('EL2');
    await expect(next.getByText('Your last run')).toHaveCount(0);
  } finally {
    await browser.close();
    await end(shell, 'SIGTERM');
    rmSync(state, { recursive: true });
  }
});
