import { describe, expect, it } from 'vitest';
import { NotBuilt } from '../../emulator/base/errors.ts';
import { softwareStep, stepDone, takeSoftwareStep } from '../../emulator/cpu/index.ts';
import { assemble } from '../../emulator/isa/index.ts';
import { PC, TestCpu } from './driver.ts';

const RW = 0x8000_0000n;
const SS = 1n << 21n;
/** EL1 about to return to EL0 to step one instruction there, with debug unlocked. */
const stepping = (own: object = {}): TestCpu =>
  new TestCpu().prepare(1, { HCR_EL2: RW, OSLSR_EL1: 8n, MDSCR_EL1: 1n, SPSR_EL1: SS, ELR_EL1: 0x5000n, VBAR_EL1: 0x1000n, ...own });

describe('software step', () => {
  it('steps one instruction of the level below and reports it', () => {
    const t = stepping();
    expect(softwareStep(t.cpu)).toBe('inactive');
    t.run('eret');
    expect([t.cpu.el, t.cpu.ss, softwareStep(t.cpu)]).toEqual([0, 1, 'step']);
    stepDone(t.cpu, assemble('add x0, x0, #1', 0n));
    expect(softwareStep(t.cpu)).toBe('pending');
    takeSoftwareStep(t.cpu, t);
    expect(t.events.at(-1)).toMatchObject({ type: 'Step', from: 0, to: 1, esr: 0xcb00_0022, elr: 0x5000n, spsr: 0 });
    expect(softwareStep(t.cpu)).toBe('inactive');
  });

  it('says when the instruction was a load-exclusive, and when none was executed', () => {
    const t = stepping();
    t.run('eret');
    stepDone(t.cpu, assemble('ldaxr w0, [x1]', 0n));
    takeSoftwareStep(t.cpu, t);
    expect(t.events.at(-1)).toMatchObject({ esr: 0xcb00_0062 });
    const none = stepping({ SPSR_EL1: 0n });
    none.run('eret');
    expect(softwareStep(none.cpu)).toBe('pending');
    takeSoftwareStep(none.cpu, none);
    expect(none.events.at(-1)).toMatchObject({ esr: 0xca00_0022 });
  });

  it('a call saves SS = 0, a fault SS = 1', () => {
    const call = stepping();
    call.run('eret');
    expect(call.exception('svc #0').spsr & Number(SS)).toBe(0);
    const fault = stepping();
    fault.run('eret');
    expect(fault.exception('hlt #0').spsr & Number(SS)).toBe(Number(SS));
  });

  it('goes to EL2 with MDCR_EL2.TDE', () => {
    const t = new TestCpu().prepare(2, {
      HCR_EL2: RW,
      OSLSR_EL1: 8n,
      MDSCR_EL1: 1n,
      MDCR_EL2: 0x106n,
      SPSR_EL2: SS | 5n,
      ELR_EL2: 0x5000n,
    });
    t.run('eret');
    expect([t.cpu.el, softwareStep(t.cpu)]).toEqual([1, 'step']);
    stepDone(t.cpu, 0);
    takeSoftwareStep(t.cpu, t);
    expect(t.events.at(-1)).toMatchObject({ from: 1, to: 2, esr: 0xcb00_0022 });
  });

  it('is off behind the OS lock, and inside the level that takes it unless KDE is set and D is clear', () => {
    expect(softwareStep(new TestCpu().prepare(0, { HCR_EL2: RW, MDSCR_EL1: 1n }).cpu)).toBe('inactive');
    const inside = stepping({ MDSCR_EL1: 0x2001n });
    inside.cpu.daif = 15;
    expect(softwareStep(inside.cpu)).toBe('inactive');
    inside.cpu.daif = 7;
    expect(softwareStep(inside.cpu)).toBe('pending');
  });
});

it('a breakpoint that could fire stops the machine with its name', () => {
  const t = new TestCpu().prepare(1, { HCR_EL2: RW, DBGBCR2_EL1: 1n });
  t.cpu.setX(0, 0x8000n);
  t.run('msr mdscr_el1, x0');
  expect(() => t.run('msr oslar_el1, xzr')).toThrow(NotBuilt);
  expect(t.cpu.pc).toBe(PC + 4n);
  expect(() => t.run('msr oslar_el1, xzr')).toThrow(/breakpoint exceptions \(DBGBCR2_EL1/);
});
