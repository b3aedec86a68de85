/**
 * Opens the person's browser. The words of a process can be read by everybody on the computer, so the browser is not given the address with
 * its ticket, but a file that only this person can read and that leads there.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Returns how to take the file away, when the browser has come or the shell ends. */
export function openBrowser(url: string): () => void {
  const folder = mkdtempSync(join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), 'elscope-'));
  const file = join(folder, 'open.html');
  const page = `<!doctype html><meta charset="utf-8"><title>ELscope</title><meta http-equiv="refresh" content="0; url=${url}">\n`;
  writeFileSync(file, page, { mode: 0o600, flag: 'wx' });
  const browser = spawn(opener[process.platform] ?? 'xdg-open', [file], { stdio: 'ignore', detached: true });
  // Without a browser the printed address remains.
  browser.on('error', () => {});
  browser.unref();
  return () => rmSync(folder, { recursive: true, force: true });
}

const opener: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer' };

/** On Linux a browser needs a display; elsewhere there always is one. */
export function hasDesktop(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}
