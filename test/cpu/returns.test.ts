import { describe, expect, it } from 'vitest';
import { NotBuilt } from '../../emulator/base/errors.ts';
import { cpuLayout, judgeReturn, modeName } from '../../emulator/cpu/index.ts';
import { PC, TestCpu } from './driver.ts';

const RW = 0x8000_0000n;
const TGE = 1n << 27n;
const TARGET = 0x4000_1000n;
const from2 = (spsr: bigint, hcr = RW): TestCpu => new TestCpu().prepare(2, { HCR_EL2: hcr, SPSR_EL2: spsr, ELR_EL2: TARGET });

describe('ERET', () => {
  it('from EL2 to EL1 changes exactly what the architecture says', () => {
    const t = from2(0xa000_0085n).prepare(2, { SP_EL1: 0x9000n });
    t.cpu.sp = 0x8000n;
    t.cpu.u32[cpuLayout.exclusiveBytes >> 2] = 8;
    const changed = t.changes(() => t.run('eret'));
    expect(changed).toEqual({
      PC: TARGET,
      SP: 0x9000n,
      SP_EL2: 0x8000n,
      'PSTATE.EL': 1n,
      'PSTATE.DAIF': 2n,
      [`+${cpuLayout.flagA}`]: 10n,
      exclusive: 0n,
      event: 1n,
    });
    expect(t.events[0]).toMatchObject({ kind: 'return', from: 2, to: 1, pc: TARGET, spsr: 0xa000_0085 });
    expect(t.cpu.nzcv).toBe(0b1010);
  });

  it('undoes HVC', () => {
    const t = new TestCpu().prepare(1, { HCR_EL2: RW, VBAR_EL2: 0x4000_0000n });
    t.cpu.nzcv = 5;
    t.cpu.daif = 3;
    t.run('hvc #0');
    t.run('eret');
    expect([t.cpu.el, t.cpu.spsel, t.cpu.nzcv, t.cpu.daif, t.cpu.pc]).toEqual([1, 1, 5, 3, PC + 4n]);
  });

  it('to EL1t, EL0t and EL2h chooses the stack by M<0>', () => {
    for (const [spsr, el, spsel] of [
      [0x4n, 1, 0],
      [0x0n, 0, 0],
      [0x9n, 2, 1],
      [0x8n, 2, 0],
    ] as const) {
      const t = from2(spsr);
      t.run('eret');
      expect([t.cpu.el, t.cpu.spsel]).toEqual([el, spsel]);
    }
  });

  it('is UNDEFINED at EL0', () => {
    expect(new TestCpu().prepare(0, { HCR_EL2: RW }).exception('eret')).toMatchObject({ type: 'Undefined' });
  });

  it('restores IL on a legal return', () => {
    const t = from2(0x0010_0005n);
    t.run('eret');
    expect([t.cpu.el, t.cpu.il]).toEqual([1, 1]);
  });

  it('tells its sub-steps when asked', () => {
    const t = from2(0x3c4n);
    t.wantsSteps = true;
    expect(t.returned().steps!.map(({ title, target, before, after }) => [title, target, before, after])).toEqual([
      ['Restore PSTATE', 'PSTATE', 'EL2h, NZCV ----, DAIF DAIF', 'EL1t, NZCV ----, DAIF DAIF'],
      ['Switch level', 'PSTATE.EL', 'EL2', 'EL1'],
      ['Choose stack', 'PSTATE.SP', 'SP_EL2', 'SP_EL0'],
      ['Jump', 'PC', '0x40100000', '0x40001000'],
    ]);
  });

  it('removes the tag of the address where the target ignores top bytes', () => {
    const target = (elr: bigint, spsr: bigint, registers: object): bigint => {
      const t = from2(spsr).prepare(2, { ELR_EL2: elr, ...registers });
      t.run('eret');
      return t.cpu.pc;
    };
    expect(target(0x5a00_0000_4000_0000n, 5n, { TCR_EL1: 1n << 37n })).toBe(0x4000_0000n);
    expect(target(0x5a80_0000_4000_0000n, 5n, { TCR_EL1: 1n << 38n })).toBe(0xff80_0000_4000_0000n);
    expect(target(0x0080_0000_4000_0000n, 5n, { TCR_EL1: 1n << 38n })).toBe(0xff80_0000_4000_0000n);
    expect(target(0x5a00_0000_4000_0000n, 5n, { TCR_EL1: 1n << 38n })).toBe(0x5a00_0000_4000_0000n);
    expect(target(0x5a80_0000_4000_0000n, 9n, { TCR_EL2: 1n << 20n })).toBe(0x0080_0000_4000_0000n);
    expect(target(0x5a80_0000_4000_0000n, 9n, {})).toBe(0x5a80_0000_4000_0000n);
  });
});

