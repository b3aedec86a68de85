// The commands of package.json. Node built-ins only, here and in every file beside it: they run on a fresh clone, before `npm ci`.
const oldestNode = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  console.error(`Node ${process.versions.node} is too old: ELscope needs Node ${oldestNode.join('.')} or newer.`);
  process.exit(1);
}

const { join, resolve } = await import('node:path');
const { pathToFileURL } = await import('node:url');
const { root, run } = await import('./children.mjs');
const { ensureBuild, ensureDependencies } = await import('./fresh.mjs');

/** Where the person stands: files on the command line are meant from there. npm itself always goes to the root. */
const cwd = process.cwd() === root ? (process.env.INIT_CWD ?? root) : process.cwd();
process.chdir(root);
const elscope = join(root, 'out/main/elscope.js');
/** Lets Node run the sources. */
const loader = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;

/** Each gets the words after the command and gives the exit code. */
const commands = {
  /** The app: Electron, or the browser where there is no Electron. */
  async start(words) {
    await ensureDependencies();
    await ensureBuild();
    return run(process.execPath, [elscope, 'app', ...words], { cwd });
  },

  /** The app in the browser, from the sources: changes to the page show at once, changes to the machine after a reload of the page. */
  async dev(words) {
    await ensureDependencies();
    return run(process.execPath, ['--import', loader, join(root, 'src-main/web/dev.ts'), ...words], { cwd });
  },

  async build() {
    await ensureDependencies();
    await ensureBuild();
    return 0;
  },

  /** Our machine's speed against QEMU's, on programs that measure themselves. */
  async bench(words) {
    await ensureDependencies();
    await ensureBuild();
    if (words[0] === '--traps') return (await import('./bench-traps.mjs')).benchTraps(words.slice(1));
    const { bench } = await import('./bench.mjs');
    return bench(words);
  },

  /** What a person feels: steps back, display frames, the first screen. */
  async 'bench:app'(words) {
    await ensureDependencies();
    await ensureBuild();
    const program = words.map((word) => resolve(cwd, word));
    return run(process.execPath, ['--import', loader, join(root, 'test/app/bench.ts'), ...program]);
  },

  /** How long each panel waits for its view in a long run of a real system. */
  async 'bench:views'(words) {
    await ensureDependencies();
    return run(process.execPath, ['--import', loader, join(root, 'test/app/views-bench.ts'), ...words], { cwd });
  },

  /** How long a picture of 262,144 page-table entries takes. */
  async 'bench:tables'() {
    await ensureDependencies();
    await ensureBuild();
    return run(process.execPath, ['--import', loader, join(root, 'test/app/tables-bench.ts')]);
  },

  /** Proofs that take too long for `test`. */
  async prove(words) {
    const { prove } = await import('./prove.mjs');
    return prove(words);
  },

  async test() {
    const { test } = await import('./test.mjs');
    return test();
  },

  /** The command line. Only what the command itself prints reaches stdout. */
  async elscope(words) {
    await ensureDependencies({ quiet: true });
    await ensureBuild({ quiet: true });
    return run(process.execPath, [elscope, ...words], { cwd });
  },
};

const [name = 'start', ...words] = process.argv.slice(2);
if (!Object.hasOwn(commands, name)) {
  console.error(`Unknown command "${name}": expected one of ${Object.keys(commands).join(', ')}.`);
  process.exit(2);
}
try {
  process.exitCode = await commands[name](words);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
