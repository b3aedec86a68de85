import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { elscopeHere } from './built.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-grade-'));
afterAll(() => rmSync(folder, { recursive: true }));
const firmware = join(import.meta.dirname, '../../firmware');
const task = join(firmware, 'tasks/el2-to-el1.yaml');
const source = join(firmware, 'assembly/el2-to-el1.s');
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const text = readFileSync(source, 'utf8');

test('a solution has all points, as assembly and as an ELF', async () => {
  const elf = join(folder, 'solution.elf');
  await elscopeHere('assemble', source, '-o', elf);
  const { code, stdout, stderr } = await elscopeHere('grade', task, source, elf);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('8 of 8 points, all points');
  const hashes = [...stdout.matchAll(/state ([0-9a-f]{16})/g)].map(([, hash]) => hash);
  expect(hashes).toHaveLength(2);
  expect(hashes[0]).toBe(hashes[1]);
  expect(stdout).toMatch(/\nsubmission +points .*\n.*8\/8/);
});

test('the exit code says how it ended; of several, how the worst did', async () => {
  const wrong = file('wrong.s', text.replace('greeting:\n        .asciz  "hello', 'greeting:\n        .asciz  "hallo'));
  const stuck = join(firmware, 'assembly/lab-silent-el1.s');
  const endless = file('endless.s', '_start: add x0, x0, #1\n b _start\n');
  const broken = file('broken.s', '_start: mvo x0, x1\n');
  for (const [path, code] of [
    [wrong, 5],
    [stuck, 4],
    [endless, 3],
    [broken, 2],
    [file('no.elf', 'not an ELF'), 2],
    [join(folder, 'none.elf'), 2],
  ] as const)
    expect((await elscopeHere('grade', task, path)).code, path).toBe(code);
  expect((await elscopeHere('grade', task, source, wrong, stuck)).code).toBe(4);
  const { stdout } = await elscopeHere('grade', task, broken, file('empty.s', '// to be written\n'));
  expect(stdout).toContain('broken.s:1:9: there is no instruction mvo; did you mean mov?');
  expect(stdout).toContain('empty.s: there is nothing to run in it (expected at least one instruction, at the label _start)');
});

test('JSON and JUnit say the same; a folder stands for its submissions', async () => {
  const submissions = join(folder, 'all');
  mkdirSync(submissions);
  writeFileSync(join(submissions, 'b.s'), text);
  writeFileSync(join(submissions, 'a.S'), text.replace('msr     HCR_EL2, x0', 'nop'));
  writeFileSync(join(submissions, 'notes.txt'), 'nothing');
  const junit = join(folder, 'results.xml');
  const { code, stdout } = await elscopeHere('grade', task, submissions, '--json', '--junit', junit);
  const reports = JSON.parse(stdout) as {
    file: string;
    points: number;
    verdict: string;
    hash: string;
    checks: { id: string; passed: boolean }[];
  }[];
  expect(code).toBe(5);
  expect(reports.map(({ points, verdict }) => [points, verdict])).toEqual([
    [3.5, 'failed'],
    [8, 'passed'],
  ]);
  const xml = readFileSync(junit, 'utf8');
  const failed = reports.flatMap(({ checks }) => checks).filter(({ passed }) => !passed).length;
  expect(xml.match(/<failure /g)).toHaveLength(failed);
  for (const { hash } of reports) expect(xml).toContain(hash);
});

test('a bad task is an error of one line, and nothing is graded', async () => {
  const bad = file('bad.yaml', 'checks:\n  - id: a\n    points: 1\n    when: entre x\n    uart: y\n');
  const { code, stdout, stderr } = await elscopeHere('grade', bad, source);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^elscope grade: bad\.yaml:4: "entre x" is no instant \(expected .*\)\n$/);
});
