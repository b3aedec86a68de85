/** `elscope verify`, `diff` and `bench`: the commands that compare and measure. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elscope, elscopeHere, prebuilt } from './built.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

describe('verify', () => {
  test.each([
    ['walks', 'test/mmu/samples/walks.jsonl'],
    ['mmu', 'test/mmu/samples/mmu.jsonl'],
    ['sysregs', 'test/cpu/sample'],
    ['sysregs', 'test/cpu/sample/sysregs.tsv.gz'],
    ['el2traps', 'test/cpu/sample'],
  ])('%s %s: all passed, told on the last line', async (kind, path) => {
    const { code, stdout } = await elscopeHere('verify', kind, path);
    expect(stdout).toMatch(/(^|\n)[1-9]\d* passed, 0 failed\n$/);
    expect(code).toBe(0);
  });

  /** The vectors with another answer expected in one set-up, one that the architecture does not leave open. */
  const wrong = (): string => {
    const setups = readFileSync('test/mmu/samples/walks.jsonl', 'utf8').trim().split('\n');
    const index = setups.findIndex((line) => line.includes('"cat":["ips"]') || line.includes('"cat": ["ips"]'));
    const setup = JSON.parse(setups[index]) as { cases: { r: unknown[] }[] };
    setup.cases[0].r[0] = '0xdead000';
    return setups.with(index, JSON.stringify(setup)).join('\n');
  };
  test('a wrong answer fails with exit code 5, also in a packed file', async () => {
    writeFileSync(at('wrong.jsonl.gz'), gzipSync(wrong()));
    const { code, stdout } = elscope('verify', 'walks', at('wrong.jsonl.gz'));
    expect(stdout).toMatch(/^FAILED set-up \d+, AT S1E1R, .*expected "0xdead000"\n/);
    expect(stdout).toMatch(/\n\d+ passed, 1 failed\n$/);
    expect(code).toBe(5);
  });
  test('--json is one document', async () => {
    writeFileSync(at('wrong.jsonl'), wrong());
    const { code, stdout } = await elscopeHere('verify', 'walks', at('wrong.jsonl'), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'walks', failed: 1, failures: [expect.stringContaining('AT S1E1R')] });
    expect(code).toBe(5);
  });

  test.each<[string[], RegExp]>([
    [[], /expected what to verify \(isa, sysregs, el2traps, walks, mmu\) and a path/],
    [['walk', 'package.json'], /verify walk: expected one of isa, sysregs/],
    [['walks', 'nowhere.jsonl'], /nowhere\.jsonl: cannot be read: no such file or directory \(expected recorded results\)/],
    [['walks', 'package.json'], /package\.json: line 1 is not a set-up/],
    [['walks', 'src-main'], /src-main: the folder has no at-vectors\.jsonl/],
    [['mmu', prebuilt('04-stage2')], /04-stage2\.elf: this is not a text file/],
  ])('refuses %j', async (given, expected) => {
    const { code, stdout, stderr } = await elscopeHere('verify', ...given);
    expect(stderr).toMatch(/^elscope verify: .*\n$/);
    expect(stderr).toMatch(expected);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
  test('an empty file has nothing to verify, which is no pass', async () => {
    writeFileSync(at('empty.jsonl'), '\n');
    const { code, stderr } = await elscopeHere('verify', 'walks', at('empty.jsonl'));
    expect(stderr).toContain('there is nothing to verify');
    expect(code).toBe(2);
  });
});

