// Does what is needed, once: installs when what is installed is not what the lock file says, builds when a source has changed.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, npm, run } from './children.mjs';
import { whileLocked } from './lock.mjs';

const cache = 'node_modules/.cache/elscope';
const stamp = join(cache, 'build');

const sources = [
  'src-main',
  'src-renderer',
  'emulator',
  'firmware/prebuilt',
  'firmware/scenarios.json',
  'firmware/labs/labs.json',
  'vite.config.ts',
  'scripts/licences.ts',
  'tsconfig.json',
  'package-lock.json',
];

/** `quiet`, here and below: says nothing, unless it fails: then on stderr. */
export async function ensureDependencies({ quiet = false } = {}) {
  if (dependenciesAreThere()) return;
  if (lstatSync('node_modules', { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(
      'node_modules is a link, and not what package-lock.json says. npm ci would empty the folder behind the link: remove it.',
    );
  }
  await work('Installing dependencies (npm ci) ...', quiet, (how) => npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], how));
}

export async function ensureBuild({ quiet = false } = {}) {
  if (isBuilt(hashOf(sources))) return;
  mkdirSync(cache, { recursive: true });
  await whileLocked(join(cache, 'building'), async () => {
    // Another process may have built while we waited.
    const hash = hashOf(sources);
    if (isBuilt(hash)) return;
    const vite = ['node_modules/vite/bin/vite.js', 'build', '--app', '--logLevel', 'warn'];
    await work('Building ...', quiet, (how) => how(process.execPath, vite));
    writeFileSync(stamp, hash);
  });
}

async function work(says, quiet, job) {
  if (!quiet) console.log(says);
  const started = performance.now();
  const result = await job(quiet ? capture : run);
  const { code, output } = quiet ? result : { code: result, output: '' };
  if (code !== 0) {
    process.stderr.write(output);
    throw new Error(`${says.replace(' ...', '')}: failed; why stands above.`);
  }
  if (!quiet) console.log(`  done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Compares the lock file with npm's own record of what it has installed. */
function dependenciesAreThere() {
  const installed = 'node_modules/.package-lock.json';
  if (!existsSync(installed)) return false;
  const packages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  const wanted = packages('package-lock.json');
  const present = packages(installed);
  return Object.entries(wanted).every(
    // Optional ones are for other systems, unless they are here.
    ([path, { version, optional }]) => path === '' || (present[path] ? present[path].version === version : optional),
  );
}

const isBuilt = (hash) => existsSync('out/main/elscope.js') && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;

/** Hash of files and whole folders, names and contents. */
function hashOf(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const entry of readdirSync(path).sort()) visit(join(path, entry));
    else hash.update(`${path}\0`).update(readFileSync(path));
  };
  paths.forEach(visit);
  return hash.digest('hex');
}
