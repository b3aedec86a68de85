/** The maps against the board's own table: whatever maps it, each part of physical memory is one row, or nothing. */
import { PA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openProgram, views, mapsText, type Program } from '../../emulator/index.ts';
import { plain } from '../../emulator/explain/words.ts';
import type { MapRegion, MapsView } from '../../emulator/session/views.ts';
import { runCase } from '../cases/case.ts';

const prebuilt = (name: string): Program =>
  openProgram(`${name}.elf`, readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}.elf`)));
const physical = (view: MapsView): readonly MapRegion[] => view.columns.find(({ space }) => space === 'pa')!.regions;
const range = ({ base, size }: MapRegion): readonly [number, number] => [Number(BigInt(base)), Number(BigInt(base)) + size];

/** Every range lies in one row of the board, or in none and touches none; and they do not overlap. */
function expectRows({ machine }: Program, view: MapsView): void {
  let last = 0;
  for (const region of physical(view)) {
    const [from, to] = range(region);
    expect(from).toBeGreaterThanOrEqual(last);
    last = to;
    const touched = machine.board.regions.filter(({ base, bytes }) => base < to && from < base + bytes);
    if (region.kind === 'nothing') expect(touched).toEqual([]);
    else {
      expect(touched).toHaveLength(1);
      expect(from).toBeGreaterThanOrEqual(touched[0].base);
      expect(to).toBeLessThanOrEqual(touched[0].base + touched[0].bytes);
    }
  }
}

describe('blocks of 1 GiB over devices and RAM', () => {
  const { program } = runCase('12-uart-normal');
  const view = views.maps.of(program, { regime: 'el2' });
  const named = (name: string): MapRegion => physical(view).find((region) => region.name === name)!;

  it('are one region of VAs, named by what they cover, and all rows of physical memory', () => {
    expectRows(program, view);
    expect(view.columns[0].regions.map(({ name }) => name)).toEqual(['RAM, Flash, GIC, UART and 6 more']);
    const reached = program.machine.board.regions.filter(({ base }) => base < 0x8000_0000);
    expect(physical(view).filter(({ kind }) => kind !== 'nothing')).toHaveLength(reached.length);
    expect(physical(view).at(-1)).toMatchObject({ kind: 'nothing', base: '0x48000000' });
  });
  it('mark each device that they map Normal, and say why that matters', () => {
    expect(named('UART')).toMatchObject({ kind: 'device', mismatch: 'device mapped Normal' });
    expect(named('RAM: .text .rodata .bss').mismatch).toBeUndefined();
    const [note] = view.notes;
    expect(note.region).toBe(`pa/${named('UART').id}`);
    expect(plain(note.text)).toMatch(/^UART, .*PCIe: mapped as Normal memory, so accesses may be merged, repeated, reordered/);
    expect(mapsText(view)).toContain(plain(note.text));
  });
});

it('with the MMU off, data sees Device memory, instruction fetches Normal, and nothing is marked', () => {
  const program = prebuilt('01-el2-to-el1');
  const view = views.maps.of(program, {});
  expect(view.sentence).toContain('To data accesses all memory is Device-nGnRnE, to instruction fetches Normal, Non-cacheable.');
  expectRows(program, view);
  expect(physical(view).filter(({ mismatch }) => mismatch)).toEqual([]);
  expect(physical(view).filter(({ kind }) => kind !== 'nothing')).toHaveLength(program.machine.board.regions.length);
  expect(view.notes).toEqual([]);
});

it('a guest reaches rows, the rest of them is named', () => {
  const program = prebuilt('04-stage2');
  while (program.timeline.forward(1e9) === 'budget');
  for (const regime of ['el1', 'el2'] as const) {
    const view = views.maps.of(program, { regime });
    expectRows(program, view);
    expect(physical(view).filter(({ mismatch }) => mismatch)).toEqual([]);
    expect(plain(view.notes.at(-1)!.text)).toMatch(/^No table shown here leads to: Flash, .*PCIe\.$/);
  }
});

it('whatever the tables hold, no part of physical memory lies in two rows', () => {
  const program = prebuilt('04-stage2');
  const { machine } = program;
  const TABLE = 0x4400_0000;
  const MAIR = 0xff00n;
  machine.cpu.set('MAIR_EL2', MAIR);
  machine.cpu.set('TTBR0_EL2', BigInt(TABLE));
  machine.cpu.set('TCR_EL2', 0x8082_0000n | 25n);
  machine.cpu.set('SCTLR_EL2', 0x30c5_0831n);
  // Blocks of 1 GiB and 2 MiB, and pages, to places at which the board has borders, as Device and as Normal memory.
  const blocks = fc.record({
    level: fc.constantFrom(1, 2, 3),
    index: fc.nat(511),
    at: fc.oneof(
      fc.constantFrom(...machine.board.regions.map(({ base }) => base)),
      fc.nat(0xffff).map((n) => n * 0x10_0000),
    ),
    attribute: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(fc.array(blocks, { minLength: 1, maxLength: 30 }), (leaves) => {
      const tables = new BigUint64Array(3 * 512);
      tables[1] = BigInt(TABLE + 0x1000) | 3n;
      tables[512 + 1] = BigInt(TABLE + 0x2000) | 3n;
      const mapped = new Map<number, { readonly from: number; readonly to: number; readonly attribute: number }>();
      for (const { level, index, at, attribute } of leaves) {
        if (level < 3 && index === 1) continue;
        const size = 2 ** (39 - 9 * level);
        const from = Math.floor(at / size) * size;
        const slot = 512 * (level - 1) + index;
        tables[slot] = BigInt(from) | 0x700n | BigInt(attribute << 2) | (level === 3 ? 3n : 1n);
        mapped.set(slot, { from, to: from + size, attribute });
      }
      machine.writePhysical(PA(TABLE), new Uint8Array(tables.buffer));
      machine.environment.translationChanged();
      const view = views.maps.of(program, { regime: 'el2' });
      expectRows(program, view);
      for (const region of physical(view)) {
        const [from, to] = range(region);
        const as = (wanted: number): boolean =>
          [...mapped.values()].some((leaf) => leaf.attribute === wanted && leaf.from < to && from < leaf.to);
        expect(as(0) || as(1)).toBe(true);
        const { kind } = region;
        const wrong = kind === 'device' ? as(1) && 'device mapped Normal' : kind !== 'nothing' && as(0) && 'memory mapped Device';
        expect(region.mismatch ?? false).toBe(wrong);
      }
    }),
    { numRuns: 40, seed: 8 },
  );
});
