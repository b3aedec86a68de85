// The browser that tests and measurements drive. Debian's: Playwright's own is a download.
import { existsSync } from 'node:fs';

/** The first without the windows and services of a desktop browser, which cost a sixth of the time; the page is rendered alike. */
const known = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

export const chromium = process.env.CHROMIUM ?? known.find((path) => existsSync(path)) ?? known[0];
