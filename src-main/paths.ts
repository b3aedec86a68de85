/** Where things lie: in the build, in the packaged app, or run from the sources. */
import { join } from 'node:path';

const fromSources = import.meta.url.endsWith('.ts');
// All bundles lie in out/main, this file in src-main.
const root = join(import.meta.dirname, fromSources ? '..' : '../..');

export const paths = {
  root,
  /** The page. */
  page: join(root, 'out/renderer'),
  preload: join(root, 'out/preload/preload.cjs'),
  web: join(root, 'out/main/web.js'),
  worker: join(import.meta.dirname, fromSources ? 'worker-from-sources.mjs' : 'worker.js'),
  grader: join(root, 'out/main/grader.js'),
  firmware: join(root, 'firmware'),
  demo: join(root, 'firmware/prebuilt/hypervisor.elf'),
  /** Measured by `elscope bench` when it is given nothing else: hypercalls, and both stages of translation. */
  benchmarks: ['02-hypercalls.elf', '03-mmu.elf', '04-stage2.elf'].map((name) => join(root, 'firmware/prebuilt', name)),
} as const;
