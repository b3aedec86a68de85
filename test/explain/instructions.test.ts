import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decode, sentenceOf } from '../../emulator/isa/index.ts';
import { definitions, exampleOf, stage1, stage2, Stage, textOf, wordOf, type Setting } from './instruction-examples.ts';

/** The classes of the manual's C4.1, each from its first definition on. */
const classes: Readonly<Record<string, string>> = {
  ADR: 'PC-relative addressing',
  'ADD (immediate)': 'Add and subtract (immediate)',
  'AND (immediate)': 'Logical (immediate)',
  MOVN: 'Move wide',
  SBFM: 'Bitfield',
  EXTR: 'Extract',
  'B.cond': 'Branches',
  SVC: 'Exceptions, hints, barriers, system',
  STXRB: 'Load and store exclusive, acquire, release',
  STNP: 'Load and store pair',
  'LDR (literal)': 'Load and store register',
  UDIV: 'Data processing (1 and 2 sources)',
  'AND (shifted register)': 'Logical (shifted register)',
  'ADD (shifted register)': 'Add and subtract (register, extended, with carry)',
  'CCMN (register)': 'Conditional',
  MADD: 'Data processing (3 sources)',
  'LDR (literal, S)': 'Load and store SIMD and floating-point registers',
  'LD1 (multiple structures, one register)': 'Load and store structures',
  'FMAXNM (vector)': 'Floating point in vectors',
  'FCVTZS (scalar, fixed-point)': 'Conversions from and to floating point',
  'FMOV (register)': 'Floating-point data processing',
  'CMGT (vector)': 'SIMD: three registers',
  'SADDL, SADDL2 (vector)': 'SIMD: three registers of different widths',
  'REV64 (vector)': 'SIMD: two registers',
  ADDV: 'SIMD: across lanes',
  'DUP (element)': 'SIMD: copies',
  'MOVI (words)': 'SIMD: immediates',
  'SRI (vector, immediate)': 'SIMD: shifts by an immediate',
  TBL: 'SIMD: tables and permutations',
  'MLA (by element)': 'SIMD: by element',
  AESE: 'Cryptography',
};

