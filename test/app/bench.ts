/**
 * `npm run bench:app -- PROGRAM`: what a person feels, measured on a program that runs long: steps back in a long recording, display frames
 * while the machine runs flat out, and the first screen. A measurement, not a test: figures depend on the computer and what else it does.
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { basename } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { chromium as executablePath } from '../../scripts/chromium.mjs';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession } from '../../emulator/session/serve.ts';
import { panels, tabs } from '../../src-renderer/state/panels.ts';
import { clonedMessages } from '../session/ports.ts';
import { serveWeb, visit } from './browser-shells.ts';

const [program] = process.argv.slice(2);
if (program === undefined) {
  console.error('usage: npm run bench:app -- PROGRAM');
  process.exit(2);
}

interface Summary {
  readonly mean: number;
  readonly p95: number;
  readonly worst: number;
}
function summary(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    p95: sorted[Math.floor(sorted.length * 0.95)],
    worst: sorted.at(-1)!,
  };
}
const ms = (value: number): string => value.toFixed(1).padStart(7);
const line = (title: string, { mean, p95, worst }: Summary, more = ''): void =>
  console.log(`${title.padEnd(34)}${ms(mean)}${ms(p95)}${ms(worst)}  ${more}`);

/** One step back and the tower that it shows, from asking to having, at instants all over the recording and one after the other. */
async function stepsBack(): Promise<void> {
  const wire = clonedMessages();
  const served = serveSession(wire.server, { shell: 'bench' });
  const client = new SessionClient(wire.client);
  await client.call('open', { name: basename(program), bytes: new Uint8Array(readFileSync(program)) });
  let at = 0;
  let ended = false;
  client.subscribe('status', {}, (status) => {
    at = status.at;
    ended = status.state === 'ended' || status.state === 'stopped';
  });
  // Both clocks: what a person waits, and what of it this process worked, which another busy program does not change.
  const back = async (): Promise<readonly [waited: number, worked: number]> => {
    const [started, before] = [performance.now(), process.cpuUsage()];
    await client.call('stepBack', {});
    await client.get('levels', {});
    const { user, system } = process.cpuUsage(before);
    return [performance.now() - started, (user + system) / 1000];
  };
  const tell = (title: string, times: readonly (readonly [number, number])[]): void => {
    line(title, summary(times.map(([waited]) => waited)));
    line('  processor time', summary(times.map(([, worked]) => worked)));
  };
  for (const goal of [100e6, 600e6]) {
    await client.call('run', {});
    while (at < goal && !ended) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.call('pause', {});
    const { at: end } = await client.call('stateHash', {});
    const consecutive: (readonly [number, number])[] = [];
    for (let i = 0; i < 100; i++) consecutive.push(await back());
    const anywhere: (readonly [number, number])[] = [];
    for (let i = 1; i <= 100; i++) {
      // Spread evenly, and never at the same distance from a keyframe.
      await client.call('seek', { at: Math.floor(((i * 0.618_034) % 1) * end) + 1 });
      anywhere.push(await back());
    }
    tell(`after ${(end / 1e6).toFixed(0)} M steps, one by one`, consecutive);
    tell(`after ${(end / 1e6).toFixed(0)} M steps, anywhere`, anywhere);
    if (ended || end < goal) break;
    await client.call('seek', { at: end });
  }
  void served.close();
  wire.close();
}

/** Times between display frames, and how long the page was busy in one go. */
const framesInPage = (milliseconds: number): Promise<{ intervals: number[]; long: number[] }> =>
  new Promise((resolve) => {
    const intervals: number[] = [];
    const long: number[] = [];
    const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ entryTypes: ['longtask'] });
    const start = performance.now();
    let last = start;
    const frame = (now: number): void => {
      intervals.push(now - last);
      last = now;
      if (now - start < milliseconds) requestAnimationFrame(frame);
      else {
        observer.disconnect();
        resolve({ intervals: intervals.slice(1), long });
      }
    };
    requestAnimationFrame(frame);
  });

async function frames(page: Page): Promise<void> {
  for (const tab of tabs) {
    await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: panels[tab].title, exact: true }).click();
    // From the start for each panel, so that none is measured on a machine that has ended.
    await page.keyboard.press('Control+Shift+F5');
    await page.locator('.instant b').filter({ hasText: /^0$/ }).waitFor();
    await page.keyboard.press('F5');
    await page.locator('footer .note').filter({ hasText: 'steps' }).waitFor();
    await browser.startTracing(page, { categories: ['toplevel'] });
    const { intervals, long } = await page.evaluate(framesInPage, 1000);
    const { worked, longest } = mainThread(await browser.stopTracing());
    const rate = await page.locator('footer .note').textContent();
    const { mean } = summary(intervals);
    line(
      panels[tab].title,
      summary(intervals),
      `${(1000 / mean).toFixed(1)} a second, ${long.length} long tasks${long.length ? `, the longest ${Math.max(...long).toFixed(0)} ms` : ''}; ` +
        `${worked.toFixed(0)} ms of processor time, at most ${longest.toFixed(0)} in one go; ${rate?.trim() ?? ''}`,
    );
  }
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly args: { readonly name?: string };
  /** Processor time of the thread, in microseconds. */
  readonly tdur?: number;
}

/** Processor time that the page's main thread worked, in all and in its longest task, in milliseconds: other busy programs change neither much. */
function mainThread(trace: Buffer): { worked: number; longest: number } {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const place = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const threads = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(place));
  const tasks = traceEvents
    .filter((event) => event.name === 'ThreadControllerImpl::RunTask' && threads.has(place(event)))
    .map(({ tdur = 0 }) => tdur / 1000);
  return { worked: tasks.reduce((sum, task) => sum + task, 0), longest: Math.max(0, ...tasks) };
}

console.log(`load of this computer before: ${loadavg()[0].toFixed(1)}`);
console.log(`${'milliseconds'.padEnd(34)}   mean    p95  worst`);
console.log('\nA step back, with the tower');
await stepsBack();

const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
// The browser is there, with an empty tab: opening one is not ours.
const tab = await browser.newPage();
const started = performance.now();
const demoServer = await serveWeb([]);
await tab.context().addCookies([demoServer.cookie!]);
await tab.goto(demoServer.url);
await tab.locator('[data-panel="Exception levels"] svg[role="img"]').waitFor();
console.log(
  `\nFirst screen, from the start of the web shell to the tower of the running demo: ${(performance.now() - started).toFixed(0)} ms`,
);
await tab.close();
await demoServer.close();

console.log('\nDisplay frames while the machine runs flat out');
const server = await serveWeb([program]);
const app = await visit(browser, server);
await app.page.setViewportSize({ width: 1440, height: 900 });
// tsx names functions by a helper, which functions sent to the page miss.
await app.page.evaluate('globalThis.__name = (named) => named');
await frames(app.page);
await app.close();
await server.close();
await browser.close();
