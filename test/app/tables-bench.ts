/**
 * `npm run bench:tables`: how long a picture of 262,144 page entries takes, no two neighbours alike, part by part. The machine's side is
 * timed in this process; the whole, from the click on the tab to the frame that shows the picture, in Chromium over the web shell.
 */
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { chromium as executablePath } from '../../scripts/chromium.mjs';
import { openProgram } from '../../emulator/session/program.ts';
import { tables as tablesView } from '../../emulator/session/views/tables.ts';
import { tablesScene } from '../../src-renderer/geometry/tables/index.ts';

const ROUNDS = 15;
const folder = mkdtempSync(join(tmpdir(), 'tables-bench-'));
const elf = join(folder, 'many-pages.elf');
writeFileSync(elf, manyPages());

try {
  const { program, machine } = inProcess();
  const whole = await inChromium();
  console.log(`${program} page entries, no two neighbours alike; the fastest and the median of ${ROUNDS}, in ms`);
  for (const [name, times] of [...machine, ['click on the tab to the picture', whole]] as const)
    console.log(`  ${name.padEnd(34)} ${figures(times)}`);
} finally {
  rmSync(folder, { recursive: true });
}

function figures(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `${sorted[0].toFixed(1).padStart(8)} ${sorted[sorted.length >> 1].toFixed(1).padStart(8)}`;
}

function inProcess() {
  const program = openProgram('many-pages.elf', manyPages());
  program.timeline.forward(200);
  const view = tablesView.of(program, { register: 'TTBR0_EL2' });
  const time = (work: () => unknown): number[] =>
    Array.from({ length: ROUNDS }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    });
  return {
    program: view.counts.entries.page,
    machine: [
      ['reading the tables and the outline', time(() => tablesView.of(program, { register: 'TTBR0_EL2' }))],
      ['the message, as text and back', time(() => JSON.parse(JSON.stringify(view)) as unknown)],
      ['the shapes', time(() => tablesScene(view, { width: 1065, height: 575, chosen: null }))],
    ] as const,
  };
}

async function inChromium(): Promise<number[]> {
  const shell = spawn(process.execPath, ['out/main/elscope.js', 'app', '--web', '--no-open', '--no-keep', elf], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    let text = '';
    const url = await new Promise<string>((resolve) => {
      shell.stdout.on('data', (data: Buffer) => {
        text += data.toString();
        const found = /http:\S+/.exec(text);
        if (found) resolve(found[0]);
      });
    });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    await page.goto(url);
    await page.locator('.file').first().waitFor();
    // It runs in a loop that does nothing: at rest, all time is the picture's.
    await page.keyboard.press('F5');
    const tabOf = (name: string) => page.getByRole('navigation', { name: 'Views' }).getByText(name, { exact: true });
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      await tabOf('Levels').click();
      await page.waitForTimeout(300);
      const tab = await tabOf('Tables').elementHandle();
      times.push(
        await page.evaluate(async (tab) => {
          const start = performance.now();
          (tab as HTMLElement).click();
          while (!document.querySelector('[data-panel="Page tables"] .scene g[data-id]')) await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
          return performance.now() - start;
        }, tab),
      );
    }
    return times;
  } finally {
    await browser.close();
    shell.kill();
  }
}

/** An ELF that switches the MMU of EL2 on: 512 full tables of level 3 for the first gigabyte, a block for the RAM that it runs in. */
function manyPages(): Uint8Array<ArrayBuffer> {
  const RAM = 0x4000_0000;
  const code = RAM + 0x8_0000;
  const tables = RAM + 0x100_0000;
  const words = instructions(tables);
  const tableBytes = (2 + 512) * 4096;
  const headers = 64 + 2 * 56;
  const file = new Uint8Array(headers + words.length * 4 + tableBytes);
  const data = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const u16 = (at: number, value: number): void => data.setUint16(at, value, true);
  const u64 = (at: number, value: number): void => data.setBigUint64(at, BigInt(value), true);
  u16(16, 2);
  u16(18, 183);
  data.setUint32(20, 1, true);
  u64(24, code);
  u64(32, 64);
  u16(52, 64);
  u16(54, 56);
  u16(56, 2);
  const segment = (at: number, offset: number, address: number, bytes: number): void => {
    data.setUint32(at, 1, true);
    data.setUint32(at + 4, 7, true);
    for (const [i, value] of [offset, address, address, bytes, bytes, 4].entries()) u64(at + 8 + 8 * i, value);
  };
  const codeAt = headers;
  const tablesAt = codeAt + words.length * 4;
  segment(64, codeAt, code, words.length * 4);
  segment(64 + 56, tablesAt, tables, tableBytes);
  words.forEach((word, i) => data.setUint32(codeAt + 4 * i, word, true));
  const entry = (table: number, index: number, value: number): void => u64(tablesAt + table * 4096 + index * 8, value);
  entry(0, 0, (tables + 4096) | 3);
  entry(0, 1, RAM | 0x701);
  for (let i = 0; i < 512; i++) {
    entry(1, i, (tables + (2 + i) * 4096) | 3);
    for (let j = 0; j < 512; j++) entry(2 + i, j, (RAM + ((j * 7) % 512) * 4096) | 0x703);
  }
  return file;
}

/** Instruction words: MAIR_EL2, TCR_EL2, TTBR0_EL2, SCTLR_EL2, and a loop. */
function instructions(tables: number): number[] {
  const load = (value: number): number[] => [(0xd280_0000 | ((value & 0xffff) << 5)) >>> 0, (0xf2a0_0000 | ((value >>> 16) << 5)) >>> 0];
  /** MSR of S3_4_Cn_Cm_op2 from X0. */
  const write = (cn: number, cm: number, op2: number): number => (0xd51c_0000 | (cn << 12) | (cm << 8) | (op2 << 5)) >>> 0;
  return [
    ...load(0xff),
    write(10, 2, 0),
    ...load(0x8082_0019),
    write(2, 0, 2),
    ...load(tables),
    write(2, 0, 0),
    ...load(0x30c5_1835),
    write(1, 0, 0),
    0xd503_3fdf,
    0x1400_0000,
  ];
}
