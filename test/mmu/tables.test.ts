import { PA } from '../../emulator/base/addresses.ts';
import { describe, expect, it } from 'vitest';
import { hiddenIn, countRows, manyPages } from './many-pages.ts';
import { aliasesOf, mappedRanges, outlineTree, readMap, readTables, type TableRun } from '../../emulator/mmu/index.ts';
import { d, RAM, RAM_BYTES, s1leaf, s2leaf, SCTLR, World } from './world.ts';

const rows = [
  { from: PA(0x900_0000), to: PA(0x900_1000), kind: 'device' },
  { from: PA(RAM), to: PA(RAM + RAM_BYTES), kind: 'normal' },
] as const;
const UPPER = 0xffff_ff80_0000_0000n;

/** Upper half: 16 pages of code, 8 of data that continue them, a device; a 2 MiB block. */
function guest(): World {
  const w = new World();
  for (let i = 0; i < 16; i++) w.map('TTBR1_EL1', UPPER + BigInt(i * 4096), RAM + i * 4096, s1leaf | d.readOnly | d.uxn);
  for (let i = 16; i < 24; i++) w.map('TTBR1_EL1', UPPER + BigInt(i * 4096), RAM + i * 4096, s1leaf | d.pxn | d.uxn);
  w.map('TTBR1_EL1', UPPER + 0x0900_0000n, 0x0900_0000, s1leaf | d.attr(1) | d.pxn | d.uxn);
  w.map('TTBR1_EL1', UPPER + 0x1000_0000n, RAM + 0x20_0000, s1leaf | d.pxn | d.uxn, 2);
  return w;
}

const outline = (run: TableRun): string =>
  `${run.kind} ${run.index}+${run.count}${run.leaf ? ` ${run.leaf.permissions['1']} ${run.output!.toString(16)}` : ''}`;

describe('the tree of a root', () => {
  it('merges equal neighbours and counts all', () => {
    const tree = readTables(guest().mmu, 'TTBR1_EL1');
    expect(tree.base).toBe(UPPER);
    expect(tree.root!.runs.map(outline)).toEqual(['table 0+1', 'invalid 1+511']);
    const level2 = tree.root!.runs[0].table!;
    expect(level2.runs.map(outline)).toEqual([
      'table 0+1',
      'invalid 1+71',
      'table 72+1',
      'invalid 73+55',
      'block 128+1 rw- 40200000',
      'invalid 129+383',
    ]);
    expect(level2.runs[0].table!.runs.map(outline)).toEqual(['page 0+16 r-x 40000000', 'page 16+8 rw- 40010000', 'invalid 24+488']);
    expect(tree.counts).toEqual({ tables: 4, entries: { table: 3, block: 1, page: 25, invalid: 2019, reserved: 0 }, runs: 13 });
    expect(tree.counts.entries.page + tree.counts.entries.block + tree.counts.entries.table + tree.counts.entries.invalid).toBe(4 * 512);
  });

  it('gives what is mapped in order, merged across tables', () => {
    const w = new World();
    for (let i = 500; i < 520; i++) w.map('TTBR0_EL1', BigInt(i * 4096), RAM + i * 4096, s1leaf);
    const ranges = [...mappedRanges(readTables(w.mmu, 'TTBR0_EL1'))];
    expect(ranges).toHaveLength(1);
    expect(ranges[0]).toMatchObject({ input: 500 * 4096, bytes: 20 * 4096, output: RAM + 500 * 4096 });
  });

  it('shows what tables withhold from everything below', () => {
    const w = guest();
    const root = Number(w.cpu.get('TTBR1_EL1') & 0xffff_f000n);
    w.ram.set(root, w.ram.get(root) | d.apTable(2));
    const ranges = [...mappedRanges(readTables(w.mmu, 'TTBR1_EL1'))];
    expect(ranges[0]).toMatchObject({ bytes: 16 * 4096, leaf: { permissions: { '0': '---', '1': 'r-x' } } });
    expect(ranges[1].leaf.permissions['1']).toBe('r--');
  });

  it('reads tables through stage 2, and says where it cannot', () => {
    const w = guest().stage2On().identityStage2();
    const before = readTables(w.mmu, 'TTBR1_EL1').counts;
    expect(before.tables).toBe(4);
    w.registers({ TTBR1_EL1: 0x8000_0000n });
    expect(readTables(w.mmu, 'TTBR1_EL1').root).toMatchObject({ runs: [], problem: 'refused by stage 2' });
    w.disable('HCR_EL2', 1n);
    expect(readTables(w.mmu, 'TTBR1_EL1').root).toMatchObject({ runs: [], problem: 'no memory' });
    w.enable('TCR_EL1', 1n << 23n);
    expect(readTables(w.mmu, 'TTBR1_EL1')).toMatchObject({ root: undefined, refusedBy: { of: 'TCR_EL1', field: 'EPD1', value: '1' } });
  });

  it('ends on tables that contain themselves', () => {
    const w = new World();
    const root = Number(w.cpu.get('TTBR0_EL1') & 0xffff_f000n);
    for (let i = 0; i < 512; i++) w.ram.set(root + i * 8, BigInt(root) | d.table);
    const tree = readTables(w.mmu, 'TTBR0_EL1', { maxEntries: 100 * 512 });
    expect(tree.isTruncated).toBe(true);
    expect(Object.values(tree.counts.entries).reduce((a, b) => a + b)).toBeLessThanOrEqual(103 * 512);
    expect(readTables(w.mmu, 'TTBR0_EL1', { maxRuns: 1000 }).counts.runs).toBeLessThanOrEqual(1000 + 3 * 512);
    expect(readMap([{ mmu: w.mmu, regime: 'el1' }], { rows }).isTruncated).toBe(true);
  });

  it('becomes plain data', () => {
    const outline = outlineTree(readTables(guest().mmu, 'TTBR1_EL1'), { rows: 2 ** 20 });
    expect(structuredClone(outline)?.root.rows[0].table?.rows[4]).toMatchObject({
      kind: 'block',
      input: '0xffffff8010000000',
      output: '0x40200000',
      size: 2 ** 21,
    });
  });

  it('of 262,144 entries reads each once and shows as many rows as there is room for', () => {
    const { source, memory } = manyPages();
    const tree = readTables(source, 'TTBR0_EL1');
    expect(tree.counts.entries.page).toBe(262_144);
    expect(memory.reads).toBe(262_144 + 2 * 512);
    const { root } = outlineTree(tree, { rows: 24 })!;
    expect(countRows(root)).toBeLessThanOrEqual(24 + 8);
    expect(hiddenIn(root)).toBe(262_144);
  });
});

