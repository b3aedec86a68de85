/** Stepping over and out, and running to places. */
import { VA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';
import { runTo, runToLevelChange, stepOver, type Goal } from '../../emulator/time/goals.ts';
import { stepOut } from '../../emulator/time/step-out.ts';
import type { TimelineStop } from '../../emulator/time/timeline.ts';
import { Workshop } from '../debug/build.ts';

const bytes = readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf'));
const open = (): Program => openProgram('04-stage2.elf', bytes);
const address = (program: Program, name: string): VA => program.symbols.find(name)!;

function reach(goal: Goal): TimelineStop {
  for (;;) {
    const { done, value } = goal.next();
    if (done) return value;
  }
}

describe('stepping over', () => {
  test('a call runs the function to its return', () => {
    const { timeline, machine } = open();
    while (machine.currentInstruction()?.definition.name !== 'BL') timeline.forward(1);
    const { pc, sp, el } = machine.cpu;
    const before = timeline.at;
    expect(reach(stepOver(timeline))).toBe('budget');
    expect(machine.cpu.pc).toBe(pc + 4n);
    expect([machine.cpu.sp, machine.cpu.el]).toEqual([sp, el]);
    expect(timeline.at).toBeGreaterThan(before + 1);
  });

  test('a hypercall runs the hypervisor until the guest goes on', () => {
    const { timeline, machine } = open();
    while (machine.currentInstruction()?.definition.name !== 'HVC') timeline.forward(1);
    const { pc } = machine.cpu;
    reach(stepOver(timeline));
    expect([machine.cpu.pc, machine.cpu.el]).toEqual([pc + 4n, 1]);
  });

  test('a call ends early at a breakpoint inside', () => {
    const program = open();
    const { timeline, machine } = program;
    while (machine.currentInstruction()?.definition.name !== 'BL') timeline.forward(1);
    const call = timeline.at;
    timeline.forward(3);
    timeline.breakpoints.set(1, { kind: 'address', va: machine.cpu.pc });
    const inside = timeline.at;
    timeline.seek(call);
    expect([reach(stepOver(timeline)), timeline.at]).toEqual(['breakpoint', inside]);
  });

  test('anything else is one step', () => {
    const { timeline } = open();
    reach(stepOver(timeline));
    expect(timeline.at).toBe(1);
  });
});

describe('stepping out', () => {
  const functionOf = (program: Program) => (pc: VA) => {
    const found = program.names.at(pc, program.machine.cpu.el);
    return found && { from: VA(pc - found.offset), to: VA(pc - found.offset + found.symbol.bytes) };
  };
  const out = (program: Program): TimelineStop => reach(stepOut(program.timeline, functionOf(program)));
  /** Runs to the first call of a function; gives where it will return to. */
  function enter(program: Program, name: string): { back: bigint; sp: bigint } {
    reach(runTo(program.timeline, new Set([address(program, name)])));
    const { cpu } = program.machine;
    expect(program.names.of(cpu.el).symbol(cpu.pc)).toBe(name);
    return { back: cpu.x(30), sp: cpu.sp };
  }

  test('from any instruction of a function: to its caller, with its stack', () => {
    const program = open();
    const { timeline, machine } = program;
    const { back, sp } = enter(program, 'stage2_map');
    const start = timeline.at;
    expect(out(program)).toBe('budget');
    const end = timeline.at;
    expect([machine.cpu.pc, machine.cpu.sp]).toEqual([back, sp]);
    const inside = functionOf(program)(address(program, 'stage2_map'))!;
    for (let at = start; at < end; at += 1 + ((end - start) >> 4)) {
      timeline.seek(at);
      const { pc } = machine.cpu;
      if (pc < inside.from || pc >= inside.to) continue;
      out(program);
      expect([at, timeline.at]).toEqual([at, end]);
    }
  });

  test('from a handler: to where its ERET leads', () => {
    const program = open();
    const { timeline, machine } = program;
    reach(runToLevelChange(timeline));
    reach(runToLevelChange(timeline));
    expect(machine.cpu.el).toBe(2);
    const last = timeline.traps.length - 1;
    out(program);
    // The very next event is the return, and it has just happened.
    expect(timeline.traps.length).toBe(last + 2);
    expect(timeline.traps.get(last + 1)).toMatchObject({ kind: 'return', from: 2, n: timeline.at - 1 });
    expect(machine.cpu.el).toBe(1);
  });

  test('of a function that calls itself: only the outermost return counts', () => {
    const program = openProgram('recursion.elf', recursion());
    const { timeline, machine } = program;
    const { back } = enter(program, 'fibonacci');
    out(program);
    expect([machine.cpu.pc, machine.cpu.x(0)]).toEqual([back, 21n]);
    // From the body of an inner call, one level up.
    timeline.seek(0);
    reach(runTo(timeline, new Set([address(program, 'fibonacci')])));
    reach(runTo(timeline, new Set([address(program, 'fibonacci')])));
    const inner = machine.cpu.x(30);
    timeline.forward(3);
    out(program);
    expect(machine.cpu.pc).toBe(inner);
  });

  test('of a function that ends in another: the return of that one', () => {
    const program = openProgram('recursion.elf', recursion());
    const { back } = enter(program, 'tail');
    out(program);
    expect([program.machine.cpu.pc, program.machine.cpu.x(0)]).toEqual([back, 42n]);
  });

  test('stops at a breakpoint on the way', () => {
    const program = open();
    enter(program, 'stage2_map');
    const end = VA(functionOf(program)(program.machine.cpu.pc)!.from + 8n);
    program.timeline.breakpoints.set(1, { kind: 'address', va: end });
    expect(out(program)).toBe('breakpoint');
    expect(program.machine.cpu.pc).toBe(end);
  });
});

test('running to the next change of level', () => {
  const { timeline, machine } = open();
  expect(reach(runToLevelChange(timeline))).toBe('budget');
  expect(machine.cpu.el).toBe(1);
  expect(timeline.traps.kind(timeline.traps.length - 1)).toBe('return');
  reach(runToLevelChange(timeline));
  expect(machine.cpu.el).toBe(2);
});

/** A program whose functions call themselves and end in one another. */
function recursion(): Uint8Array {
  const shop = new Workshop();
  try {
    const source = `.global _start
.type _start, %function
_start: ldr x0, =0x40200000
  mov sp, x0
  mov x0, 8
  bl fibonacci
  mov x0, 21
  bl tail
spin: b spin
.size _start, . - _start
.type fibonacci, %function
fibonacci: stp x29, x30, [sp, -32]!
  stp x19, x20, [sp, 16]
  mov x19, x0
  cmp x0, 2
  b.ls 1f
  sub x0, x19, 1
  bl fibonacci
  mov x20, x0
  sub x0, x19, 2
  bl fibonacci
  add x0, x0, x20
  b 2f
1: mov x0, 1
2: ldp x19, x20, [sp, 16]
  ldp x29, x30, [sp], 32
  ret
.size fibonacci, . - fibonacci
.type twice, %function
twice: add x0, x0, x0
  ret
.size twice, . - twice
.type tail, %function
tail: nop
  b twice
.size tail, . - tail
`;
    return shop.link('recursion.elf', { 'start.S': source }, ['-Wl,-Ttext=0x40080000']).bytes;
  } finally {
    shop.close();
  }
}
