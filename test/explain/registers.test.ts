/** Registers field by field: a table of what every field is for and what its values mean, to be read through (`vitest -u` writes it anew). */
import { describe, expect, test } from 'vitest';
import { CPU_BLOCK, CpuState, storedRegisters, systemRegisterTable, type StoredRegister } from '../../emulator/cpu/index.ts';
import { HCR_EL2, MDCR_EL2, shiftOf, SPSR, TCR_EL1_HIGH, valueAt, valueIn, VTCR_EL2 } from '../../emulator/cpu/registers/bits.ts';
import { decodedRegister } from '../../emulator/explain/decoded-register.ts';
import { registerWords } from '../../emulator/explain/register-words.ts';
import { Mmu } from '../../emulator/mmu/index.ts';
import { nameless } from './subjects.ts';
import { valueTable } from './value-table.ts';

/** Values on which the fields of a register depend. */
const forms: Readonly<Record<string, readonly bigint[]>> = {
  PAR_EL1: [0n, 1n],
  SPSR_EL1: [0n, 0x10n],
  SPSR_EL2: [0n, 0x10n],
  IFSR32_EL2: [0n, 0x200n],
};
const withFields = systemRegisterTable.filter(({ name, fields }) => fields.length > 0 && !name.startsWith('ESR'));

test('every field of every register is told, as the golden table shows', async () => {
  const seen = new Map<string, string>();
  const sections = withFields.flatMap(({ name, title }) =>
    (forms[name] ?? [0n]).map((base) => {
      const table = valueTable((value) => decodedRegister(name, value).fields, base).join('\n');
      const same = seen.get(table);
      seen.set(table, same ?? name);
      return `${name}: ${title}\n${same ? `  as ${same}` : table}`;
    }),
  );
  await expect(`${sections.join('\n\n')}\n`).toMatchFileSnapshot('./golden/registers.txt');
});

test.each(withFields.map((register) => [register.name, register] as const))(
  '%s: what can be written is a field, or told as reserved',
  (name, register) => {
    const fields = typeof register.fields === 'function' ? register.fields(0n, () => 0n) : register.fields;
    for (const { high, low, meaning, values } of fields) {
      expect(meaning).toMatch(/^[A-Z]/);
      // One bit has two values, and both have words, unless writing it is an action.
      if (high === low && typeof values === 'object' && name !== 'PAR_EL1') expect(Object.keys(values)).toEqual(['0', '1']);
    }
    if (register.writableFrom === undefined) return;
    const { fields: told } = decodedRegister(name, register.writable);
    const covered = told.reduce((mask, { high, low }) => mask | (((1n << BigInt(high - low + 1)) - 1n) << BigInt(low)), register.res1);
    expect(register.writable & ~covered).toBe(0n);
  },
);

test('only registers that are one number, or nothing on this processor, have no fields', () => {
  const wholeNumber = /^(SP|ELR|FAR|TPIDR|TPIDRRO|RVBAR)_EL\d$|^CNT(PCT|VCT|VOFF)_|^CNT(P|V|HP)_CVAL_|^PM(CCNTR|XEVCNTR|EVCNTR\d)_EL0$/;
  const nothing =
    /^(AFSR[01]|AMAIR|ACTLR|HACR|REVIDR|AIDR)_|^PMCEID1_|^ID_AA64(PFR1|ZFR0|SMFR0|DFR1|AFR[01]|ISAR[12]|MMFR2)_|^ID_(PFR2|DFR1|AFR0|MMFR5|ISAR6)_/;
  const without = systemRegisterTable.filter(
    ({ name, group, fields }) => fields.length === 0 && group !== 'Cortex-A53' && !/^S3_/.test(name),
  );
  expect(without.map(({ name }) => name).filter((name) => !wholeNumber.test(name) && !nothing.test(name))).toEqual([]);
  for (const { name, reset, writable } of without.filter((register) => nothing.test(register.name)))
    expect([name, reset, writable]).toEqual([name, 0n, 0n]);
});

test('what a breakpoint compares decides the fields of its value', () => {
  const names = (control: bigint): string[] =>
    decodedRegister('DBGBVR4_EL1', 0x5_4010_0000n, (name) => (name === 'DBGBCR4_EL1' ? control : 0n)).fields.map(
      ({ name, text }) => `${name} ${text}`,
    );
  expect(names(0n)).toEqual(['RESS ', 'VA 0x540100000']);
  expect(names(2n << 20n)[1]).toBe('ContextID ');
  expect(names(8n << 20n)).toContain('VMID 5');
  expect(names(10n << 20n)).toEqual(['VMID 5', 'ContextID ']);
});

