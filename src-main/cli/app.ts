/** `elscope app`: Electron where it is, the same app in the browser where it is not. */
import { spawn } from 'node:child_process';
import { appArguments } from '../app-arguments.ts';
import { findElectron, howToSupplyElectron } from '../electron-binary.ts';
import { paths } from '../paths.ts';
import { runWebApp } from '../web/app.ts';
import { pageFiles } from '../web/page-files.ts';

export async function run(words: readonly string[]): Promise<number> {
  const given = appArguments(words);
  const electron = given.web ? undefined : findElectron(paths.root);
  if (electron?.program) return runElectron(electron.program, words);
  if (electron)
    console.log(`No desktop window: ${electron.missing}.\nThe same app opens in the browser instead.\n\n${howToSupplyElectron}\n`);
  return runWebApp(words, { page: () => pageFiles(paths.page) });
}

function runElectron(program: string, words: readonly string[]): Promise<number> {
  // Ours come after `--`, where Chromium does not look for its own.
  const child = spawn(program, [paths.root, '--', ...words], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
