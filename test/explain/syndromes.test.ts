/** Syndromes in words: every exception class with every value of its fields, as a table to be read through (`vitest -u` writes it anew). */
import { expect, test } from 'vitest';
import { InputError } from '../../emulator/base/errors.ts';
import { faultStatusCode, faultStatuses, faultStatusText, type FaultKind } from '../../emulator/cpu/faults.ts';
import { explainSyndrome, syndromeText } from '../../emulator/explain/syndrome.ts';
import type { FieldValue } from '../../emulator/explain/views.ts';
import { valueTable } from './value-table.ts';

/** With IL = 1 where nothing else is said. */
const make = (ec: number, iss: number, il = 1): number => ec * 2 ** 26 + il * 2 ** 25 + iss;
const fieldsOf = (esr: number): readonly FieldValue[] => explainSyndrome(BigInt(esr)).fields;

/** ISS values on which fields depend. */
const bases: Readonly<Record<number, readonly (readonly [iss: number, when: string])[]>> = {
  0x01: [[0x100_0000, '']],
  0x03: [[0x100_0000, '']],
  0x04: [[0x100_0000, '']],
  0x05: [[0x100_0000, '']],
  0x06: [[0x100_0000, '']],
  0x07: [[0x100_0000, ''], [0, 'CV = 0']],
  0x08: [[0x100_0000, '']],
  0x0c: [[0x100_0000, '']],
  0x13: [[0x108_0000, '']],
  0x24: [[0, 'ISV = 0'], [0x100_0000, 'ISV = 1, SF = 0'], [0x100_8000, 'ISV = 1, SF = 1']],
  0x25: [[0, 'ISV = 0'], [0x100_0000, 'ISV = 1, SF = 0'], [0x100_8000, 'ISV = 1, SF = 1']],
  0x2f: [[0, 'IDS = 0'], [0x100_0000, 'IDS = 1'], [0x140_0000, 'IDS = 1, ISS<23:22> = 1']],
}; // prettier-ignore

test('every class, every field and every value is told, as the golden table shows', async () => {
  const sections = Array.from({ length: 64 }, (_, ec) => {
    const tables = (bases[ec] ?? [[0, '']]).map(([base, when]) => {
      const table = valueTable((value) => fieldsOf(Number(value)), BigInt(make(ec, base)), 26);
      const stray = fieldsOf(make(ec, base | 0x1ff_ffff)).filter(({ name }) => name.startsWith('RES0'));
      return [...(when ? [`  with ${when}`] : []), ...table, ...stray.map(({ meaning, text }) => `  ${meaning}: ${text}`)].join('\n');
    });
    return [syndromeText(explainSyndrome(BigInt(make(ec, 0)))).split('\n')[0], ...tables].join('\n');
  });
  await expect(`${sections.join('\n\n')}\n`).toMatchFileSnapshot('./golden/syndromes.txt');
});

test('a syndrome names the system register, the general register and the direction', () => {
  const text = (op0: number, op1: number, CRn: number, CRm: number, op2: number, Rt: number, read: number): string =>
    explainSyndrome(BigInt(make(0x18, (op0 << 20) | (op2 << 17) | (op1 << 14) | (CRn << 10) | (Rt << 5) | (CRm << 1) | read))).text;
  expect(text(3, 3, 9, 12, 0, 2, 1)).toBe('trapped MSR, MRS or system instruction: read of PMCR_EL0 into x2');
  expect(text(3, 0, 1, 0, 0, 31, 0)).toMatch(/: write of SCTLR_EL1 from xzr$/);
  expect(text(1, 0, 8, 7, 1, 3, 0)).toMatch(/: TLBI VAE1, x3$/);
  expect(text(1, 0, 8, 7, 0, 31, 0)).toMatch(/: TLBI VMALLE1$/);
  expect(text(0, 3, 4, 2, 6, 31, 0)).toMatch(/: DAIFSet, #2$/);
  expect(text(3, 1, 15, 2, 0, 0, 1)).toMatch(/: read of (S3_1_C15_C2_0|\w+_EL1) into x0$/);
});

test('bits that are reserved are told where they are 1, and a short IL where the class has none', () => {
  const told = (esr: number) => fieldsOf(esr).find(({ name }) => name.startsWith('RES0'));
  expect(told(make(0x16, 0x1_0000))).toMatchObject({
    high: 24,
    low: 16,
    meaning: 'Bits 24:16 are reserved',
    text: 'should be 0, but 0x1 is set',
  });
  expect(told(make(0x16, 0xffff))).toBeUndefined();
  expect(fieldsOf(make(0x20, 0, 0)).find(({ name }) => name === 'IL')!.text).toMatch(/always has 1/);
  expect(() => explainSyndrome(1n << 32n)).toThrow(InputError);
});

test('each fault of the MMU has its code, and each code its words', () => {
  for (const [kind, status] of Object.entries(faultStatuses)) {
    for (const level of 'levels' in status ? status.levels : [0]) {
      const code = faultStatusCode({ kind: kind as FaultKind, level });
      expect(faultStatusText(code)).toBe('levels' in status ? `${status.words}, level ${level}` : status.words);
    }
  }
  expect([0x18, 0x1f, 0x34, 0x35, 0x30].map((code) => faultStatusText(code))).toEqual([
    'synchronous parity or ECC error',
    'synchronous parity or ECC error on a table walk, level 3',
    'IMPLEMENTATION DEFINED fault: lockdown',
    'IMPLEMENTATION DEFINED fault: unsupported exclusive access',
    'TLB conflict abort',
  ]);
  expect([0x08, 0x0c, 0x11, 0x31, 0x3f].map((code) => faultStatusText(code))).toEqual(Array.from({ length: 5 }, () => 'reserved'));
  expect(faultStatusText(0x21, true)).toBe('reserved');
});
