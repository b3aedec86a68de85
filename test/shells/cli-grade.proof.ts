import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { elscopeHere } from './built.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-grade-'));
afterAll(() => rmSync(folder, { recursive: true }));
const task = join(import.meta.dirname, '../../firmware/tasks/el2-to-el1.yaml');
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test('a program that makes calls for ever ends at a limit, at the same instant each time', async () => {
  const calls = file(
    'calls.s',
    '_start: adr x0, vectors\n msr vbar_el2, x0\n1: hvc #0\n add x5, x5, #1\n b 1b\n .balign 2048\nvectors: .space 0x200\n eret\n',
  );
  const { code, stdout } = await elscopeHere('grade', task, calls, calls, '--json');
  const [one, other] = JSON.parse(stdout) as { verdict: string; ended: string }[];
  expect(code).toBe(3);
  expect(one.ended).toContain('The limit of 200000 exceptions and returns was reached.');
  expect(other).toEqual(one);
}, 120_000);
