import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Short files that take long: begun last, as short ones are, one of them would keep a core idle at the end. */
const slow = /(u-boot|lessons\/play|outcomes|real-programs|determinism)\.test\.ts$/;

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => (slow.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  test: {
    // What a shell keeps is not put among the runs of the person who tests.
    env: { XDG_STATE_HOME: resolve('test-results/state') },
    setupFiles: ['test/deterministic.ts'],
    // `npm run prove` runs the long proofs, with more of what a few tests do a little of.
    include: process.env.PROVE
      ? [
          'test/**/*.proof.ts',
          'test/differential/*.test.ts',
          'test/isa/{assembly,evaluate,vectors}.test.ts',
          'test/assembler/{errors,gnu}.test.ts',
          'test/explain/{said-and-done,stories,doctor/labs}.test.ts',
          'test/firmware/labs.test.ts',
          'test/session/breakpoint-demands.test.ts',
          'test/time/exception-loops.test.ts',
          'test/devices/{flash,virtio}.test.ts',
          'test/engine/slices.test.ts',
          'test/machine/watches.test.ts',
        ]
      : ['test/**/*.test.ts'],
    // Its own choice leaves one core idle, which of two is half.
    maxWorkers: availableParallelism(),
    // The files that one worker runs share the modules under test, and what V8 has compiled of them: no module keeps what a test has done.
    isolate: false,
    sequence: { sequencer: SlowFirst },
    // Two cores: tests that start QEMU or Chromium say their own, longer limits.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
