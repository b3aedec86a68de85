import { describe, expect, it } from 'vitest';
import { d, HCR, RAM, s1leaf, s2leaf, SCTLR, World } from './world.ts';

const VA = 0x12_3456_7000n;
const PA = RAM + 0x20_0000;

describe('stage 1', () => {
  it('maps pages and blocks and keeps the offset', () => {
    const w = new World();
    w.map('TTBR0_EL1', VA, PA, s1leaf);
    w.map('TTBR0_EL1', 0x40_0000n, RAM, s1leaf, 2);
    w.map('TTBR0_EL1', 0x4000_0000n, RAM, s1leaf, 1);
    expect(w.access(VA + 0xabcn)).toBe(PA + 0xabc);
    expect(w.access(0x5f_fff8n)).toBe(RAM + 0x1f_fff8);
    expect(w.access(0x4123_4567n)).toBe(RAM + 0x123_4567);
  });

  it('chooses TTBR1 for the upper half', () => {
    const w = new World();
    w.map('TTBR1_EL1', 0xffff_ff80_0000_1000n, PA, s1leaf);
    expect(w.access(0xffff_ff80_0000_1234n)).toBe(PA + 0x234);
    expect(w.access(0x1234n)).toBe('translation 1.1');
  });

  it('refuses addresses between the ranges at level 0', () => {
    const w = new World();
    for (const va of [0x80_0000_0000n, 0xffff_ff7f_ffff_f000n, 1n << 63n, 0x0100_0000_0000_0000n])
      expect(w.access(va)).toBe('translation 1.0');
  });

  it('ignores the top byte only with TBI, each half by its own', () => {
    const w = new World();
    w.map('TTBR0_EL1', VA, PA, s1leaf);
    w.map('TTBR1_EL1', 0xffff_ff80_0000_1000n, PA, s1leaf);
    w.enable('TCR_EL1', 1n << 37n);
    expect(w.access(VA | (0x5an << 56n))).toBe(PA);
    expect(w.access(0x5aff_ff80_0000_1000n)).toBe('translation 1.0');
    w.enable('TCR_EL1', 1n << 38n);
    expect(w.access(0x5aff_ff80_0000_1000n)).toBe(PA);
  });

  it('tells where a translation ends', () => {
    const w = new World();
    w.ram.set(w.map('TTBR0_EL1', VA, PA, s1leaf), 0n);
    expect(w.access(VA)).toBe('translation 1.3');
    // Reserved at level 3: bits 1:0 = 01.
    w.ram.set(w.map('TTBR0_EL1', VA, PA, s1leaf), BigInt(PA) | s1leaf | 1n);
    expect(w.access(VA)).toBe('translation 1.3');
    w.map('TTBR0_EL1', VA, PA, d.inner);
    expect(w.access(VA)).toBe('accessFlag 1.3');
    w.map('TTBR0_EL1', VA, 2 ** 40, s1leaf);
    expect(w.access(VA)).toBe('addressSize 1.3');
    w.map('TTBR0_EL1', 0x4000_0000n, 2 ** 41, d.table, 1);
    expect(w.access(0x4000_0000n)).toBe('addressSize 1.1');
    w.ram.set(Number(w.cpu.get('TTBR0_EL1') & 0xffff_f000n), 0x1000n | d.table);
    expect(w.access(0n)).toBe('externalOnWalk 1.2');
  });

  it('knows no blocks at level 0, nor with 64 KiB at level 1', () => {
    const w = new World();
    const tcr = w.cpu.get('TCR_EL1') & ~0x3fn;
    w.registers({ TCR_EL1: tcr | 16n });
    w.ram.set(Number(w.cpu.get('TTBR0_EL1') & 0xffff_f000n), BigInt(RAM) | s1leaf | d.block);
    expect(w.access(0n)).toBe('translation 1.0');
    w.registers({ TCR_EL1: tcr | 16n | (1n << 14n) });
    expect(w.access(0n)).toBe('translation 1.1');
  });

  it('walks with the 64 KiB granule', () => {
    const w = new World();
    const level2 = 0x4040_0000;
    const level3 = 0x4041_0000;
    w.registers({ TTBR0_EL1: BigInt(level2), TCR_EL1: (w.cpu.get('TCR_EL1') & ~0x3fn) | 22n | (1n << 14n) });
    w.ram.set(level2 + 8 * 5, BigInt(level3) | d.table);
    w.ram.set(level3 + 8 * 7, BigInt(RAM + 0x5_0000) | s1leaf | d.page);
    w.ram.set(level2 + 8 * 6, 0x4000_0000n | s1leaf | d.block);
    const va = (5n << 29n) | (7n << 16n) | 0x1234n;
    expect(w.access(va)).toBe(RAM + 0x5_1234);
    expect(w.access((6n << 29n) | 0x1ab_cdefn)).toBe(0x4000_0000 + 0x1ab_cdef);
  });

  it('refuses the whole range with EPD, sizes out of range, and a base out of range', () => {
    const w = new World();
    w.map('TTBR0_EL1', VA, PA, s1leaf);
    const tcr = w.cpu.get('TCR_EL1');
    w.registers({ TCR_EL1: tcr | (1n << 7n) });
    expect(w.access(VA)).toBe('translation 1.0');
    for (const tsz of [15n, 40n]) {
      w.registers({ TCR_EL1: (tcr & ~0x3fn) | tsz });
      expect(w.access(0x1000n)).toBe('translation 1.0');
    }
    w.registers({ TCR_EL1: tcr, TTBR0_EL1: 1n << 40n });
    expect(w.access(VA)).toBe('addressSize 1.0');
    // IPS says 32 bits.
    w.registers({ TCR_EL1: tcr & ~(7n << 32n), TTBR0_EL1: 1n << 32n });
    expect(w.access(VA)).toBe('addressSize 1.0');
  });

  it('reads big-endian tables with SCTLR_EL1.EE', () => {
    const w = new World();
    const at = w.map('TTBR0_EL1', 0x4000_0000n, RAM, s1leaf, 1);
    w.ram.set(at, swap64(w.ram.get(at)));
    expect(w.access(0x4000_0123n)).not.toBe(RAM + 0x123);
    w.enable('SCTLR_EL1', SCTLR.EE);
    expect(w.access(0x4000_0123n)).toBe(RAM + 0x123);
  });

  it('reads big-endian tables of stage 2 and of EL2 with SCTLR_EL2.EE, those of EL1 beside them as SCTLR_EL1.EE says', () => {
    const w = new World().stage2On();
    w.map('TTBR0_EL1', 0x4000_0000n, RAM, s1leaf, 1);
    const at = [w.map('VTTBR_EL2', BigInt(RAM), RAM, s2leaf, 1), w.map('TTBR0_EL2', 0x8000_0000n, RAM, s1leaf, 1)];
    for (const each of at) w.ram.set(each, swap64(w.ram.get(each)));
    w.enable('SCTLR_EL2', SCTLR.M);
    expect([w.access(0x4000_0123n), w.access(0x8000_0123n, 'read', 2)]).not.toContain(RAM + 0x123);
    w.enable('SCTLR_EL2', SCTLR.EE);
    expect([w.access(0x4000_0123n), w.access(0x8000_0123n, 'read', 2)]).toEqual([RAM + 0x123, RAM + 0x123]);
  });
});

