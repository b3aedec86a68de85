import { IPA } from '../../emulator/base/addresses.ts';
import { describe, expect, it } from 'vitest';
import { accessSyndrome, takeAbort, type MemoryFault } from '../../emulator/cpu/index.ts';
import { assemble } from '../../emulator/isa/index.ts';
import { PC, TestCpu } from './driver.ts';

const RW = 0x8000_0000n;
const fault = (own: Partial<MemoryFault>): MemoryFault => ({
  kind: 'translation',
  stage: 1,
  level: 3,
  onStage1Walk: false,
  ipa: undefined,
  access: 'read',
  vaLow: 0x1234_5678,
  vaHigh: 0xffff_0000,
  ...own,
});
const stage2 = (own: Partial<MemoryFault> = {}): MemoryFault => fault({ stage: 2, ipa: IPA(0x9_8765_4321), ...own });
const abort = (el: 0 | 1 | 2, f: MemoryFault, text = 'ldr x0, [x1]', hcr = RW) => {
  const t = new TestCpu().prepare(el, { HCR_EL2: hcr, FAR_EL1: 1n, FAR_EL2: 2n, HPFAR_EL2: 3n });
  takeAbort(t.cpu, t, f, assemble(text, PC));
  const [event] = t.events;
  if (event?.kind !== 'exception') throw new Error('no exception');
  return { ...event, cpu: t.cpu };
};

describe('where aborts go', () => {
  it('stage 1: to EL1 from EL0 and EL1, to EL2 from EL2, with the same-level class', () => {
    expect(abort(0, fault({}))).toMatchObject({
      type: 'DataAbort',
      to: 1,
      esr: 0x9200_0007,
      far: 0xffff_0000_1234_5678n,
      hpfar: null,
      elr: PC,
    });
    expect(abort(1, fault({}))).toMatchObject({ to: 1, esr: 0x9600_0007 });
    expect(abort(2, fault({}))).toMatchObject({ to: 2, esr: 0x9600_0007 });
    expect(abort(0, fault({}), 'ldr x0, [x1]', RW | (1n << 27n))).toMatchObject({ to: 2, esr: 0x9200_0007 });
  });

  it('stage 2: to EL2 always, with the page of the IPA in HPFAR_EL2', () => {
    const { cpu, ...event } = abort(1, stage2());
    expect(event).toMatchObject({ to: 2, hpfar: 0x9876_540n, far: 0xffff_0000_1234_5678n });
    expect(event.rule.text).toMatch(/Stage 2/);
    expect(cpu.get('FAR_EL1')).toBe(1n);
    expect(abort(1, stage2({ ipa: IPA(0xffff_ffff_f000) })).hpfar).toBe(0xff_ffff_fff0n);
  });

  it('fetches are instruction aborts without access information', () => {
    expect(abort(0, stage2({ access: 'execute', kind: 'permission', level: 2 }))).toMatchObject({
      type: 'InstructionAbort',
      to: 2,
      esr: 0x8200_000e,
    });
    expect(abort(1, fault({ access: 'execute' }))).toMatchObject({ to: 1, esr: 0x8600_0007 });
  });

  it('PC and SP alignment faults have classes of their own; only the former writes FAR', () => {
    expect(abort(1, fault({ kind: 'pcAlignment', access: 'execute' }))).toMatchObject({ type: 'PCAlignment', to: 1, esr: 0x8a00_0000 });
    const sp = abort(1, fault({ kind: 'spAlignment' }));
    expect(sp).toMatchObject({ type: 'SPAlignment', to: 1, esr: 0x9a00_0000, far: null });
    expect(sp.cpu.get('FAR_EL1')).toBe(1n);
  });
});

