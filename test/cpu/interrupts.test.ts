import { describe, expect, it } from 'vitest';
import {
  interruptPending,
  interruptToTake,
  peekRegister,
  takeInterrupt,
  type ExceptionLevel,
  type InterruptType,
} from '../../emulator/cpu/index.ts';
import { PC, TestCpu } from './driver.ts';

const RW = 0x8000_0000n;
const HCR = { FMO: 8n, IMO: 16n, AMO: 32n, VF: 64n, VI: 128n, VSE: 256n, TGE: 1n << 27n };
const on = (el: ExceptionLevel, hcr: bigint, daif: number, lines: object = {}): TestCpu => {
  const t = new TestCpu().prepare(el, { HCR_EL2: RW | hcr, VBAR_EL1: 0x1000_0000n, VBAR_EL2: 0x2000_0000n });
  t.cpu.daif = daif;
  Object.assign(t.lines, lines);
  return t;
};
const taken = (t: TestCpu): InterruptType | undefined => interruptToTake(t.cpu, t.lines);

describe('physical interrupts (Arm ARM D1.3.6, routing and masking when EL2 is enabled and EL3 absent)', () => {
  const kinds = [
    ['IRQ', { irq: true }, HCR.IMO, 2],
    ['FIQ', { fiq: true }, HCR.FMO, 1],
    ['SError', { serror: true }, HCR.AMO, 4],
  ] as const;
  describe.each(kinds)('%s', (type, lines, route, mask) => {
    it('belongs to EL1 without routing: taken at EL0 and EL1 unless masked, never at EL2', () => {
      for (const el of [0, 1] as const) {
        expect(taken(on(el, 0n, 0, lines))).toBe(type);
        expect(taken(on(el, 0n, mask, lines))).toBeUndefined();
        expect(taken(on(el, 0n, 15 & ~mask, lines))).toBe(type);
      }
      expect(taken(on(2, 0n, 0, lines))).toBeUndefined();
    });

    it.each([route, HCR.TGE])('goes to EL2 with routing %i: masks hold at EL2 only', (bits) => {
      for (const el of [0, 1] as const) expect(taken(on(el, bits, 15, lines))).toBe(type);
      expect(taken(on(2, bits, 0, lines))).toBe(type);
      expect(taken(on(2, bits, mask, lines))).toBeUndefined();
    });

    it('other routing bits do not matter', () => {
      const others = HCR.IMO | HCR.FMO | HCR.AMO;
      expect(taken(on(2, others & ~route, 0, lines))).toBeUndefined();
    });
  });

  it('without a pending interrupt nothing is taken', () => {
    expect(taken(on(0, HCR.IMO | HCR.FMO | HCR.AMO, 0))).toBeUndefined();
  });
});

describe('virtual interrupts', () => {
  const kinds = [
    ['vIRQ', HCR.VI, HCR.IMO, 2, { virq: true }],
    ['vFIQ', HCR.VF, HCR.FMO, 1, { vfiq: true }],
    ['vSError', HCR.VSE, HCR.AMO, 4, undefined],
  ] as const;
  it.each(kinds)('%s needs its routing bit, no TGE, a level below EL2 and no mask', (type, pending, route, mask) => {
    for (const el of [0, 1] as const) {
      expect(taken(on(el, pending | route, 0))).toBe(type);
      expect(taken(on(el, pending | route, mask))).toBeUndefined();
      expect(taken(on(el, pending, 0))).toBeUndefined();
      expect(taken(on(el, pending | route | HCR.TGE, 0))).toBeUndefined();
    }
    expect(taken(on(2, pending | route, 0))).toBeUndefined();
  });

  it.each(kinds)('%s also comes from the line of the GIC, if it has one', (type, _, route, mask, lines) => {
    if (!lines) return;
    expect(taken(on(1, route, 0, lines))).toBe(type);
    expect(taken(on(1, route, mask, lines))).toBeUndefined();
    expect(taken(on(1, 0n, 0, lines))).toBeUndefined();
  });

  it('a physical interrupt for EL2 comes before them', () => {
    expect(taken(on(1, HCR.VI | HCR.IMO, 0, { irq: true }))).toBe('IRQ');
  });
});

