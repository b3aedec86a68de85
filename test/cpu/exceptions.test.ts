import { describe, expect, it } from 'vitest';
import { cpuLayout, judgeFp, takeException, takeInstead, takeUndefined } from '../../emulator/cpu/index.ts';
import { decode } from '../../emulator/isa/index.ts';
import { PC, TestCpu } from './driver.ts';

const RW = 0x8000_0000n;
const TGE = 1n << 27n;
const HCD = 1n << 29n;
const VBAR1 = 0xffff_0000_0008_0000n;
const VBAR2 = 0x4008_0800n;
const make = (): TestCpu => new TestCpu();

describe('taking an exception', () => {
  it('HVC from EL1 changes exactly what the architecture says', () => {
    const t = make().prepare(1, { HCR_EL2: RW, VBAR_EL2: VBAR2, SP_EL2: 0x5000n, VTTBR_EL2: 0x0007_0000_4100_0000n });
    t.cpu.sp = 0x4444_0000n;
    t.cpu.nzcv = 0b0110;
    t.cpu.daif = 0b0010;
    const changed = t.changes(() => t.run('hvc #0x4b00'));
    expect(changed).toEqual({
      PC: VBAR2 + 0x400n,
      SP: 0x5000n,
      SP_EL1: 0x4444_0000n,
      'PSTATE.EL': 2n,
      'PSTATE.DAIF': 15n,
      SPSR_EL2: 0x6000_0085n,
      ELR_EL2: PC + 4n,
      ESR_EL2: 0x5a00_4b00n,
    });
    const [event] = t.events;
    expect(event).toMatchObject({ kind: 'exception', type: 'HVC', from: 1, to: 2, esr: 0x5a00_4b00, far: null, hpfar: null, vmid: 7 });
    expect(event).toMatchObject({ elr: PC + 4n, spsr: 0x6000_0085, pc: VBAR2 + 0x400n, steps: undefined });
    expect(event).toMatchObject({ rule: { bits: [{ register: 'HCR_EL2', field: 'HCD', value: '0' }] } });
  });

  it('enters the vector of the group it came from', () => {
    const registers = { HCR_EL2: RW, VBAR_EL1: VBAR1, VBAR_EL2: VBAR2 };
    expect(make().prepare(0, registers).exception('svc #1').pc).toBe(VBAR1 + 0x400n);
    expect(make().prepare(1, registers).exception('svc #1').pc).toBe(VBAR1 + 0x200n);
    const onSpEl0 = make().prepare(1, registers);
    onSpEl0.cpu.setLevel(1, 0);
    expect(onSpEl0.exception('svc #1').pc).toBe(VBAR1);
    expect(onSpEl0.cpu.spsel).toBe(1);
    expect(make().prepare(2, registers).exception('hvc #1').pc).toBe(VBAR2 + 0x200n);
  });

  it('drops the low 11 bits of VBAR', () => {
    expect(make().prepare(1, { HCR_EL2: RW, VBAR_EL2: 0x4008_0abcn }).exception('hvc #0').pc).toBe(0x4008_0c00n);
  });

  it('carries into the upper half of the return address', () => {
    const t = make().prepare(1, { HCR_EL2: RW });
    t.cpu.pc = 0x12_ffff_fffcn;
    expect(t.exception('hvc #0').elr).toBe(0x13_0000_0000n);
  });

  it('saves and clears IL and SS', () => {
    const t = make().prepare(1, { HCR_EL2: RW });
    t.cpu.il = 1;
    t.cpu.ss = 1;
    takeInstead(t.cpu, t, 'IllegalState');
    expect(t.events[0]).toMatchObject({ type: 'IllegalState', from: 1, to: 1, esr: 0x3a00_0000, elr: PC, spsr: 0x0030_03c5 });
    expect([t.cpu.il, t.cpu.ss]).toEqual([0, 0]);
  });

  it('tells the environment about the level after the change, and only then', () => {
    const t = make().prepare(1, { HCR_EL2: RW });
    const levels: number[] = [];
    t.levelChanged = () => levels.push(t.cpu.el);
    t.run('svc #0');
    expect(levels).toEqual([]);
    t.run('hvc #0');
    expect(levels).toEqual([2]);
  });

  it('tells the sub-steps in order, with the values before and after, when asked', () => {
    const t = make().prepare(1, { HCR_EL2: RW, VBAR_EL2: VBAR2, SPSR_EL2: 0x3c9n, ELR_EL2: 0x10n, ESR_EL2: 0x20n });
    t.cpu.daif = 0b0010;
    t.wantsSteps = true;
    const { steps } = t.exception('hvc #1');
    expect(steps!.map(({ title, target, before, after }) => [title, target, before, after])).toEqual([
      ['Save PSTATE', 'SPSR_EL2', '0x3c9', '0x85'],
      ['Save return', 'ELR_EL2', '0x10', '0x40100004'],
      ['Say why', 'ESR_EL2', '0x20', '0x5a000001'],
      ['Mask', 'PSTATE.DAIF', '--I-', 'DAIF'],
      ['Switch level', 'PSTATE.EL, PSTATE.SP', 'EL1, SP_EL1', 'EL2, SP_EL2'],
      ['Jump', 'PC', '0x40100000', '0x40080c00'],
    ]);
    expect(steps!.at(-1)!.text).toBe('PC = VBAR_EL2 + 0x400: the slot for synchronous exceptions from a lower level in AArch64.');
  });
});