describe('the fault status', () => {
  it.each([
    [{ kind: 'addressSize', level: 0 }, 0x00],
    [{ kind: 'translation', level: 1 }, 0x05],
    [{ kind: 'accessFlag', level: 2 }, 0x0a],
    [{ kind: 'permission', level: 3 }, 0x0f],
    [{ kind: 'external', level: 0 }, 0x10],
    [{ kind: 'externalOnWalk', level: 2 }, 0x16],
    [{ kind: 'alignment', level: 0 }, 0x21],
  ] as const)('%o is %i', (own, dfsc) => {
    expect(abort(1, fault(own)).esr! & 0x3f).toBe(dfsc);
  });

  it('writes set WnR; a stage 2 fault on a stage 1 walk sets S1PTW and gives no access information', () => {
    expect(abort(1, fault({ access: 'write' }), 'str x0, [x1]').esr).toBe(0x9600_0047);
    expect(abort(1, stage2({ onStage1Walk: true })).esr).toBe(0x9200_0087);
  });

  it('cache maintenance and AT set CM and WnR; DC ZVA is a store', () => {
    expect(abort(1, stage2({ onStage1Walk: true }), 'at s1e1r, x0').esr).toBe(0x9200_01c7);
    expect(abort(0, fault({}), 'dc civac, x0').esr).toBe(0x9200_0147);
    expect(abort(0, fault({}), 'ic ivau, x0').esr).toBe(0x9200_0147);
    expect(abort(1, stage2({ access: 'write' }), 'dc zva, x0').esr).toBe(0x9200_0047);
  });
});

describe('access information of stage 2 data aborts', () => {
  const ISV = 1 << 24;
  const iss = (sas: number, srt: number, { sse = 0, sf = 0, ar = 0 } = {}): number =>
    ISV | (sas << 22) | (sse << 21) | (srt << 16) | (sf << 15) | (ar << 14);
  it.each([
    ['ldrb w3, [x1]', iss(0, 3)],
    ['ldrh w3, [x1, #2]', iss(1, 3)],
    ['ldr w3, [x1]', iss(2, 3)],
    ['ldr x3, [x1]', iss(3, 3, { sf: 1 })],
    ['ldrsb w3, [x1]', iss(0, 3, { sse: 1 })],
    ['ldrsb x3, [x1]', iss(0, 3, { sse: 1, sf: 1 })],
    ['ldrsh x3, [x1]', iss(1, 3, { sse: 1, sf: 1 })],
    ['ldrsw x3, [x1]', iss(2, 3, { sse: 1, sf: 1 })],
    ['strb w3, [x1]', iss(0, 3)],
    ['str w3, [x1]', iss(2, 3)],
    ['str xzr, [x1]', iss(3, 31, { sf: 1 })],
    ['ldur w3, [x1, #-3]', iss(2, 3)],
    ['sturh w3, [x1, #-3]', iss(1, 3)],
    ['ldtr w3, [x1]', iss(2, 3)],
    ['sttrb w3, [x1]', iss(0, 3)],
    ['ldr x3, [x1, x2, lsl #3]', iss(3, 3, { sf: 1 })],
    ['str w3, [x1, w2, sxtw]', iss(2, 3)],
    ['ldar w3, [x1]', iss(2, 3, { ar: 1 })],
    ['ldarb w3, [x1]', iss(0, 3, { ar: 1 })],
    ['stlr x3, [x1]', iss(3, 3, { sf: 1, ar: 1 })],
    ['ldr x3, 0x40100100', iss(3, 3, { sf: 1 })],
    ['ldrsw x3, 0x40100100', iss(2, 3, { sse: 1, sf: 1 })],
    // Not given:
    ['ldr x3, [x1], #8', 0],
    ['ldr x3, [x1, #8]!', 0],
    ['strb w3, [x1], #1', 0],
    ['ldp x3, x4, [x1]', 0],
    ['stp x3, x4, [x1, #16]!', 0],
    ['ldxr x3, [x1]', 0],
    ['stxr w2, x3, [x1]', 0],
    ['ldaxr w3, [x1]', 0],
    ['stlxr w2, w3, [x1]', 0],
    ['ldxp x3, x4, [x1]', 0],
    ['stxp w2, x3, x4, [x1]', 0],
  ])('%s', (text, expected) => {
    const word = assemble(text, PC);
    expect(accessSyndrome(word)).toBe(expected);
    expect(abort(1, stage2(), text).esr! & 0x1ff_ffff).toBe(expected | 7);
    // Never for stage 1, nor at EL2.
    expect(abort(1, fault({}), text).esr! & 0x1ff_ffff).toBe(7);
    expect(abort(2, fault({}), text).esr! & 0x1ff_ffff).toBe(7);
  });

  it('is not given for SIMD and floating-point registers', () => {
    for (const word of [0x3dc0_0020, 0xfd40_0020, 0xbd00_0020, 0x3c40_0420, 0x6d40_0420, 0x1c00_0020, 0x0c40_7020])
      expect(accessSyndrome(word)).toBe(0);
  });
});
