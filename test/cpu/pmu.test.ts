import { describe, expect, it } from 'vitest';
import { nextOverflow, pmuCount, pmuInterrupt } from '../../emulator/cpu/index.ts';
import { TestCpu } from './driver.ts';

const RW = 0x8000_0000n;
const write = (t: TestCpu, name: string, value: bigint): void => {
  t.cpu.setX(9, value);
  t.run(`msr ${name}, x9`);
};
const read = (t: TestCpu, name: string): bigint => {
  t.run(`mrs x9, ${name}`);
  return t.cpu.x(9);
};
const started = (filter = 0n): TestCpu => {
  const t = new TestCpu().prepare(1, { HCR_EL2: RW, VBAR_EL2: 0x4000_0000n });
  write(t, 'pmccfiltr_el0', filter);
  write(t, 'pmcntenset_el0', 0x8000_0000n);
  write(t, 'pmcr_el0', 1n | 64n);
  write(t, 'pmccntr_el0', 0n);
  return t;
};

describe('the cycle counter', () => {
  it('counts nanoseconds while it is on', () => {
    const t = started();
    t.time += 1000;
    expect(read(t, 'pmccntr_el0')).toBe(1000n);
    write(t, 'pmcr_el0', 0n);
    t.time += 500;
    expect(read(t, 'pmccntr_el0')).toBe(1000n);
    write(t, 'pmcr_el0', 1n);
    t.time += 5;
    expect(read(t, 'pmccntr_el0')).toBe(1005n);
    write(t, 'pmcr_el0', 1n | 4n);
    expect(read(t, 'pmccntr_el0')).toBe(0n);
  });

  it('does not count at levels that are filtered, whatever way they are entered and left', () => {
    const t = started();
    t.time += 100;
    t.run('hvc #0');
    t.time += 1000;
    t.run('eret');
    t.time += 10;
    expect(read(t, 'pmccntr_el0')).toBe(110n);
    const counted = started(1n << 27n);
    counted.time += 100;
    counted.run('hvc #0');
    counted.time += 1000;
    counted.run('eret');
    expect(read(counted, 'pmccntr_el0')).toBe(1100n);
    const notEl1 = started(1n << 31n);
    notEl1.time += 100;
    expect(read(notEl1, 'pmccntr_el0')).toBe(0n);
  });

  it('divides by 64 without losing any', () => {
    const t = started();
    write(t, 'pmcr_el0', 1n | 8n);
    for (let i = 0; i < 128; i++) {
      t.time += 1;
      read(t, 'pmccntr_el0');
    }
    expect(read(t, 'pmccntr_el0')).toBe(2n);
  });

  it('overflows at 32 or 64 bits, and interrupts', () => {
    const t = started();
    write(t, 'pmintenset_el1', 0x8000_0000n);
    write(t, 'pmccntr_el0', 0xffff_fff0n);
    t.time += 0x20;
    expect(read(t, 'pmovsclr_el0')).toBe(0n);
    write(t, 'pmcr_el0', 1n);
    write(t, 'pmccntr_el0', 0xffff_fff0n);
    expect(pmuInterrupt(t.cpu)).toBe(false);
    t.time += 0x20;
    expect(read(t, 'pmovsclr_el0')).toBe(0x8000_0000n);
    expect(pmuInterrupt(t.cpu)).toBe(true);
    write(t, 'pmovsclr_el0', 0x8000_0000n);
    expect(pmuInterrupt(t.cpu)).toBe(false);
  });
});

