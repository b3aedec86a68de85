// `npm test`: everything that must hold, in stages. Each static check counts as one; tests count one by one.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { capture, run } from './children.mjs';
import { ensureBuild, ensureDependencies } from './fresh.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/** TypeScript 7: the compiler of 6, whose interface svelte-check uses, takes five times as long. */
const tsc = (project) => ['node_modules/typescript7/bin/tsc', '--noEmit', '-p', project];

/** One TypeScript project per world: a shared one would let Node's types into the page and the page's into the emulator. */
const staticChecks = {
  // The longest first.
  'eslint: components': ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', 'src-renderer'],
  'types: src-renderer': [
    'node_modules/svelte-check/bin/svelte-check',
    '--tsconfig',
    'src-renderer/tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human',
  ],
  oxlint: ['node_modules/oxlint/bin/oxlint', '--type-aware'],
  // The same style as Prettier's, in a hundredth of the time; it knows no Svelte.
  oxfmt: ['node_modules/oxfmt/bin/oxfmt', '--check', '**/*.{ts,mjs,js}'],
  prettier: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '**/*.{svelte,md,json,yaml,yml,css,html}'],
  'types: emulator': tsc('emulator'),
  'types: src-main': tsc('src-main'),
  'types: src-renderer/worker': tsc('src-renderer/worker'),
  'types: test': tsc('test'),
  'types: configuration': tsc('.'),
};

/** Test runners: how to start them, and where they leave their counts. */
const suites = {
  vitest: {
    report: 'test-results/vitest.json',
    words: ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', '--outputFile.json=test-results/vitest.json'],
    count: (report) => ({
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    }),
  },
  playwright: {
    report: 'test-results/playwright.json',
    words: ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: 'test-results/playwright.json' },
    count: ({ stats }) => ({ passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }),
  },
};

const seconds = { check: 300, suite: 900 };

export async function test() {
  const started = performance.now();
  const results = [];
  const record = (name, result) => results.push({ skipped: 0, ...result, name });

  await ensureSystemPackages();
  await ensureDependencies();
  const built = await attempt(() => ensureBuild());
  record('build', outcome(built.ok));

  await inLanes(Object.entries(staticChecks), async ([name, words]) => {
    const { value, error, took } = await attempt(() => capture(process.execPath, words, { seconds: seconds.check }));
    const ok = value?.code === 0;
    record(name, { ...outcome(ok), took });
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
    if (!ok) console.log((error?.message ?? value.output).replace(/^/gm, '    '));
  });

  mkdirSync('test-results', { recursive: true });
  for (const [name, suite] of Object.entries(suites)) {
    if (name === 'playwright' && !built.ok) {
      console.log('\n== playwright: not run, there is no build to run it on');
      record(name, outcome(false));
    } else record(name, await runSuite(name, suite));
  }
  return summary(results, (performance.now() - started) / 1000);
}

async function runSuite(name, { report, words, env, count }) {
  console.log(`\n== ${name}`);
  rmSync(report, { force: true });
  const { value: code, took } = await attempt(() =>
    run(process.execPath, words, { seconds: seconds.suite, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }),
  );
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = count(JSON.parse(readFileSync(report, 'utf8')));
  } catch (error) {
    console.log(`${name} left no report: ${error.message}`);
  }
  // A crash, a file that does not load or a run without any test is a failure that no test counts.
  if (counts.failed === 0 && (code !== 0 || counts.passed === 0)) counts.failed = 1;
  return { ...counts, took };
}

const outcome = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 });

async function attempt(work) {
  const started = performance.now();
  const took = () => (performance.now() - started) / 1000;
  try {
    return { ok: true, value: await work(), took: took() };
  } catch (error) {
    console.log(error.message);
    return { ok: false, error, took: took() };
  }
}

/** Works through the list, as many at a time as there are cores. */
async function inLanes(list, work) {
  const queue = [...list];
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, lane));
}

function summary(results, took) {
  console.log('\n== summary');
  for (const { name, passed, failed, skipped, took: time } of results) {
    const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`].filter(Boolean).join(', ');
    console.log(`${name.padEnd(28)} ${counts}${time ? ` (${time.toFixed(1)} s)` : ''}`);
  }
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  console.log(`${took.toFixed(0)} s\n`);
  // Read by machines: the last line, exactly like this.
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0 ? 0 : 1;
}
