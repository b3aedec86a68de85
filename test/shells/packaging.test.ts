/**
 * electron-builder.yml: its schema, and what the package holds. Electron's own files are a made-up folder here, since its binary is a
 * download: this proves what we put into the package, not that Electron starts from it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractFile, listPackage } from '@electron/asar';
import { FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { FuseState } from '@electron/fuses/dist/constants.js';
import { build, Platform } from 'electron-builder';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkScheme } from '../../emulator/session/link.ts';
import { root } from './built.ts';
import { packageApp } from './packaged.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let unpacked = '';
beforeAll(async () => {
  unpacked = await packageApp(folder, 'an executable ');
}, 120_000);

test('the package holds what runs, and no more', () => {
  const files = listPackage(join(unpacked, 'resources/app.asar'), { isPack: false });
  for (const needed of [
    'out/main/main.js',
    'out/main/worker.js',
    'out/main/grader.js',
    'out/preload/preload.cjs',
    'out/renderer/index.html',
    'out/renderer/licences.txt',
    'package.json',
    'firmware/prebuilt/hypervisor.elf',
    'firmware/el2/stage2.c',
  ])
    expect(files).toContain(`/${needed}`);
  expect(files.filter((file) => /node_modules|\.map$|\.ts$/.test(file))).toEqual([]);
});

test("the fuses in the executable leave nothing but the app's own code (Electron's list, 19)", async () => {
  const { version: wireVersion, ...wire } = await getCurrentFuseWire(join(unpacked, 'elscope'));
  expect(wireVersion).toBe(FuseVersion.V1);
  const on = [FuseV1Options.EnableCookieEncryption, FuseV1Options.EnableEmbeddedAsarIntegrityValidation, FuseV1Options.OnlyLoadAppFromAsar];
  expect(Object.fromEntries(Object.entries(wire).filter(([fuse]) => /^\d+$/.test(fuse)))).toEqual(
    Object.fromEntries(Array.from({ length: 8 }, (_, fuse) => [fuse, on.includes(fuse) ? FuseState.ENABLE : FuseState.DISABLE])),
  );
});

test("Electron is current (Electron's list, 16): the version that src-main/electron/README.md names, in the lock file and nowhere older", () => {
  const named = /Electron (\d+\.\d+\.\d+)/.exec(readFileSync(join(root, 'src-main/electron/README.md'), 'utf8'))![1];
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const locked = Object.entries(packages).filter(([path]) => /(^|\/)node_modules\/electron$/.test(path));
  expect(locked.map(([, { version }]) => version)).toEqual([named]);
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: { electron: string } };
  expect(devDependencies.electron).toBe(`^${named}`);
});

test('files are associated by endings of their own, never all programs of a system', () => {
  const text = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
  const associations = [...text.matchAll(/- ext: (.*)\n.*\n\s*mimeType: (.*)/g)].map(([, endings, type]) => [endings, type]);
  expect(associations).toEqual([
    ['elrec', 'application/x-elscope-recording'],
    ['[elf, axf]', 'application/x-elscope-program'],
  ]);
});

test('links of the scheme that the app reads are the ones that the package registers', () => {
  const [, schemes] = /^protocols:\n(?:.*\n)*?\s+schemes: \[(.*)\]$/m.exec(readFileSync(join(root, 'electron-builder.yml'), 'utf8'))!;
  expect(schemes).toBe(linkScheme);
});

test('the licence of everything that is in the bundles is shipped with it', () => {
  const text = extractFile(join(unpacked, 'resources/app.asar'), 'out/renderer/licences.txt').toString();
  for (const name of ['svelte', 'd3-scale', '@xterm/xterm', 'ws', 'valibot', 'bits-ui', '@fontsource-variable/inter', '@lucide/svelte'])
    expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
  expect(text).toContain('SIL OPEN FONT LICENSE');
  expect(text.match(/^Copyright/gim)!.length).toBeGreaterThan(15);
});

test('a wrong configuration is refused', { timeout: 60_000 }, async () => {
  const wrong = build({
    projectDir: join(folder, 'app'),
    targets: Platform.LINUX.createTarget('dir'),
    config: { extends: 'electron-builder.yml', fileAssociation: [] } as object,
  });
  await expect(wrong).rejects.toThrow(/fileAssociation/);
});
