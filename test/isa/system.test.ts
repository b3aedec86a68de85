import { beforeEach, describe, expect, test } from 'vitest';
import { Driver } from './driver.ts';

const CODE = 0x10000;
let d: Driver;
beforeEach(() => {
  d = new Driver([{ va: CODE, bytes: 0x1000, executable: true }]);
  d.cpu.setX(0, 99n);
});
/** Runs one line at an exception level and gives X0, or 'machine' where it was left to it. */
function at(el: 0 | 1 | 2, line: string, spsel: 0 | 1 = 1): bigint | 'machine' {
  d.cpu.setLevel(el, spsel);
  d.load(CODE, [line]);
  d.run(1);
  if (d.stop?.kind === 'system') expect([d.cpu.x(0), d.cpu.pc]).toEqual([99n, BigInt(CODE)]);
  const result = d.stop?.kind === 'system' ? 'machine' : d.cpu.x(0);
  d.cpu.setX(0, 99n);
  return result;
}

describe('reads of plain registers need no machine, from their level on', () => {
  for (const [name, from] of [
    ['TPIDR_EL0', 0],
    ['TPIDRRO_EL0', 0],
    ['TPIDR_EL1', 1],
    ['ELR_EL1', 1],
    ['SPSR_EL1', 1],
    ['TPIDR_EL2', 2],
    ['ELR_EL2', 2],
    ['SPSR_EL2', 2],
    ['ESR_EL2', 2],
    ['FAR_EL2', 2],
    ['HPFAR_EL2', 2],
  ] as const)
    test(name, () => {
      d.cpu.set(name, 0x1234_5678_9abc_def0n);
      for (const el of [0, 1, 2] as const) expect(at(el, `mrs x0, ${name}`)).toBe(el < from ? 'machine' : 0x1234_5678_9abc_def0n);
    });

  test('SP_EL0, unless it is in use', () => {
    d.cpu.setLevel(0, 0);
    d.cpu.sp = 0x7000n;
    expect([at(1, 'mrs x0, sp_el0'), at(2, 'mrs x0, sp_el0')]).toEqual([0x7000n, 0x7000n]);
    expect([at(0, 'mrs x0, sp_el0', 0), at(1, 'mrs x0, sp_el0', 0)]).toEqual(['machine', 'machine']);
  });

  test('CurrentEL and DAIF', () => {
    expect([0, 1, 2].map((el) => at(el as 0 | 1 | 2, 'mrs x0, currentel'))).toEqual(['machine', 4n, 8n]);
    d.cpu.daif = 0b1010;
    expect([at(1, 'mrs x0, daif'), at(0, 'mrs x0, daif')]).toEqual([0x280n, 'machine']);
  });

  test('others are the machine’s', () => {
    for (const line of ['mrs x0, esr_el1', 'mrs x0, sctlr_el1', 'mrs x0, midr_el1', 'mrs x0, cntvct_el0', 'mrs x0, nzcv'])
      expect(at(2, line), line).toBe('machine');
  });
});

test('DAIFSet masks more, DAIFClr is left to the machine', () => {
  d.cpu.daif = 0b0001;
  at(1, 'msr daifset, #0xa');
  expect(d.cpu.daif).toBe(0b1011);
  expect([at(0, 'msr daifset, #2'), at(1, 'msr daifclr, #2'), at(1, 'msr spsel, #0')]).toEqual(['machine', 'machine', 'machine']);
  expect(d.cpu.daif).toBe(0b1011);
});

test('hints and barriers do nothing; those that wait or signal are the machine’s', () => {
  for (const line of [
    'nop',
    'yield',
    'paciasp',
    'bti c',
    'esb',
    'csdb',
    'hint #0x7f',
    'dsb sy',
    'dmb ish',
    'isb',
    'dsb #0x01',
    'prfm pldl1keep, [x0]',
  ])
    expect(at(0, line), line).toBe(99n);
  for (const line of ['wfi', 'wfe', 'sev', 'sevl']) expect(at(0, line), line).toBe('machine');
});
