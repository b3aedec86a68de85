import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { assembleProgram, elfOf } from '../../emulator/assembler/index.ts';
import { VA } from '../../emulator/base/addresses.ts';
import { readLineTable } from '../../emulator/debug/dwarf-lines.ts';
import { readSymbols } from '../../emulator/debug/symbols.ts';
import { expectTheSame } from '../firmware/both.ts';
import { elscopeHere } from '../shells/built.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-assemble-'));
afterAll(() => rmSync(folder, { recursive: true }));
const programs = join(import.meta.dirname, '../../firmware/assembly');
const source = join(programs, 'el2-to-el1.s');
const image = join(folder, 'el2-to-el1.elf');
const tool = (name: string, ...words: string[]): string =>
  execFileSync(`aarch64-linux-gnu-${name}`, words, { encoding: 'utf8', stdio: 'pipe' });

test('elscope assemble writes a program that runs, with its symbols and lines', async () => {
  expect(await elscopeHere('assemble', source, '-o', image)).toEqual({ code: 0, stdout: '', stderr: '' });
  const { code, stdout } = await elscopeHere('run', image, '--traps', join(folder, 'traps'));
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello from EL1\n' });
  expect(readFileSync(join(folder, 'traps'), 'utf8')).toContain('"type":"HVC"');

  const bytes = new Uint8Array(readFileSync(image));
  const text = readFileSync(source, 'utf8').split('\n');
  const symbols = readSymbols(bytes, 'el2-to-el1.elf');
  const guest = symbols.find('guest')!;
  const lines = readLineTable(bytes, 'el2-to-el1.elf');
  expect(lines.problem).toBeUndefined();
  const { file, line } = lines.at(VA(guest))!;
  expect(text[line - 1]).toMatch(/adrp\s+x0, greeting/);
  expect(file.endsWith('el2-to-el1.s')).toBe(true);

  // The same for GNU's tools: every instruction, and nothing that they complain about.
  expect(tool('addr2line', '-e', image, `0x${guest.toString(16)}`).trim()).toBe(`${source}:${line}`);
  expect(tool('readelf', '-aW', image)).toMatch(/FUNC\s+GLOBAL\s+DEFAULT\s+1 _start/);
  const listed = tool('objdump', '-d', image);
  expect(listed).toMatch(/<guest>:\n.*adrp\tx0, 40081000 <greeting>/);
});

/** What is to be repaired does not end, there as here. */
test.each(readdirSync(programs).filter((name) => name.endsWith('.s') && !name.startsWith('lab-')))(
  '%s sends the same bytes and takes the same exceptions as in QEMU',
  async (name) => {
    const path = join(folder, `${name}.elf`);
    const { program, problems } = assembleProgram(readFileSync(join(programs, name), 'utf8'));
    expect(problems).toEqual([]);
    writeFileSync(path, elfOf(program!, name));
    await expectTheSame(path);
  },
);

test('elscope assemble says what is wrong, and writes nothing', async () => {
  const wrong = join(folder, 'wrong.s');
  writeFileSync(wrong, 'nop\n\tmov x0\n b nowhere\n');
  const { code, stdout, stderr } = await elscopeHere('assemble', wrong, '-o', join(folder, 'wrong.elf'));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    `${wrong}:2:2: cannot assemble 'mov x0' (no instruction is written like this)\n${wrong}:3:4: nowhere is not defined\n`,
  );
  expect(() => readFileSync(join(folder, 'wrong.elf'))).toThrow();
  expect((await elscopeHere('assemble', join(folder, 'none.s'))).stderr).toContain('no such file or directory');
  expect((await elscopeHere('assemble')).code).toBe(2);
});
