/** What is asked of whole trees: which entries match, what has changed, what one entry says, how much fits into a picture. */
import { PA } from '../../emulator/base/addresses.ts';
import { describe, expect, it } from 'vitest';
import {
  compareTrees,
  decodeEntry,
  entryMatcher,
  mmuWith,
  outlineTree,
  readControls,
  readEntry,
  readTables,
  reachesOf,
  switchedOn,
  type EntryFilter,
  type TableOutline,
} from '../../emulator/mmu/index.ts';
import { d, RAM, s1leaf, s2leaf, SCTLR, World } from './world.ts';

/** Eight pages of code, eight of data, a device, a page that EL0 may read, one whose access flag is clear. */
function guest(): World {
  const w = new World();
  for (let i = 0; i < 8; i++) w.map('TTBR0_EL1', BigInt(i * 4096), RAM + i * 4096, s1leaf | d.readOnly | d.uxn);
  for (let i = 8; i < 16; i++) w.map('TTBR0_EL1', BigInt(i * 4096), RAM + i * 4096, s1leaf | d.pxn | d.uxn);
  w.map('TTBR0_EL1', 0x10_0000n, 0x0900_0000, s1leaf | d.attr(1) | d.pxn | d.uxn);
  w.map('TTBR0_EL1', 0x10_2000n, RAM + 0x2_0000, s1leaf | d.user | d.readOnly | d.pxn | d.uxn | d.notGlobal);
  w.map('TTBR0_EL1', 0x10_4000n, RAM + 0x3_0000, (s1leaf & ~d.af) | d.pxn | d.uxn | (1n << 52n));
  return w;
}

const shown = (table: TableOutline): string[] =>
  table.rows.flatMap((row) => [
    ...(row.kind === 'invalid' || row.kind === 'other' ? [] : [`L${table.level} ${row.kind} ${row.index}+${row.count}`]),
    ...(row.table ? shown(row.table) : []),
  ]);

describe('a filter', () => {
  const matching = (filter: Partial<EntryFilter>): number => {
    const tree = readTables(guest().mmu, 'TTBR0_EL1');
    return outlineTree(tree, { rows: 40, matches: entryMatcher(tree, { traits: [], text: '', ...filter }) })!.matched!;
  };
  it.each([
    ['writable', 10],
    ['readOnly', 9],
    ['executable', 8],
    ['user', 1],
    ['device', 1],
    ['normal', 18],
    ['unaccessed', 1],
    ['notGlobal', 1],
    ['contiguous', 1],
    ['invalid', 3 * 512 - 2 - 19],
  ] as const)('by %s counts entries', (trait, count) => {
    // Three tables of 512 entries: two of them lead on, 19 map pages.
    expect(matching({ traits: [trait] })).toBe(count);
  });
  it('asks for all that is said at once', () => {
    expect(matching({ traits: ['readOnly', 'user'] })).toBe(1);
    expect(matching({ traits: ['writable', 'executable'] })).toBe(0);
  });
  it('by address looks at both sides of a translation', () => {
    expect(matching({ text: '0x3000' })).toBe(1);
    expect(matching({ text: '0x3000-0x9fff' })).toBe(7);
    expect(matching({ text: '0x3000+0x2000' })).toBe(2);
    expect(matching({ text: '0x9000000' })).toBe(2);
    expect(matching({ traits: ['normal'], text: '0x40020000..0x40030fff' })).toBe(2);
  });
  it('by words looks at what an entry says', () => {
    expect(matching({ text: 'device' })).toBe(1);
    expect(matching({ text: 'page write-back' })).toBe(18);
    expect(matching({ text: '0xzz' })).toBe(0);
  });
  it('that is empty is none', () => {
    const tree = readTables(guest().mmu, 'TTBR0_EL1');
    expect(entryMatcher(tree, { traits: [], text: ' ' })).toBeUndefined();
  });
  it('leaves only what matches, and the tables that lead there', () => {
    const tree = readTables(guest().mmu, 'TTBR0_EL1');
    const { root } = outlineTree(tree, { rows: 20, matches: entryMatcher(tree, { traits: ['device'], text: '' }) })!;
    expect(shown(root)).toEqual(['L1 table 0+1', 'L2 table 0+1', 'L3 page 256+1']);
  });
});

describe('an outline', () => {
  it('shows the whole tree where there is room', () => {
    const { root, path } = outlineTree(readTables(guest().mmu, 'TTBR0_EL1'), { rows: 40 })!;
    expect(path).toEqual([]);
    expect(shown(root)).toEqual([
      'L1 table 0+1',
      'L2 table 0+1',
      'L3 page 0+8',
      'L3 page 8+8',
      'L3 page 256+1',
      'L3 page 258+1',
      'L3 page 260+1',
    ]);
  });
  it('puts together what finds no room, the smallest first, and counts it', () => {
    const { root } = outlineTree(readTables(guest().mmu, 'TTBR0_EL1'), { rows: 4 })!;
    const rows = root.rows[0].table!.rows[0].table!.rows;
    expect(
      rows.filter(({ kind }) => kind !== 'invalid').map(({ kind, index, hidden }) => `${kind} ${index} ${hidden ?? ''}`.trim()),
    ).toEqual(['page 0', 'page 8', 'page 256', 'more 258 2']);
  });
  it('zooms into a table, and into a part of one', () => {
    const tree = readTables(guest().mmu, 'TTBR0_EL1');
    const inside = outlineTree(tree, { rows: 20, path: [0, 0] })!;
    expect(inside.path.map(({ level, index, input }) => `${level} ${index} ${input}`)).toEqual(['1 0 0x0', '2 0 0x0']);
    expect(inside.root.level).toBe(3);
    const part = outlineTree(tree, { rows: 20, path: [0, 0], first: 4, last: 260 })!;
    expect(shown(part.root)).toEqual(['L3 page 4+4', 'L3 page 8+8', 'L3 page 256+1', 'L3 page 258+1', 'L3 page 260+1']);
    // The first of a cut run is the one whose descriptor was kept; the rest is not guessed.
    expect(part.root.rows[0]).toMatchObject({ output: '0x40004000' });
    expect(part.root.rows[0].value).toBeUndefined();
  });
  it('cuts the picked entry out of its run', () => {
    const { root } = outlineTree(readTables(guest().mmu, 'TTBR0_EL1'), { rows: 20, pick: 0x9123 })!;
    expect(shown(root).slice(2, 6)).toEqual(['L3 page 0+8', 'L3 page 8+1', 'L3 page 9+1', 'L3 page 10+6']);
  });
  it('stops where a path leads nowhere any more', () => {
    expect(outlineTree(readTables(guest().mmu, 'TTBR0_EL1'), { rows: 20, path: [0, 7, 3], first: 4, last: 9 })!.path).toHaveLength(1);
  });
});

