import { VA } from '../../emulator/base/addresses.ts';
import { hex } from '../../emulator/base/hex.ts';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openProgram, type Program } from '../../emulator/session/program.ts';
import { views } from '../../emulator/session/views/index.ts';
import { Workshop } from './build.ts';
import { framesProgram, framesFlags } from './frames.ts';

const shop = new Workshop();
afterAll(() => shop.close());

function stopped(...flags: string[]): Program {
  const { bytes } = shop.link('frames.elf', framesProgram, [...framesFlags, ...flags]);
  const program = openProgram('frames.elf', bytes);
  program.timeline.forward(1_000_000, { stopAt: new Set([VA(program.names.find('stop')!)]) });
  return program;
}
const stackText = (program: Program): string[] =>
  views.stack
    .of(program, {})
    .frames.map(({ name, isInlined, line, interruptedBy, level }) =>
      [`EL${level}`, name, isInlined ? 'inlined' : '', line, interruptedBy].filter(Boolean).join(' '),
    );
const variablesText = (program: Program, frame: number, of?: string): string[] =>
  views.variables.of(program, { frame, ...(of !== undefined && { of }) }).rows.map(({ type, name, value }) => `${type} ${name} = ${value}`);
const evaluated = (program: Program, text: string, frame = 0): string => {
  const { type, value } = views.evaluation.of(program, { frame, text });
  return `${type}: ${value}`;
};

describe('the call stack', () => {
  const formats = [['-gdwarf-4'], ['-gdwarf-5'], ['-gdwarf-5', '-fasynchronous-unwind-tables', '-gz=zlib'], ['-gdwarf64', '-gdwarf-5']];
  it.each(formats)('leads from a function to its callers and through inlined ones, with %s', (...flags) => {
    const program = stopped('-O0', ...flags);
    const frames = stackText(program);
    expect(frames.map((text) => text.replace(/ \d+$/, ''))).toEqual([
      'EL2 stop', 'EL2 twice inlined', 'EL2 inner', 'EL2 inner', 'EL2 inner', 'EL2 main', 'EL2 _start',
    ]); // prettier-ignore
    expect(variablesText(program, 1)).toEqual(['int v = 3', 'int doubled = 6']);
    expect(variablesText(program, 3).filter((text) => !text.includes('struct'))).toEqual([
      'int nested = 3', 'int depth = 1', 'float f = 2', 'char [8] text = "abc"', 'enum flags flags = (READ | EXEC)', 'int total = 1',
    ]); // prettier-ignore
  });

  it('tells of an optimised program what the compiler kept, and says what it did not', () => {
    const program = stopped('-O2', '-gdwarf-5');
    expect(stackText(program).map((text) => text.split(' ')[1])).toEqual(['stop', 'twice', 'inner', 'inner', 'inner', 'main', '_start']);
    expect(variablesText(program, 3)).toContain('int depth = 1');
    expect(variablesText(program, 3)).toContain('struct node local = <optimized out>');
    expect(() => evaluated(program, 'local.count + 1', 3)).toThrow('the value was optimized out');
  });

  it('goes on by frame records and by the return address where there is no call-frame information', () => {
    const { bytes } = shop.link('bare.elf', framesProgram, [
      ...framesFlags,
      '-O0',
      '-g',
      '-fno-asynchronous-unwind-tables',
      '-Wl,-T,no-frames.ld',
    ]);
    const program = openProgram('bare.elf', bytes);
    program.timeline.forward(1_000_000, { stopAt: new Set([VA(program.names.find('stop')!)]) });
    expect(views.stack.of(program, {}).frames.map(({ name, by }) => `${name}: ${by}`)).toEqual([
      'stop: running', 'twice: return address', 'inner: inlined', 'inner: frame record', 'inner: frame record', 'main: frame record', '_start: frame record',
    ]); // prettier-ignore
  });

  it('goes through an exception to the code of the guest that caused it, as it was at that instant', () => {
    const program = openProgram(
      '04-stage2.elf',
      new Uint8Array(readFileSync(new URL('../../firmware/prebuilt/04-stage2.elf', import.meta.url))),
    );
    program.timeline.forward(52_000);
    const frames = views.stack.of(program, {}).frames;
    const names = frames.map(({ name }) => name);
    const guest = frames.findIndex(({ interruptedBy }) => interruptedBy !== null);
    expect(names.slice(guest - 2)).toEqual(['el2_exception', 'el2_vectors_save', 'try_write', 'permissions', 'guest_main']);
    expect(frames[guest]).toMatchObject({
      level: 1,
      vmid: 1,
      at: 49_013,
      file: 'guest/exception.c',
      line: 34,
      interruptedBy: 'Data abort',
    });
    // It stands at the instruction that was refused; what waits for it, at its call.
    expect(frames[guest].code).toBe(frames[guest].pc);
    expect(frames[guest + 1].code).toBe(hex(BigInt(frames[guest + 1].pc) - 4n));
    // Nobody has moved: the machine is where it was.
    expect(program.timeline.at).toBe(52_000);
    expect(views.variables.of(program, { frame: guest }).at).toBe(49_013);
  });
});

describe('values of C', () => {
  const program = stopped('-O0', '-gdwarf-5');
  it.each([
    ['second.at[1].y + 2', 'int: 6'],
    ['&second', /^struct node \*: 0x[0-9a-f]+ <second>$/],
    ['matrix', 'int [2][3]: {{1, 2, 3}, {4, 5, 6}}'],
    ['*matrix[1]', 'int: 4'],
    ['second.name', /^const char \*: 0x[0-9a-f]+ "second"$/],
    ['second.small', "signed char: -4 '\\374'"],
    ['second.level', 'int: -3'],
    ['second.good', '_Bool: true'],
    ['second.weight', 'double: 2.5'],
    ['second.whole', 'long int: 4702394921427289928'],
    ['second.bytes[0]', "unsigned char: 72 'H'"],
    ['second.callback', 'int (*)(int, long int): 0x0'],
    ['second.color == 6', 'int: 1'],
    ['(second.count << 4) / 3', 'u32: 37'],
    ['-second.count', 'u32: 4294967289'],
    ['HCR_EL2.RW + 1', 'unsigned long: 1'],
    ['*&second.at[2].x', 'int: 5'],
  ])('%s', (text, expected) => {
    const found = evaluated(program, text);
    if (typeof expected === 'string') expect(found).toBe(expected);
    else expect(found).toMatch(expected);
  });

  it('are opened member by member, through pointers', () => {
    expect(variablesText(program, 5, 'first').slice(2, 6)).toEqual([
      'u32 count = 3', 'enum color color = GREEN', 'unsigned int ready = 1', 'int level = 4',
    ]); // prettier-ignore
    expect(variablesText(program, 5, 'first.next').slice(2, 4)).toEqual(['u32 count = 7', 'enum color color = BLUE']);
    expect(views.variables.of(program, { frame: 5, of: 'first.next' }).rows[2].path).toBe('first.next->count');
    expect(evaluated(program, 'first.next->at[0].x', 5)).toBe('int: 1');
  });

  it.each(['nothing', 'second.nothing', '1 +', 'second + 1', '1 / 0', '((1)', 'main.x', '&1', '"text"'])(
    '%s is refused with a sentence',
    (text) => {
      expect(() => evaluated(program, text)).toThrow(/\w+ \w+/);
    },
  );
});