describe('aliases', () => {
  it('finds all VAs of a PA, through both stages', () => {
    const w = guest();
    w.map('TTBR0_EL1', 0x5000n, RAM + 0x1000, s1leaf);
    expect(aliasesOf(w.mmu, 'el1', PA(RAM + 0x1234))).toEqual([
      { va: '0x5234', ipa: null },
      { va: '0xffffff8000001234', ipa: null },
    ]);
    w.stage2On().identityStage2();
    w.map('VTTBR_EL2', 0x8000_0000n, RAM + 0x1000, s2leaf);
    w.map('TTBR0_EL1', 0x6000n, 0x8000_0000, s1leaf);
    expect(aliasesOf(w.mmu, 'el1', PA(RAM + 0x1234))).toEqual([
      { va: '0x5234', ipa: '0x40001234' },
      { va: '0xffffff8000001234', ipa: '0x40001234' },
      { va: '0x6234', ipa: '0x80000234' },
    ]);
    w.disable('SCTLR_EL1', SCTLR.M);
    expect(aliasesOf(w.mmu, 'el1', PA(RAM + 0x1234)).map((a) => a.va)).toEqual(['0x40001234', '0x80000234']);
    expect(aliasesOf(w.mmu, 'el1', PA(RAM + 0x1234), 1)).toHaveLength(1);
  });
});