describe('two instants', () => {
  it('differ in what was added, removed and changed', () => {
    const w = guest();
    const before = readTables(w.mmu, 'TTBR0_EL1', { keep: true });
    expect(compareTrees(before, before).list).toEqual([]);
    w.map('TTBR0_EL1', 0x10_8000n, RAM + 0x5_0000, s1leaf);
    w.map('TTBR0_EL1', 0x10_9000n, RAM + 0x5_1000, s1leaf);
    const gone = w.map('TTBR0_EL1', 0x10_2000n, RAM, s1leaf);
    w.ram.set(gone, 0n);
    w.map('TTBR0_EL1', 0n, RAM, s1leaf | d.readOnly);
    w.map('TTBR0_EL1', 0x8000_0000n, RAM, s1leaf, 2);
    const after = readTables(w.mmu, 'TTBR0_EL1', { keep: true });
    const { list, entries, within } = compareTrees(before, after);
    expect(list.map(({ kind, level, index, count }) => `${kind} ${level} ${index}+${count}`)).toEqual([
      'changed 3 0+1',
      'removed 3 258+1',
      'added 3 264+2',
      'added 1 2+1',
      'added 2 0+1',
    ]);
    expect(entries).toEqual({ added: 4, removed: 1, changed: 1 });
    // What was removed is now part of a run that maps nothing.
    const { table } = after.root!.runs[0].table!.runs[0];
    expect(table!.runs.filter((run) => within(table!, run) > 0).map(({ index }) => index)).toEqual([0, 257, 264]);
    expect(compareTrees(before, after, 2).list).toHaveLength(2);
  });
});

describe('one entry', () => {
  it('is found at each level, with its fields and its place', () => {
    const { mmu, cpu } = guest();
    const leaf = readEntry(mmu, 'TTBR0_EL1', 0x10_2abcn, 3)!;
    expect(leaf).toMatchObject({ level: 3, index: 258, kind: 'page', fields: { AP: { value: '11' }, nG: { value: '1' } } });
    expect(BigInt(readEntry(mmu, 'TTBR0_EL1', 0x10_2abcn, 1)!.pa!)).toBe(cpu.get('TTBR0_EL1') & 0xffff_ffff_f000n);
    expect(readEntry(mmu, 'TTBR0_EL1', 0x4000_0000n, 2)).toBeUndefined();
  });
  it('can be read while its stage is off, and through stage 2', () => {
    const w = guest().disable('SCTLR_EL1', SCTLR.M);
    expect(readEntry(w.mmu, 'TTBR0_EL1', 0n, 3)).toMatchObject({ kind: 'page', ipa: null });
    w.stage2On().identityStage2();
    const entry = readEntry(w.mmu, 'TTBR0_EL1', 0n, 3)!;
    expect(entry.ipa).toBe(entry.pa);
    w.map('VTTBR_EL2', 0x8000_0000n, RAM, s2leaf);
    expect(readEntry(w.mmu, 'VTTBR_EL2', 0x8000_0123n, 3)).toMatchObject({ stage: 2, kind: 'page', fields: { S2AP: { value: '11' } } });
  });
  it('of another instant is decoded by the registers of that instant', () => {
    const { mmu } = guest();
    const context = mmu.context('el1');
    expect(decodeEntry({ context, stage: 1, level: 3, granuleBits: 12 }, { low: 0x4000_0703, high: 0, kind: 'page' })).toMatchObject({
      value: '0x40000703',
      verdict: '4 KiB page at PA 0x40000000',
    });
  });
});

describe('registers apart from the CPU', () => {
  it('translate as the CPU with those registers does', () => {
    const w = guest();
    const kept = readControls(w.cpu);
    const before = reachesOf(w.mmu, 'el1', PA(RAM + 0x1010));
    expect(before).toMatchObject([{ va: '0x1010', ipa: null, permissions: { '0': '---', '1': 'r-x' } }]);
    w.registers({ TTBR0_EL1: 0n });
    expect(reachesOf(w.mmu, 'el1', PA(RAM + 0x1010))).toEqual([]);
    expect(reachesOf(mmuWith(kept, w.ram), 'el1', PA(RAM + 0x1010))).toEqual(before);
  });
  it('can be those of a stage that is off, as if it were on', () => {
    const w = guest()
      .disable('SCTLR_EL1', SCTLR.M)
      .enable('HCR_EL2', 1n << 27n);
    expect(w.mmu.context('el1').stage1).toBe(false);
    expect(mmuWith(switchedOn(readControls(w.cpu), 'TTBR0_EL1'), w.ram).context('el1').stage1).toBe(true);
  });
});
