/** Entry of the fake executable: runs the main process of the app in the folder given, or of the package that it lies in. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { extractAll } from '@electron/asar';
import { archive } from './archive.ts';
import { listenToTest } from './control.ts';
import { app } from './electron.ts';

// As in Electron: the executable, then what it was given.
const [node, , ...words] = process.argv;
process.argv = [node, ...words];
const folder = archive === undefined ? resolve(words.find((word) => !word.startsWith('-')) ?? '.') : unpacked(archive);
const { main } = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')) as { main: string };

listenToTest();
await import(pathToFileURL(resolve(folder, main)).href);
app.getReady();

/** Electron reads files in the archive as if it were a folder; here they are in one while the app runs. */
function unpacked(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'standin-package-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  extractAll(path, folder);
  return folder;
}