describe('taking them', () => {
  it('IRQ to EL2 leaves ESR alone, returns to the instruction held up, and ends WFI', () => {
    const t = on(1, HCR.IMO, 15, { irq: true }).prepare(1, { ESR_EL2: 0x77n });
    t.cpu.waiting = true;
    takeInterrupt(t.cpu, t, 'IRQ');
    expect(t.events[0]).toMatchObject({ type: 'IRQ', from: 1, to: 2, esr: null, elr: PC, pc: 0x2000_0480n, far: null });
    expect(t.events[0].kind === 'exception' && t.events[0].rule.bits).toEqual([{ register: 'HCR_EL2', field: 'IMO', value: '1' }]);
    expect(t.cpu.get('ESR_EL2')).toBe(0x77n);
    expect([t.cpu.waiting, t.cpu.daif]).toEqual([false, 15]);
  });

  it.each([
    ['FIQ', 0n, 1, 0x1000_0300n],
    ['FIQ', HCR.FMO, 2, 0x2000_0500n],
    ['IRQ', HCR.TGE, 2, 0x2000_0480n],
    ['SError', HCR.AMO, 2, 0x2000_0580n],
    ['vIRQ', HCR.IMO | HCR.VI, 1, 0x1000_0280n],
    ['vFIQ', HCR.FMO | HCR.VF, 1, 0x1000_0300n],
  ] as const)('%s with HCR_EL2 %i goes to EL%d', (type, hcr, to, pc) => {
    const t = on(1, hcr, 0);
    takeInterrupt(t.cpu, t, type);
    expect(t.events[0]).toMatchObject({ type, to, pc });
  });

  it('the virtual SError clears HCR_EL2.VSE and has a syndrome', () => {
    const t = on(1, HCR.AMO | HCR.VSE, 0);
    takeInterrupt(t.cpu, t, 'vSError');
    expect(t.cpu.get('HCR_EL2')).toBe(RW | HCR.AMO);
    expect(t.events[0]).toMatchObject({ to: 1, esr: 0xbe00_0000, pc: 0x1000_0380n });
  });
});

describe('being pending', () => {
  it('a physical interrupt is, masked or not, at any level', () => {
    for (const el of [0, 1, 2] as const)
      expect(interruptPending(on(el, 0n, 15, { irq: true }).cpu, on(el, 0n, 15, { irq: true }).lines)).toBe(true);
  });
  it('a virtual one is below EL2 only, with its routing bit', () => {
    const pending = (t: TestCpu): boolean => interruptPending(t.cpu, t.lines);
    expect(pending(on(1, HCR.VI | HCR.IMO, 15))).toBe(true);
    expect(pending(on(1, HCR.IMO, 15, { virq: true }))).toBe(true);
    expect(pending(on(1, HCR.VI, 15))).toBe(false);
    expect(pending(on(2, HCR.VI | HCR.IMO, 15))).toBe(false);
    expect(pending(on(1, HCR.VSE | HCR.AMO, 15))).toBe(true);
    expect(pending(on(0, HCR.VSE | HCR.AMO | HCR.TGE, 15))).toBe(false);
  });
  it('ISR_EL1 shows virtual interrupts in place of those that are routed to EL2', () => {
    const isr = (t: TestCpu): bigint | undefined => peekRegister(t.cpu, t, 'ISR_EL1');
    expect(isr(on(1, 0n, 15, { irq: true, fiq: true, serror: true }))).toBe(0x1c0n);
    expect(isr(on(1, HCR.IMO, 15, { irq: true }))).toBe(0n);
    expect(isr(on(1, HCR.IMO | HCR.VI, 15))).toBe(0x80n);
    expect(isr(on(2, HCR.IMO | HCR.VI, 15))).toBe(0n);
    expect(isr(on(2, HCR.IMO, 15, { irq: true }))).toBe(0x80n);
  });
});
