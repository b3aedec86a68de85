import { describe, expect, it } from 'vitest';
import { VA as virtual } from '../../emulator/base/addresses.ts';
import { walkText } from '../../emulator/explain/walk-text.ts';
import { explainWalk, readTables, type ExplainOptions, type Walk } from '../../emulator/mmu/index.ts';
import { d, HCR, RAM, s1leaf, s2leaf, SCTLR, World } from './world.ts';

const VA = 0x12_3456_7000n;
const TCR = 25n | (25n << 16n) | (2n << 30n) | (2n << 32n) | (1n << 36n);
const VTCR = 25n | (1n << 6n) | (2n << 16n) | (1n << 31n);

const walk = (w: World, va = VA, options: Partial<ExplainOptions> = {}): Walk =>
  explainWalk(w.mmu, virtual(va), { regime: 'el1', el: 1, access: 'r', ...options });
/** The field or input that decided, and the sentence. */
function decided(w: World, va?: bigint, options?: Partial<ExplainOptions>): [string, string] {
  const { result } = walk(w, va, options);
  if (result.ok) throw new Error('it succeeds');
  const { of, field, value, text } = result.decidedBy;
  return [`${of}.${field} = ${value}`, text];
}
const mapped = (bits: bigint): World => new World().map1(VA, RAM, bits);

