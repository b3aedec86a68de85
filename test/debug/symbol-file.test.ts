import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { VA } from '../../emulator/base/addresses.ts';
import { InputError } from '../../emulator/base/errors.ts';
import { readSymbolFile } from '../../emulator/debug/symbol-file.ts';
import { trapRow } from '../../emulator/explain/trap-story.ts';
import { evaluate } from '../../emulator/session/expression.ts';
import { addSymbols, openProgram, type Program } from '../../emulator/session/program.ts';
import { stripped } from './stripped.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const map = (content: string) => readSymbolFile({ name: 'System.map', bytes: text(content) });
const image = new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf')));

describe('a System.map', () => {
  test('gives each symbol the bytes up to the next, and the last one its own address only', () => {
    const { symbols } = map(
      'ffff800008000000 T _text\nffff800008000000 t local\r\n\nffff800008010000 t do_idle\nffff800008020000 D data\n',
    );
    expect(symbols.all.map(({ name, bytes, kind }) => [name, bytes, kind])).toEqual([
      ['_text', 0x10000n, 'function'],
      ['do_idle', 0x10000n, 'function'],
      ['data', 0n, 'data'],
    ]);
    expect(symbols.describe(VA(0xffff_8000_0801_0008n))).toBe('do_idle+0x8');
    expect(symbols.describe(VA(0xffff_8000_0802_0008n))).toBeUndefined();
  });
  test('may have sizes, and symbols that are undefined or absolute', () => {
    const { symbols } = map('                 U printk\n0000000000000010 A size\n0000000000001000 0000000000000020 T f\n');
    expect(symbols.all.map(({ name, bytes }) => [name, bytes])).toEqual([['f', 0x20n]]);
  });
  test.each([
    ['ffff800008000000 T _text\nnothing\n', /^System\.map: line 2 is "nothing" \(expected an address, a letter and a name/],
    ['hello', /line 1 is "hello"/],
    ['\n', /has no symbols/],
    [`${'x'.repeat(100)}\n`, /line 1 is "x{60}…"/],
    ['\0', /neither an ELF file nor a list of symbols/],
  ])('that is none is refused with its line: %j', (content, message) => {
    expect(() => map(content)).toThrow(InputError);
    expect(() => map(content)).toThrow(message);
  });
  test('of any bytes is read or refused', () => {
    const good = text('ffff800008000000 T _text\nffff800008010000 t do_idle\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 5 }), (changes) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          readSymbolFile({ name: 'System.map', bytes });
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the symbols of a program that has none', () => {
  let program: Program;
  const words = (): string[] => Array.from({ length: program.timeline.traps.length }, (_, i) => trapRow(program, i).text);
  beforeAll(() => {
    program = openProgram('stripped.elf', stripped(image));
    while (program.timeline.forward(1_000_000) === 'budget');
  });

  test('name the places of traps once they are added, at the level that runs there', () => {
    expect(program.symbols.all).toEqual([]);
    expect(words()[0]).toBe('to EL1h at 0x800001c0');
    addSymbols(program, [{ name: '04-stage2.elf', bytes: image, el: 1 }]);
    expect(words()[0]).toBe('to EL1h at guest_main');
    expect(program.names.of(2).symbol(VA(0x8000_01c0n))).toBeUndefined();
    expect(evaluate(program, 'guest_main + 4')).toBe(0x8000_01c4n);
    program.names.recorded.added = [];
    expect(words()[0]).toBe('to EL1h at 0x800001c0');
  });
  test('belong to one guest if its VMID is told, and are moved by the offset', () => {
    addSymbols(program, [{ name: 'a', bytes: text('00000000 T low\n00001000 T far\n'), offset: 0x8000_0000n, vmid: 200 }]);
    expect(words()[0]).toBe('to EL1h at 0x800001c0');
    program.names.recorded.added = [];
    addSymbols(program, [{ name: 'a', bytes: text('00000000 T low\n00001000 T far\n'), offset: 0x8000_0000n }]);
    expect(words()[0]).toBe('to EL1h at low+0x1c0');
    expect(program.names.find('far')).toBe(0x8000_1000n);
    program.names.recorded.added = [];
  });
  test('cannot be of EL2 and of a guest', () => {
    const both = { name: 'a', bytes: text('00000000 T low\n'), el: 2, vmid: 1 } as const;
    expect(() => addSymbols(program, [both])).toThrow(/a VMID belongs to a guest/);
  });
});
