import { describe, expect, it } from 'vitest';
import { TLB_CAPACITY } from '../../emulator/mmu/tlb.ts';
import type { TlbiOperation } from '../../emulator/mmu/index.ts';
import { d, halves, RAM, s1leaf, s2leaf, SCTLR, World } from './world.ts';

const VA = 0x12_3456_7000n;
const OLD = RAM + 0x20_0000;
const NEW = RAM + 0x30_0000;

/** The operand of a TLBI by VA. */
const byVa = (va: bigint, asid = 0n): bigint => ((va >> 12n) & 0xfff_ffff_ffffn) | (asid << 48n);

const invalidate = (w: World, operation: TlbiOperation, operand = 0n): void => w.mmu.invalidate(operation, ...halves(operand));

describe('stale translations', () => {
  it('stay until a TLBI names them', () => {
    const w = new World();
    w.map('TTBR0_EL1', VA, OLD, s1leaf);
    expect(w.access(VA)).toBe(OLD);
    w.map('TTBR0_EL1', VA, NEW, s1leaf | d.readOnly);
    expect(w.access(VA)).toBe(OLD);
    expect(w.access(VA, 'write')).toBe(OLD);
    invalidate(w, 'TLBI VAE1', byVa(VA, 5n));
    expect(w.access(VA)).toBe(NEW);
    expect(w.access(VA, 'write')).toBe('permission 1.3');
  });

  it('fault from the TLB when permissions were tighter', () => {
    const w = new World();
    w.map('TTBR0_EL1', VA, OLD, s1leaf | d.readOnly);
    expect(w.access(VA)).toBe(OLD);
    w.map('TTBR0_EL1', VA, OLD, s1leaf);
    expect(w.access(VA, 'write')).toBe('permission 1.3');
    invalidate(w, 'TLBI VAE1IS', byVa(VA, 5n));
    expect(w.access(VA, 'write')).toBe(OLD);
  });

  it('are never made of faults', () => {
    const w = new World();
    expect(w.access(VA)).toBe('translation 1.1');
    w.map('TTBR0_EL1', VA, OLD, d.inner);
    expect(w.access(VA)).toBe('accessFlag 1.3');
    w.map('TTBR0_EL1', VA, OLD, s1leaf | d.readOnly);
    expect(w.access(VA, 'write')).toBe('permission 1.3');
    w.map('TTBR0_EL1', VA, OLD, s1leaf);
    expect(w.access(VA, 'write')).toBe(OLD);
  });

  it('survive SCTLR.M being off for a while, and EPD', () => {
    const w = new World();
    w.map('TTBR0_EL1', VA, OLD, s1leaf);
    w.access(VA);
    w.map('TTBR0_EL1', VA, NEW, s1leaf);
    w.disable('SCTLR_EL1', SCTLR.M);
    expect(w.access(VA)).toBe(Number(VA));
    w.enable('SCTLR_EL1', SCTLR.M).enable('TCR_EL1', 1n << 7n);
    expect(w.access(VA)).toBe(OLD);
  });
});

