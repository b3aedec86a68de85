import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  counterValue,
  nextTimerTick,
  peekRegister,
  timerAsserted,
  timerControl,
  timerNames,
  type TimerName,
} from '../../emulator/cpu/index.ts';
import { PC, TestCpu } from './driver.ts';

const RW = 0x8000_0000n;
const MASK = (1n << 64n) - 1n;
const compare = { physical: 'CNTP_CVAL_EL0', virtual: 'CNTV_CVAL_EL0', hypervisor: 'CNTHP_CVAL_EL2' } as const;
const control = { physical: 'CNTP_CTL_EL0', virtual: 'CNTV_CTL_EL0', hypervisor: 'CNTHP_CTL_EL2' } as const;

const counters = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 2 ** 49 - 1 }));
const values = fc.oneof(fc.bigInt({ min: 0n, max: 2000n }), fc.bigInt({ min: 0n, max: 1n << 40n }), fc.bigInt({ min: 0n, max: MASK }));
const offsets = fc.oneof(fc.constant(0n), values);

describe('the generic timers', () => {
  it('agree with the definition in whole numbers', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...timerNames),
        counters,
        values,
        offsets,
        fc.integer({ min: 0, max: 3 }),
        (name: TimerName, now, cval, offset, ctl) => {
          const { cpu } = new TestCpu().prepare(1, { [compare[name]]: cval, [control[name]]: BigInt(ctl), CNTVOFF_EL2: offset });
          const count = name === 'virtual' ? (BigInt(now) - offset) & MASK : BigInt(now);
          const isMet = count >= cval;
          expect(BigInt(counterValue(cpu, name, now))).toBe(count);
          expect(timerControl(cpu, name, now)).toBe(ctl & 1 && isMet ? ctl | 4 : ctl);
          expect(timerAsserted(cpu, name, now)).toBe(ctl === 1 && isMet);
          const next = nextTimerTick(cpu, now);
          const wait = cval - count;
          if (ctl !== 1 || isMet || wait > BigInt(Number.MAX_SAFE_INTEGER)) expect(next).toBe(Infinity);
          else expect(BigInt(next)).toBe(BigInt(now) + wait);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('the next moment is that of the first timer that will fire', () => {
    const { cpu } = new TestCpu().prepare(1, {
      CNTP_CVAL_EL0: 500n,
      CNTP_CTL_EL0: 1n,
      CNTV_CVAL_EL0: 300n,
      CNTV_CTL_EL0: 1n,
      CNTVOFF_EL2: 100n,
    });
    expect(nextTimerTick(cpu, 100)).toBe(400);
    // Before CNTVOFF_EL2 the virtual counter is huge: the condition holds.
    expect(timerAsserted(cpu, 'virtual', 99)).toBe(true);
    expect(timerAsserted(cpu, 'virtual', 399)).toBe(false);
    expect(timerAsserted(cpu, 'virtual', 400)).toBe(true);
    expect(nextTimerTick(cpu, 400)).toBe(500);
    expect(nextTimerTick(cpu, 500)).toBe(Infinity);
  });

  it('TVAL counts down from what is written, signed', () => {
    const t = new TestCpu().prepare(1, { HCR_EL2: RW, CNTHCTL_EL2: 3n });
    t.time = 16 * 1000;
    t.cpu.setX(1, 0xdead_0000_0064n);
    t.run('msr cntp_tval_el0, x1');
    expect(t.cpu.get('CNTP_CVAL_EL0')).toBe(1100n);
    t.time += 16 * 30;
    t.run('mrs x2, cntp_tval_el0');
    expect(t.cpu.x(2)).toBe(70n);
    t.time += 16 * 100;
    t.run('mrs x2, cntp_tval_el0');
    expect(t.cpu.x(2)).toBe(0xffff_ffe2n);
    t.cpu.setX(1, 0xffff_ffffn);
    t.run('msr cntp_tval_el0, x1');
    expect(t.cpu.get('CNTP_CVAL_EL0')).toBe(1129n);
  });

  it('TVAL of the virtual timer counts in virtual time, across 2^32', () => {
    const t = new TestCpu().prepare(1, { HCR_EL2: RW, CNTVOFF_EL2: 0xffff_fff0_0000_0000n });
    t.time = 16 * 5;
    t.cpu.setX(1, 0x7fff_ffffn);
    t.run('msr cntv_tval_el0, x1');
    expect(t.cpu.get('CNTV_CVAL_EL0')).toBe(0x10_0000_0005n + 0x7fff_ffffn);
    t.run('mrs x2, cntvct_el0');
    expect(t.cpu.x(2)).toBe(0x10_0000_0005n);
    expect(t.cpu.pc).toBe(PC + 8n);
  });

  it('ISTATUS reads only while the timer is on', () => {
    const t = new TestCpu().prepare(2);
    t.cpu.setX(1, 7n);
    t.run('msr cntp_ctl_el0, x1');
    expect(t.cpu.get('CNTP_CTL_EL0')).toBe(3n);
    expect(peekRegister(t.cpu, t, 'CNTP_CTL_EL0')).toBe(7n);
    t.cpu.setX(1, 0n);
    t.run('msr cntp_ctl_el0, x1');
    expect(peekRegister(t.cpu, t, 'CNTP_CTL_EL0')).toBe(0n);
  });
});
