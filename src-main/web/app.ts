/** Runs the web shell until it is told to end. */
import { appArguments, firstProgram } from '../app-arguments.ts';
import { watchProgramFile } from '../program-file.ts';
import { hasDesktop, openBrowser } from './browser.ts';
import { startWebShell, type WebShellOptions } from './server.ts';

/** Gives the exit code when the person ends it. Throws UsageError and InputError. */
export async function runWebApp(words: readonly string[], how: Pick<WebShellOptions, 'page' | 'hotReload'>): Promise<number> {
  const given = appArguments(words);
  const program = await firstProgram(given);
  const shell = await startWebShell({ port: given.port, program, sources: given.sources, budget: given.budget, ...how });
  const stopWatching =
    given.image !== undefined && program
      ? watchProgramFile(given.image, program.bytes, (file) => {
          console.log(`${file.name} has changed.`);
          shell.reload({ ...file, options: given.machine });
        })
      : undefined;

  const announce = (text: string): void =>
    console.log(`${text} ${shell.invite(() => announce('That address is used up. For another browser:'))}`);
  announce('ELscope is running at');
  console.log('Press Ctrl+C to stop it.');
  let forget = (): void => {};
  if (given.open && hasDesktop()) forget = openBrowser(shell.invite(() => forget()));

  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  stopWatching?.();
  forget();
  shell.close();
  return 0;
}