describe('the map', () => {
  it('has three columns with both stages, and ribbons between their parts', () => {
    const w = new World().stage2On();
    w.map('TTBR0_EL1', 0x1000n, 0x8000_0000, s1leaf | d.readOnly);
    w.map('TTBR0_EL1', 0x2000n, 0x8000_1000, s1leaf | d.pxn | d.uxn);
    w.map('TTBR0_EL1', 0x9000n, 0x0900_0000, s1leaf | d.attr(1) | d.pxn | d.uxn);
    for (let page = RAM + 0x10_0000; page < RAM + 0x11_0000; page += 0x1000) w.map('VTTBR_EL2', BigInt(page), page, s2leaf);
    w.map('VTTBR_EL2', 0x8000_0000n, RAM + 0x40_0000, s2leaf, 2);
    const map = readMap([{ mmu: w.mmu, regime: 'el1' }], { rows });
    expect(map).toMatchObject({ spaces: [{ stage1: true, stage2: true, asid: 5, vmid: 1 }], isTruncated: false });
    const [va, ipa, pa] = map.columns.map((c) =>
      c.regions.map((r) => `${r.base} ${r.size.toString(16)} ${r.kind} ${r.permissions['1'] ?? ''}`.trim()),
    );
    expect(va).toEqual(['0x1000 1000 executable r-x', '0x2000 1000 normal rw-', '0x9000 1000 device rw-']);
    expect(ipa).toEqual(['0x9000000 1000 unmapped', '0x40100000 10000 executable rwx', '0x80000000 200000 executable rwx']);
    expect(pa).toEqual(['0x40100000 10000 normal', '0x40400000 200000 normal']);
    expect(map.ribbons.map((r) => `${r.from.column} ${r.from.base} ${r.to.column} ${r.to.base} ${r.size.toString(16)}`)).toEqual([
      'va 0x1000 ipa 0x80000000 1000',
      'va 0x2000 ipa 0x80001000 1000',
      'va 0x9000 ipa 0x9000000 1000',
      'ipa 0x40100000 pa 0x40100000 10000',
      'ipa 0x80000000 pa 0x40400000 200000',
    ]);
  });

  it('cuts ribbons where the next column is cut', () => {
    const w = new World().stage2On();
    w.map('TTBR0_EL1', 0x20_0000n, 0x8000_0000, s1leaf, 2);
    for (let page = RAM + 0x10_0000; page < RAM + 0x11_0000; page += 0x1000) w.map('VTTBR_EL2', BigInt(page), page, s2leaf);
    w.map('VTTBR_EL2', 0x8000_1000n, RAM, s2leaf);
    const { columns, ribbons } = readMap([{ mmu: w.mmu, regime: 'el1' }], { rows });
    expect(
      columns[1].regions.filter((r) => BigInt(r.base) >= 0x8000_0000n).map((r) => `${r.base} ${r.size.toString(16)} ${r.kind}`),
    ).toEqual(['0x80000000 1000 unmapped', '0x80001000 1000 executable', '0x80002000 1fe000 unmapped']);
    expect(ribbons.filter((r) => r.from.column === 'va').map((r) => `${r.from.base} ${r.size.toString(16)}`)).toEqual([
      '0x200000 1000',
      '0x201000 1000',
      '0x202000 1fe000',
    ]);
  });

  it('has two columns with one stage', () => {
    const one = readMap([{ mmu: guest().mmu, regime: 'el1' }], { rows });
    expect(one.columns.map((c) => c.space)).toEqual(['va', 'pa']);
    expect(one.columns[0].regions.map((r) => r.base)).toEqual([
      '0xffffff8000000000',
      '0xffffff8000010000',
      '0xffffff8009000000',
      '0xffffff8010000000',
    ]);
    expect(one.columns[1].regions.map((r) => `${r.base} ${r.kind}`)).toEqual([
      '0x9000000 device',
      '0x40000000 normal',
      '0x40200000 normal',
    ]);
    const flat = readMap([{ mmu: new World().stage2On().identityStage2().disable('SCTLR_EL1', SCTLR.M).mmu, regime: 'el1' }], { rows });
    expect(flat.columns.map((c) => c.regions.map((r) => r.base))).toEqual([['0x40000000'], ['0x40000000'], ['0x40000000', '0x50000000']]);
    const off = readMap([{ mmu: new World().mmu, regime: 'el2' }], { rows });
    expect(off.columns[0].regions.map((r) => r.size)).toEqual([2 ** 40]);
    expect(off.columns[1].regions.map((r) => `${r.base} ${r.kind}`)).toEqual([
      '0x0 nothing',
      '0x9000000 device',
      '0x9001000 nothing',
      '0x40000000 normal',
      '0x50000000 nothing',
    ]);
    const stage1Off = { data: 'Device-nGnRnE', instructions: 'Normal, Write-Through' };
    expect(off.spaces).toEqual([{ regime: 'el2', asid: null, vmid: null, stage1: false, stage2: false, stage1Off }]);
  });

  it('says when there is more', () => {
    const w = new World();
    for (let i = 0; i < 20; i++) w.map('TTBR0_EL1', BigInt(i * 0x2000), RAM, s1leaf);
    expect(readMap([{ mmu: w.mmu, regime: 'el1' }], { rows, maxRanges: 10 })).toMatchObject({ isTruncated: true });
    expect(readMap([{ mmu: w.mmu, regime: 'el1' }], { rows }).isTruncated).toBe(false);
  });
});
