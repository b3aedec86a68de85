// `npm run prove [-- SEEDS [pairs]]`: proofs that take too long for `npm test`. Random programs in QEMU and in our machine, 1,000 of each
// kind for each of as many seeds as asked for (10), millions of instruction words against objdump, Xen and Linux with Busybox, which are fetched, a
// million wrong inputs, each panel and dialog in all sizes and colours, and all that a person does in
// each shell and in each size.
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

/** The parts, with the minutes after which one counts as hung. The proofs take longer with more seeds. */
const parts = (seeds, flows) => [
  { what: 'Rules that ask for types', minutes: 15, words: ['eslint/bin/eslint.js', '--max-warnings', '0', 'src-renderer'] },
  { what: 'Proofs', minutes: 90 + 15 * seeds, words: ['vitest/vitest.mjs', 'run'] },
  {
    what: 'Looks',
    minutes: 60,
    words: ['@playwright/test/cli.js', 'test', '--project=web', 'page', '-g', 'accessible'],
    env: { ALL_LOOKS: '1' },
  },
  {
    what: 'Flows',
    minutes: flows === 'pairs' ? 360 : 90,
    words: ['@playwright/test/cli.js', 'test'],
    env: { ALL_FLOWS: flows },
  },
];

/** The second word, `pairs`, plays every flow in every shell in every size; otherwise in each shell and in each size, but not in each pair. */
export async function prove([seeds = '10', flows = '1']) {
  await ensureSystemPackages();
  await ensureDependencies();
  await ensureBuild();
  await fetchGuests();
  const told = [];
  for (const { what, minutes, words, env } of parts(Number(seeds), flows)) {
    const started = performance.now();
    const code = await run(process.execPath, [`node_modules/${words[0]}`, ...words.slice(1)], {
      seconds: minutes * 60,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PROVE: seeds, PROVE_GUESTS: folder, ...env },
    });
    told.push({ code, line: `${what}: ${code === 0 ? 'hold' : 'FAILED'} after ${Math.round((performance.now() - started) / 1000)} s` });
    console.log(told.at(-1).line);
  }
  console.log(told.map(({ line }) => line).join('\n'));
  return told.some(({ code }) => code !== 0) ? 1 : 0;
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