describe('tags', () => {
  it('keep ASIDs apart, and global entries common', () => {
    const w = new World();
    const ttbr = w.cpu.get('TTBR0_EL1') & 0xffff_ffff_ffffn;
    w.map('TTBR0_EL1', VA, OLD, s1leaf | d.notGlobal);
    w.map('TTBR0_EL1', VA + 0x1000n, OLD, s1leaf);
    w.access(VA);
    w.access(VA + 0x1000n);
    w.map('TTBR0_EL1', VA, NEW, s1leaf | d.notGlobal);
    w.map('TTBR0_EL1', VA + 0x1000n, NEW, s1leaf);
    w.registers({ TTBR0_EL1: ttbr | (6n << 48n) });
    expect(w.access(VA)).toBe(NEW);
    expect(w.access(VA + 0x1000n)).toBe(OLD);
    w.registers({ TTBR0_EL1: ttbr | (5n << 48n) });
    expect(w.access(VA)).toBe(OLD);
  });

  it('prefer the entry of the ASID to a global one, whichever came first', () => {
    const w = new World();
    const ttbr = w.cpu.get('TTBR0_EL1') & 0xffff_ffff_ffffn;
    w.map('TTBR0_EL1', VA, OLD, s1leaf | d.notGlobal);
    w.access(VA);
    w.map('TTBR0_EL1', VA, NEW, s1leaf);
    w.registers({ TTBR0_EL1: ttbr | (6n << 48n) });
    expect(w.access(VA)).toBe(NEW);
    w.registers({ TTBR0_EL1: ttbr | (5n << 48n) });
    expect(w.access(VA)).toBe(OLD);
  });

  it('take the ASID from TTBR1 with TCR_EL1.A1, and 8 bits of it without TCR_EL1.AS', () => {
    const w = new World();
    const ttbr0 = w.cpu.get('TTBR0_EL1') & 0xffff_ffff_ffffn;
    const ttbr1 = w.cpu.get('TTBR1_EL1') & 0xffff_ffff_ffffn;
    w.registers({ TTBR0_EL1: ttbr0 | (0x1234n << 48n), TTBR1_EL1: ttbr1 | (0x5678n << 48n) });
    expect(w.mmu.context('el1').asid).toBe(0x1234);
    w.enable('TCR_EL1', 1n << 22n);
    expect(w.mmu.context('el1').asid).toBe(0x5678);
    w.disable('TCR_EL1', 1n << 36n);
    expect(w.mmu.context('el1').asid).toBe(0x78);
  });

  it('keep VMIDs and regimes apart', () => {
    const w = new World().stage2On().identityStage2();
    const vttbr = w.cpu.get('VTTBR_EL2') & 0xffff_ffff_ffffn;
    w.map('TTBR0_EL1', VA, OLD, s1leaf);
    w.access(VA);
    w.map('TTBR0_EL1', VA, NEW, s1leaf);
    w.registers({ VTTBR_EL2: vttbr | (2n << 48n) });
    expect(w.access(VA)).toBe(NEW);
    w.registers({ VTTBR_EL2: vttbr | (1n << 48n) });
    expect(w.access(VA)).toBe(OLD);
    // 8 bits of VMID.
    w.registers({ VTTBR_EL2: vttbr | (0x101n << 48n) });
    expect(w.access(VA)).toBe(OLD);
    w.registers({ VTTBR_EL2: vttbr | (0x81n << 48n) });
    expect(w.access(VA)).toBe(NEW);
    w.enable('SCTLR_EL2', SCTLR.M);
    expect(w.access(VA, 'read', 2)).toBe('translation 1.1');
  });
});

