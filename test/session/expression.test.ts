/** What a person types for an address: numbers, registers, symbols and sums, in each address space. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { evaluate, locate } from '../../emulator/session/expression.ts';
import { openProgram, type Program } from '../../emulator/session/program.ts';

let program: Program;
let sp: bigint;
beforeAll(() => {
  const file = join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf');
  program = openProgram('04-stage2.elf', new Uint8Array(readFileSync(file)));
  // Into the guest, with both stages on.
  program.timeline.forward(49_013);
  sp = program.machine.cpu.sp;
});

const main = (): bigint => program.symbols.find('main')!;

test.each<[string, () => bigint | undefined]>([
  ['42', () => 42n],
  ['-1', () => -1n],
  ['0b101', () => 5n],
  ['0x4008_0000', () => 0x4008_0000n],
  ['main', main],
  ['main+0x10', () => main() + 16n],
  [' main + 16 - 0x10', main],
  ['sp', () => sp],
  ['SP - 16', () => sp - 16n],
  ['lr', () => program.machine.cpu.x(30)],
  ['x2+x3', () => program.machine.cpu.x(2) + program.machine.cpu.x(3)],
  ['vbar_el2+0x400', () => program.symbols.find('el2_vectors')! + 0x400n],
  ['MIDR_EL1', () => 0x410f_d034n],
  ['', () => undefined],
  ['main+', () => undefined],
  ['+4', () => undefined],
  ['nowhere', () => undefined],
  ['v0', () => undefined],
  ['0x', () => undefined],
  [`${'1+'.repeat(400)}1`, () => 401n],
  ['1 == 1', () => 1n],
  ['x0 & 0xff != 0x100 && !(1 > 2)', () => 1n],
  ['-1 == 0xffffffffffffffff', () => 1n],
  ['sctlr_el2.M', () => program.machine.cpu.get('SCTLR_EL2') & 1n],
  ['[pc, 4]', () => BigInt(program.machine.fetchWord(program.machine.cpu.pc)!)],
  ['[main]+0 == [main, 8]', () => undefined],
])('%j is evaluated', (text, expected) => {
  expect(evaluate(program, text)).toBe(expected());
});

test.each<[string, 'va' | 'ipa' | 'pa', boolean, string | RegExp]>([
  ['0x40080000', 'va', false, '0x40080000'],
  // Without 0x it is an address all the same, unless a symbol has this name.
  ['40080000', 'pa', false, '0x40080000'],
  ['FFFF000000000000', 'va', false, '0xffff000000000000'],
  ['FFFF000000000000', 'pa', false, /FFFF000000000000 is out of range \(a PA has at most 10 hexadecimal digits\)/],
  ['1_0', 'va', false, '0xa'],
  ['guest_', 'va', true, /^0x80/],
  ['guest_', 'va', false, /"guest_" is neither an address nor a register or symbol of 04-stage2\.elf \(0x40080000, sp, x0 or main\+0x10\)/],
  ['', 'va', true, /neither an address/],
  ['-1', 'va', false, /-1 is out of range/],
  // What names a VA is translated: the guest's code is linked at 0x80000000, and lies in RAM elsewhere.
  ['pc', 'ipa', false, /^0x80/],
  ['pc', 'pa', false, /^0x41/],
  ['main', 'pa', false, /main is VA 0x400\w+, which EL1 cannot reach now: Stage 2 translation fault, level 1/],
])('%j as %s, similar %s', (text, space, similar, expected) => {
  const answer = (): string => locate(program, { text, space, similar });
  if (typeof expected === 'string') expect(answer()).toBe(expected);
  else {
    let told: string;
    try {
      told = answer();
    } catch (error) {
      told = (error as Error).message;
    }
    expect(told).toMatch(expected);
  }
});
