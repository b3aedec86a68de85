/** Runs the web shell until it is told to end. */
import { spawn } from 'node:child_process';
import { appArguments, firstProgram } from '../app-arguments.ts';
import { watchProgramFile } from '../program-file.ts';
import { startWebShell, type WebShellOptions } from './server.ts';

/** Gives the exit code when the person ends it. Throws UsageError and InputError. */
export async function runWebApp(words: readonly string[], page: WebShellOptions['page']): Promise<number> {
  const given = appArguments(words);
  const program = await firstProgram(given);
  const shell = await startWebShell({ port: given.port, program, page });
  const stopWatching =
    given.image !== undefined && program
      ? watchProgramFile(given.image, program.bytes, (file) => {
          console.log(`${file.name} has changed.`);
          shell.reload({ ...file, options: given.machine });
        })
      : undefined;

  console.log(`ELscope is running at ${shell.url}\nPress Ctrl+C to stop it.`);
  if (given.open && hasDesktop()) openBrowser(shell.url);

  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  stopWatching?.();
  shell.close();
  return 0;
}

/** On Linux a browser needs a display; elsewhere there always is one. */
function hasDesktop(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}

function openBrowser(url: string): void {
  const [program, ...words] =
    process.platform === 'darwin' ? ['open', url] : process.platform === 'win32' ? ['explorer', url] : ['xdg-open', url];
  const browser = spawn(program, words, { stdio: 'ignore', detached: true });
  // Without a browser the printed address remains.
  browser.on('error', () => {});
  browser.unref();
}