describe('masks', () => {
  test('are where the architecture has them', () => {
    expect([HCR_EL2.TWI, HCR_EL2.TGE, HCR_EL2.RW, MDCR_EL2.HPMN]).toEqual([1 << 13, 1 << 27, 1 << 31, 31]);
    expect([TCR_EL1_HIGH.IPS, TCR_EL1_HIGH.AS, VTCR_EL2.SL0, SPSR.M]).toEqual([7, 1 << 4, 3 << 6, 31]);
  });
  test('give and take values', () => {
    expect(shiftOf(VTCR_EL2.SL0)).toBe(6);
    expect(valueIn(0x8000_0000, HCR_EL2.RW)).toBe(1);
    expect(valueAt(VTCR_EL2.SL0, 2)).toBe(0x80);
  });
});

test('reserved bits that are set are told, and those that ought to be 1 are not', () => {
  const reserved = (name: string, value: bigint) =>
    decodedRegister(name, value)
      .fields.filter((field) => field.name.startsWith('RES0'))
      .map(({ meaning, text }) => `${meaning}: ${text}`);
  expect(reserved('HCR_EL2', 0x4_8000_0000n)).toEqual(['Bits 63:34 are reserved: should be 0, but 0x1 is set']);
  expect(reserved('SCTLR_EL1', 0x30d0_0800n)).toEqual([]);
  expect(reserved('MIDR_EL1', 0xffff_ffff_0000_0000n)).toEqual([]);
});

test('a few words of a register say what the MMU does with it', () => {
  const words = (name: string, value: bigint, others: Partial<Record<StoredRegister, bigint>> = {}): string => {
    const cpu = new CpuState(new ArrayBuffer(CPU_BLOCK));
    for (const [other, its] of Object.entries(others)) cpu.set(other as StoredRegister, its);
    if (storedRegisters.some((stored) => stored === name)) cpu.set(name as StoredRegister, value);
    return registerWords(name, value, { names: nameless, machine: { mmu: new Mmu(cpu, { low: 0, high: 0, read: () => false }) } });
  };
  expect(words('SCTLR_EL1', 0x1005n)).toBe('MMU on, caches on');
  expect(words('SCTLR_EL1', 0x5n, { HCR_EL2: 0x1000n })).toBe('MMU off (HCR_EL2.DC = 1), caches partly on');
  expect(words('SCTLR_EL1', 1n, { HCR_EL2: 0x800_0000n })).toBe('MMU off (HCR_EL2.TGE = 1), caches off');
  expect(words('SCTLR_EL2', 1n, { HCR_EL2: 0x1000n })).toBe('MMU on, caches off');
  expect(words('TCR_EL1', 0x19n)).toBe('39-bit VA, 4 KiB');
  expect(words('TCR_EL1', 0n)).toBe('T0SZ = 0 is out of range, 4 KiB');
  expect(words('TCR_EL2', 40n)).toBe('T0SZ = 40 is out of range, 4 KiB');
  expect(words('VTCR_EL2', 0x4058n)).toBe('40-bit IPA, 64 KiB');
  expect(words('VTCR_EL2', 0x57n)).toBe('T0SZ = 23 is out of range, 4 KiB');
  expect(words('VTCR_EL2', 0x98n)).toBe('SL0 = 2 is not supported, 4 KiB');
  expect(words('VTCR_EL2', 0x18n)).toBe('SL0 = 0 does not fit 40-bit IPA, 4 KiB');
  expect(words('HCR_EL2', 0x8000_1000n)).toMatch(/: stage 2 on$/);
  expect(words('ESR_EL2', 0x0e00_0000n)).toMatch(/^EC 0x3 CP15/);
  expect(words('FPCR', 0n)).toBe('rounds to nearest');
  expect(words('FPCR', 0x03c0_0000n)).toBe('rounds towards zero, FZ, DN');
  expect(words('FPSR', 0n)).toBe('no flag set');
  expect(words('FPSR', 0x0800_0011n)).toBe('IOC, IXC, QC');
  expect(words('SPSR_EL2', 0x3c5n)).toBe('EL1h, DAIF masked');
  expect(words('SPSR_EL2', 0x3d3n)).toBe('AArch32 Supervisor, AIF masked');
});