describe('calls', () => {
  it('SVC goes to EL1, or to EL2 with TGE, and stays at its level above EL0', () => {
    expect(make().prepare(0, { HCR_EL2: RW }).exception('svc #7')).toMatchObject({ type: 'SVC', to: 1, esr: 0x5600_0007, elr: PC + 4n });
    expect(
      make()
        .prepare(0, { HCR_EL2: RW | TGE })
        .exception('svc #7'),
    ).toMatchObject({ to: 2 });
    expect(make().prepare(1, { HCR_EL2: RW }).exception('svc #7')).toMatchObject({ to: 1 });
    expect(make().prepare(2).exception('svc #7')).toMatchObject({ to: 2 });
  });

  it('HVC is UNDEFINED at EL0 and where HCR_EL2.HCD disables it', () => {
    expect(make().prepare(0, { HCR_EL2: RW }).exception('hvc #7')).toMatchObject({ type: 'Undefined', to: 1, esr: 0x0200_0000, elr: PC });
    expect(
      make()
        .prepare(1, { HCR_EL2: RW | HCD })
        .exception('hvc #7'),
    ).toMatchObject({ type: 'Undefined', to: 1 });
    expect(
      make()
        .prepare(2, { HCR_EL2: RW | HCD })
        .exception('hvc #7'),
    ).toMatchObject({ type: 'Undefined', to: 2 });
  });

  it('SMC reaches the firmware, unless HCR_EL2.TSC traps it at EL1', () => {
    const t = make().prepare(1, { HCR_EL2: RW });
    expect(t.run('smc #0')).toBeUndefined();
    expect([t.firmwareCalls, t.cpu.pc]).toEqual([1, PC + 4n]);
    expect(t.prepare(1, { HCR_EL2: RW | (1n << 19n) }).exception('smc #3')).toMatchObject({
      type: 'SMC',
      to: 2,
      esr: 0x5e00_0003,
      elr: PC,
    });
    expect(t.prepare(2).run('smc #0')).toBeUndefined();
    expect(t.firmwareCalls).toBe(2);
    expect(t.prepare(0, { HCR_EL2: RW }).exception('smc #0')).toMatchObject({ type: 'Undefined' });
  });

  it('without EL2, HVC is the way to the firmware', () => {
    class WithoutEl2 extends TestCpu {
      override readonly hasEl2 = false as never;
    }
    const t = new WithoutEl2().prepare(1, { HCR_EL2: RW });
    expect(t.run('hvc #0')).toBeUndefined();
    expect(t.firmwareCalls).toBe(1);
  });

  it('BRK goes to EL2 with MDCR_EL2.TDE', () => {
    expect(make().prepare(1, { HCR_EL2: RW }).exception('brk #2')).toMatchObject({ type: 'BRK', to: 1, esr: 0xf200_0002, elr: PC });
    expect(make().prepare(1, { HCR_EL2: RW, MDCR_EL2: 0x106n }).exception('brk #2')).toMatchObject({ to: 2 });
    expect(make().prepare(2, { MDCR_EL2: 0x106n }).exception('brk #2')).toMatchObject({ to: 2 });
  });

  it('what belongs to debug state or to a debugger is UNDEFINED', () => {
    for (const text of ['hlt #1', 'dcps1', 'dcps2', 'dcps3', 'drps']) {
      expect(make().prepare(1, { HCR_EL2: RW }).exception(text)).toMatchObject({ type: 'Undefined', esr: 0x0200_0000 });
    }
  });

  it('an undefined word is taken at its level, from EL0 at EL1', () => {
    for (const [el, to] of [
      [0, 1],
      [1, 1],
      [2, 2],
    ] as const) {
      const t = make().prepare(el, { HCR_EL2: RW });
      takeUndefined(t.cpu, t);
      expect(t.events[0]).toMatchObject({ type: 'Undefined', to });
    }
  });
});

