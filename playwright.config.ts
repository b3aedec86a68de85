import { resolve } from 'node:path';
import { defineConfig } from '@playwright/test';
import { chromium } from './scripts/chromium.mjs';
import type { ShellOptions } from './test/app/shells.ts';

// What a shell keeps is not put among the runs of the person who tests.
process.env.XDG_STATE_HOME = resolve('test-results/state');

const shells = ['web', 'static', 'electron'] as const;

/** What a person does, which must work in every shell and window; the other specs look at one shell. */
const flows =
  /[\\/](addresses|console|debugger|doctor|guide|help|instrument|interrupts|memory|page|registers|reload|smoke|source|traps)(\.web)?\.spec\.ts$/;
/** Tests of these files that choose their own size. */
const ownSize = /accessible|before a room/;
/**
 * The flows that `npm test` plays in every shell: those that rest on how the shell connects, saves and loads. The page is the same in all.
 * That Electron opens the page and connects it again, `wiring.electron.spec.ts` does on its way.
 */
const sampled = { static: /[\\/](contract|smoke|console|reload)\.spec\.ts$/, electron: /[\\/](contract|console|reload)\.spec\.ts$/ };
/** In CSS pixels; the last is a window of 1440 by 900 at 200 %. */
const sizes = [
  [1440, 900],
  [1024, 700],
  [1920, 1080],
  [720, 450],
] as const;
/** Each shell and each size, but not each pair: how a shell connects does not depend on the window. Web at 1440 by 900 is `npm test`. */
const sampledPairs = [
  ['static', 1024, 700],
  ['electron', 1920, 1080],
  ['web', 720, 450],
] as const;
const allPairs = shells.flatMap((shell) => sizes.map(([width, height]) => [shell, width, height] as const));

export default defineConfig<ShellOptions>({
  testDir: 'test/app',
  outputDir: 'test-results/playwright',
  // Generous, and nothing is waited for that is there: starting a machine takes its time on a computer that does much else.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  // One for each core of the smallest machine that runs them: each test has a machine running.
  workers: 2,
  // A long file does not keep one of them waiting at the end.
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: chromium },
  },
  // The same specs in each shell; `name.web.spec.ts` is for that shell alone. `npm run prove` plays every flow in each shell and each size.
  projects: process.env.ALL_FLOWS
    ? (process.env.ALL_FLOWS === 'pairs' ? allPairs : sampledPairs).map(([shell, width, height]) => ({
        name: `${shell}-${width}x${height}`,
        testMatch: flows,
        grepInvert: ownSize,
        use: { shell, viewport: { width, height } },
      }))
    : shells.map((shell) => ({
        name: shell,
        testMatch: [shell === 'web' ? /[\\/][^./\\]+\.spec\.ts$/ : sampled[shell], new RegExp(`\\.${shell}\\.spec\\.ts$`)],
        use: { shell },
      })),
});