const HCR_RW = 1n << 31n;
const situations: readonly (readonly [title: string, lines: readonly (readonly [text: string, setting?: Setting])[]])[] = [
  ['Operands', [
    ['cmn x0, #1'], ['cmn w0, w2'], ['add x0, x1, x2, lsl #3'], ['sub x0, x1, w2, sxtb #2'], ['add sp, sp, w2, uxtw'], ['mov x0, sp'], ['mov x0, x5'], ['mov x0, xzr'], ['mov w0, #-1'],
    ['mov x0, #0x12340000'], ['and w0, w1, #0xff'], ['tst x0, #0x10', { x: { 0: 0x10n } }], ['cmp x0, x2'], ['bic x0, x1, x2, lsl #4'], ['mvn x0, x2'], ['neg x0, x2'], ['bfi x0, x2, #8, #4'], ['ubfx x0, x1, #16, #8'],
    ['str xzr, [x1]'], ['ldr x0, [x1, x2]'], ['ldr w0, [x1, w2, sxtw]', { x: { 2: 0xffff_fffcn, 1: 0x4009_0004n } }], ['stp x29, x30, [sp, #-32]!'], ['ldp x29, x30, [sp], #32'], ['ldr x0, [x1], #8'], ['ldrsb x0, [x1, #8]'],
    ['ret x5', { x: { 5: 0x4008_0020n } }], ['ret', { x: { 30: 0x4008_0040n } }], ['b.ne 0x40080020'], ['b.eq 0x40080020'], ['tbnz x2, #3, 0x40080020'],
    ['csel x0, x1, x2, ne'], ['cset x0, ne'], ['cset x0, eq'],
  ]],
  ['Memory that refuses, and devices', [
    ['ldr x0, [x1]', { x: { 1: 0x9000_0000n } }], ['ldr x0, [x1]', { x: { 1: 0x4009_0001n } }], ['ldr x0, [x1]', { x: { 1: 0x1_0000_0000_0000n } }],
    ['ldr w0, [x1]', { x: { 1: 0x0900_0018n } }], ['strb w0, [x1]', { x: { 0: 0x41n, 1: 0x0900_0000n } }],
    ['ldr x0, [x1]', { el: 1, registers: stage1 }], ['ldr x0, [x1]', { el: 1, registers: stage1, x: { 1: 0xc000_0000n } }], ['ldr x0, [x1]', { el: 1, registers: stage2, x: { 1: 0x0900_0000n } }], ['ldr x0, [sp]', { el: 1, registers: { SCTLR_EL1: 8n }, sp: 0x4009_0004n }], ['mov x0, x1', { el: 0, registers: stage1 }],
    ['ldtr x0, [x1]', { el: 1 }], ['dc zva, x1'], ['dc zva, x1', { el: 1, registers: stage1, x: { 1: 0x4009_0047n } }], ['dc civac, x1', { el: 1, registers: stage2, x: { 1: 0x0900_0000n } }],
  ]],
  ['Exclusives', [['ldxr x0, [x1]'], ['stxr w4, x0, [x1]', { marked: 8 }], ['stxr w4, x0, [x1]'], ['stlxr w4, x0, [x1]', { marked: 8 }], ['ldaxr w0, [x1]'], ['ldar w0, [x1]'], ['clrex']]],
  ['Exceptions and returns', [
    ['svc #0', { el: 0 }], ['svc #0', { el: 0, registers: { HCR_EL2: HCR_RW | (1n << 27n) } }], ['svc #0', { el: 1 }], ['svc #0'], ['hvc #1', { el: 1 }], ['hvc #1', { el: 0 }], ['hvc #1', { el: 1, registers: { HCR_EL2: HCR_RW | (1n << 29n) } }],
    ['smc #0', { x: { 0: 0x8400_0000n } }], ['smc #0', { x: { 0: 1n } }], ['smc #0', { el: 1, registers: { HCR_EL2: HCR_RW | (1n << 19n) } }], ['smc #0', { el: 0 }], ['brk #0x3e8', { el: 1 }], ['brk #1', { el: 1, registers: { MDCR_EL2: 1n << 8n } }],
    ['hlt #0xf000'], ['hlt #1', { el: 1 }], ['eret', { registers: { SPSR_EL2: 0x3c5n, ELR_EL2: 0x4008_0020n } }], ['eret', { registers: { SPSR_EL2: 0x3cdn } }], ['eret', { registers: { SPSR_EL2: 0x3c9n, HCR_EL2: 0n, ELR_EL2: 0x4008_0020n } }], ['eret', { el: 1, registers: { SPSR_EL1: 0x3c9n } }], ['eret', { el: 0 }],
    ['.inst 0x00000000'], ['.inst 0x00000000', { el: 1 }], ['.inst 0xffffffff', { el: 1 }], ['fadd d0, d0, d0'], ['fadd d0, d0, d0', { el: 1 }], ['fadd d0, d0, d0', { el: 1, registers: { CPACR_EL1: 3n << 20n } }],
    ['wfi', { el: 1 }], ['wfi', { el: 1, registers: { HCR_EL2: HCR_RW | (1n << 13n) } }], ['wfe', { el: 1 }],
  ]],
  ['System registers', [
    ['mrs x0, midr_el1'], ['mrs x0, currentel'], ['mrs x0, esr_el2', { registers: { ESR_EL2: 0x5a00_0001n } }], ['mrs x0, tpidr_el1', { el: 0 }], ['mrs x0, id_aa64pfr0_el1', { el: 1, registers: { HCR_EL2: HCR_RW | (1n << 18n) } }], ['mrs x0, hcr_el2', { el: 1 }], ['mrs x0, cntfrq_el0'], ['mrs xzr, midr_el1'], ['mrs x0, s3_0_c11_c0_0', { el: 1 }],
    ['msr hcr_el2, x0', { x: { 0: HCR_RW | 1n } }], ['msr sctlr_el1, x0', { el: 1, x: { 0: 0x1005n } }], ['msr sctlr_el1, x0', { el: 1, registers: { HCR_EL2: HCR_RW | (1n << 26n) } }], ['msr vbar_el2, x0', { x: { 0: 0x4008_0800n } }], ['msr vbar_el2, x0', { x: { 0: 0n } }], ['msr daifset, #0xf'], ['msr daifclr, #2'], ['msr daifset, #2', { el: 0 }], ['msr spsel, #0'], ['msr daif, x0', { x: { 0: 0x80n } }], ['msr spsr_el2, x0', { x: { 0: 0x3c5n } }],
  ]],
  ['Barriers', [['dsb sy'], ['dsb ish'], ['dsb ishst'], ['dsb ld'], ['dmb ish'], ['dmb ishld'], ['dmb oshst'], ['isb']]],
  ['TLB, caches, address translation', [
    ['tlbi vae1, x0', { x: { 0: 0x40080n } }], ['tlbi vae1is, x0', { x: { 0: 0x2a00_0000_0004_0080n } }], ['tlbi vmalle1', {}], ['tlbi vmalls12e1is'], ['tlbi alle1'], ['tlbi alle2'], ['tlbi aside1, x0', { x: { 0: 5n << 48n } }], ['tlbi vaae1, x0', { x: { 0: 0xfff_ffff_ffffn } }], ['tlbi vale1, x0'], ['tlbi ipas2e1is, x0', { x: { 0: 0x40080n } }], ['tlbi vae2, x0', { x: { 0: 0x4008_0000n } }], ['tlbi vae2, x0', { el: 1 }], ['tlbi vmalle1', { el: 1, registers: { HCR_EL2: HCR_RW | (1n << 25n) } }],
    ['dc ivac, x1'], ['dc cvac, x1'], ['dc cvau, x1'], ['dc civac, x1'], ['dc isw, x0', { x: { 0: 0xc000_0040n } }], ['dc csw, x0', { x: { 0: 0x1000_0042n } }], ['dc cisw, x0', { x: { 0: 4n } }], ['ic iallu'], ['ic ialluis'], ['ic ivau, x1'],
    ['at s1e1r, x1', { el: 1 }], ['at s12e1w, x1', { registers: stage2 }], ['at s12e1w, x1', { registers: stage2, x: { 1: 0x0900_0000n } }], ['at s1e2r, x1'],
  ]],
]; // prettier-ignore

const line = (text: string, sentence: string): string => `${text.padEnd(38)} ${sentence}`;

describe('every instruction', () => {
  const stage = new Stage();
  test('has a sentence, in words that a person has read through', async () => {
    const lines: string[] = [];
    for (const definition of definitions) {
      const title = classes[definition.name];
      if (title !== undefined) lines.push(...(lines.some((other) => other === `# ${title}`) ? [] : ['', `# ${title}`]));
      const words = [...definition.forms.keys()].flatMap((i) => exampleOf(definition, i) ?? []);
      expect(words.length).toBeGreaterThan(0);
      for (const word of words) {
        expect([definition.name, sentenceOf(decode(word)!)]).not.toContain(undefined);
        lines.push(line(textOf(word), stage.tell(word)));
      }
    }
    for (const [title, list] of situations) {
      lines.push('', `# ${title}`);
      for (const [text, setting = {}] of list) lines.push(line(`EL${setting.el ?? 2}  ${text}`, stage.tell(wordOf(text), setting)));
    }
    await expect(`${lines.join('\n').trim()}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'golden/instructions.txt'));
  });
});
