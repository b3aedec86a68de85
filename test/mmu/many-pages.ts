/** A tree of 262,144 pages in which no two neighbours are alike: the worst that a picture can be asked for. */
import type { TableOutline } from '../../emulator/mmu/index.ts';
import { RAM, World } from './world.ts';

const base = 0x4100_0000;

export function manyPages() {
  const words = new Uint32Array((512 * 513 + 512) * 1024 * 2);
  const w = new World();
  const set = (pa: number, value: number): void => void (words[(pa - base) / 4] = value);
  const memory = {
    low: 0,
    high: 0,
    reads: 0,
    read(pa: number): boolean {
      this.reads++;
      this.low = words[(pa - base) / 4]!;
      return true;
    },
  };
  // One table of level 1, whose first entry is a full table of level 2, with 512 full tables of level 3.
  set(base, (base + 0x1000) | 3);
  for (let i = 0; i < 512; i++) {
    set(base + 0x1000 + i * 8, (base + 0x1000 * (i + 2)) | 3);
    for (let j = 0; j < 512; j++) set(base + 0x1000 * (i + 2) + j * 8, (RAM + ((j * 7) % 512) * 4096) | 0x703);
  }
  w.registers({ TTBR0_EL1: BigInt(base) });
  return { source: { context: () => w.mmu.context('el1'), memory, walker: w.mmu.walker }, memory };
}

export const countRows = (table: TableOutline): number =>
  table.rows.reduce((sum, row) => sum + (row.table ? countRows(row.table) : row.kind === 'invalid' ? 0 : 1), 0);

/** Runs that a picture stands for, shown or put together. */
export const hiddenIn = (table: TableOutline): number =>
  table.rows.reduce((sum, row) => sum + (row.table ? hiddenIn(row.table) : row.kind === 'invalid' ? 0 : (row.hidden ?? 1)), 0);
