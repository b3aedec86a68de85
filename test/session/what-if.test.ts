/** Another future of a run: the same program and input, with something changed by hand at an instant. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeChanges, openProgram, otherFuture, parseChange, type Program } from '../../emulator/index.ts';

const open = (name: string): Program => openProgram(name, readFileSync(join(import.meta.dirname, '../../firmware/prebuilt', name)));
function future(program: Program, at: number, ...changes: string[]): { program: Program; what: string[] } {
  const way = otherFuture(program, { at, changes: changes.map(parseChange) });
  for (;;) {
    const { done, value } = way.next();
    if (done) return { program: value.program, what: value.made.map(({ what, before, after }) => `${what}: ${before} -> ${after}`) };
  }
}
const output = ({ timeline }: Program): string => new TextDecoder().decode(timeline.output.slice(0, timeline.output.length));

test('a change is a register, a field or a doubleword, and what is none is named', () => {
  expect(parseChange('HCR_EL2.TWI=1')).toEqual({ register: 'HCR_EL2', field: 'TWI', value: '1' });
  expect(parseChange(' x0 = main+0x10 ')).toEqual({ register: 'x0', value: 'main+0x10' });
  expect(parseChange('[0x40090000]=0x705')).toEqual({ register: '[0x40090000]', value: '0x705' });
  for (const wrong of ['HCR_EL2', '=1', 'x0=', '']) expect(() => parseChange(wrong)).toThrow(/is no change/);
  const program = open('labs/P10.elf');
  const refused = (text: string): unknown => makeChanges(program, [parseChange(text)]);
  expect(() => refused('[0x40090004]=1')).toThrow('[0x40090004] is no doubleword of RAM or flash');
  expect(() => refused('[0x9000000]=1')).toThrow('is no doubleword of RAM or flash');
  expect(() => refused('HCR_EL2.NONE=1')).toThrow('HCR_EL2 has no field "NONE"');
});

test('with the vectors set before the fault the program ends well, and the run as it was is left alone', () => {
  const was = open('labs/P10.elf');
  was.timeline.forward(2_000);
  const hash = was.machine.stateHash();
  const { program, what } = future(was, 200, 'VBAR_EL1=0x40100000');
  expect(what).toEqual(['VBAR_EL1: 0x0 -> 0x40100000']);
  program.timeline.forward(2_000);
  expect(program.machine.stop).toMatchObject({ kind: 'off' });
  expect(was.machine.stateHash()).toBe(hash);
});

test('a doubleword that is changed is part of the run: going back over it and on again gives the same state', () => {
  const was = open('labs/P10.elf');
  was.timeline.forward(300);
  // mov x0, #1 ; b . where the guest was to call.
  const { program } = future(was, 300, '[0x401007c0]=0x14000000d2800020');
  const { timeline, machine } = program;
  timeline.forward(500);
  const hash = machine.stateHash();
  expect(machine.cpu.pc).toBe(0x4010_07c4n);
  timeline.seek(100);
  timeline.seek(800);
  expect(machine.stateHash()).toBe(hash);
});

test('input that came later comes again', () => {
  const was = open('hypervisor.elf');
  while (was.timeline.forward(1_000_000) !== 'idle');
  const { at } = was.timeline;
  was.timeline.input(new TextEncoder().encode('help\r'));
  was.timeline.forward(200_000);
  const { program } = future(was, 1_000, 'x28=0x1234');
  program.timeline.forward(was.timeline.at - 1_000);
  expect(program.timeline.at).toBeGreaterThan(at);
  expect(output(program)).toBe(output(was));
});
