import { describe, expect, it } from 'vitest';
import { HCR, SCTLR, World } from './world.ts';

const bits = (rule: { readonly bits: readonly { register: string; field: string; value: string }[] } | undefined): string[] =>
  (rule?.bits ?? []).map(({ register, field, value }) => `${register}.${field} = ${value}`);

describe('the description of a regime', () => {
  it('says which bit turned each stage on or off', () => {
    const w = new World();
    const rules = (): string[][] => {
      const { stage1, stage2 } = w.mmu.describe('el1');
      return [
        [String(stage1.on), ...bits(stage1.rule)],
        [String(stage2!.on), ...bits(stage2!.rule)],
      ];
    };
    expect(rules()).toEqual([
      ['true', 'SCTLR_EL1.M = 1'],
      ['false', 'HCR_EL2.VM = 0'],
    ]);
    w.enable('HCR_EL2', HCR.DC);
    expect(rules()).toEqual([
      ['false', 'HCR_EL2.DC = 1'],
      ['true', 'HCR_EL2.DC = 1'],
    ]);
    w.enable('HCR_EL2', HCR.VM);
    expect(rules()[1]).toEqual(['true', 'HCR_EL2.VM = 1']);
    w.disable('HCR_EL2', HCR.DC).enable('HCR_EL2', HCR.TGE);
    expect(rules()[0]).toEqual(['false', 'HCR_EL2.TGE = 1']);
    expect(w.mmu.describe('el2')).toMatchObject({
      stage1: { on: false, rule: { bits: [{ register: 'SCTLR_EL2' }] } },
      stage2: null,
      vmid: null,
    });
    w.enable('SCTLR_EL2', SCTLR.M);
    expect(bits(w.mmu.describe('el2').stage1.rule)).toEqual(['SCTLR_EL2.M = 1']);
  });

  it('takes the ASID that TCR_EL1.AS and A1 choose, and none without stage 1', () => {
    const w = new World().registers({ TTBR0_EL1: 0x1234n << 48n, TTBR1_EL1: 0x5678n << 48n });
    const asid = (): unknown[] => {
      const { asid } = w.mmu.describe('el1');
      return asid ? [asid.value, asid.bits, asid.register, ...bits(asid.rule)] : [];
    };
    expect(asid()).toEqual([0x1234, 16, 'TTBR0_EL1', 'TCR_EL1.AS = 1', 'TCR_EL1.A1 = 0']);
    w.disable('TCR_EL1', 1n << 36n).enable('TCR_EL1', 1n << 22n);
    expect(asid()).toEqual([0x78, 8, 'TTBR1_EL1', 'TCR_EL1.AS = 0', 'TCR_EL1.A1 = 1']);
    w.disable('SCTLR_EL1', SCTLR.M);
    expect(asid()).toEqual([]);
  });

  it('gives sizes and roots of both stages, also while they are off', () => {
    const { stage1, stage2, vmid } = new World().mmu.describe('el1');
    expect(stage1.roots.map(({ register, inputBits, outputBits, level }) => [register, inputBits, outputBits, level])).toEqual([
      ['TTBR0_EL1', 39, 40, 1],
      ['TTBR1_EL1', 39, 40, 1],
    ]);
    expect(stage2!.roots[0]).toMatchObject({ register: 'VTTBR_EL2', inputBits: 39, granule: 4096, entries: 512, refusal: 'none' });
    expect(vmid).toBe(1);
  });
});
