/** Electron's executable. npm installs the package without it; it is fetched the first time it is needed. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ElectronBinary =
  | { readonly program: string; readonly missing?: undefined }
  | { readonly program?: undefined; readonly missing: string };

export const howToSupplyElectron = `For the desktop window:
  npx install-electron                        fetches Electron (needs the network)
  ELECTRON_OVERRIDE_DIST_PATH=DIR npm start   uses an unpacked Electron in DIR
  npm start -- --web                          does not look for Electron`;

/** `root`: the folder that holds node_modules. Fetches the executable if need be; `missing` says why there is none. */
export function findElectron(root: string): ElectronBinary {
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (given) return present(join(given, 'electron')) ?? { missing: `there is no executable "electron" in ${given}` };

  const unusable = whyUnusable();
  if (unusable) return { missing: unusable };
  const installed = installedElectron(root);
  if (installed) return { program: installed };

  const installer = join(root, 'node_modules/electron/install.js');
  if (!existsSync(installer)) return { missing: 'the package electron is not installed' };
  console.log('Fetching Electron (once) ...');
  const { stderr } = spawnSync(process.execPath, [installer], { encoding: 'utf8', timeout: 600_000 });
  const fetched = installedElectron(root);
  return fetched ? { program: fetched } : { missing: `Electron could not be fetched (${firstLine(stderr)})` };
}

/** What `npx install-electron` has fetched, without fetching. */
export function installedElectron(root: string): string | undefined {
  const folder = join(root, 'node_modules/electron');
  const name = join(folder, 'path.txt');
  return existsSync(name) ? present(join(folder, 'dist', readFileSync(name, 'utf8')))?.program : undefined;
}

function whyUnusable(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  if (process.getuid?.() === 0) return 'Electron does not run as root';
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display';
  return undefined;
}

const present = (program: string): { program: string } | undefined => (existsSync(program) ? { program } : undefined);
const firstLine = (text: string): string => text.trim().split('\n')[0] || 'it gave no reason';
