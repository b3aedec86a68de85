import { describe, expect, it } from 'vitest';
import { VA as virtual } from '../../emulator/base/addresses.ts';
import { explainWalk, type Walk, type WalkStep } from '../../emulator/mmu/index.ts';
import { d, halves, HCR, RAM, s1leaf, s2leaf, SCTLR, World } from './world.ts';

const VA = 0x12_3456_7c40n;
const PAGE = VA & ~0xfffn;
const IPA = 0x8015_7000n;
const PA = RAM + 0x15_7000;

/** Stages of three levels each; stage 2 lets the page only be read, stage 1 does not let it be executed. */
function twoStages(): World {
  const w = new World().stage2On();
  w.map('TTBR0_EL1', PAGE, Number(IPA), s1leaf | d.pxn | d.uxn);
  w.map('VTTBR_EL2', IPA, PA, d.af | d.inner | d.s2r | d.s2normal);
  for (let page = RAM + 0x10_0000; page < RAM + 0x11_0000; page += 0x1000) w.map('VTTBR_EL2', BigInt(page), page, s2leaf);
  return w;
}

const walk = (w: World, access: 'r' | 'w' | 'x' = 'r', el: 0 | 1 = 1, va = VA): Walk =>
  explainWalk(w.mmu, virtual(va), { regime: 'el1', el, access });
const flat = (steps: readonly WalkStep[]): WalkStep[] => steps.flatMap((step) => [...flat(step.steps ?? []), step]);

