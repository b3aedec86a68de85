// `npm run prove [-- SEEDS]`: proofs that take too long for `npm test`. Random programs in QEMU and in our machine, 1,000 of each kind for
// each of as many seeds as asked for (10), millions of instruction words against objdump, Xen and Linux with Busybox, which are fetched, a
// million wrong inputs, each panel and dialog in all sizes and colours, and all that a person does in each shell and size.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture, run } from './children.mjs';
import { ensureBuild, ensureDependencies } from './fresh.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/** Where programs for Arm are unpacked, and the Debian packages with a file of each that shows it is there. */
const folder = 'node_modules/.cache/guests';
const guests = {
  'xen-hypervisor-4.17-arm64': /^boot\/xen-4\.17-arm64$/,
  'linux-image-cloud-arm64': /^boot\/vmlinuz-/,
  'busybox-static': /^bin\/busybox$/,
};

const SECONDS = 3600;

export async function prove([seeds = '10']) {
  await ensureSystemPackages();
  await ensureDependencies();
  await ensureBuild();
  await fetchGuests();
  const env = { ...process.env, PROVE: seeds, PROVE_GUESTS: folder, ALL_LOOKS: '1' };
  const how = { seconds: SECONDS, stdio: ['ignore', 'inherit', 'inherit'], env };
  const linted = await run(process.execPath, ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', 'src-renderer'], how);
  const proved = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run'], how);
  const looked = await run(
    process.execPath,
    ['node_modules/@playwright/test/cli.js', 'test', '--project=web', 'page', '-g', 'accessible'],
    how,
  );
  const played = await run(process.execPath, ['node_modules/@playwright/test/cli.js', 'test'], { ...how, env: { ...env, ALL_FLOWS: '1' } });
  return linted || proved || looked || played;
}

/** They cannot be installed on another architecture: each is downloaded and unpacked. Without them their proofs are skipped. */
async function fetchGuests() {
  const inside = (name) => (existsSync(join(folder, name)) ? readdirSync(join(folder, name)).map((file) => `${name}/${file}`) : []);
  const there = [...inside('boot'), ...inside('bin')];
  const missing = Object.keys(guests).filter((name) => !there.some((file) => guests[name].test(file)));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.log(`${missing.join(', ')}: only root on Debian can fetch this; what needs it is skipped.`);
    return;
  }
  mkdirSync(folder, { recursive: true });
  const must = async (command, words) => {
    const { code, output } = await capture(command, words, { cwd: folder });
    if (code !== 0) throw new Error(`${output}\n${command} ${words.join(' ')} failed.`);
    return output;
  };
  await must('dpkg', ['--add-architecture', 'arm64']);
  await must('apt-get', ['update', '-qq']);
  for (const wanted of missing) {
    // The package of the kernel has its version in its name: the one it depends on.
    const depends = await must('apt-cache', ['depends', `${wanted}:arm64`]);
    const name = /Depends: (linux-image-[\w.-]+)/.exec(depends)?.[1] ?? wanted;
    await must('apt-get', ['-qq', 'download', `${name}:arm64`]);
    await must('dpkg-deb', ['-x', readdirSync(folder).find((file) => file.startsWith(`${name}_`)), '.']);
  }
}
