/**
 * electron-builder.yml: its schema, and what the package holds. Electron's own files are a made-up folder here, since its binary is a
 * download: this proves what we put into the package, not that Electron starts from it.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createPackage, listPackage } from '@electron/asar';
import { build, Platform } from 'electron-builder';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'elscope-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the project's built parts, so that the checkout stays as it is. */
beforeAll(() => {
  if (!existsSync(join(root, 'out/main/main.js'))) throw new Error('nothing is built yet: npm run build');
  for (const part of ['out', 'firmware', 'package.json', 'electron-builder.yml']) {
    if (existsSync(join(root, part))) cpSync(join(root, part), join(folder, 'app', part), { recursive: true });
  }
});

const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8')) as { version: string };

async function fakeElectron(): Promise<string> {
  const electron = join(folder, 'electron');
  mkdirSync(join(electron, 'locales'), { recursive: true });
  mkdirSync(join(electron, 'resources'));
  for (const name of ['electron', 'LICENSE', 'LICENSES.chromium.html']) writeFileSync(join(electron, name), '');
  writeFileSync(join(electron, 'version'), version);
  mkdirSync(join(folder, 'default'));
  writeFileSync(join(folder, 'default/package.json'), '{}');
  await createPackage(join(folder, 'default'), join(electron, 'resources/default_app.asar'));
  return electron;
}

test('the package holds what runs, and no more', { timeout: 120_000 }, async () => {
  await build({
    projectDir: join(folder, 'app'),
    targets: Platform.LINUX.createTarget('dir'),
    publish: 'never',
    config: { extends: 'electron-builder.yml', electronDist: await fakeElectron(), electronVersion: version },
  });
  const files = listPackage(join(folder, 'app/dist/linux-unpacked/resources/app.asar'), { isPack: false });
  for (const needed of [
    'out/main/main.js',
    'out/main/worker.js',
    'out/preload/preload.cjs',
    'out/renderer/index.html',
    'package.json',
    'firmware/prebuilt/hypervisor.elf',
    'firmware/el2/stage2.c',
  ])
    expect(files).toContain(`/${needed}`);
  expect(files.filter((file) => /node_modules|\.map$|\.ts$/.test(file))).toEqual([]);
});

test('a wrong configuration is refused', { timeout: 60_000 }, async () => {
  const wrong = build({
    projectDir: join(folder, 'app'),
    targets: Platform.LINUX.createTarget('dir'),
    config: { extends: 'electron-builder.yml', fileAssociation: [] } as object,
  });
  await expect(wrong).rejects.toThrow(/fileAssociation/);
});