describe('an illegal return', () => {
  it('sets IL, keeps the level, and restores flags and masks', () => {
    const t = from2(0x6000_004dn);
    t.cpu.daif = 15;
    const changed = t.changes(() => t.run('eret'));
    expect(changed).toEqual({ PC: TARGET, 'PSTATE.IL': 1n, 'PSTATE.DAIF': 1n, [`+${cpuLayout.flagA}`]: 6n, event: 1n });
    expect(t.events[0]).toMatchObject({ kind: 'illegal-return', from: 2, to: 2, pc: TARGET });
  });

  const why = (from: 1 | 2, spsr: number, hcr = RW): string => {
    const t = new TestCpu().prepare(from, { HCR_EL2: hcr });
    const { kind, rule } = judgeReturn(t.cpu, from, spsr);
    return `${kind}: ${rule.text}`;
  };
  it.each([
    [2, 0xd, RW, /^illegal: .*EL3 is not implemented/],
    [2, 0x1, RW, /^illegal: .*reserved/],
    [2, 0x6, RW, /^illegal: .*reserved/],
    [2, 0xb, RW, /^illegal: .*reserved/],
    [2, 0x14, RW, /^illegal: .*reserved/],
    [1, 0x9, RW, /^illegal: .*higher level/],
    [1, 0x8, RW, /^illegal: .*higher level/],
    [2, 0x5, 0n, /^illegal: .*HCR_EL2.RW = 0/],
    [2, 0x0, 0n, /^illegal: .*HCR_EL2.RW = 0/],
    [2, 0x13, RW, /^illegal: .*HCR_EL2.RW = 1/],
    [1, 0x13, RW, /^illegal: .*EL1 is in AArch64/],
    [2, 0x1a, RW, /^illegal: .*EL2 is in AArch64/],
    [1, 0x1a, RW, /^illegal: .*higher level/],
    [2, 0x16, RW, /^illegal: .*EL3/],
    [2, 0x5, RW | TGE, /^illegal: .*TGE = 1/],
    [2, 0x4, RW | TGE, /^illegal: .*TGE = 1/],
    [2, 0x0, RW | TGE, /^legal: .*EL0/],
    [2, 0x9, 0n, /^legal: .*EL2 with SP_EL2/],
    [1, 0x5, RW, /^legal: .*EL1 with SP_EL1/],
    [2, 0x13, 0n, /^aarch32: .*AArch32 Supervisor/],
    [2, 0x10, RW, /^aarch32: .*AArch32 User/],
    [1, 0x10, RW, /^aarch32: .*AArch32 User/],
  ] as const)('from EL%d with M = %i, HCR_EL2 = %i', (from, spsr, hcr, text) => {
    expect(why(from, spsr | 0x3c0, hcr)).toMatch(text);
  });

  it('is judged for every value of M without a doubt', () => {
    for (const from of [1, 2] as const) {
      for (let mode = 0; mode < 32; mode++) {
        const text = why(from, mode);
        expect(text).toMatch(/^(legal|illegal|aarch32): /);
        if (modeName(mode) === 'reserved') expect(text).toMatch(/^illegal/);
      }
    }
  });
});

it('a legal return to AArch32 stops the machine with its name, and changes nothing', () => {
  const t = from2(0x1d3n, 0n);
  const changed = t.changes(() => expect(() => t.run('eret')).toThrow(NotBuilt));
  expect(changed).toEqual({});
  expect(() => t.run('eret')).toThrow(
    'AArch32 state (SPSR_EL2 = 0x1d3 names AArch32 Supervisor, and HCR_EL2.RW = 0 makes EL1 AArch32) is not built yet',
  );
});
