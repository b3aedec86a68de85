/** Entry of the fake executable: runs the main process of the app in the folder given. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listenToTest } from './control.ts';

// As in Electron: the executable, then what it was given.
const [node, , ...words] = process.argv;
process.argv = [node, ...words];
const folder = resolve(words.find((word) => !word.startsWith('-')) ?? '.');
const { main } = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')) as { main: string };

listenToTest();
await import(pathToFileURL(resolve(folder, main)).href);
