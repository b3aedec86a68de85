/** Runs the web shell until it is told to end. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appArguments, firstProgram } from '../app-arguments.ts';
import { KeptRuns, stateFolder } from '../kept-runs.ts';
import { watchProgramFile } from '../program-file.ts';
import { replaceFile } from '../saved-file.ts';
import { UsageError } from '../usage.ts';
import { hasDesktop, openBrowser } from './browser.ts';
import { startWebShell, type WebShell, type WebShellOptions } from './server.ts';

/**
 * On the port of the last time, if the person names none and it is free: pages that are still open come back to it. `file`: where the port
 * is kept.
 */
async function startOnPort(start: (port: number) => Promise<WebShell>, port: number, file: string | undefined): Promise<WebShell> {
  if (port !== 0 || file === undefined) return start(port);
  const last = lastPort(file);
  const shell = await (last === undefined
    ? start(0)
    : start(last).catch((error: unknown) => (error instanceof UsageError ? start(0) : Promise.reject(error as Error))));
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    replaceFile(file, String(shell.port), 0o600);
  } catch (error) {
    console.error(`The next start will be on another port: ${(error as Error).message}`);
  }
  return shell;
}
function lastPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
  } catch {
    return undefined;
  }
}

/** Gives the exit code when the person ends it. Throws UsageError and InputError. */
export async function runWebApp(words: readonly string[], how: Pick<WebShellOptions, 'page' | 'hotReload'>): Promise<number> {
  const given = appArguments(words);
  const program = await firstProgram(given);
  const folder = given.keep ? stateFolder() : undefined;
  const { sources, budget } = given;
  const kept = new KeptRuns(folder && join(folder, 'runs'));
  const start = (port: number): Promise<WebShell> =>
    startWebShell({ port, program, attach: given.attach, sources, budget, kept, folder, ...how });
  const shell = await startOnPort(start, given.port, folder && join(folder, 'port'));
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