describe('stage 1 permissions', () => {
  const allowed = (bits: bigint, more: (w: World) => void = () => {}): string => {
    const w = new World();
    w.map('TTBR0_EL1', VA, PA, s1leaf | bits);
    more(w);
    const can = (el: 0 | 1): string =>
      (['read', 'write', 'execute'] as const).map((intent, i) => (w.access(VA, intent, el) === PA ? 'rwx'[i] : '-')).join('');
    return `${can(0)} ${can(1)}`;
  };

  it('follows AP, UXN and PXN', () => {
    expect(allowed(0n)).toBe('--x rwx');
    expect(allowed(d.user)).toBe('rwx rw-');
    expect(allowed(d.readOnly)).toBe('--x r-x');
    expect(allowed(d.user | d.readOnly)).toBe('r-x r-x');
    expect(allowed(d.uxn)).toBe('--- rwx');
    expect(allowed(d.pxn)).toBe('--x rw-');
    expect(allowed(d.user | d.uxn | d.pxn)).toBe('rw- rw-');
  });

  it('takes what tables say for everything below', () => {
    const table = (bits: bigint) => (w: World) => {
      const at = Number(w.cpu.get('TTBR0_EL1') & 0xffff_f000n) + Number(VA >> 30n) * 8;
      w.ram.set(at, w.ram.get(at) | bits);
    };
    expect(allowed(d.user, table(d.apTable(1)))).toBe('--x rwx');
    expect(allowed(d.user, table(d.apTable(2)))).toBe('r-x r-x');
    expect(allowed(0n, table(d.uxnTable))).toBe('--- rwx');
    expect(allowed(0n, table(d.pxnTable))).toBe('--x rw-');
  });

  it('never executes what is writable with WXN', () => {
    const wxn = (w: World): unknown => w.enable('SCTLR_EL1', SCTLR.WXN);
    expect(allowed(0n, wxn)).toBe('--x rw-');
    expect(allowed(d.user, wxn)).toBe('rw- rw-');
    expect(allowed(d.user | d.readOnly, wxn)).toBe('r-x r-x');
  });

  it('has one level in EL2, where AP[1], PXN and nG mean nothing', () => {
    const w = new World(2);
    w.enable('SCTLR_EL2', SCTLR.M);
    w.map('TTBR0_EL2', VA, PA, s1leaf | d.user | d.pxn | d.notGlobal);
    for (const intent of ['read', 'write', 'execute'] as const) expect(w.access(VA, intent, 2)).toBe(PA);
    w.map('TTBR0_EL2', VA + 0x1000n, PA, s1leaf | d.readOnly | d.uxn);
    expect(w.access(VA + 0x1000n, 'write', 2)).toBe('permission 1.3');
    expect(w.access(VA + 0x1000n, 'execute', 2)).toBe('permission 1.3');
    expect(w.access(0xffff_ff80_0000_0000n, 'read', 2)).toBe('translation 1.0');
  });
});

