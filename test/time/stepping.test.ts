/** Stepping over, on the firmware. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';

const bytes = readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf'));
const open = (): Program => openProgram('04-stage2.elf', bytes);

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

  test('a call ends early at a breakpoint inside', () => {
    const program = open();
    const { timeline, machine } = program;
    while (machine.currentInstruction()?.definition.name !== 'BL') timeline.forward(1);
    const target = machine.cpu.pc;
    timeline.forward(3);
    timeline.breakpoints.set(1, { kind: 'address', va: machine.cpu.pc });
    const inside = timeline.at;
    timeline.seek(inside - 3);
    expect([machine.cpu.pc, timeline.stepOver(), timeline.at]).toEqual([target, 'breakpoint', inside]);
  });

  test('anything else is one step', () => {
    const { timeline } = open();
    timeline.stepOver();
    expect(timeline.at).toBe(1);
  });
});