describe('diff', () => {
  const traps = async (name: string, ...more: string[]): Promise<void> => {
    await elscopeHere(
      'run',
      prebuilt('02-hypercalls'),
      '--quiet',
      '--input',
      '',
      '--traps',
      at(`${name}.jsonl`),
      '--record',
      at(`${name}.elrec`),
      ...more,
    );
  };
  beforeAll(async () => {
    await traps('whole');
    await traps('short', '--max-instructions', '10000');
  });

  test('equal files, and a file and its recording', async () => {
    for (const other of ['whole.jsonl', 'whole.elrec']) {
      const { code, stdout } = await elscopeHere('diff', at('whole.jsonl'), at(other));
      expect(stdout).toMatch(/^Nothing differs: [1-9]\d* events/);
      expect(code).toBe(0);
    }
  });
  test('a program and a recording of it that was cut: no difference, up to there', async () => {
    const { code, stdout } = await elscopeHere('diff', prebuilt('02-hypercalls'), at('short.elrec'));
    expect(stdout).toBe('Nothing differs up to instant 10\u2009000; the new run has not been run any further.\n');
    expect(code).toBe(0);
  });
  test('a trap file that ends earlier: exit code 1', async () => {
    const { code, stdout } = await elscopeHere('diff', at('whole.jsonl'), at('short.jsonl'));
    expect(stdout).toMatch(/^The new run takes .* fewer/);
    expect(code).toBe(5);
  });
  test('another value: which field it is', async () => {
    const lines = readFileSync(at('whole.jsonl'), 'utf8').trim().split('\n');
    const changed = lines.map((line, i) => (i === 3 ? JSON.stringify({ ...JSON.parse(line), spsr: '0x3' }) : line));
    writeFileSync(at('changed.jsonl'), changed.join('\n'));
    expect((await elscopeHere('diff', at('whole.jsonl'), at('changed.jsonl'))).stdout).toMatch(/spsr: 0x\w+ -> 0x3\n$/);
    const { code, stdout } = await elscopeHere('diff', at('whole.jsonl'), at('changed.jsonl'), '--json');
    const first = { kind: 'other', fields: ['spsr'], new: { index: 3, line: { spsr: '0x3' } } };
    expect(JSON.parse(stdout)).toMatchObject({ equal: false, traps: { otherValues: 1 }, first });
    expect(code).toBe(5);
  });
  test('QEMU’s log of its exceptions: the same traps, and the first that is another', async () => {
    const words = ['-machine', 'virt,virtualization=on', '-cpu', 'cortex-a53', '-kernel', prebuilt('02-hypercalls'), '-icount', 'shift=0'];
    const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'null', '-d', 'int', '-D', at('qemu.log')];
    expect(spawnSync('qemu-system-aarch64', [...words, ...quiet], { timeout: 60_000 }).status).toBe(0);
    const same = await elscopeHere('diff', prebuilt('02-hypercalls'), at('qemu.log'));
    expect(same).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing differs: [1-9]\d+ events, all the same\.\n$/) as string,
    });
    const other = readFileSync(at('qemu.log'), 'utf8').replace('ELR 0x410002ac', 'ELR 0x410002b0');
    writeFileSync(at('other.log'), other);
    const { code, stdout } = await elscopeHere('diff', at('other.log'), prebuilt('02-hypercalls'));
    expect(stdout).toContain('elr = 0x410002ac in place of 0x410002b0; from there on everything is the same');
    expect(stdout).toMatch(/\n- trap 2: .*\n\+ instant \d+: .*hvc #0x0/);
    expect(code).toBe(5);
  });
  test('two programs: traps, output, and where they begin to differ', async () => {
    const { code, stdout } = await elscopeHere('diff', prebuilt('04-stage2'), prebuilt('06-two-guests'), '--json');
    const { first, output, old } = JSON.parse(stdout) as {
      first: { old: { place: { file: string } } };
      output: { line: number };
      old: { output: number; isWhole: boolean };
    };
    expect(old).toMatchObject({ isWhole: true });
    expect(output.line).toBe(1);
    expect(first.old.place.file).toMatch(/\.[cS]$/);
    expect(code).toBe(5);
  });
  test('refuses what is no trap file', async () => {
    const { code, stderr } = await elscopeHere('diff', at('whole.jsonl'), 'package.json');
    expect(stderr).toMatch(/^elscope diff: package\.json: line 1 is not a trap/);
    expect(code).toBe(2);
    writeFileSync(at('deep.jsonl'), `{"n":1,"kind":"return","x":${'['.repeat(5000)}${']'.repeat(5000)}}`);
    expect((await elscopeHere('diff', at('deep.jsonl'), at('whole.jsonl'))).stderr).toMatch(/deep\.jsonl: line 1 is not a trap/);
  });
});

test('bench measures the images it is given', async () => {
  const { code, stdout } = await elscopeHere('bench', prebuilt('02-hypercalls'), '--seconds', '1', '--json');
  expect(code).toBe(0);
  const { results } = JSON.parse(stdout) as {
    results: { image: string; tier: number; instructions: number; seconds: number; mips: number }[];
  };
  expect(results).toHaveLength(1);
  const [{ image, tier, instructions, seconds, mips }] = results;
  expect({ image, tier }).toEqual({ image: '02-hypercalls.elf', tier: 0 });
  expect(instructions).toBeGreaterThan(20_000);
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(mips).toBeCloseTo(instructions / seconds / 1e6);
});