describe('stage 2', () => {
  it('translates every stage-1 fetch and the result: 15 reads for 3 + 3 levels', () => {
    const w = new World().stage2On();
    const ipa = 0x8000_0000n;
    w.map('TTBR0_EL1', VA, Number(ipa), s1leaf);
    w.map('VTTBR_EL2', ipa, PA, s2leaf);
    // Stage 2 of the tables themselves: page by page, so that all three levels are read.
    for (let page = RAM + 0x10_0000; page < RAM + 0x11_0000; page += 0x1000) w.map('VTTBR_EL2', BigInt(page), page, s2leaf);
    w.ram.reads = 0;
    expect(w.access(VA + 0x18n)).toBe(PA + 0x18);
    expect(w.ram.reads).toBe(15);
  });

  it('reports a refused descriptor address with its IPA, whatever the access', () => {
    const w = new World().stage2On();
    w.map('TTBR0_EL1', VA, PA, s1leaf);
    expect(w.access(VA, 'write')).toBe('translation 2.1 walk');
    const root = Number(w.cpu.get('TTBR0_EL1') & 0xffff_f000n);
    expect(w.mmu.fault!.ipa).toBe(root + Number(VA >> 30n) * 8);
    w.identityStage2(d.af | d.s2normal | d.s2w);
    expect(w.access(VA, 'execute')).toBe('permission 2.1 walk');
    w.identityStage2(d.af | d.s2normal | d.s2r | d.s2xn);
    expect(w.access(VA, 'write')).toBe('permission 2.1');
    expect(w.mmu.fault!.ipa).toBe(PA);
  });

  it('follows S2AP and XN; executing needs no right to read', () => {
    const w = new World().stage2On().disable('SCTLR_EL1', SCTLR.M);
    const ipa = 0x8000_0000n;
    w.map('VTTBR_EL2', ipa, PA, d.af | d.s2normal);
    expect(w.access(ipa)).toBe('permission 2.3');
    expect(w.access(ipa, 'write')).toBe('permission 2.3');
    expect(w.access(ipa, 'execute')).toBe(PA);
    w.map('VTTBR_EL2', ipa + 0x1000n, PA, s2leaf | d.s2xn);
    expect(w.access(ipa + 0x1000n, 'write')).toBe(PA);
    expect(w.access(ipa + 0x1000n, 'execute')).toBe('permission 2.3');
  });

  it('lets stage 1 refuse first', () => {
    const w = new World().stage2On().identityStage2();
    w.map('TTBR0_EL1', VA, 0x8000_0000, s1leaf | d.readOnly);
    expect(w.access(VA, 'write')).toBe('permission 1.3');
    expect(w.access(VA, 'read')).toBe('translation 2.1');
    expect(w.mmu.fault!.ipa).toBe(0x8000_0000);
  });

  it('refuses walks through Device memory with HCR_EL2.PTW', () => {
    const w = new World().stage2On().identityStage2(d.af | d.s2r | d.s2w);
    w.map('TTBR0_EL1', VA, PA, s1leaf);
    expect(w.access(VA)).toBe(PA);
    w.mmu.invalidate('TLBI VMALLS12E1', 0, 0);
    w.enable('HCR_EL2', HCR.PTW);
    expect(w.access(VA)).toBe('permission 2.1 walk');
  });

  it('refuses sizes that do not fit together, and IPAs beyond the input size', () => {
    const w = new World().stage2On().identityStage2().disable('SCTLR_EL1', SCTLR.M);
    const vtcr = w.cpu.get('VTCR_EL2') & ~0xffn;
    expect(w.access(1n << 39n)).toBe('translation 2.0');
    // T0SZ 24 from level 1 with 2 concatenated tables; from level 0; 41 bits; from level 2 the first table would have 2^18 entries.
    w.registers({ VTCR_EL2: vtcr | 24n | (1n << 6n) });
    expect(w.access(BigInt(RAM))).toBe(RAM);
    for (const [t0sz, sl0] of [
      [24n, 2n],
      [23n, 1n],
      [25n, 0n],
      [40n, 0n],
      [34n, 1n],
    ] as const) {
      w.registers({ VTCR_EL2: vtcr | t0sz | (sl0 << 6n) });
      w.mmu.invalidate('TLBI VMALLS12E1', 0, 0);
      expect(w.access(BigInt(RAM)), `T0SZ ${t0sz}, SL0 ${sl0}`).toBe('translation 2.0');
    }
  });

  it('walks concatenated tables: 40-bit IPAs from level 1', () => {
    const w = new World().stage2On().disable('SCTLR_EL1', SCTLR.M);
    const base = 0x4020_0000;
    w.registers({ VTTBR_EL2: BigInt(base), VTCR_EL2: (w.cpu.get('VTCR_EL2') & ~0x3fn) | 24n });
    w.ram.set(base + 8 * 1023, BigInt(RAM) | s2leaf | d.block);
    expect(w.access(0xff_c000_1234n)).toBe(RAM + 0x1234);
  });

  it('limits output by VTCR_EL2.PS', () => {
    const w = new World().stage2On().disable('SCTLR_EL1', SCTLR.M);
    w.map('VTTBR_EL2', 0x1000n, 2 ** 33, s2leaf);
    expect(w.access(0x1000n)).toBe(2 ** 33);
    w.disable('VTCR_EL2', 7n << 16n);
    w.mmu.invalidate('TLBI VMALLS12E1', 0, 0);
    expect(w.access(0x1000n)).toBe('addressSize 2.3');
  });
});