describe('what decided a fault', () => {
  it.each<[string, World, bigint, Partial<ExplainOptions>, string, RegExp]>([
    ['T0SZ below 16', new World().registers({ TCR_EL1: TCR & ~0x3fn }), VA, {}, 'TCR_EL1.T0SZ = 0', /below its minimum, 16/],
    ['T0SZ above 39', new World().registers({ TCR_EL1: TCR | 0x28n }), VA, {}, 'TCR_EL1.T0SZ = 57', /above its maximum, 39/],
    [
      'a VA beyond T0SZ',
      new World(),
      1n << 41n,
      {},
      'TCR_EL1.T0SZ = 25',
      /lower half 39 bits wide: bits 63:39 must be 0, but they are 0x4/,
    ],
    [
      'a VA beyond T1SZ',
      new World(),
      (1n << 63n) | (1n << 55n),
      {},
      'TCR_EL1.T1SZ = 25',
      /upper half 39 bits wide: bits 63:39 must all be 1/,
    ],
    ['EPD0', new World().registers({ TCR_EL1: TCR | (1n << 7n) }), VA, {}, 'TCR_EL1.EPD0 = 1', /forbids table walks from TTBR0_EL1/],
    [
      'a base above IPS',
      new World().registers({ TCR_EL1: TCR & ~(7n << 32n), TTBR0_EL1: 1n << 33n }),
      VA,
      {},
      'TCR_EL1.IPS = 0',
      /TTBR0_EL1 points to 0x200000000, which is beyond the 32 bits/,
    ],
    [
      'an output above IPS',
      mapped(s1leaf | (1n << 33n)).registers({ TCR_EL1: TCR & ~(7n << 32n) }),
      VA,
      {},
      'TCR_EL1.IPS = 0',
      /output address 0x240000000 of the stage 1 level 3 page is beyond the 32 bits/,
    ],
    [
      'an output above what there is',
      mapped(s1leaf | (1n << 41n)).registers({ TCR_EL1: TCR | (5n << 32n) }),
      VA,
      {},
      'TCR_EL1.IPS = 7',
      /beyond the 40-bit physical address space of a Cortex-A53/,
    ],
    [
      'a VA too large without stage 1',
      new World().disable('SCTLR_EL1', SCTLR.M),
      1n << 40n,
      {},
      'VA.63:40 = 0x1',
      /Stage 1 is off \(SCTLR_EL1.M = 0\)/,
    ],
    ['VTCR_EL2.SL0', new World().stage2On().registers({ VTCR_EL2: VTCR | (2n << 6n) }), VA, {}, 'VTCR_EL2.SL0 = 3', /level 1 or 2/],
    [
      'SL0 against T0SZ',
      new World().stage2On().registers({ VTCR_EL2: VTCR & ~(3n << 6n) }),
      VA,
      {},
      'VTCR_EL2.SL0 = 0',
      /level 2, which fits IPAs of 22 to 34 bits, but T0SZ = 25 asks for 39/,
    ],
    [
      'IPAs of more than 40 bits',
      new World().stage2On().registers({ VTCR_EL2: (VTCR & ~0x3fn) | 16n }),
      VA,
      {},
      'VTCR_EL2.T0SZ = 16',
      /IPAs of 48 bits; a Cortex-A53 has 40/,
    ],
    [
      'an IPA beyond T0SZ',
      new World().stage2On().disable('SCTLR_EL1', SCTLR.M),
      1n << 39n,
      {},
      'VTCR_EL2.T0SZ = 25',
      /39 bits wide, and 0x8000000000 needs more/,
    ],
    ['nothing mapped', new World(), VA, {}, 'the stage 1 level 1 descriptor.Valid = 0', /nothing is mapped here/],
    ['the access flag', mapped(d.inner), VA, {}, 'the stage 1 level 3 page.AF = 0', /software must set the Access flag/],
    ['AP', mapped(s1leaf), VA, { el: 0 }, 'the stage 1 level 3 page.AP = 00', /gives EL0 no access/],
    [
      'AP that implies PXN',
      mapped(s1leaf | d.user),
      VA,
      { access: 'x' },
      'the stage 1 level 3 page.AP = 01',
      /writable at EL0, so it is never executable at EL1/,
    ],
    ['WXN', mapped(s1leaf).enable('SCTLR_EL1', SCTLR.WXN), VA, { access: 'x' }, 'SCTLR_EL1.WXN = 1', /writable memory is never executable/],
    [
      'APTable',
      mapped(s1leaf).table1(d.apTable(2)),
      VA,
      { access: 'w' },
      'the stage 1 level 1 table.APTable = 10',
      /removes write permission/,
    ],
    [
      'PXNTable',
      mapped(s1leaf).table1(d.pxnTable),
      VA,
      { access: 'x' },
      'the stage 1 level 1 table.PXNTable = 1',
      /prevents EL1 from executing/,
    ],
    [
      'UXNTable',
      mapped(s1leaf | d.user).table1(d.uxnTable),
      VA,
      { access: 'x', el: 0 },
      'the stage 1 level 1 table.UXNTable = 1',
      /prevents EL0 from executing/,
    ],
    [
      'S2AP',
      mapped(s1leaf)
        .stage2On()
        .identityStage2(s2leaf & ~d.s2w),
      VA,
      { access: 'w' },
      'the stage 2 level 1 block.S2AP = 01',
      /does not allow writing/,
    ],
    [
      'S2 XN',
      mapped(s1leaf)
        .stage2On()
        .identityStage2(s2leaf | d.s2xn),
      VA,
      { access: 'x' },
      'the stage 2 level 1 block.XN = 1',
      /does not allow execution/,
    ],
    [
      'S2AP on the walk',
      mapped(s1leaf)
        .stage2On()
        .identityStage2(s2leaf & ~d.s2r),
      VA,
      {},
      'the stage 2 level 1 block.S2AP = 10',
      /does not let the stage 1 walk read/,
    ],
    [
      'HCR_EL2.PTW',
      mapped(s1leaf)
        .stage2On()
        .enable('HCR_EL2', HCR.PTW)
        .identityStage2(s2leaf & ~d.s2normal),
      VA,
      {},
      'HCR_EL2.PTW = 1',
      /stage 2 maps as Device: MemAttr = 0000/,
    ],
    ['SCTLR_EL1.A', mapped(s1leaf).enable('SCTLR_EL1', SCTLR.A), VA + 1n, { bytes: 4 }, 'SCTLR_EL1.A = 1', /aligned to its 4 bytes/],
    [
      'DC ZVA without stage 1',
      new World().disable('SCTLR_EL1', SCTLR.M),
      BigInt(RAM),
      { access: 'w', faultsOnDevice: true },
      'SCTLR_EL1.M = 0',
      /^Stage 1 is off .*, so memory is Device-nGnRnE here/,
    ],
    [
      'alignment on Device',
      mapped(s1leaf | d.attr(1)),
      VA + 1n,
      { bytes: 4 },
      'the stage 1 level 3 page.AttrIndx = 001',
      /Device-nGnRE by MAIR_EL1.Attr1 = 0x4/,
    ],
    ['an odd PC', new World(), VA + 2n, { access: 'x' }, 'PC.1:0 = 0x2', /aligned to 4 bytes/],
  ])('is told of %s', (_, w, va, options, field, sentence) => {
    const [found, text] = decided(w, va, options);
    expect(found).toBe(field);
    expect(text).toMatch(sentence);
    expect(walkText(walk(w, va, options))).toContain(text);
  });

  it('is not believed of HPFAR_EL2 after a permission fault of stage 2 but on a walk', () => {
    const note = (w: World): boolean => walkText(walk(w, VA, { access: 'w' })).includes('leaves HPFAR_EL2 UNKNOWN');
    expect(
      note(
        mapped(s1leaf)
          .stage2On()
          .identityStage2(s2leaf & ~d.s2w),
      ),
    ).toBe(true);
    expect(
      note(
        mapped(s1leaf)
          .stage2On()
          .identityStage2(s2leaf & ~d.s2r),
      ),
    ).toBe(false);
    expect(note(mapped(s1leaf).stage2On())).toBe(false);
  });
});

