import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../emulator/base/errors.ts';
import type { VerifyResult } from '../../emulator/base/verify-result.ts';
import { encodingKey } from '../../emulator/isa/index.ts';
import { verifyEl2Traps } from '../../emulator/cpu/verify/el2-traps.ts';
import { readableEncodings, verifySystemRegisters } from '../../emulator/cpu/verify/system-registers.ts';

const sample = (name: string): string => gunzipSync(readFileSync(join(import.meta.dirname, 'sample', name))).toString('utf8');
const full = join(import.meta.dirname, '../../../shared/vectors');
const agrees = (result: VerifyResult, atLeast: number): void => {
  expect(result.failures).toEqual([]);
  expect(result.failed).toBe(0);
  expect(result.passed).toBeGreaterThan(atLeast);
};

const scan = sample('sysregs.tsv.gz').split('\n');
const table = sample('el2traps.tsv.gz').split('\n');
const meta = sample('meta.json.gz');

describe('system registers as recorded', () => {
  it('have the values and writable bits of the scan', () => agrees(verifySystemRegisters(scan), 3000));

  const columns = scan.filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'));
  it.each([
    [2, 1],
    [2, 2],
    [3, 1],
    [3, 2],
  ] as const)('are UNDEFINED where the scan found none (GICv%d, EL%d)', (gic, el) => {
    const recorded = columns
      .filter(([g, e, , , , , , , mrs]) => Number(g) === gic && Number(e) === el && mrs === 'ok')
      .map(([, , , op0, op1, CRn, CRm, op2]) => encodingKey(Number(op0), Number(op1), Number(CRn), Number(CRm), Number(op2)));
    expect(readableEncodings(gic, el)).toEqual(recorded.toSorted((a, b) => a - b));
  });

  it('are checked for real: a wrong value, mask or access fails', () => {
    const wrong = (name: string, column: number, value: string): number =>
      verifySystemRegisters(
        scan.map((line) => {
          const cells = line.split('\t');
          if (cells[2] === name) cells[column] = value;
          return cells.join('\t');
        }),
      ).failed;
    expect(wrong('midr_el1', 9, '410fd030')).toBe(4);
    expect(wrong('hcr_el2', 11, '7ffffffff')).toBe(2);
    expect(wrong('tpidr_el0', 10, 'exc:2000000')).toBe(4);
    // A scan that did not set CPTR_EL2 first has the 0 of QEMU's reset.
    expect(wrong('cptr_el2', 9, '0')).toBe(0);
    expect(wrong('cptr_el2', 12, '33ff')).toBe(2);
  });

  it('a line of another kind is refused with its number', () => {
    expect(() => verifySystemRegisters(['# x', 'no scan'], 'a.tsv')).toThrow(InputError);
    expect(() => verifySystemRegisters(['# x', 'no scan'], 'a.tsv')).toThrow(/a\.tsv.*line 2/);
  });
});

describe('the trap matrix as recorded', () => {
  it('traps where the architecture says, with its syndrome', () => agrees(verifyEl2Traps(table, meta), 90_000));

  it('is checked for real: a wrong level, syndrome or address fails', () => {
    const all = JSON.parse(meta) as { cfg: [string, unknown][] };
    const few = JSON.stringify({ ...all, cfg: all.cfg.filter(([name]) => ['baseline', 'HCR_EL2.TWI', 'HCR_EL2.TSC'].includes(name)) });
    const wrong = (from: RegExp, to: string): number =>
      verifyEl2Traps(
        table.map((line) => line.replace(from, to)),
        few,
      ).failed;
    expect(wrong(/^$/, '')).toBe(0);
    expect(wrong(/^(HCR_EL2\.TWI\tEL1\td503207f\twfi\t)EL2\t/, '$1EL1\t')).toBe(1);
    expect(wrong(/^(HCR_EL2\.TSC\tEL1\td4000003.*\t)5e000000/, '$15e000001')).toBe(1);
    expect(wrong(/^(baseline\tEL1\td4000021.*\t)4$/, '$10')).toBe(3);
    expect(wrong(/^(baseline\tEL1\td5381002.*\t)ok\t-\t-/, '$1EL1\t02000000\t0')).toBe(3);
  });

  it('files of another kind are refused', () => {
    expect(() => verifyEl2Traps(table, '{"base": {}}', 'a')).toThrow(InputError);
    expect(() => verifyEl2Traps(['baseline\tEL7\tx'], meta, 'a')).toThrow(/line 1/);
    expect(() => verifyEl2Traps([], meta, 'a')).toThrow(/baseline/);
  });
});

describe.runIf(existsSync(full))('the full recordings', () => {
  const text = (name: string): string => readFileSync(join(full, name), 'utf8');
  it('system registers', () => agrees(verifySystemRegisters(text('sysregs/sysregs.tsv').split('\n')), 3000));
  it('trap matrix', () => agrees(verifyEl2Traps(text('el2traps/el2traps.tsv').split('\n'), text('el2traps/meta.json')), 44_000));
});