describe('stages that are off', () => {
  it('pass addresses of up to 40 bits', () => {
    const w = new World().disable('SCTLR_EL1', SCTLR.M);
    expect(w.access(0xff_ffff_fff0n)).toBe(0xff_ffff_fff0);
    expect(w.access(1n << 40n)).toBe('addressSize 1.0');
    expect(w.access((0x5an << 56n) | 0x1000n)).toBe('addressSize 1.0');
    w.enable('TCR_EL1', 1n << 37n);
    expect(w.access((0x5an << 56n) | 0x1000n)).toBe(0x1000);
  });

  it('make data Device memory, which must be aligned', () => {
    const w = new World().disable('SCTLR_EL1', SCTLR.M);
    expect(w.access(0x1001n, 'read', 1, 4)).toBe('alignment 1.0');
    expect(w.access(0x1004n, 'read', 1, 4)).toBe(0x1004);
    expect(w.mmu.device && w.mmu.strict).toBe(true);
  });

  it('are off together under HCR_EL2.TGE, and replaced by stage 2 under HCR_EL2.DC', () => {
    const w = new World().identityStage2();
    w.map('TTBR0_EL1', VA, PA, s1leaf);
    w.enable('HCR_EL2', HCR.TGE);
    expect(w.access(VA)).toBe(Number(VA));
    w.disable('HCR_EL2', HCR.TGE).enable('HCR_EL2', HCR.DC);
    expect(w.access(BigInt(PA) + 1n, 'read', 1, 4)).toBe(PA + 1);
    expect(w.mmu.device).toBe(false);
    expect(w.access(0x8000_0000n)).toBe('translation 2.1');
  });
});