describe('what is ignored', () => {
  it('of a block is told with its bits', () => {
    const w = new World().map1(VA, RAM + 0x6_0000, s1leaf | (0xfn << 55n), 2);
    const text = walkText(walk(w));
    expect(text).toContain('Bits 20:12 = 0x60: ignored here: RES0 in a 2 MiB block');
    expect(text).toContain('Bits 58:55 = 0xf: for software');
    expect(walkText(walk(mapped(s1leaf)))).not.toMatch(/Bits 20:12|ignored here: RES0/);
  });

  it('of a base register is told with the address that is used', () => {
    const w = new World().stage2On().registers({ VTCR_EL2: (VTCR & ~0x3fn) | 24n, VTTBR_EL2: 0x4008_f000n });
    expect(walk(w).stages.stage2!.root!.notes).toEqual([
      'VTTBR_EL2.BADDR 0x4008f000 is used as 0x4008e000: the first table is aligned to its 8 KiB, and bits 12:0 are ignored.',
    ]);
    const odd = new World().registers({ TCR_EL1: TCR | (2n << 14n) });
    expect(walk(odd).stages.stage1.root!.notes[0]).toMatch(/^TCR_EL1.TG0 = 2 is the 16 KiB granule, which a Cortex-A53 does not support/);
  });

  it('of PXN is told beside the bit', () => {
    const pxn = (w: World): string => walk(w).steps.at(-1)!.fields['PXN'].text;
    expect(pxn(mapped(s1leaf))).toBe('EL1 may execute');
    expect(pxn(mapped(s1leaf | d.user))).toBe('EL1 cannot execute: AP lets EL0 write here, which implies PXN');
    expect(pxn(mapped(s1leaf).table1(d.pxnTable))).toBe('EL1 cannot execute: a table above forbids it');
  });

  it('leaves no size to a picture where TnSZ is refused', () => {
    const w = new World().registers({ TCR_EL1: TCR & ~0x3fn });
    expect(walk(w).input.map(({ name, high, low }) => [name, high, low])).toEqual([['address', 63, 0]]);
    expect(w.mmu.describe('el1').stage1.roots[0]).toMatchObject({ inputBits: 64, refusal: 'sizeBelow', refusedBy: { field: 'T0SZ' } });
    expect(readTables(w.mmu, 'TTBR0_EL1')).toMatchObject({ inputBits: 64, root: undefined, refusedBy: { field: 'T0SZ', value: '0' } });
  });
});

describe('the Contiguous bit', () => {
  const CONTIGUOUS = 1n << 52n;
  function group(change: (w: World) => void = () => {}): string {
    const w = new World();
    for (let i = 0; i < 16; i++) w.map1(0x8000_0000n + BigInt(i * 4096), RAM + i * 4096, s1leaf | CONTIGUOUS);
    change(w);
    return walk(w, 0x8000_2000n).steps.at(-1)!.fields['Contiguous'].text;
  }
  it('is believed of a group that is alike', () => {
    expect(group()).toBe('entries 0 to 15 form one range of 64 KiB: a hint to the TLB');
    expect(group((w) => w.map1(0x8000_3000n, RAM + 0x3000, (s1leaf & ~d.af) | CONTIGUOUS))).toMatch(/^entries 0 to 15 form one range/);
  });
  it.each<[string, bigint, number, bigint]>([
    ['the output of entry 3 does not follow', 3n, 0x4_0000, s1leaf | CONTIGUOUS],
    ['entry 3 has Contiguous = 0', 3n, 0x3000, s1leaf],
    ['entry 15 has other attributes', 15n, 0xf000, s1leaf | CONTIGUOUS | d.readOnly],
  ])('is not where %s', (problem, entry, offset, bits) => {
    const text = group((w) => w.map1(0x8000_0000n + entry * 4096n, RAM + offset, bits));
    expect(text).toContain(`wrong: entries 0 to 15 form no range of 64 KiB, because ${problem}`);
  });
});
