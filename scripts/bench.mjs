// `npm run bench [-- --log] PROGRAM...`: our machine against QEMU's translator on the same programs, in one run.
// A program prints a line `name checksum ticks` (ticks of the 62.5 MHz counter, in hexadecimal) and powers off; both must print the same
// checksum. QEMU's time is what its guest measured, ours the time of the whole run with recording on. `--log` adds QEMU with
// `-d int,exec,nochain`, which is what shows something in QEMU.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const TICKS_PER_SECOND = 62.5e6;
const TIMEOUT_SECONDS = 600;

export async function bench(words) {
  const withLog = words.includes('--log');
  const programs = words.filter((word) => word !== '--log');
  if (programs.length === 0) {
    console.error('usage: npm run bench -- [--log] PROGRAM...');
    return 2;
  }
  console.log('program      instructions   ours M/s   QEMU M/s   ratio' + (withLog ? '   QEMU -d M/s   times' : '') + '   checksum');
  let wrong = 0;
  for (const program of programs) {
    const ours = await runOurs(program);
    const qemu = await runQemu(program, []);
    const log = withLog ? await runQemu(program, ['-d', 'int,exec,nochain', '-D', '/dev/null']) : undefined;
    const rate = (seconds) => ours.instructions / seconds / 1e6;
    const same = ours.checksum === qemu.checksum;
    if (!same) wrong++;
    const cells = [
      basename(program).padEnd(10),
      String(ours.instructions).padStart(14),
      rate(ours.seconds).toFixed(1).padStart(10),
      rate(qemu.seconds).toFixed(0).padStart(10),
      (qemu.seconds / ours.seconds).toFixed(3).padStart(7),
      ...(log ? [rate(log.seconds).toFixed(2).padStart(13), (log.seconds / ours.seconds).toFixed(0).padStart(7)] : []),
      same ? ours.checksum : `WRONG: ${ours.checksum}, QEMU ${qemu.checksum}`,
    ];
    console.log(cells.join(' '));
  }
  return wrong === 0 ? 0 : 1;
}

async function runOurs(program) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const stats = join(folder, 'stats.json');
    const output = await collect(process.execPath, ['out/main/elscope.js', 'run', program, '--stats', stats]);
    const { instructions, seconds } = JSON.parse(readFileSync(stats, 'utf8'));
    return { ...reading(output, program), instructions, seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runQemu(program, options) {
  const machine = ['-machine', 'virt,virtualization=on', '-cpu', 'cortex-a53', '-m', '256', '-nographic', '-kernel', program];
  const { checksum, ticks } = reading(await collect('qemu-system-aarch64', [...machine, ...options]), program);
  return { checksum, seconds: ticks / TICKS_PER_SECOND };
}

/** The last line of the form `name checksum ticks`. */
function reading(output, program) {
  const [, checksum, ticks] = [...output.matchAll(/([0-9a-f]{16}) ([0-9a-f]{16})/g)].at(-1) ?? [];
  if (checksum === undefined) throw new Error(`${program} printed no checksum: ${output.slice(-200)}`);
  return { checksum, ticks: parseInt(ticks, 16) };
}

function collect(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_SECONDS * 1000);
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      resolve(output);
    });
  });
}
