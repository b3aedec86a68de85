/** Breakpoints and stepping over, on the firmware. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';

const bytes = readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf'));
const open = (): Program => openProgram('04-stage2.elf', bytes);
const address = (program: Program, name: string): bigint => program.symbols.find(name)!;

describe('a breakpoint', () => {
  test('stops in front of its instruction, each time, whatever the slices', () => {
    const hits = [1, 3, 1_000_000].map((slice) => {
      const program = open();
      const { timeline, machine } = program;
      timeline.setBreakpoint(address(program, 'enter_el1_step3'), true);
      timeline.setBreakpoint(address(program, 'guest_main'), true);
      const found: [number, bigint][] = [];
      for (let stop = timeline.forward(slice); stop !== 'end' && timeline.at < 60_000; stop = timeline.forward(slice)) {
        if (stop === 'breakpoint') found.push([timeline.at, machine.cpu.pc]);
      }
      return found;
    });
    expect(hits[2]).toHaveLength(2);
    expect(hits[0]).toEqual(hits[2]);
    expect(hits[1]).toEqual(hits[2]);
    const program = open();
    expect(hits[2].map(([, pc]) => pc)).toEqual([address(program, 'enter_el1_step3'), address(program, 'guest_main')]);
  });

  test('that is removed stops nothing', () => {
    const program = open();
    const at = address(program, 'guest_main');
    program.timeline.setBreakpoint(at, true);
    program.timeline.setBreakpoint(at, false);
    expect(program.timeline.forward(1e9)).toBe('end');
  });
});

describe('stepping over', () => {
  test('a call runs the function to its return', () => {
    const { timeline, machine } = open();
    while (machine.currentInstruction()?.definition.name !== 'BL') timeline.forward(1);
    const { pc, sp, el } = machine.cpu;
    const before = timeline.at;
    expect(timeline.stepOver()).toBe('budget');
    expect(machine.cpu.pc).toBe(pc + 4n);
    expect([machine.cpu.sp, machine.cpu.el]).toEqual([sp, el]);
    expect(timeline.at).toBeGreaterThan(before + 1);
  });

  test('a hypercall runs the hypervisor until the guest goes on', () => {
    const { timeline, machine } = open();
    while (machine.currentInstruction()?.definition.name !== 'HVC') timeline.forward(1);
    const { pc } = machine.cpu;
    timeline.stepOver();
    expect([machine.cpu.pc, machine.cpu.el]).toEqual([pc + 4n, 1]);
  });

  test('anything else is one step', () => {
    const { timeline } = open();
    timeline.stepOver();
    expect(timeline.at).toBe(1);
  });
});
