// The programs that tests compare with and drive: real QEMU, gdb, cross compiler and browser, as Debian packages.
import { existsSync } from 'node:fs';
import { capture, run } from './children.mjs';
import { chromium } from './chromium.mjs';

/** Package, and a file of it that shows it is there. */
const packages = {
  'chromium-headless-shell': chromium,
  'qemu-system-arm': '/usr/bin/qemu-system-aarch64',
  'ipxe-qemu': '/usr/lib/ipxe/qemu/efi-virtio.rom',
  'gcc-aarch64-linux-gnu': '/usr/bin/aarch64-linux-gnu-gcc',
  'gdb-multiarch': '/usr/bin/gdb-multiarch',
  'u-boot-qemu': '/usr/lib/u-boot/qemu_arm64/u-boot.bin',
  'device-tree-compiler': '/usr/bin/dtc',
  make: '/usr/bin/make',
};

/** Installs what is missing when that is possible; otherwise throws with the command that a person has to run. */
export async function ensureSystemPackages() {
  const missing = Object.keys(packages).filter((name) => !existsSync(packages[name]));
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`The tests need programs that are not here. On Debian or Ubuntu:\n\n  sudo apt-get ${install.join(' ')}\n`);
  }
  console.log(`Installing ${missing.join(', ')} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  const { code, output } = await capture('apt-get', ['-qq', ...install], { env });
  if (code !== 0) throw new Error(`${output}\napt-get ${install.join(' ')} failed.`);
}
