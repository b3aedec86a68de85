import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PA, VA } from '../../emulator/base/addresses.ts';
import { trapRow, trapStory } from '../../emulator/explain/trap-story.ts';
import { openProgram, type Program } from '../../emulator/session/program.ts';
import { views } from '../../emulator/session/views/index.ts';
import { sample, Workshop } from './build.ts';

const open = (name: string): Program =>
  openProgram(`${name}.elf`, readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}.elf`)));

describe('two guests of one image, which is loaded once and copied', () => {
  // Linked for 0x80000000, loaded at 0x41000000.
  let program: Program;
  beforeAll(() => {
    program = open('06-two-guests');
    while (program.timeline.forward(1_000_000) === 'budget');
  });
  const rows = (): string[] => Array.from({ length: program.timeline.traps.length }, (_, i) => trapRow(program, i).text);

  test('each have its names at the VAs that lead to it, and none at the PA, which is nothing to them', () => {
    const { traps } = program.timeline;
    const probes = rows().flatMap((text, i) => (/0x41000000/.test(text) && traps.kind(i) === 'exception' ? [i] : []));
    expect(probes.length).toBeGreaterThan(0);
    for (const i of probes) expect(trapStory(program, i)!.addresses[0]).toMatchObject({ value: '0x41000000', text: 'the faulting VA' });
    expect(program.names.physical(PA(0x4100_0000))).toBe('guest_main');
    const inWfi = rows().flatMap((text, i) => (text === 'wfi, in guest_main' ? [traps.vmidAfter(i)] : []));
    expect(new Set(inWfi).size).toBe(2);
  });
  test('keep the names in the list of traps, whatever the instant shown', () => {
    const before = rows();
    const again = open('06-two-guests');
    while (again.timeline.forward(1_000_000) === 'budget');
    again.timeline.seek(0);
    expect(Array.from({ length: before.length }, (_, i) => trapRow(again, i).text)).toEqual(before);
  });
  test('are no names to EL2, which maps these VAs to nothing', () => {
    const { timeline, names } = program;
    const { traps } = timeline;
    const inGuest = Array.from({ length: traps.length }, (_, i) => i).find((i) => traps.levelAfter(i) === 1)!;
    timeline.seek(traps.step(inGuest) + 1);
    expect(names.of(1).symbol(VA(0x8000_0000n))).toBe('guest_main');
    expect(names.of(2).symbol(VA(0x8000_0000n))).toBeUndefined();
    expect(names.of(1).symbol(VA(0x4100_0000n))).toBeUndefined();
  });
});

describe('a program that is linked high', () => {
  const shop = new Workshop();
  afterAll(() => shop.close());
  const script = `ENTRY(_start) SECTIONS { . = 0xffff000000080000; .text : AT(0x40080000) { *(.text*) } .data : { *(.data*) *(.bss*) } /DISCARD/ : { *(.eh_frame*) *(.note*) } }`;
  const { bytes } = shop.link('high.elf', { ...sample, 'high.ld': script }, ['-O1', '-g', '-Wl,-T,high.ld', '-fno-pic']);

  test('has its names and lines at its PAs while it runs there', () => {
    const program = openProgram('high.elf', new Uint8Array(bytes));
    const main = program.symbols.find('main')!;
    expect(main >> 48n).toBe(0xffffn);
    const loaded = VA(main - 0xffff_0000_0008_0000n + 0x4008_0000n);
    const here = program.names.of(2);
    expect([here.symbol(loaded), here.symbol(VA(loaded + 4n)), here.symbol(main)]).toEqual(['main', 'main+0x4', undefined]);
    expect(here.line(loaded)?.file).toMatch(/\.c$/);
    expect(views.code.of(program, { before: 0, after: 1 }).lines[0]).toMatchObject({ label: '_start' });
  });
});
