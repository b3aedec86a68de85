import { defineConfig } from '@playwright/test';
import type { ShellOptions } from './test/app/shells.ts';

// Debian's; Playwright's own is a download.
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

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
  // The same specs in each shell; `name.web.spec.ts` is for that shell alone.
  projects: (['web', 'static', 'electron'] as const).map((shell) => ({
    name: shell,
    testMatch: [/[\\/][^./\\]+\.spec\.ts$/, new RegExp(`\\.${shell}\\.spec\\.ts$`)],
    use: { shell },
  })),
});
