// `npm run bench -- --traps [HYPERCALLS]`: how much the app feels of a great many traps. Builds a program that makes hypercalls and nothing
// else, runs it in the app at full speed, and measures what a person would feel: the time between frames of the page while it runs, while
// the timeline is zoomed and while the list is scrolled. Beside that, in this process: memory of the recording, and time to make a view.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium as executablePath } from './chromium.mjs';

const WATCHED_SECONDS = 5;

export async function benchTraps([words = '1000000']) {
  const hypercalls = Number(words);
  if (!Number.isSafeInteger(hypercalls) || hypercalls < 1) {
    console.error('usage: npm run bench -- --traps [HYPERCALLS]');
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-traps-'));
  try {
    const image = buildProgram(folder, hypercalls);
    await measureSession(image);
    await measurePage(image);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A guest at EL1 that calls the hypervisor again and again; the hypervisor counts and returns. */
function buildProgram(folder, hypercalls) {
  const source = `
    .globl _start
_start:
    adr x0, vectors
    msr vbar_el2, x0
    mov x0, #0x80000000
    msr hcr_el2, x0
    mov x0, #0x3c5
    msr spsr_el2, x0
    adr x0, guest
    msr elr_el2, x0
    isb
    eret
guest:
    ldr x20, =${hypercalls}
1:  hvc #1
    subs x20, x20, #1
    b.ne 1b
    ldr x0, =0x84000008
    smc #0
    b .
    .ltorg
    .balign 2048
vectors:
    .skip 0x400
    add x19, x19, #1
    eret
`;
  writeFileSync(join(folder, 'hypercalls.S'), source);
  const image = join(folder, 'hypercalls.elf');
  const flags = ['-nostdlib', '-static', '-Wl,--build-id=none', '-Wl,-Ttext=0x40080000', '-o', image];
  execFileSync('aarch64-linux-gnu-gcc', [...flags, join(folder, 'hypercalls.S')]);
  return image;
}

/** The recording and the views alone, without a window. */
async function measureSession(image) {
  const { register } = await import('tsx/esm/api');
  register();
  const url = (path) => pathToFileURL(join(process.cwd(), path)).href;
  const { openProgram } = await import(url('emulator/index.ts'));
  const { Session } = await import(url('emulator/session/session.ts'));
  const { views } = await import(url('emulator/session/views/index.ts'));
  const session = new Session(
    () => {},
    () => {},
  );
  const before = process.memoryUsage();
  session.program = openProgram('hypercalls.elf', readFileSync(image));
  const opened = process.memoryUsage();
  const { timeline } = session.program;
  const started = performance.now();
  while (timeline.forward(1_000_000) === 'budget');
  const seconds = (performance.now() - started) / 1000;
  const traps = timeline.traps.length;
  const held = process.memoryUsage().arrayBuffers - opened.arrayBuffers - timeline.keyframes.bytes;
  console.log(`${traps} traps in ${timeline.end} steps, ${seconds.toFixed(1)} s: ${Math.round(traps / seconds)} traps a second`);
  console.log(
    `memory of the recording: ${Math.round(held / traps)} bytes a trap (opening took ${Math.round((opened.rss - before.rss) / 2 ** 20)} MiB)`,
  );
  await measureSaving(session);
  const time = (name, params, repeat = 50) => {
    const first = performance.now();
    views[name].of(session.program, params);
    const again = performance.now();
    for (let i = 0; i < repeat; i++) views[name].of(session.program, params);
    return `${(again - first).toFixed(1)} ms at first, then ${((performance.now() - again) / repeat).toFixed(2)} ms`;
  };
  console.log(`lanes of all, 1400 bins: ${time('lanes', { from: 0, to: null, width: 1400 })}`);
  console.log(`lanes of a tenth, 2600 bins: ${time('lanes', { from: 0, to: Math.round(timeline.end / 10), width: 2600 })}`);
  const complete = (params) => {
    let frames = 1;
    while (views.traps.of(session.program, params).searched < 1) frames++;
    return frames;
  };
  const window = { first: traps >> 1, count: 100 };
  console.log(`list, no filter: looked through in ${complete(window)} frames; ${time('traps', window)}`);
  const filtered = { first: 0, count: 100, filter: 'hvc, vm:0, to:EL2' };
  console.log(`list, "${filtered.filter}": looked through in ${complete(filtered)} frames; ${time('traps', filtered)}`);
  const text = { first: 0, count: 100, filter: 'text:guest' };
  console.log(`list, "${text.filter}": looked through in ${complete(text)} frames; ${time('traps', text)}`);
}

/** How long saving takes, what memory it needs beside what was there, and how long a message may have to wait meanwhile. */
async function measureSaving(session) {
  const peak = () => process.resourceUsage().maxRSS / 1024;
  const before = Math.max(peak(), process.memoryUsage().rss / 2 ** 20);
  let last = performance.now();
  let longest = 0;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const looking = setInterval(look, 1);
  const started = performance.now();
  const { bytes } = await session.commands.recording({}, () => {});
  const seconds = (performance.now() - started) / 1000;
  look();
  clearInterval(looking);
  console.log(
    `saving: ${(bytes.length / 2 ** 20).toFixed(1)} MiB in ${seconds.toFixed(1)} s, ${Math.round(peak() - before)} MiB of memory more, messages wait ${longest.toFixed(0)} ms at most`,
  );
}

/** The app in Chromium. */
async function measurePage(image) {
  const { chromium } = await import('playwright');
  const server = spawn(process.execPath, ['out/main/elscope.js', 'app', '--web', '--no-open', '--no-keep', '--port', '0', image], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const address = await new Promise((resolve, reject) => {
      let text = '';
      server.stdout.on('data', (chunk) => {
        text += String(chunk);
        const found = /http:\S+/.exec(text);
        if (found) resolve(found[0]);
      });
      server.on('close', () => reject(new Error(`the app ended: ${text}`)));
    });
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(address);
    await page.getByRole('navigation', { name: 'Views' }).getByText('Traps').click();
    await page.getByRole('listbox', { name: 'Traps and returns' }).waitFor();
    /** Times between frames, and of the page's own work in tasks longer than a frame, while something goes on. */
    const frames = async (what, act) => {
      const watch = page.evaluate(
        (seconds) =>
          new Promise((resolve) => {
            const times = [];
            let busy = 0;
            const long = new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (busy += duration)));
            long.observe({ entryTypes: ['longtask'] });
            const end = performance.now() + seconds * 1000;
            let last = performance.now();
            const tick = (now) => {
              times.push(now - last);
              last = now;
              if (now < end) requestAnimationFrame(tick);
              else {
                long.disconnect();
                resolve({ times: times.slice(1), busy });
              }
            };
            requestAnimationFrame(tick);
          }),
        WATCHED_SECONDS,
      );
      let going = true;
      const work = (async () => {
        for (let i = 0; going && act; i++) await act(i);
      })();
      const { times, busy } = await watch;
      going = false;
      await work;
      times.sort((a, b) => a - b);
      const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1);
      console.log(
        `${what}: ${Math.round(times.length / WATCHED_SECONDS)} frames a second, 50 % within ${at(0.5)} ms, 95 % within ${at(0.95)} ms, longest ${at(1)} ms; long tasks ${Math.round(busy)} ms`,
      );
    };
    await frames('machine at full speed');
    await page.getByText('Powered off').waitFor({ timeout: 600_000 });
    await frames('nothing going on');
    const lanes = await page.getByRole('group', { name: /^Timeline/ }).boundingBox();
    await page.mouse.move(lanes.x + lanes.width * 0.6, lanes.y + lanes.height / 2);
    await frames('zooming the timeline', async (i) => {
      await page.mouse.wheel(0, i % 80 < 40 ? 60 : -60);
      await page.waitForTimeout(16);
    });
    const list = await page.getByRole('listbox', { name: 'Traps and returns' }).boundingBox();
    await page.mouse.move(list.x + 100, list.y + 100);
    await frames('scrolling the list', async (i) => {
      await page.mouse.wheel(0, i % 80 < 40 ? -240 : 240);
      await page.waitForTimeout(16);
    });
    await browser.close();
  } finally {
    server.kill();
  }
}
