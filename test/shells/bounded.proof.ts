/** A guest that never ends takes no more memory than it may, whatever it does: the kernel would end the process that asks for more. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../../emulator/isa/index.ts';
import { root } from './built.ts';
import { program } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-bounded-'));
const script = join(root, 'out/main/elscope.js');
beforeAll(() => {
  if (!existsSync(script)) throw new Error('nothing is built yet: npm run build');
});
afterAll(() => rmSync(folder, { recursive: true }));

const START = 0x4008_0000;
/** Lines of assembly at the start of the program; `@N` is the address of line N. */
function assembled(lines: readonly string[]): Uint8Array {
  const at = (line: number): number => START + 4 * line;
  return program(
    lines.map((line, i) =>
      assemble(
        line.replace(/@(\d+)/g, (_all, to: string) => `0x${at(Number(to)).toString(16)}`),
        BigInt(at(i)),
      ),
    ),
  );
}

/** Lines, and vectors 2 KiB from the start that all do the same. */
function withVectors(lines: readonly string[], handler: readonly string[]): Uint8Array {
  const padded = (given: readonly string[], length: number): string[] => [
    ...given,
    ...new Array<string>(length - given.length).fill('nop'),
  ];
  return assembled([...padded(lines, 512), ...Array.from({ length: 16 }, () => padded(handler, 32)).flat()]);
}
const VBAR_EL2 = ['movz x0, #0x4008, lsl #16', 'add x0, x0, #0x800', 'msr vbar_el2, x0'];
/** At EL1 under a handler that returns at once: these lines, again and again. */
const guest = (lines: readonly string[]): Uint8Array =>
  withVectors(
    [
      ...VBAR_EL2,
      'movz x0, #0x8000, lsl #16',
      'msr hcr_el2, x0',
      'adr x0, @10',
      'msr elr_el2, x0',
      'mov x0, #0x3c5',
      'msr spsr_el2, x0',
      'eret',
      ...lines,
      'b @10',
    ],
    ['eret'],
  );
/** Each handler takes an exception at its end. */
const nested = withVectors([...VBAR_EL2, 'movz x8, #0x9000, lsl #16', 'ldr x0, [x8]'], ['add x1, x1, #1', 'ldr x0, [x8]']);

/** Address space in KiB that a process may have: V8 reserves ten GiB of it for a WebAssembly memory. */
const ULIMIT_KIB = 12 << 20;
/** What it may really take: the budget, the machine, Node. */
const MOST_MIB = 500;

describe.each<[string, Uint8Array, steps: number]>([
  ['hypercalls', guest(['add x1, x1, #1', 'hvc #3']), 60e6],
  ['another table at each exit', guest(['add x1, x1, #1', 'msr ttbr0_el1, x1', 'hvc #3']), 20e6],
  ['output', assembled(['movz x2, #0x900, lsl #16', 'strb w1, [x2]', 'add x1, x1, #1', 'b @1']), 150e6],
  ['pages written', assembled(['movz x2, #0x4100, lsl #16', 'str x2, [x2]', 'add x2, x2, #0x1, lsl #12', 'tbz x2, #25, @1', 'b @0']), 40e6],
  ['exceptions within exceptions', nested, 30e6],
])('%s without end', (name, image, steps) => {
  test('stay within the budget', { timeout: 600_000 }, async () => {
    const file = join(folder, `${name}.elf`);
    writeFileSync(file, image);
    const words = ['run', file, '--budget', '128M', '--memory', '64M', '--max-instructions', String(steps), '--quiet'];
    const child = spawn('bash', ['-c', `ulimit -v ${ULIMIT_KIB} && exec "$0" "$@"`, process.execPath, script, ...words], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stdin.end();
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    let peak = 0;
    const look = setInterval(() => (peak = Math.max(peak, peakMiB(child.pid!))), 100);
    const [code] = (await once(child, 'close')) as [number | null];
    clearInterval(look);
    expect(said).toMatch(/limit of \d+ instructions was reached|exception loop/);
    expect([3, 4]).toContain(code);
    console.log(`${name}: ${peak} MiB at most`);
    expect(peak).toBeLessThan(MOST_MIB);
  });
});

/** The most memory that a process has had so far. */
function peakMiB(pid: number): number {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) >> 10;
}
