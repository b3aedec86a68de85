import { describe, expect, it } from 'vitest';
import { breakpointAddresses, breakpointMatches, softwareStep, stepDone, takeInstead, takeSoftwareStep } from '../../emulator/cpu/index.ts';
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

describe('a breakpoint', () => {
  const E = 1n;
  const BAS = 0xfn << 5n;
  const EL0 = 2n << 1n;
  const EL1 = 1n << 1n;
  const MDE = 0x8000n;
  const type = (BT: bigint): bigint => BT << 20n;
  const link = (n: bigint): bigint => n << 16n;
  const firesAt = (el: 0 | 1 | 2, registers: Parameters<TestCpu['prepare']>[1], daif = 7): boolean => {
    const t = new TestCpu().prepare(el, { HCR_EL2: RW, OSLSR_EL1: 8n, MDSCR_EL1: MDE, MDCR_EL2: 0n, ...registers });
    t.cpu.daif = daif;
    return breakpointMatches(t.cpu);
  };
  const here = { DBGBVR2_EL1: PC, DBGBCR2_EL1: BAS | EL0 | E };

  it('fires at its address, at the levels it names, and is named to the engine', () => {
    expect(firesAt(0, here)).toBe(true);
    expect(firesAt(0, { ...here, DBGBVR2_EL1: PC + 4n })).toBe(false);
    expect(firesAt(0, { ...here, DBGBVR2_EL1: PC + (1n << 40n) })).toBe(false);
    expect(firesAt(0, { ...here, DBGBCR2_EL1: BAS | EL1 | E })).toBe(false);
    expect(firesAt(0, { ...here, DBGBCR2_EL1: BAS | EL0 })).toBe(false);
    expect(firesAt(0, { ...here, DBGBCR2_EL1: (0xcn << 5n) | EL0 | E })).toBe(false);
    // SSC = 0b10: Secure state only.
    expect(firesAt(0, { ...here, DBGBCR2_EL1: BAS | (2n << 14n) | EL0 | E })).toBe(false);
    const t = new TestCpu().prepare(0, { ...here, MDSCR_EL1: MDE });
    expect(breakpointAddresses(t.cpu)).toEqual([PC]);
    t.cpu.set('MDSCR_EL1', 0n);
    expect(breakpointAddresses(t.cpu)).toEqual([]);
  });

  it('is off without MDE, behind the OS lock, and inside the level that takes it unless KDE is set and D is clear', () => {
    expect(firesAt(0, { ...here, MDSCR_EL1: 0n })).toBe(false);
    expect(firesAt(0, { ...here, OSLSR_EL1: 0xan })).toBe(false);
    expect(firesAt(0, { ...here, OSDLR_EL1: 1n })).toBe(false);
    const inside = { ...here, DBGBCR2_EL1: BAS | EL1 | E };
    expect(firesAt(1, inside)).toBe(false);
    expect(firesAt(1, { ...inside, MDCR_EL2: 0x100n })).toBe(true);
    expect(firesAt(1, { ...inside, MDSCR_EL1: MDE | 0x2000n })).toBe(true);
    expect(firesAt(1, { ...inside, MDSCR_EL1: MDE | 0x2000n }, 15)).toBe(false);
    const atEl2 = { ...here, DBGBCR2_EL1: BAS | (1n << 13n) | (3n << 14n) | E, MDCR_EL2: 0x100n, MDSCR_EL1: MDE | 0x2000n };
    expect([firesAt(2, atEl2), firesAt(1, atEl2)]).toEqual([true, false]);
  });

  it('compares CONTEXTIDR_EL1 and the VMID, in the last two only', () => {
    const context = { CONTEXTIDR_EL1: 7n, VTTBR_EL2: 5n << 48n, DBGBVR4_EL1: (5n << 32n) | 7n };
    const other = { ...context, CONTEXTIDR_EL1: 8n };
    const otherVmid = { ...context, VTTBR_EL2: 6n << 48n };
    const control = (BT: bigint) => ({ DBGBCR4_EL1: type(BT) | BAS | EL0 | E });
    const fires = (BT: bigint) => [context, other, otherVmid].map((registers) => firesAt(0, { ...registers, ...control(BT) }));
    expect(fires(2n)).toEqual([true, false, true]);
    expect(fires(8n)).toEqual([true, true, false]);
    expect(fires(10n)).toEqual([true, false, false]);
    // Linked ones fire for nobody but those that link to them; reserved ones never.
    for (const BT of [3n, 9n, 11n, 4n, 6n, 12n]) expect(fires(BT)).toEqual([false, false, false]);
    expect(firesAt(0, { CONTEXTIDR_EL1: 7n, DBGBVR3_EL1: 7n, DBGBCR3_EL1: type(2n) | BAS | EL0 | E })).toBe(false);
    // At EL2 neither means anything.
    const el2 = { DBGBCR4_EL1: type(2n) | BAS | (1n << 13n) | E, MDCR_EL2: 0x100n, MDSCR_EL1: MDE | 0x2000n };
    expect([firesAt(2, { ...context, ...el2 }), firesAt(1, { ...context, ...el2, DBGBCR4_EL1: type(2n) | EL1 | E })]).toEqual([
      false,
      true,
    ]);

    const linked = { ...here, DBGBCR2_EL1: type(1n) | link(5n) | BAS | EL0 | E, DBGBVR5_EL1: (5n << 32n) | 7n };
    const both = { ...linked, DBGBCR5_EL1: type(11n) | E };
    expect([context, other, otherVmid].map((registers) => firesAt(0, { ...registers, ...both }))).toEqual([true, false, false]);
    expect(firesAt(0, { ...context, ...both, DBGBCR5_EL1: type(11n) })).toBe(false);
    expect(firesAt(0, { ...context, ...both, DBGBCR5_EL1: type(10n) | E })).toBe(false);
    expect(firesAt(0, { ...context, ...both, DBGBCR2_EL1: type(1n) | link(9n) | BAS | EL0 | E })).toBe(false);
  });

  it('is taken with its class, its route and FAR untouched', () => {
    const t = new TestCpu().prepare(0, { HCR_EL2: RW, FAR_EL1: 9n, VBAR_EL1: 0x1000n });
    takeInstead(t.cpu, t, 'Breakpoint');
    expect(t.events.at(-1)).toMatchObject({ type: 'Breakpoint', from: 0, to: 1, esr: 0xc200_0022, elr: PC, far: null, pc: 0x1400n });
    const same = new TestCpu().prepare(2, { MDCR_EL2: 0x100n });
    takeInstead(same.cpu, same, 'Breakpoint');
    expect(same.events.at(-1)).toMatchObject({ from: 2, to: 2, esr: 0xc600_0022 });
  });

  it('has BAS<3> and BAS<1> as copies', () => {
    const t = new TestCpu().prepare(1, { HCR_EL2: RW });
    t.cpu.setX(0, 0x141n);
    t.run('msr dbgbcr1_el1, x0');
    expect(t.cpu.get('DBGBCR1_EL1')).toBe(1n);
    t.cpu.setX(0, 0xa1n);
    t.run('msr dbgbcr1_el1, x0');
    expect(t.cpu.get('DBGBCR1_EL1')).toBe(0x1e1n);
  });
});