describe('a two-stage walk', () => {
  it('tells 15 reads in their order, nested as they happened', () => {
    const { steps, reads, result } = walk(twoStages());
    expect(reads).toBe(15);
    expect(steps.map((s) => `${s.stage}.${s.level}`)).toEqual(['1.1', '1.2', '1.3', '2.1', '2.2', '2.3']);
    expect(steps.slice(0, 3).map((s) => s.steps?.length)).toEqual([3, 3, 3]);
    expect(flat(steps).map((s) => s.read)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    expect(result.ok && result.pa).toBe('0x40157c40');
    expect(result.ok && result.ipa).toBe('0x80157c40');
  });

  it('gives each fetch its table, index, address, value and next base', () => {
    const w = twoStages();
    const { steps } = walk(w);
    const [l1, l2, l3] = steps as [WalkStep, WalkStep, WalkStep];
    const root = w.cpu.get('TTBR0_EL1') & 0xffff_f000n;
    expect(l1.table).toBe(`0x${root.toString(16)}`);
    expect(l1.index).toBe(Number(VA >> 30n));
    expect(l1.indexBits).toEqual({ high: 38, low: 30 });
    expect(l1.kind).toBe('table');
    expect(l2.table).toBe(l1.next);
    expect(l3.table).toBe(l2.next);
    expect(l3.kind).toBe('page');
    expect(l3.next).toBe('0x80157000');
    expect(BigInt(l3.descriptorAddress)).toBe(BigInt(l3.table) + BigInt(l3.index * 8));
    expect(l3.ipa).toBe(l3.descriptorAddress);
    expect(l3.value).toBe(`0x${w.ram.get(Number(l3.pa)).toString(16)}`);
    expect(l3.steps!.at(-1)!.ipa).toBeNull();
    expect(l3.verdict).toBe('4 KiB page at IPA 0x80157000');
    expect(l1.verdict).toBe(`table at IPA ${l1.next}`);
  });

  it('decodes the fields of descriptors', () => {
    const { steps } = walk(twoStages());
    const leaf = steps[2].fields;
    expect(leaf['PXN']).toEqual({ high: 53, low: 53, value: '1', meaning: 'Privileged execute-never', text: 'EL1 cannot execute' });
    expect(leaf['Output']).toEqual({ high: 47, low: 12, value: '0x80157000', meaning: 'Output address', text: 'IPA of the page' });
    expect(leaf['AttrIndx'].text).toBe('MAIR_EL1.Attr0 = 0xff, Normal, Write-Back');
    const second = steps[5].fields;
    expect(second['S2AP']).toEqual({ high: 7, low: 6, value: '01', meaning: 'Data access permissions', text: 'read-only' });
    expect(second['MemAttr'].text).toBe('Normal, Write-Back');
    expect(steps[0].fields['Next table'].text).toBe('IPA of the next table');
    expect(steps[0].fields['Type']).toMatchObject({ meaning: 'What the descriptor is', text: 'table' });
  });

  it('says who may do what, and which bit of which stage decided', () => {
    const { result } = walk(twoStages());
    if (!result.ok) throw new Error(result.text);
    const { permissions } = result;
    expect(permissions.r).toEqual({ '0': false, '1': true });
    expect(permissions.w).toEqual({ '0': false, '1': false });
    expect(permissions.decidedBy.r['1']).toMatchObject({
      stage1: true,
      stage2: true,
      allowed: true,
      stage: null,
      text: 'both stages allow it',
    });
    expect(permissions.decidedBy.r['0']).toMatchObject({ allowed: false, stage: 1, bit: 'AP = 00', level: 3 });
    expect(permissions.decidedBy.w['1']).toMatchObject({
      stage1: true,
      stage2: false,
      allowed: false,
      stage: 2,
      bit: 'S2AP = 01',
      level: 3,
    });
    expect(permissions.decidedBy.x['1']).toMatchObject({ stage1: false, stage2: true, stage: 1, bit: 'PXN = 1', level: 3 });
    expect(result.attributes).toMatchObject({ type: 'Normal', text: 'Normal, Write-Back', shareability: 'inner' });
  });

  it('cuts the VA into its fields', () => {
    const { input } = walk(twoStages());
    expect(input.map((f) => `${f.name} ${f.high}:${f.low}`)).toEqual([
      'TTBR0_EL1 63:39',
      'L1 38:30',
      'L2 29:21',
      'L3 20:12',
      'offset 11:0',
    ]);
    expect(input.at(-1)!.value).toBe('0xc40');
    expect(input.reduce((sum, f) => sum + (BigInt(f.value) << BigInt(f.low)), 0n)).toBe(VA);
  });

  it('names what governs the stages', () => {
    const w = twoStages();
    expect(walk(w).stages).toMatchObject({
      stage1: {
        on: true,
        decidedBy: 'SCTLR_EL1.M = 1',
        id: 5,
        root: { register: 'TTBR0_EL1', level: 1, inputBits: 39, granule: 4096, entries: 512 },
      },
      stage2: { on: true, decidedBy: 'HCR_EL2.VM = 1', id: 1, root: { register: 'VTTBR_EL2', level: 1, inputBits: 39 } },
    });
    w.enable('HCR_EL2', HCR.DC);
    expect(walk(w).stages.stage1).toEqual({ on: false, decidedBy: 'HCR_EL2.DC = 1' });
  });
});

describe('faults', () => {
  it('carry what hardware would write', () => {
    const { result, steps } = walk(twoStages(), 'w');
    expect(result).toMatchObject({
      ok: false,
      fault: { kind: 'permission', stage: 2, level: 3, fsc: 0x0f, onStage1Walk: false },
      takenTo: 2,
      esr: '0x9200004f',
      far: '0x1234567c40',
      hpfar: '0x801570',
      text: 'Stage 2 permission fault, level 3',
    });
    expect(steps.at(-1)!.fields['S2AP'].decides).toBe(true);
    expect(!result.ok && result.permissions?.r['1']).toBe(true);
  });

  it('of the instruction that made the access tell register and size', () => {
    const w = twoStages();
    // STR W2, [X0]
    const { result } = explainWalk(w.mmu, virtual(VA), { regime: 'el1', el: 1, access: 'w', word: 0xb9000002 });
    expect(result).toMatchObject({ esr: '0x9382004f' });
  });

  it('of stage 1 go to EL1, and mark the bit', () => {
    const fetch = walk(twoStages(), 'x');
    expect(fetch.result).toMatchObject({ fault: { kind: 'permission', stage: 1, level: 3 }, takenTo: 1, esr: '0x8600000f', hpfar: null });
    expect(fetch.steps[2].fields['PXN'].decides).toBe(true);
    expect(fetch.steps).toHaveLength(3);
    const read = walk(twoStages(), 'r', 0);
    expect(read.steps[2].fields['AP'].decides).toBe(true);
    const missing = walk(twoStages(), 'r', 1, 0x7000_0000n);
    expect(missing.result).toMatchObject({ fault: { kind: 'translation', level: 1 }, esr: '0x96000005' });
    expect(missing.steps.at(-1)).toMatchObject({ kind: 'invalid', next: null, verdict: 'invalid: nothing is mapped here' });
    expect(missing.steps.at(-1)!.fields['Valid'].decides).toBe(true);
  });

  it('name the table whose bits decided', () => {
    const w = twoStages();
    const at = Number(w.cpu.get('TTBR0_EL1') & 0xffff_f000n) + Number(VA >> 30n) * 8;
    w.ram.set(at, w.ram.get(at) | d.apTable(2));
    const { result, steps } = walk(w, 'w');
    expect(!result.ok && result.permissions!.decidedBy.w['1']).toMatchObject({ stage: 1, bit: 'APTable = 10', level: 1 });
    expect(steps[0].fields['APTable'].decides).toBe(true);
  });

  it('of descriptor addresses show the fetch that was refused', () => {
    const w = new World().stage2On();
    w.map('TTBR0_EL1', PAGE, Number(IPA), s1leaf);
    const { result, steps, reads } = walk(w, 'w');
    expect(result).toMatchObject({ fault: { kind: 'translation', stage: 2, level: 1, onStage1Walk: true }, takenTo: 2, esr: '0x920000c5' });
    expect(reads).toBe(1);
    expect(steps[0]).toMatchObject({ stage: 1, level: 1, pa: null, value: null, kind: null });
    expect(steps[0].steps![0].fields['Valid'].decides).toBe(true);
  });

  it('of an unreadable table say so', () => {
    const w = new World();
    w.ram.set(Number(w.cpu.get('TTBR0_EL1') & 0xffff_f000n), 0x1000n | d.table);
    const { result, steps, reads } = walk(w, 'r', 1, 0n);
    expect(result).toMatchObject({ fault: { kind: 'externalOnWalk', stage: 1, level: 2, fsc: 0x16 }, esr: '0x96000016' });
    expect(reads).toBe(2);
    expect(steps.at(-1)).toMatchObject({ pa: '0x1000', value: null, read: 2 });
  });

  it('of odd instruction addresses need no walk', () => {
    expect(walk(twoStages(), 'x', 1, VA | 2n)).toMatchObject({ reads: 0, steps: [], result: { esr: '0x8a000000', takenTo: 1 } });
  });

  it('of EL0 go to EL2 with HCR_EL2.TGE', () => {
    const w = new World().enable('HCR_EL2', HCR.TGE);
    expect(explainWalk(w.mmu, virtual(1n << 41n), { regime: 'el1', el: 0, access: 'r' }).result).toMatchObject({
      takenTo: 2,
      esr: '0x92000000',
    });
  });
});

describe('attributes', () => {
  it('combine both stages, the stricter winning', () => {
    const w = new World().stage2On().identityStage2();
    w.map('TTBR0_EL1', PAGE, Number(IPA), s1leaf);
    const at = (memAttr: bigint, sh: bigint): object => {
      w.map('VTTBR_EL2', IPA, PA, d.af | d.s2r | (memAttr << 2n) | (sh << 8n));
      const { result } = walk(w);
      return result.ok ? { text: result.attributes.text, shareability: result.attributes.shareability } : {};
    };
    expect(at(0b1111n, 0n)).toEqual({ text: 'Normal, Write-Back', shareability: 'inner' });
    expect(at(0b1111n, 2n)).toEqual({ text: 'Normal, Write-Back', shareability: 'outer' });
    expect(at(0b1010n, 0n)).toEqual({ text: 'Normal, Write-Through', shareability: 'inner' });
    expect(at(0b0101n, 0n)).toEqual({ text: 'Normal, Non-cacheable', shareability: 'outer' });
    expect(at(0b0001n, 0n)).toEqual({ text: 'Device-nGnRE', shareability: 'outer' });
    w.enable('HCR_EL2', HCR.CD);
    expect(at(0b1111n, 0n)).toEqual({ text: 'Normal, Non-cacheable', shareability: 'outer' });
  });

  it('differ between data and instructions with stage 1 off', () => {
    const w = new World().disable('SCTLR_EL1', SCTLR.M);
    const text = (access: 'r' | 'x'): string => {
      const { result } = walk(w, access, 1, BigInt(RAM));
      return result.ok ? result.attributes.text : '';
    };
    expect(text('r')).toBe('Device-nGnRnE');
    expect(text('x')).toBe('Normal, Write-Through');
    w.disable('SCTLR_EL1', SCTLR.I);
    expect(text('x')).toBe('Normal, Non-cacheable');
    w.enable('HCR_EL2', HCR.DC).identityStage2();
    expect(text('r')).toBe('Normal, Write-Back');
  });
});

describe('the TLB in a walk', () => {
  it('says what memory its entry is to the access that is walked, with stage 1 off', () => {
    const w = new World().disable('SCTLR_EL1', SCTLR.M).disable('SCTLR_EL1', SCTLR.I).stage2On().identityStage2();
    w.access(BigInt(RAM), 'execute');
    for (const access of ['r', 'x'] as const) {
      const { result, tlb } = walk(w, access, 1, BigInt(RAM));
      expect(tlb.entry?.memory).toBe(result.ok && result.attributes.text);
      expect(tlb.entry?.memory).toBe(access === 'r' ? 'Device-nGnRnE' : 'Normal, Non-cacheable');
    }
  });

  it('is a miss, then a hit, then stale; looking changes nothing', () => {
    const w = twoStages();
    expect(walk(w).tlb).toEqual({ hit: false });
    expect(w.mmu.tlb.size).toBe(0);
    w.access(VA);
    const { tlb } = walk(w);
    expect(tlb).toMatchObject({ hit: true, stale: false });
    expect(tlb.entry).toMatchObject({
      regime: 'el1',
      va: '0x1234567000',
      pa: '0x40157000',
      ipa: '0x80157000',
      asid: null,
      vmid: 1,
      leafBytes: 4096,
      permissions: { '0': '---', '1': 'r--' },
      memory: 'Normal, Write-Back',
    });
    const before = w.mmu.snapshot();
    w.map('VTTBR_EL2', IPA, RAM + 0x20_0000, s2leaf);
    expect(walk(w).tlb).toMatchObject({
      hit: true,
      stale: true,
      difference: 'PA 0x40157000 in the TLB, 0x40200000 in the tables, permissions',
    });
    w.ram.set(w.map('TTBR0_EL1', PAGE, 0, 0n), 0n);
    expect(walk(w).tlb).toMatchObject({ stale: true, difference: 'the tables no longer allow it: stage 1 translation fault, level 3' });
    expect(w.mmu.snapshot()).toEqual(before);
    w.mmu.invalidate('TLBI VMALLE1', 0, 0);
    expect(walk(w).tlb.hit).toBe(false);
  });

  it('is a hit and not stale when the access itself is refused by both alike', () => {
    const w = twoStages();
    w.access(VA);
    expect(walk(w, 'w').tlb).toMatchObject({ hit: true, stale: false });
  });
});

describe('AT', () => {
  const at = (w: World, operation: Parameters<World['mmu']['addressTranslate']>[0], va = VA): string => {
    const { par, fault } = w.mmu.addressTranslate(operation, ...halves(va));
    return fault ? `fault ${fault.kind} ${fault.stage}.${fault.level}` : `0x${par.toString(16)}`;
  };

  it('gives the address, attributes and shareability of one stage or both', () => {
    const w = twoStages();
    expect(at(w, 'AT S1E1R')).toBe('0xff00000080157b80');
    expect(at(w, 'AT S12E1R')).toBe('0xff00000040157b80');
    expect(at(w, 'AT S1E1W')).toBe('0xff00000080157b80');
    // F, FST permission level 3, S for stage 2.
    expect(at(w, 'AT S12E1W')).toBe('0xa1f');
    expect(at(w, 'AT S1E0R')).toBe('0x81f');
  });

  it('at EL1 takes stage-2 faults on its walk, at EL2 reports them', () => {
    const w = new World(1).stage2On();
    w.map('TTBR0_EL1', PAGE, Number(IPA), s1leaf);
    expect(at(w, 'AT S1E1R')).toBe('fault translation 2.1');
    w.cpu.setLevel(2, 1);
    expect(at(w, 'AT S1E1R')).toBe('0xb0b');
  });

  it('takes external aborts, and neither uses nor fills the TLB', () => {
    const w = new World(2);
    w.map('TTBR0_EL1', PAGE, PA, s1leaf);
    w.access(PAGE);
    w.map('TTBR0_EL1', PAGE, PA + 0x1000, s1leaf);
    expect(at(w, 'AT S1E1R')).toBe('0xff00000040158b80');
    expect(w.mmu.tlb.size).toBe(1);
    w.ram.set(Number(w.cpu.get('TTBR0_EL1') & 0xffff_f000n), 0x1000n | d.table);
    expect(at(w, 'AT S1E1R', 0n)).toBe('fault externalOnWalk 1.2');
  });

  it('translates for EL2', () => {
    const w = new World(2);
    expect(at(w, 'AT S1E2R', BigInt(RAM))).toBe('0x40000b00');
    w.enable('SCTLR_EL2', SCTLR.M).map('TTBR0_EL2', PAGE, PA, s1leaf | d.readOnly);
    expect(at(w, 'AT S1E2R')).toBe('0xff00000040157b80');
    expect(at(w, 'AT S1E2W')).toBe('0x81f');
  });
});
