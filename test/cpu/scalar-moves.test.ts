/** FMOV between general and floating-point registers: bits move, the rest of the vector register becomes 0, and FP traps hold. */
import { describe, expect, test } from 'vitest';
import { CpuState, executeSystem, resetCpu, type CpuEvent, type Environment } from '../../emulator/cpu/index.ts';
import { CPU_BLOCK, cpuLayout } from '../../emulator/cpu/layout.ts';
import { assemble, decode } from '../../emulator/isa/index.ts';

const events: CpuEvent[] = [];
const environment = {
  onEvent: (event: CpuEvent) => events.push(event),
  step: () => 0,
  levelChanged: () => undefined,
} as unknown as Environment;

function machine(): { cpu: CpuState; run: (text: string) => void; lanes: (n: number) => number[] } {
  const cpu = new CpuState(new ArrayBuffer(CPU_BLOCK));
  resetCpu(cpu);
  cpu.set('CPTR_EL2', 0x33ffn & ~(1n << 10n));
  events.length = 0;
  return {
    cpu,
    run: (text) => executeSystem(cpu, decode(assemble(text, 0n))!, environment),
    lanes: (n) => [...cpu.u32.subarray(cpuLayout.v / 4 + n * 4, cpuLayout.v / 4 + n * 4 + 4)],
  };
}

describe('FMOV (general)', () => {
  test('fills the low 64 bits and clears the rest', () => {
    const { cpu, run, lanes } = machine();
    cpu.u32.fill(0xffff_ffff, cpuLayout.v / 4, cpuLayout.v / 4 + 16);
    cpu.setX(1, 0x0123_4567_89ab_cdefn);
    run('fmov d2, x1');
    expect(lanes(2)).toEqual([0x89ab_cdef, 0x0123_4567, 0, 0]);
    run('fmov s3, w1');
    expect(lanes(3)).toEqual([0x89ab_cdef, 0, 0, 0]);
    expect(lanes(1)).toEqual([0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff]);
    expect(cpu.pc).toBe(8n);
  });

  test('reads the low bits back, and drops them in xzr', () => {
    const { cpu, run } = machine();
    cpu.u32.set([0x1111_1111, 0x2222_2222, 3, 4], cpuLayout.v / 4);
    cpu.setX(5, ~0n & 0xffff_ffff_ffff_ffffn);
    run('fmov w5, s0');
    expect(cpu.x(5)).toBe(0x1111_1111n);
    run('fmov x5, d0');
    expect(cpu.x(5)).toBe(0x2222_2222_1111_1111n);
    run('fmov xzr, d0');
    expect(cpu.x(31)).toBe(0n);
  });

  test('traps where floating point may not be used', () => {
    const { cpu, run, lanes } = machine();
    cpu.set('CPTR_EL2', 0x33ffn | (1n << 10n));
    cpu.setX(1, 7n);
    run('fmov d0, x1');
    expect(lanes(0)).toEqual([0, 0, 0, 0]);
    expect(events).toMatchObject([{ kind: 'exception', type: 'FP', to: 2, esr: 0x1fe0_0000 }]);
  });
});