describe('TLBI', () => {
  /** Entries: A and B of ASID 5, C of ASID 6, G global, all VMID 1; O of VMID 2; H of EL2. What is left of them after an operation. */
  const left = (operation: TlbiOperation, operand = 0n): string => {
    const w = new World().stage2On().identityStage2().enable('SCTLR_EL2', SCTLR.M);
    const ttbr = w.cpu.get('TTBR0_EL1') & 0xffff_ffff_ffffn;
    const vttbr = w.cpu.get('VTTBR_EL2') & 0xffff_ffff_ffffn;
    const asid = (n: bigint): World => w.registers({ TTBR0_EL1: ttbr | (n << 48n) });
    const vmid = (n: bigint): World => w.registers({ VTTBR_EL2: vttbr | (n << 48n) });
    const entries: Record<string, { va: bigint; enter: () => unknown; el: 1 | 2; root: 'TTBR0_EL1' | 'TTBR0_EL2'; bits: bigint }> = {
      A: { va: 0x1000n, enter: () => asid(5n) && vmid(1n), el: 1, root: 'TTBR0_EL1', bits: d.notGlobal },
      B: { va: 0x2000n, enter: () => asid(5n) && vmid(1n), el: 1, root: 'TTBR0_EL1', bits: d.notGlobal },
      C: { va: 0x1000n, enter: () => asid(6n) && vmid(1n), el: 1, root: 'TTBR0_EL1', bits: d.notGlobal },
      G: { va: 0x3000n, enter: () => asid(5n) && vmid(1n), el: 1, root: 'TTBR0_EL1', bits: 0n },
      O: { va: 0x1000n, enter: () => asid(5n) && vmid(2n), el: 1, root: 'TTBR0_EL1', bits: d.notGlobal },
      H: { va: 0x1000n, enter: () => undefined, el: 2, root: 'TTBR0_EL2', bits: 0n },
    };
    for (const { va, enter, el, root, bits } of Object.values(entries)) {
      enter();
      w.map(root, va, OLD, s1leaf | bits);
      expect(w.access(va, 'read', el)).toBe(OLD);
    }
    for (const { va, root, bits } of Object.values(entries)) w.map(root, va, NEW, s1leaf | bits);
    asid(5n);
    vmid(1n);
    invalidate(w, operation, operand);
    return Object.entries(entries)
      .filter(([, { va, enter, el }]) => {
        enter();
        return w.access(va, 'read', el) === OLD;
      })
      .map(([name]) => name)
      .join('');
  };

  const cases: readonly [TlbiOperation, bigint, string][] = [
    ['TLBI VAE1', byVa(0x1000n, 5n), 'BCGOH'],
    ['TLBI VALE1', byVa(0x1000n, 5n), 'BCGOH'],
    ['TLBI VAE1', byVa(0x1000n, 6n), 'ABGOH'],
    ['TLBI VAE1', byVa(0x3000n, 9n), 'ABCOH'],
    ['TLBI VAE1', byVa(0x4000n, 5n), 'ABCGOH'],
    ['TLBI VAAE1', byVa(0x1000n), 'BGOH'],
    ['TLBI VAALE1', byVa(0x3000n), 'ABCOH'],
    ['TLBI ASIDE1', 5n << 48n, 'CGOH'],
    ['TLBI ASIDE1', 7n << 48n, 'ABCGOH'],
    ['TLBI VMALLE1', 0n, 'OH'],
    ['TLBI VMALLS12E1', 0n, 'OH'],
    ['TLBI ALLE1', 0n, 'H'],
    ['TLBI ALLE2', 0n, 'ABCGO'],
    ['TLBI VAE2', byVa(0x1000n), 'ABCGO'],
    ['TLBI VALE2', byVa(0x2000n), 'ABCGOH'],
    // Combined entries stay: software must follow with VMALLE1.
    ['TLBI IPAS2E1', BigInt(OLD >> 12), 'ABCGOH'],
    ['TLBI IPAS2LE1', 1n, 'ABCGOH'],
  ];
  it.each(cases)('%s %s drops just what it names', (operation, operand, expected) => {
    expect(left(operation, operand)).toBe(expected);
    expect(left(`${operation}IS` as TlbiOperation, operand)).toBe(expected);
  });

  it('by VA drops all pages of a block', () => {
    const w = new World();
    w.map('TTBR0_EL1', 0x4000_0000n, RAM, s1leaf, 2);
    w.map('TTBR0_EL1', 0x4020_0000n, RAM, s1leaf, 2);
    w.map('TTBR0_EL1', 0x8000_0000n, RAM, s1leaf, 1);
    for (const va of [0x4000_0000n, 0x4000_5000n, 0x4020_0000n, 0x8000_0000n, 0x8765_4000n]) w.access(va);
    w.map('TTBR0_EL1', 0x4000_0000n, OLD, s1leaf, 2);
    w.map('TTBR0_EL1', 0x4020_0000n, OLD, s1leaf, 2);
    w.map('TTBR0_EL1', 0x8000_0000n, 0x8000_0000, s1leaf, 1);
    invalidate(w, 'TLBI VAE1', byVa(0x401f_f000n, 5n));
    expect(w.access(0x4000_0000n)).toBe(OLD);
    expect(w.access(0x4000_5000n)).toBe(OLD + 0x5000);
    expect(w.access(0x4020_0000n)).toBe(RAM);
    expect(w.access(0x8765_4000n)).toBe(RAM + 0x765_4000);
    invalidate(w, 'TLBI VAE1', byVa(0x8000_0000n, 5n));
    expect(w.access(0x8765_4000n)).toBe(0x8765_4000);
    expect(w.access(0x8000_0000n)).toBe(0x8000_0000);
  });

  it('works on addresses of the upper half', () => {
    const w = new World();
    const va = 0xffff_ff80_1234_5000n;
    w.map('TTBR1_EL1', va, OLD, s1leaf);
    w.access(va);
    w.map('TTBR1_EL1', va, NEW, s1leaf);
    invalidate(w, 'TLBI VAAE1IS', byVa(va));
    expect(w.access(va)).toBe(NEW);
  });

  it('by IPA drops what stage 2 alone translated, by leaf', () => {
    const w = new World().stage2On().disable('SCTLR_EL1', SCTLR.M);
    w.map('VTTBR_EL2', 0x8000_0000n, OLD, s2leaf, 2);
    w.access(0x8000_0000n);
    w.access(0x8001_0000n);
    w.map('VTTBR_EL2', 0x8000_0000n, NEW & ~0x1f_ffff, s2leaf, 2);
    expect(w.access(0x8001_0000n)).toBe(OLD + 0x1_0000);
    invalidate(w, 'TLBI IPAS2E1IS', 0x8_0000n);
    expect(w.access(0x8001_0000n)).toBe((NEW & ~0x1f_ffff) + 0x1_0000);
  });
});

describe('capacity', () => {
  const filled = (extra: number): World => {
    const w = new World();
    w.cpu.pc = VA;
    w.map('TTBR0_EL1', VA, OLD, s1leaf);
    w.map('TTBR0_EL1', 0x4000_0000n, RAM, s1leaf, 1);
    w.access(VA, 'execute');
    for (let i = 0; i < TLB_CAPACITY - 1 + extra; i++) w.access(0x4000_0000n + BigInt(i) * 0x1000n);
    return w;
  };

  it('holds what it says and then drops all but the page of the current instruction', () => {
    const full = filled(0);
    expect(full.mmu.tlb.size).toBe(TLB_CAPACITY);
    const over = filled(1);
    expect(over.mmu.tlb.size).toBe(2);
    expect(over.drops.slice(-2)).toEqual(['all el1', 'all el2']);
    over.map('TTBR0_EL1', VA, NEW, s1leaf);
    expect(over.access(VA, 'execute')).toBe(OLD);
  });

  it('stays consistent when filled and emptied many times', () => {
    const w = filled(3 * TLB_CAPACITY);
    for (let i = 0; i < 2 * TLB_CAPACITY; i++) invalidate(w, 'TLBI VAAE1', byVa(0x4000_0000n + BigInt(i) * 0x1000n));
    invalidate(w, 'TLBI VAAE1', byVa(VA));
    expect(w.mmu.tlb.size).toBe(0);
    expect(w.access(0x4000_0000n)).toBe(RAM);
  });
});

