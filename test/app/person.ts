/** What a person does with the page, for specs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, type RunningShell } from './shells.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');

export const nowLine = (page: Page): Locator => page.getByRole('status').first();

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('group', { name: 'Run and step' }).getByRole('button', { name, exact: true }).click();

export const instant = async (page: Page): Promise<number> => Number((await page.locator('.instant b').textContent())!.replace(/\D/g, ''));

export const openTab = (page: Page, name: string): Promise<void> =>
  page
    .getByRole('navigation', { name: 'Views' })
    .getByRole('link', { name })
    .or(page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name }))
    .click();

/** What is on the clipboard, as a person sees it: by pasting. Pages may write to it and, in Electron, not read it. */
export async function pasted(page: Page): Promise<string> {
  const field = await page.evaluateHandle(() => document.body.appendChild(document.createElement('textarea')));
  await field.focus();
  await page.keyboard.press('ControlOrMeta+V');
  const text = await field.evaluate((area) => area.value);
  await field.evaluate((area) => area.remove());
  return text;
}

/** What shows the side of a panel that has none in a narrow window (panels/SideButton). */
const side = /^(Details of the (entry|selection)|Result and descriptor|History and registers of the interrupt)$/;

/** Brings a panel to the front: a person chooses it by its tab where it shares a place, and asks for the side where that is hidden. */
export async function bring(page: Page, panel: string): Promise<void> {
  await expect(page.locator('main [data-panel]:visible').first()).toBeVisible();
  const hidden = page.getByRole('main').getByRole('button', { name: side, pressed: false });
  const tab = page.getByRole('tab', { name: panel, exact: true });
  if ((await hidden.isVisible()) && !(await tab.isVisible())) await hidden.click();
  if (await tab.isVisible()) await tab.click();
}

/** Opens a program with the file chooser, and waits for its end. */
export async function openAtItsEnd(page: Page, file: string): Promise<void> {
  await page.getByLabel('Program to open').setInputFiles(join(prebuilt, file));
  await expect(page.locator('.file').first()).toHaveText(file);
  await expect(nowLine(page)).toContainText('switched the machine off');
}

interface Handed {
  readonly name: string;
  readonly blob: Blob;
}
declare global {
  interface Window {
    handed: Handed | undefined;
  }
}

/** The file that `save` makes. Electron asks for a place in a dialog: there, what the page hands over. */
export async function saved(
  { page, standIn }: Pick<RunningShell, 'page' | 'standIn'>,
  save: () => Promise<unknown>,
): Promise<{ name: string; bytes: Buffer }> {
  if (standIn === undefined) {
    const [download] = await Promise.all([page.waitForEvent('download'), save()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }
  await page.evaluate(() => {
    const blobs = new Map<string, Blob>();
    const make = URL.createObjectURL.bind(URL);
    window.handed = undefined;
    URL.createObjectURL = (blob: Blob) => {
      const url = make(blob);
      blobs.set(url, blob);
      return url;
    };
    HTMLAnchorElement.prototype.click = function () {
      window.handed = { name: this.download, blob: blobs.get(this.href)! };
    };
  });
  await save();
  await page.waitForFunction(() => window.handed !== undefined);
  const { name, text } = await page.evaluate(async () => {
    const { name, blob } = window.handed!;
    const file = new Uint8Array(await blob.arrayBuffer());
    return { name, text: Array.from(file, (byte) => String.fromCharCode(byte)).join('') };
  });
  return { name, bytes: Buffer.from(text, 'latin1') };
}