describe('an overflow that interrupts', () => {
  const time = (t: TestCpu) => ({ ns: t.time, instructions: t.time });
  it('is foreseen for each counter, by what it counts and where', () => {
    const t = started();
    write(t, 'pmccntr_el0', -0x30n);
    expect(nextOverflow(t.cpu, time(t))).toBe(Infinity);
    write(t, 'pmintenset_el1', 0x8000_0003n);
    t.time += 8;
    expect(nextOverflow(t.cpu, time(t))).toBe(0x30);
    // 32 bits, and every 64 cycles: the next multiples of 64 count.
    write(t, 'pmcr_el0', 1n | 8n);
    write(t, 'pmccntr_el0', 0xffff_fffen);
    expect(nextOverflow(t.cpu, time(t))).toBe(128);
    for (const event of [0x08n, 0x11n]) {
      write(t, 'pmevtyper0_el0', event);
      write(t, 'pmevcntr0_el0', 0xffff_fff0n);
      write(t, 'pmcntenset_el0', 1n);
      expect(nextOverflow(t.cpu, time(t))).toBe(t.time + 16);
    }
    // While it waits no instruction retires.
    write(t, 'pmevtyper0_el0', 8n);
    t.cpu.waiting = true;
    expect(nextOverflow(t.cpu, time(t))).toBe(128);
    t.cpu.waiting = false;
    write(t, 'pmevtyper0_el0', 8n | (1n << 31n));
    expect(nextOverflow(t.cpu, time(t))).toBe(128);
    write(t, 'pmovsset_el0', 0x8000_0000n);
    expect(nextOverflow(t.cpu, time(t))).toBe(Infinity);
  });

  it('comes from a counter of EL2 while MDCR_EL2.HPME is set, whatever PMCR_EL0.E is', () => {
    const t = started();
    write(t, 'pmintenset_el1', 0x21n);
    t.cpu.set('MDCR_EL2', 0x80n | 5n);
    write(t, 'pmovsset_el0', 0x20n);
    write(t, 'pmcr_el0', 0n);
    expect(pmuInterrupt(t.cpu)).toBe(true);
    t.cpu.set('MDCR_EL2', 5n);
    expect(pmuInterrupt(t.cpu)).toBe(false);
    write(t, 'pmcr_el0', 1n);
    expect(pmuInterrupt(t.cpu)).toBe(false);
    t.cpu.set('MDCR_EL2', 6n);
    expect(pmuInterrupt(t.cpu)).toBe(true);
  });
});

describe('event counters', () => {
  it('count instructions, which a wait has none of, and set their overflow bits', () => {
    const t = started();
    write(t, 'pmevtyper0_el0', 8n);
    write(t, 'pmevcntr0_el0', 0xffff_fff8n);
    write(t, 'pmcntenset_el0', 1n);
    pmuCount(t.cpu, { ns: t.time + 100, instructions: t.time + 7 });
    expect(t.cpu.get('PMEVCNTR0_EL0')).toBe(0xffff_ffffn);
    expect(t.cpu.get('PMOVSCLR_EL0')).toBe(0n);
    pmuCount(t.cpu, { ns: t.time + 101, instructions: t.time + 8 });
    expect([t.cpu.get('PMEVCNTR0_EL0'), t.cpu.get('PMOVSCLR_EL0'), t.cpu.get('PMCCNTR_EL0')]).toEqual([0n, 1n, 101n]);
  });

  it('count cycles and software increments', () => {
    const t = started();
    write(t, 'pmevtyper0_el0', 0x11n);
    write(t, 'pmevtyper1_el0', 0n);
    write(t, 'pmcntenset_el0', 3n);
    t.time += 7;
    write(t, 'pmswinc_el0', 3n);
    write(t, 'pmswinc_el0', 2n);
    expect([read(t, 'pmevcntr0_el0'), read(t, 'pmevcntr1_el0')]).toEqual([7n, 2n]);
    write(t, 'pmselr_el0', 1n);
    expect(read(t, 'pmxevcntr_el0')).toBe(2n);
  });

  it('from HPMN on belong to EL2: EL1 sees fewer, and nothing of theirs', () => {
    const t = started();
    write(t, 'pmevcntr3_el0', 55n);
    t.cpu.set('MDCR_EL2', 2n);
    expect((read(t, 'pmcr_el0') >> 11n) & 31n).toBe(2n);
    expect(read(t, 'pmevcntr3_el0')).toBe(0n);
    write(t, 'pmevcntr3_el0', 66n);
    t.run('hvc #0');
    expect(read(t, 'pmevcntr3_el0')).toBe(55n);
    expect((read(t, 'pmcr_el0') >> 11n) & 31n).toBe(6n);
  });
});
