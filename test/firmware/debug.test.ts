/** `make debug`: gdb-multiarch on QEMU sees the six steps of enter_el1 do what the table in el2_to_el1.S says, and QEMU ends with gdb. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firmware, needTool } from './tools.ts';

const port = 20_000 + (process.pid % 10_000);

/** Prints, in one line, a name and the values of some expressions. */
const show = (name: string, ...expressions: string[]): string =>
  `printf "@${name}${' %lx'.repeat(expressions.length)}\\n", ${expressions.join(', ')}`;

const state = ['$pc', '$cpsr', '$sp', '$SP_EL1', '$SP_EL2', '$HCR_EL2', '$SPSR_EL2', '$ELR_EL2'];
const steps = [1, 2, 3, 4, 5, 6].map((step) => `enter_el1_step${step}`);
const symbols = ['enter_el1', '_stack_top', '_el1_stack_top', 'guest_main'];

const script = [
  'set pagination off',
  show('symbols', ...symbols.map((symbol) => `(long)&${symbol}`)),
  'break *&enter_el1',
  'continue',
  show('before', ...state),
  // Behind step N = at the label of step N + 1.
  ...steps.slice(1).flatMap((label) => [`tbreak *&${label}`, 'continue', show(label, ...state)]),
  'stepi',
  show('after', ...state),
  'info line *$pc',
  // How the output is open that gdb's commands inherit.
  'shell grep flags /proc/self/fdinfo/1',
  'kill',
].join('\n');

async function debug(commands: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'firmware-debug-'));
  try {
    await writeFile(join(folder, 'commands.gdb'), commands);
    const args = ['debug', 'SCENARIO=hypervisor', `OUT=${folder}/build`, `GDBPORT=${port}`, `GDBFLAGS=-batch -x ${folder}/commands.gdb`];
    return await new Promise<string>((resolve, reject) => {
      // A process group of its own, so that a timeout can end make and gdb; make then ends QEMU.
      const make = spawn('make', args, { cwd: firmware, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      const timer = setTimeout(() => process.kill(-make.pid!, 'SIGTERM'), 60_000);
      let output = '';
      make.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      make.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
      make.on('error', reject);
      make.on('close', () => {
        clearTimeout(timer);
        resolve(output);
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const listens = (onPort: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(onPort, '127.0.0.1');
    socket.on('connect', () => resolve(socket.destroy() !== undefined));
    socket.on('error', () => resolve(false));
  });

test('the six steps of enter_el1, seen by gdb', { timeout: 90_000 }, async (context) => {
  for (const tool of ['aarch64-linux-gnu-gcc', 'make', 'gdb-multiarch', 'qemu-system-aarch64']) needTool(context, tool);
  const output = await debug(script);
  const line = (name: string): bigint[] => {
    const found = new RegExp(`^@${name} (.*)$`, 'm').exec(output);
    if (!found) throw new Error(`gdb printed no ${name}:\n${output}`);
    return found[1].split(' ').map((value) => BigInt(`0x${value}`));
  };
  const at = (name: string) => {
    const [pc, cpsr, sp, spEl1, spEl2, hcr, spsr, elr] = line(name) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    return { pc, level: (cpsr >> 2n) & 3n, daif: (cpsr >> 6n) & 15n, sp, spEl1, spEl2, hcr, spsr, elr };
  };
  const [enterEl1, stackTop, el1StackTop, guestMain] = line('symbols') as [bigint, bigint, bigint, bigint];
  const RW = 1n << 31n;

  expect(at('before')).toMatchObject({ pc: enterEl1, level: 2n, sp: stackTop });
  expect(at('enter_el1_step2')).toMatchObject({ level: 2n, spEl1: el1StackTop });
  expect(at('enter_el1_step3').hcr & RW).toBe(RW);
  expect(at('enter_el1_step4').spsr).toBe(0x5n); // EL1h, D A I F clear
  expect(at('enter_el1_step5').elr).toBe(guestMain);
  expect(at('enter_el1_step6')).toMatchObject({ level: 2n, sp: stackTop });
  expect(at('after')).toMatchObject({ pc: guestMain, level: 1n, daif: 0n, sp: el1StackTop, spEl1: el1StackTop, spEl2: stackTop });
  expect(output).toMatch(/Line \d+ of "(\.\/)?guest\.c" starts at address 0x[0-9a-f]+ <guest_main>/);

  // The UART is heard too, and QEMU has left gdb's output as it was: non-blocking (O_NONBLOCK) it would lose what does not fit at once.
  expect(output).toContain('[EL2] entering EL1 by ERET, six steps');
  const flags = /^flags:\s*([0-7]+)$/m.exec(output);
  expect(Number.parseInt(flags![1], 8) & constants.O_NONBLOCK).toBe(0);

  expect(await listens(port), 'QEMU still listens for gdb').toBe(false);
});
