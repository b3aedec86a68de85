/**
 * The package on a Debian system: what electron-builder has laid out, as a deb, is installed, answers `elscope --help` and is removed without
 * a trace. Electron's place is taken by the stand-in (test/standin), which reads the same archive and the same main process; that Electron's
 * own executable starts is not proved here.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from './built.ts';
import { packageApp } from './packaged.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-deb-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const isDebian = process.getuid?.() === 0 && existsSync('/usr/bin/dpkg-deb');

test.skipIf(!isDebian)('a deb installs, starts and is removed', { timeout: 300_000 }, async () => {
  // Takes the place of Electron's executable in the package.
  const standIn = `#!/bin/sh
export STANDIN_PACKAGE="$(dirname "$(realpath "$0")")/resources/app.asar"
exec '${process.execPath}' --import '${root}/node_modules/tsx/dist/loader.mjs' --import '${root}/test/standin/register.mjs' '${root}/test/standin/start.ts' "$@"
`;
  const unpacked = await packageApp(folder, standIn);
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  cpSync(unpacked, join(tree, 'opt/ELscope'), { recursive: true });
  chmodSync(join(tree, 'opt/ELscope/elscope'), 0o755);
  symlinkSync('/opt/ELscope/elscope', join(tree, 'usr/bin/elscope'));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    `Package: elscope-proof\nVersion: ${version}\nArchitecture: all\nMaintainer: the ELscope authors <elscope@example.invalid>\nDescription: Shows Arm virtualization happening\n`,
  );
  const deb = join(folder, 'elscope.deb');
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, deb]);
  execFileSync('dpkg', ['--install', deb]);
  try {
    const help = spawnSync('/usr/bin/elscope', ['--help'], { encoding: 'utf8', cwd: '/' });
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('Usage: elscope COMMAND');
    const walk = spawnSync('/usr/bin/elscope', ['explain', '0x93820046'], { encoding: 'utf8', cwd: '/' });
    expect([walk.status, walk.stderr]).toEqual([0, '']);
    expect(walk.stdout).toContain('data abort from a lower level');
    expect(existsSync('/opt/ELscope/LICENSES.chromium.html')).toBe(true);
  } finally {
    execFileSync('dpkg', ['--purge', 'elscope-proof']);
  }
  expect([existsSync('/usr/bin/elscope'), existsSync('/opt/ELscope')]).toEqual([false, false]);
});
