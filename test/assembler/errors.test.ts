import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assembleProgram } from '../../emulator/assembler/index.ts';

/** Problems as compilers print them, line:column: message. */
const problemsOf = (source: string): string[] =>
  assembleProgram(source).problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);

describe('what is wrong is said at its place', () => {
  test.each([
    ['an instruction that is none', 'nop\n  movq x0, x1', ['2:3: there is no instruction movq; did you mean mov?']],
    ['a name that nothing defines', 'b there', ['1:3: there is not defined']],
    ['a name defined twice', 'a: nop\na: nop', ['2:1: a is defined twice']],
    ['a numeric label that is missing', 'b 1f', ['1:3: no label 1: stands after this']],
    [
      'an address where a number belongs',
      'here: mov x0, #here',
      ['1:15: here is an address and no number: load it by ldr with =, by adr, or by adrp and :lo12:'],
    ],
    ['a number that does not fit', '.byte 256', ['1:1: 256 does not fit in 8 bits']],
    [
      'an immediate that does not fit',
      'mov w0, w1, lsl #40',
      ["1:1: cannot assemble 'mov w0, w1, lsl #40' (no instruction is written like this)"],
    ],
    [
      'a number that MOV cannot hold',
      'mov x0, #0x12345',
      ["1:1: cannot assemble 'mov x0, #0x12345': the number takes more than one instruction: use ldr x0, =74565"],
    ],
    [
      'a number that ADD cannot hold',
      'add x0, x1, #5000',
      [expect.stringMatching(/^1:1: .*: the number must be from 0 to 4095/) as string],
    ],
    ['a number that AND cannot hold', 'and x0, x1, #5', [expect.stringMatching(/^1:1: .*: the number must be one run of ones/) as string]],
    ['registers of both widths', 'add x0, w1, x2', ["1:1: cannot assemble 'add x0, w1, x2': its registers must all be x, or all be w"]],
    ['a parenthesis that stays open', '.word (1 + 2', ["1:1: ')' is missing"]],
    ['a division by zero', '.word 1 / 0', ['1:1: this divides by zero']],
    ['a string without its end', '.asciz "abc', ['1:1: a string in quotes is expected, not "abc']],
    ['a directive that is unknown', '.thumb', ['1:1: .thumb is no directive that this assembler knows']],
    ['another file', '.include "x.s"', ['1:1: .include reads another file: everything is in this one file']],
    ['the preprocessor', '#define UART 9\nnop', ['1:1: #define needs the C preprocessor, which does not run here: use .equ UART, 9']],
    ['a comment without its end', 'nop /* so', ['1:5: this comment never ends: */ is missing']],
    ['a macro without its end', '.macro m\nnop', ['1:1: .macro is never closed']],
    ['an end without its beginning', 'nop; .endif', ['1:6: nothing is open that .endif could close']],
    ['an argument that is missing', '.macro m a:req\n.endm\nm', ['3:1: the argument a is missing']],
    ['a mistake in a macro: where it is used', '.macro m\nfoo x0\n.endm\nnop\nm', ['5:1: there is no instruction foo']],
    ['a macro that calls itself', '.macro m\nm\n.endm\nm', ['4:1: macros call one another more than 60 deep']],
    [
      'an instruction at an odd place',
      '.byte 1\nnop',
      ['2:1: an instruction must stand at a multiple of 4 bytes, not at offset 1: use .balign 4'],
    ],
    ['content where only zeros are', '.bss\n.word 1', ['2:1: .bss holds zeros only: use .skip, or another section']],
    ['a section far too large', '.skip 1 << 40', [`1:1: the size is ${2 ** 40}: expected 0 to ${16 << 20}`]],
    ['a constant that does not fit its register', 'ldr w0, =0x123456789', ['1:9: 0x123456789 does not fit in 32 bits']],
    ["the writer's own", '.if 1\n.error "not for this board"\n.endif', ['2:1: not for this board']],
    ['several, in their order', 'foo\nnop\nb there', ['1:1: there is no instruction foo', '3:3: there is not defined']],
  ])('%s', (_, source, expected) => {
    expect(problemsOf(source)).toEqual(expected);
  });

  test.each([
    ['a mnemonic', '  mvo x0, x1', { column: 3, instead: 'mvo', text: 'mov' }],
    ['a directive', '.algin 4', { column: 1, instead: '.algin', text: '.align' }],
    ['a register of AArch32 for EL2', 'msr HVBAR, x0', { column: 5, instead: 'HVBAR', text: 'vbar_el2' }],
    ['one that several levels have', 'mrs x0, sctlr', { column: 9, instead: 'sctlr', text: 'sctlr_el1' }],
    ['one for an exception', 'mrs x0, spsr_svc', { column: 9, instead: 'spsr_svc', text: 'spsr_el1' }],
    ['a misspelled register', 'msr hrc_el2, x0', { column: 5, instead: 'hrc_el2', text: 'hcr_el2' }],
    ['an operation', 'tlbi vmalle', { column: 6, instead: 'vmalle', text: 'vmalle1' }],
    ['a general register of AArch32', 'mov x1, r2', { column: 9, instead: 'r2', text: 'x2' }],
    ['a label', 'greeting: nop\n b greetign', { column: 4, instead: 'greetign', text: 'greeting' }],
    ['a definition', ' #define UART 0x9000000', { column: 2, instead: '#define UART 0x9000000', text: '.equ UART, 0x9000000' }],
    ['a condition', '#ifdef DEBUG\n#endif', { column: 1, instead: '#ifdef DEBUG', text: '.ifdef DEBUG' }],
    ['none in the body of a macro', '.macro m\nmvo x0, x1\n.endm\nm', undefined],
    ['none where nothing is near', 'b somewhere', undefined],
  ])('with a repair: %s', (_, source, expected) => {
    expect(assembleProgram(source).problems[0].repair).toEqual(expected);
  });

  test('a repair leaves nothing to repair at its place', () => {
    const source = 'start: mvo x0, #1\n msr hcr, x0\n b strat\n';
    const lines = source.split('\n');
    for (const { line, repair } of assembleProgram(source).problems.toReversed()) {
      const at = repair!.column - 1;
      lines[line - 1] = lines[line - 1].slice(0, at) + repair!.text + lines[line - 1].slice(at + repair!.instead.length);
    }
    expect(assembleProgram(lines.join('\n')).problems).toEqual([]);
  });

  test('repetitions without end are given up', () => {
    expect(problemsOf('.rept 1 << 60\nnop\n.endr')[0]).toMatch(/^2:1: more than 200000 statements/);
    expect(problemsOf('.rept 1000000\n.endr')).toEqual([]);
  });
});

test('names that JavaScript knows are nothing special', () => {
  for (const name of Object.getOwnPropertyNames(Object.prototype))
    expect(assembleProgram(name).problems.map(({ message }) => message)).toEqual([expect.stringContaining(name)]);
});

test('any text gives a program or problems', () => {
  const word = fc.constantFrom(
    '.macro', '.endm', '.rept', '.endr', '.if', '.else', '.endif', '.irp', '.word', '.org', '.balign', '.set', '.section', '.ltorg', '.req',
    'a', 'b', 'x0', 'mov', 'ldr', '=', '#', ':', ':lo12:', '1f', '1b', '0', '99', '-', '<<', '(', ')', '[', ']', '{', '}', ',', ';', '"', "'", '\\a', '\\@', '\n', ' ',
  ); // prettier-ignore
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
        fc.string({ unit: 'binary', maxLength: 60 }),
      ),
      (source) => {
        const { program, problems } = assembleProgram(source);
        expect(program === undefined).toBe(problems.length > 0);
        const lines = source.split(/\r\n|\n|\r/).length;
        for (const { line, column } of problems) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: process.env.PROVE ? 20_000 : 300 },
  );
});