describe('waiting and events', () => {
  it('WFI waits, unless an interrupt is pending, masked or not', () => {
    const t = make().prepare(1, { HCR_EL2: RW });
    expect(t.changes(() => t.run('wfi'))).toEqual({ PC: PC + 4n, waiting: 1n });
    t.prepare(1);
    Object.assign(t.lines, { irq: true });
    expect(t.changes(() => t.run('wfi'))).toEqual({ PC: PC + 4n });
  });

  it('WFI that would wait traps by HCR_EL2.TWI and SCTLR_EL1.nTWI; one that would not, does not', () => {
    const t = make().prepare(1, { HCR_EL2: RW | (1n << 13n) });
    expect(t.exception('wfi')).toMatchObject({ type: 'Trap', to: 2, esr: 0x07e0_0000, elr: PC });
    Object.assign(t.prepare(1).lines, { fiq: true });
    expect(t.run('wfi')).toBeUndefined();
    expect(make().prepare(0, { HCR_EL2: RW, SCTLR_EL1: 0n }).exception('wfi')).toMatchObject({ to: 1, esr: 0x07e0_0000 });
  });

  it('WFE clears the event register, and traps only while it is clear', () => {
    const t = make().prepare(1, { HCR_EL2: RW | (1n << 14n) });
    t.run('sevl');
    expect(t.changes(() => t.run('wfe'))).toEqual({ PC: PC + 8n, event: 0n });
    expect(t.exception('wfe')).toMatchObject({ type: 'Trap', to: 2, esr: 0x07e0_0001 });
  });
});

describe('floating point and SIMD', () => {
  const fmov = (t: TestCpu): void => {
    const trap = judgeFp(t.cpu);
    if (trap) takeException(t.cpu, t, trap);
  };

  it('trap by CPACR_EL1 first, then by CPTR_EL2', () => {
    const t = make();
    fmov(t.prepare(1, { HCR_EL2: RW }));
    expect(t.events[0]).toMatchObject({ type: 'FP', to: 1, esr: 0x1fe0_0000, elr: PC });
    fmov(t.prepare(1, { CPACR_EL1: 3n << 20n, CPTR_EL2: 0x37ffn }));
    expect(t.events[0]).toMatchObject({ type: 'FP', to: 2, esr: 0x1fe0_0000 });
    fmov(t.prepare(2));
    expect(t.events[0]).toMatchObject({ type: 'FP', to: 2, from: 2 });
    t.prepare(1, { CPTR_EL2: 0x33ffn });
    fmov(t);
    expect(t.events).toEqual([]);
  });

  it('what CPACR_EL1 traps at EL0 is an unknown reason for EL2 with TGE', () => {
    const t = make().prepare(0, { HCR_EL2: RW | TGE });
    fmov(t);
    expect(t.events[0]).toMatchObject({ type: 'FP', to: 2, esr: 0x0200_0000 });
  });
});

describe('PSTATE by MSR', () => {
  it('DAIFSet, DAIFClr and SPSel', () => {
    const t = make().prepare(1, { HCR_EL2: RW, SP_EL0: 0x10n });
    t.cpu.daif = 0;
    t.cpu.sp = 0x20n;
    expect(t.changes(() => t.run('msr daifset, #6'))).toEqual({ PC: PC + 4n, 'PSTATE.DAIF': 6n });
    expect(t.changes(() => t.run('msr daifclr, #2'))).toEqual({ PC: PC + 8n, 'PSTATE.DAIF': 4n });
    expect(t.changes(() => t.run('msr spsel, #0'))).toEqual({ PC: PC + 12n, 'PSTATE.SP': 0n, SP: 0x10n, SP_EL1: 0x20n });
  });

  it('are not for EL0: SPSel is UNDEFINED, the masks trap unless SCTLR_EL1.UMA lets them', () => {
    const t = make().prepare(0, { HCR_EL2: RW });
    expect(t.exception('msr spsel, #0')).toMatchObject({ type: 'Undefined' });
    expect(t.prepare(0).exception('msr daifset, #2')).toMatchObject({ type: 'Trap', to: 1, esr: 0x620c_d3e4 });
    expect(t.prepare(0, { SCTLR_EL1: 1n << 9n }).run('msr daifset, #2')).toBeUndefined();
  });
});

it('any allocated system word either moves on, takes one exception, or is named as not built', () => {
  const t = make();
  let executed = 0;
  for (let seed = 1, n = 0; n < 60_000; n++) {
    seed = (Math.imul(seed, 0x41c6_4e6d) + 0x3039) >>> 0;
    const word = (0xd500_0000 | (seed & 0x003f_ffff)) >>> 0;
    const instruction = decode(word);
    if (!instruction) continue;
    t.prepare((n % 3) as 0 | 1 | 2, { HCR_EL2: RW });
    const { pc } = t.cpu;
    const { length } = t.events;
    if (!t.execute(word)) continue;
    executed++;
    const taken = t.events.length - length;
    if (taken === 0) expect(t.cpu.pc).toBe(pc + 4n);
    else expect([taken, t.cpu.u32[cpuLayout.daif >> 2]]).toEqual([1, 15]);
  }
  expect(executed).toBeGreaterThan(10_000);
});
