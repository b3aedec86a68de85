/** `elscope run`: the console, how it ends, and what it writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assembleProgram, elfOf, openProgram, runStart, writeRecording } from '../../emulator/index.ts';
import { assemble } from '../../emulator/isa/index.ts';
import { elscope, elscopeHere, prebuilt, type Ran } from './built.ts';
import { echoProgram, program, words } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-run-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');

/** The command in this process, whose own input it leaves alone; a process of its own is started where that is what is proved. */
const run = (...words: string[]): Promise<Ran> => elscopeHere('run', '--input', '', ...words);

describe('a program that switches the machine off', () => {
  test('has its output on stdout and exit code 0', () => {
    const { code, stdout, stderr } = elscope('run', prebuilt('02-hypercalls'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('[EL1] SMC: PSCI version 0x10000\r\n');
  });
  test('says nothing with --quiet, and its figures with --stats', async () => {
    expect(await run(prebuilt('02-hypercalls'), '--quiet', '--stats', at('stats.json'))).toEqual({ code: 0, stdout: '', stderr: '' });
    const stats = JSON.parse(read('stats.json')) as Record<string, number>;
    expect(Object.keys(stats)).toEqual(['instructions', 'seconds', 'mips', 'exceptions', 'tlbMisses', 'tier']);
    expect(stats.exceptions).toBeGreaterThan(10);
    expect(stats.mips).toBeCloseTo(stats.instructions / stats.seconds / 1e6);
  });
});

test('every byte is printed once, also those just before the run looks back to see whether it is stuck', async () => {
  const source = `ldr x1, =0x09000000
    mov w2, #' '
  1: str w2, [x1]
    add w3, w3, #1
    add w2, w2, #1
    cmp w2, #127
    b.ne 2f
    mov w2, #' '
  2: tbz w3, #13, 1b
    ldr w0, =0x84000008
    smc #0`;
  writeFileSync(at('bytes.elf'), elfOf(assembleProgram(source).program!, 'bytes.s'));
  const { code, stdout } = await run(at('bytes.elf'));
  const sent = Array.from({ length: 8192 }, (_, i) => String.fromCharCode(32 + (i % 95))).join('');
  expect({ code, stdout }).toEqual({ code: 0, stdout: sent });
});

describe('how a run ends', () => {
  test('at the limit: exactly there, exit code 3', async () => {
    const { code, stderr } = await run(prebuilt('02-hypercalls'), '--max-instructions', '12345', '--quiet', '--stats', at('limit.json'));
    expect(code).toBe(3);
    expect(stderr).toBe('elscope run: the limit of 12345 instructions was reached\n');
    expect((JSON.parse(read('limit.json')) as { instructions: number }).instructions).toBe(12345);
  });
  test('--until: with the very letter that completes the text', async () => {
    const { code, stdout } = await run(prebuilt('02-hypercalls'), '--until', 'hypervisor ver', '--record', at('until.elrec'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/\[EL1\] hypervisor ver$/);
    // One instant before, that letter has not been sent.
    const { at: end } = JSON.parse((await elscopeHere('state', at('until.elrec'), '--json')).stdout) as { at: number };
    const before = (await run(prebuilt('02-hypercalls'), '--max-instructions', String(end - 1))).stdout;
    expect(before).toBe(stdout.slice(0, -1));
  });
  test.each([
    // VBAR_EL2 is 0, where zeros lie: udf #0 at the vector.
    [
      'one instruction',
      ['svc #0'],
      [],
      /^elscope run: The processor is in an exception loop at EL2: the vector at 0x200 .* Nothing can end this\.\nelscope run: VBAR_EL2 was never set, so the SVC at .* loops at 0x200, .* \(P10\)\n$/,
    ],
    [
      'several instructions',
      ['adr x0, 0x40080800', 'msr vbar_el2, x0', 'movz x0, #0x9000, lsl #16', 'mov sp, x0', 'svc #0'],
      ['mov x9, #1', 'nop', 'stp x0, x1, [sp, #-16]!'],
      /^elscope run: The processor is in an exception loop: from step \d+ on, the same exception repeats every 3 steps: .* Nothing can end this\.\nelscope run: SP_EL2 is 0x90000000, where there is no memory: .* \(stack-not-set\)\n$/,
    ],
  ])('in an exception loop of %s: a reason and exit code 4', async (_which, lines, handler, said) => {
    const code = Array.from({ length: 0xa00 / 4 + handler.length }, () => 0);
    lines.forEach((line, i) => (code[i] = assemble(line, BigInt(0x4008_0000 + 4 * i))));
    handler.forEach((line, i) => (code[0xa00 / 4 + i] = assemble(line, BigInt(0x4008_0a00 + 4 * i))));
    writeFileSync(at('loop.elf'), program(code));
    const ran = await run(at('loop.elf'), '--traps', at('loop.jsonl'));
    expect(ran.stderr).toMatch(said);
    expect(ran.code).toBe(4);
    expect(read('loop.jsonl').trim().split('\n').length).toBeLessThan(20);
  });
  test('stuck in WFI without input: a reason and exit code 4', () => {
    // B . after WFI, in place of the program's first two instructions: nothing will ever wake it.
    writeFileSync(at('wfi.elf'), program([0xd503207f, 0x14000000]));
    const { code, stderr } = elscope('run', at('wfi.elf'));
    expect(stderr).toMatch(/^elscope run: the processor is waiting for an interrupt \(WFI\).*there is no more input\n$/);
    expect(code).toBe(4);
  });

  test('in a branch to itself after a fault: the fault and exit code 4', async () => {
    const lines = ['adr x0, 0x40080800', 'msr vbar_el2, x0', 'msr scr_el3, x0'];
    const code = Array.from({ length: 0xa04 / 4 }, () => 0);
    lines.forEach((line, i) => (code[i] = assemble(line, BigInt(0x4008_0000 + 4 * i))));
    code[0xa00 / 4] = 0x14000000;
    writeFileSync(at('el3.elf'), program(code));
    const ran = await run(at('el3.elf'));
    expect(ran.stderr).toMatch(
      /^elscope run: The processor stays in a branch to itself at .*\nelscope run: SCR_EL3 belongs to EL3, .* \(P05\)\n$/,
    );
    expect(ran.code).toBe(4);
    const diagnosed = await elscopeHere('diagnose', at('el3.elf'), '--json');
    expect(diagnosed.code).toBe(4);
    expect(JSON.parse(diagnosed.stdout)).toMatchObject({ findings: [{ id: 'P05', kind: 'broken', at: 2 }] });
  });
});

describe('--input', () => {
  beforeAll(() => writeFileSync(at('echo.elf'), echoProgram));

  test('reaches the guest, escapes and all', async () => {
    const { stdout, code } = await run(at('echo.elf'), '--input', 'a\\x62\\tc\\\\', '--until', 'c.');
    expect({ stdout, code }).toEqual({ stdout: 'ab\tc\\', code: 0 });
  });
  test('may come from a file', async () => {
    writeFileSync(at('typed.txt'), 'from a file');
    expect((await run(at('echo.elf'), '--input', `@${at('typed.txt')}`, '--until', 'file')).stdout).toBe('from a file');
  });
  test('waits for what the guest prints with --input-after, and comes at the same instant each time', async () => {
    const words = ['--input', 'a:', '--input-after', 'a\\::bc', '--input-after', 'c:\\x64', '--until', 'd'];
    for (const name of ['once', 'again'])
      expect(await run(at('echo.elf'), ...words, '--record', at(`${name}.elrec`))).toMatchObject({ stdout: 'a:bcd', code: 0 });
    expect(readFileSync(at('once.elrec')).equals(readFileSync(at('again.elrec')))).toBe(true);
    expect((await run(at('echo.elf'), '--input-after', 'login')).stderr).toContain('expected WHEN:TEXT');
  });
  test('is in the recording', async () => {
    await run(at('echo.elf'), '--input', 'xyz', '--until', 'z', '--record', at('echo.elrec'));
    const end = JSON.parse((await elscopeHere('state', at('echo.elrec'), '--json')).stdout) as { at: number; hash: string };
    const again = JSON.parse((await elscopeHere('state', at('echo.elrec'), '--at', String(end.at), '--json')).stdout) as typeof end;
    expect(again).toEqual(end);
    expect(await elscopeHere('run', at('echo.elrec'))).toMatchObject({ stdout: 'xyz', code: 0 });
    expect((await elscopeHere('run', at('echo.elrec'), '--input', 'a')).code).toBe(2);
  });
  test('and so is a register changed by hand', async () => {
    const echo = openProgram('echo.elf', echoProgram);
    const { timeline } = echo;
    timeline.input(new TextEncoder().encode('xy'));
    while (timeline.output.length === 0) timeline.forward(1);
    // The byte that it is about to send.
    while (timeline.machine.cpu.x(1) !== 0x79n) timeline.forward(1);
    timeline.change('x1', 0x7an);
    timeline.forward(200);
    writeFileSync(at('changed.elrec'), await writeRecording(runStart(echo), timeline));
    expect(await elscopeHere('run', at('changed.elrec'))).toMatchObject({ stdout: 'xz', code: 0 });
  });
});

describe('the same program gives the same', () => {
  test('traps, byte by byte', async () => {
    for (const name of ['a.jsonl', 'b.jsonl']) await run(prebuilt('04-stage2'), '--quiet', '--traps', at(name));
    expect(read('a.jsonl').length).toBeGreaterThan(1000);
    expect(read('b.jsonl')).toBe(read('a.jsonl'));
  });
  test('state, whether it ran there in one go or is replayed to there', async () => {
    await run(prebuilt('04-stage2'), '--quiet', '--record', at('whole.elrec'));
    await run(prebuilt('04-stage2'), '--quiet', '--max-instructions', '50000', '--record', at('part.elrec'));
    const hash = async (...words: string[]): Promise<string> =>
      (JSON.parse((await elscopeHere('state', ...words, '--json')).stdout) as { hash: string }).hash;
    const there = await hash(at('part.elrec'));
    expect(there).toMatch(/^[0-9a-f]{16}$/);
    expect(await hash(at('whole.elrec'), '--at', '50000')).toBe(there);
    expect(await hash(prebuilt('04-stage2'), '--at', '50000')).toBe(there);
    expect(await hash(prebuilt('04-stage2'), '--at', '50001')).not.toBe(there);
  });
  test('recording, also with files beside the program', async () => {
    writeFileSync(at('data.bin'), 'some data');
    await run(prebuilt('02-hypercalls'), '--quiet', '--load', `${at('data.bin')}@0x47000000`, '--record', at('load.elrec'));
    // Replaying checks the state hash, and the data are part of it.
    expect((await elscopeHere('state', at('load.elrec'), '--json')).code).toBe(0);
    await run(prebuilt('02-hypercalls'), '--quiet', '--record', at('plain.elrec'));
    expect((await elscopeHere('state', at('load.elrec'), '--json')).stdout).not.toBe(
      (await elscopeHere('state', at('plain.elrec'), '--json')).stdout,
    );
  });
});

test('--bios runs firmware from address 0, also beside an image, which it finds in fw_cfg', async () => {
  writeFileSync(at('firmware.bin'), words([0xd2800540, 0xd503207f]));
  for (const image of [[], [prebuilt('02-hypercalls')]]) {
    const { code, stdout } = await elscopeHere('explain', ...image, '--bios', at('firmware.bin'), '--at', '0', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pc: { address: '0x0' }, instruction: { word: '0xd2800540', text: 'mov x0, #0x2a' } });
  }
});

describe('a Linux kernel', () => {
  // The smallest Image: one branch to itself, a length, and the magic number.
  const kernel = Buffer.alloc(4096);
  kernel.writeUInt32LE(0x14000000, 0);
  kernel.writeBigUInt64LE(4096n, 16);
  kernel.write('ARM\x64', 56, 'latin1');
  beforeAll(() => {
    writeFileSync(at('Image'), kernel);
    writeFileSync(at('initrd'), 'a RAM disk');
  });
  const hash = async (...given: string[]): Promise<string> =>
    (JSON.parse((await elscopeHere('state', at('Image'), '--at', '0', '--json', ...given)).stdout) as { hash: string }).hash;

  test('gets its command line and its initial RAM disk', async () => {
    const plain = await hash();
    expect(await hash('--append', 'console=ttyAMA0')).not.toBe(plain);
    expect(await hash('--initrd', at('initrd'))).not.toBe(plain);
    expect(await hash()).toBe(plain);
  });
  test('finds the RAM disk again when its recording is repeated', async () => {
    await run(at('Image'), '--initrd', at('initrd'), '--max-instructions', '100', '--record', at('linux.elrec'));
    const replayed = JSON.parse((await elscopeHere('state', at('linux.elrec'), '--at', '0', '--json')).stdout) as { hash: string };
    expect(replayed.hash).toBe(await hash('--initrd', at('initrd')));
  });
});

describe('refuses', () => {
  test.each<[string[], RegExp]>([
    [[], /image is missing/],
    [[prebuilt('02-hypercalls'), '--until', '('], /--until: .*regular expression/i],
    [[prebuilt('02-hypercalls'), '--max-instructions', '0'], /--max-instructions 0: expected a whole number from 1/],
    [[prebuilt('02-hypercalls'), '--drive', 'no.img'], /no\.img: cannot be read: no such file/],
    [[prebuilt('02-hypercalls'), '--initrd', 'package.json'], /package\.json: an initial RAM disk needs a Linux kernel/],
    [[prebuilt('02-hypercalls'), '--load', 'package.json@0x1000000000'], /package\.json: .* outside the machine's memory/],
    [[prebuilt('02-hypercalls'), '--load', 'package.json@0x40080000'], /overlaps/],
    [[prebuilt('02-hypercalls'), '--dtb', 'package.json'], /package\.json/],
    [['package.json'], /package\.json at offset 0x0: this is neither an ELF program nor a Linux kernel image/],
  ])('%j', async (given, expected) => {
    const { code, stdout, stderr } = await elscopeHere('run', ...given);
    expect(stderr).toMatch(/^elscope run: .*\n$/);
    expect(stderr).toMatch(expected);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