describe('alignment', () => {
  const device = (): World => {
    const w = new World();
    w.map('TTBR0_EL1', VA, PA, s1leaf | d.attr(1) | d.readOnly);
    w.map('TTBR0_EL1', VA + 0x1000n, PA, s1leaf);
    return w;
  };

  it('faults on Device memory after translation and before permission', () => {
    const w = device();
    for (let repeat = 0; repeat < 2; repeat++) {
      expect(w.access(VA + 1n, 'write', 1, 2)).toBe('alignment 1.3');
      expect(w.access(VA + 1n, 'read', 1, 2)).toBe('alignment 1.3');
      expect(w.access(VA, 'write', 1, 2)).toBe('permission 1.3');
      expect(w.access(VA, 'write', 1, 64, false, true)).toBe('alignment 1.3');
      expect(w.access(VA, 'read', 1, 8)).toBe(PA);
    }
    expect(w.access(0x7000_0001n, 'read', 1, 2)).toBe('translation 1.1');
  });

  it('faults before translation with SCTLR_EL1.A, or where the access says so', () => {
    const w = device();
    expect(w.access(VA + 0x1001n, 'read', 1, 2)).toBe(PA + 1);
    expect(w.mmu.strict).toBe(false);
    expect(w.access(0x7000_0001n, 'read', 1, 2, true)).toBe('alignment 1.0');
    w.enable('SCTLR_EL1', SCTLR.A);
    expect(w.access(0x7000_0001n, 'read', 1, 2)).toBe('alignment 1.0');
    expect(w.access(VA + 0x1002n, 'read', 1, 2)).toBe(PA + 2);
    expect(w.mmu.strict).toBe(true);
  });

  it('faults by stage 2 on what stage 2 makes Device memory', () => {
    const w = new World().stage2On().identityStage2();
    w.map('TTBR0_EL1', VA, 0x8000_0000, s1leaf);
    w.map('VTTBR_EL2', 0x8000_0000n, PA, d.af | d.s2r | d.s2w);
    for (let repeat = 0; repeat < 2; repeat++) {
      expect(w.access(VA + 1n, 'read', 1, 2)).toBe('alignment 2.3');
      expect(w.access(VA, 'read', 1, 2)).toBe(PA);
    }
  });

  it('wants instructions at multiples of 4', () => {
    const w = device();
    expect(w.access(VA + 2n, 'execute')).toBe('pcAlignment 1.0');
  });
});

function swap64(value: bigint): bigint {
  let out = 0n;
  for (let i = 0n; i < 8n; i++) out |= ((value >> (8n * i)) & 0xffn) << (8n * (7n - i));
  return out;
}
