/** What electron-builder makes of the project, around a made-up Electron: its binary is a download. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPackage } from '@electron/asar';
import { SENTINEL } from '@electron/fuses/dist/constants.js';
import { build, Platform } from 'electron-builder';
import { root } from './built.ts';

/** As Electron is shipped: the fuses stand behind a mark, with their version and their number. */
const fuses = `${SENTINEL}\x01\x0810110001`;

const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8')) as { version: string };

/** A copy of the project's built parts in `folder`, so that the checkout stays as it is. */
export function copyProject(folder: string): string {
  if (!existsSync(join(root, 'out/main/main.js'))) throw new Error('nothing is built yet: npm run build');
  const project = join(folder, 'app');
  for (const part of ['out', 'firmware', 'package.json', 'electron-builder.yml', 'LICENSE'])
    cpSync(join(root, part), join(project, part), { recursive: true });
  return project;
}

/** The folder with the unpacked app for Linux. `executable`: what stands in Electron's place, before the fuses. */
export async function packageApp(folder: string, executable: string): Promise<string> {
  const project = copyProject(folder);
  const electronDist = await madeUpElectron(join(folder, 'electron'), executable);
  await build({
    projectDir: project,
    targets: Platform.LINUX.createTarget('dir'),
    publish: 'never',
    config: { extends: 'electron-builder.yml', electronDist, electronVersion: version },
  });
  return join(project, 'dist/linux-unpacked');
}

async function madeUpElectron(folder: string, executable: string): Promise<string> {
  mkdirSync(join(folder, 'locales'), { recursive: true });
  mkdirSync(join(folder, 'resources'));
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'electron'), Buffer.from(executable + fuses, 'latin1'), { mode: 0o755 });
  writeFileSync(join(folder, 'version'), version);
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{}');
  await createPackage(empty, join(folder, 'resources/default_app.asar'));
  return folder;
}