describe('what is built on the TLB', () => {
  it('hears of each page that goes', () => {
    const w = new World();
    const va = 0xffff_ff80_1234_5000n;
    w.map('TTBR1_EL1', va, OLD, s1leaf);
    w.access(va);
    w.drops.length = 0;
    invalidate(w, 'TLBI VAAE1', byVa(va));
    expect(w.drops).toEqual(['ffffff80:12345000']);
    invalidate(w, 'TLBI VAAE1', byVa(va));
    expect(w.drops).toHaveLength(1);
  });

  it('hears that all goes when many do, or when ignored address bits hide which', () => {
    const w = new World().enable('TCR_EL1', 1n << 37n);
    w.map('TTBR0_EL1', 0x4000_0000n, RAM, s1leaf, 1);
    for (let i = 0n; i < 100n; i++) w.access(0x4000_0000n + i * 0x1000n);
    w.drops.length = 0;
    invalidate(w, 'TLBI VMALLE1');
    expect(w.drops.slice(-2)).toEqual(['all el1', 'all el2']);
    w.access(0x4000_0000n | (0x5an << 56n));
    w.drops.length = 0;
    invalidate(w, 'TLBI VAE1', byVa(0x4000_0000n, 5n));
    expect(w.drops).toEqual(['0:40000000', 'all el1', 'all el2']);
  });

  it('hears when another context comes into force, not when the tables change', () => {
    const w = new World();
    const asid = w.cpu.get('TTBR0_EL1') ^ (1n << 48n);
    w.drops.length = 0;
    w.registers({ TTBR0_EL1: w.cpu.get('TTBR0_EL1') + 0x1000n, MAIR_EL1: 0n });
    expect(w.drops).toEqual([]);
    w.registers({ TTBR0_EL1: asid });
    expect(w.drops).toEqual(['all el1']);
    for (const change of [
      () => w.stage2On(),
      () => w.disable('SCTLR_EL1', SCTLR.M),
      () => w.enable('SCTLR_EL1', SCTLR.A),
      () => w.enable('TCR_EL1', 1n << 38n),
      () => w.registers({ VTTBR_EL2: w.cpu.get('VTTBR_EL2') ^ (1n << 48n) }),
    ]) {
      w.drops.length = 0;
      change();
      expect(w.drops).toEqual(['all el1']);
    }
    w.drops.length = 0;
    w.enable('SCTLR_EL2', SCTLR.M);
    expect(w.drops).toEqual(['all el2']);
  });
});

describe('snapshots', () => {
  it('hold the content in one order and bring it back', () => {
    const one = new World();
    const other = new World();
    for (const w of [one, other]) {
      w.map('TTBR0_EL1', 0x4000_0000n, RAM, s1leaf, 1);
      w.map('TTBR0_EL1', VA, OLD, s1leaf | d.notGlobal);
    }
    const vas = [VA, 0x4000_0000n, 0x4567_8000n, 0x4001_2000n];
    for (const va of vas) one.access(va);
    for (const va of [...vas].reverse()) other.access(va);
    expect(one.mmu.snapshot()).toEqual(other.mmu.snapshot());
    const bytes = one.mmu.snapshot();
    const third = new World();
    expect(third.mmu.restore(bytes)).toBe(true);
    expect(third.mmu.snapshot()).toEqual(bytes);
    expect(third.access(VA)).toBe(OLD);
    expect(third.access(0x4567_8abcn)).toBe(RAM + 0x567_8abc);
    third.mmu.invalidate('TLBI VAAE1', ...halves(byVa(0x4000_0000n)));
    expect(third.access(VA)).toBe(OLD);
    expect(third.access(0x4567_8000n)).toBe('translation 1.1');
  });

  it('refuse bytes that are none', () => {
    const w = new World();
    expect(w.mmu.restore(new Uint8Array(5))).toBe(false);
    expect(w.mmu.restore(new Uint8Array(28 * (TLB_CAPACITY + 1)))).toBe(false);
    expect(w.mmu.tlb.size).toBe(0);
  });
});
