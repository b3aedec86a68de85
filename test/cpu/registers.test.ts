import { VA } from '../../emulator/base/addresses.ts';
import { describe, expect, it } from 'vitest';
import {
  controls,
  describeRegister,
  findRegister,
  peekRegister,
  pokeRegister,
  resetCpu,
  storedRegisters,
  systemRegisterTable,
} from '../../emulator/cpu/index.ts';
import { encodingKey } from '../../emulator/isa/index.ts';
import { PC, TestCpu } from './driver.ts';

const RW = 0x8000_0000n;
const texts = (name: string, value: bigint): Record<string, string> =>
  Object.fromEntries(describeRegister(name, value)!.fields.map((field) => [field.name, field.text || `0x${field.value.toString(16)}`]));

describe('the table', () => {
  it('has each name and each encoding once', () => {
    expect(new Set(systemRegisterTable.map(({ name }) => name)).size).toBe(systemRegisterTable.length);
    expect(new Set(systemRegisterTable.map(({ encoding }) => encodingKey(...encoding))).size).toBe(systemRegisterTable.length);
  });

  it.each(systemRegisterTable.map((register) => [register.name, register] as const))('%s is well described', (_, register) => {
    expect(register.title).toMatch(/^[A-Z].{8,110}[^.]$/);
    expect(register.readableFrom ?? register.writableFrom).toBeDefined();
    // MSR changes nothing that MRS could not show at reset, and what cannot be written has no writable bits.
    if (register.writableFrom === undefined) expect(register.writable).toBe(0n);
    // Fields from the top down, without overlaps; ESR and PAR depend on the value.
    for (const value of [0n, 0xffff_ffff_ffff_ffffn, ...Array.from({ length: 64 }, (__, ec) => BigInt(ec) << 26n)]) {
      const fields = typeof register.fields === 'function' ? register.fields(value, () => 0n) : register.fields;
      let above = 64;
      for (const { name, high, low, meaning } of fields) {
        expect([name, high < above && low <= high && low >= 0]).toEqual([name, true]);
        expect(meaning.length).toBeGreaterThan(1);
        above = low;
      }
    }
  });

  it('gives every stored register a home, and stores nothing that nobody reaches', () => {
    const reached = new Set(systemRegisterTable.map(({ stored }) => stored));
    // OSLSR_EL1 is written by OSLAR_EL1.
    expect(storedRegisters.filter((name) => !reached.has(name))).toEqual([]);
  });

  it('names controls that exist, each with its own rule', () => {
    for (const { traps } of systemRegisterTable) for (const { control } of traps) expect(controls[control]).toBeDefined();
    for (const control of Object.values(controls)) {
      expect(control.rule.bits).toHaveLength(1);
      expect(control.rule.bits[0].register).toBe(control.register);
      expect(control.rule.text).toContain(`trap to EL${control.target}, because ${control.register}.${control.field} = `);
    }
  });

  it('reset values hold after reset', () => {
    const t = new TestCpu();
    for (const { name, reset, stored } of systemRegisterTable)
      if (stored && !name.startsWith('CNT')) expect([name, t.cpu.get(stored)]).toEqual([name, reset]);
    expect([t.cpu.el, t.cpu.spsel, t.cpu.daif, t.cpu.pc]).toEqual([2, 1, 15, 0n]);
  });

  it('without EL2 the CPU starts at EL1, and its registers say so', () => {
    class WithoutEl2 extends TestCpu {
      override readonly hasEl2 = false as never;
    }
    const t = new WithoutEl2();
    resetCpu(t.cpu, { hasEl2: false, entry: VA(0x4000_0000n) });
    expect([t.cpu.el, t.cpu.pc]).toEqual([1, 0x4000_0000n]);
    expect(peekRegister(t.cpu, t, 'ID_AA64PFR0_EL1')).toBe(0x022n);
    expect(peekRegister(t.cpu, t, 'ID_PFR1_EL1')).toBe(0x1_0001n);
    expect(t.exception('mrs x0, hcr_el2')).toMatchObject({
      type: 'Undefined',
      to: 1,
      reason: { text: expect.stringContaining('which this machine does not have') as string },
    });
    // Nobody who looks on sees registers of a level that is not there.
    expect(systemRegisterTable.filter(({ name }) => name.endsWith('_EL2') && peekRegister(t.cpu, t, name) !== undefined)).toEqual([]);
    expect([peekRegister(t.cpu, t, 'SP_EL1'), pokeRegister(t.cpu, t, 'HCR_EL2', 0n)]).toEqual([0n, false]);
    // The highest level has the RVBAR: EL1 here, EL2 otherwise. It is constant.
    t.run('mrs x0, rvbar_el1');
    expect([t.cpu.x(0), peekRegister(t.cpu, t, 'RVBAR_EL1')]).toEqual([0n, 0n]);
    expect(t.exception('msr rvbar_el1, x0')).toMatchObject({ type: 'Undefined', to: 1 });
    expect(t.exception('mrs x0, rvbar_el2')).toMatchObject({ type: 'Undefined', to: 1 });
  });
});

describe('values in words', () => {
  it('AArch32 state that EL2 keeps for its guests', () => {
    expect(texts('IFSR32_EL2', 0x00dn)).toEqual({
      ExT: 'DECERR',
      'FS<4>': 'permission fault, section',
      LPAE: 'Short-descriptor',
      'FS<3:0>': 'permission fault, section',
    });
    expect(texts('IFSR32_EL2', 0x409n)).toMatchObject({ 'FS<4>': 'synchronous parity or ECC error' });
    expect(texts('IFSR32_EL2', 0x207n)).toEqual({ ExT: 'DECERR', LPAE: 'Long-descriptor', STATUS: 'translation fault, level 3' });
    expect(texts('DACR32_EL2', 0xc000_0001n)).toMatchObject({
      D15: 'manager: not checked',
      D1: 'domain fault',
      D0: 'client: checked by the permissions',
    });
    expect(texts('DBGVCR32_EL2', 0x10n)).toMatchObject({ D: 'on', P: 'off' });
  });
  it('a field with a bit for each of several things lists them', () => {
    expect(texts('PMCNTENSET_EL0', 0x8000_002dn)).toEqual({ C: 'yes', 'P<n>': '0, 2, 3, 5' });
    expect(texts('DBGWCR0_EL1', 0x1fe0n)).toMatchObject({ BAS: '0 to 7' });
    expect(texts('ICC_AP1R0_EL1', 0x8000_0000n)).toEqual({ 'P<n>': '31' });
    expect(texts('ICH_ELRSR_EL2', 0n)).toEqual({ 'Status<n>': 'none' });
  });
  it('HCR_EL2', () => {
    expect(texts('HCR_EL2', 0x8000_2011n)).toMatchObject({
      RW: 'AArch64',
      TWI: 'trapped to EL2',
      TWE: 'not trapped',
      IMO: 'EL2',
      FMO: 'EL1',
      VM: 'on',
    });
  });
  it('SPSR_EL2', () => {
    expect(texts('SPSR_EL2', 0x6000_03c5n)).toMatchObject({ N: 'no', Z: 'yes', C: 'yes', I: 'yes', M: 'EL1h' });
    expect(texts('SPSR_EL2', 0x1d3n)).toMatchObject({ M: 'AArch32 Supervisor', F: 'yes' });
    expect(texts('SPSR_EL2', 0x6n)).toMatchObject({ M: 'reserved' });
  });
  it('ESR_EL2 by its class', () => {
    expect(texts('ESR_EL2', 0x5a00_4b00n)).toEqual({ EC: 'HVC, a hypervisor call', IL: '32 bits', imm16: '0x4b00' });
    expect(texts('ESR_EL2', 0x93c8_8047n)).toMatchObject({
      EC: 'data abort from a lower level',
      ISV: 'yes, enough to emulate it',
      SAS: 'doubleword',
      SRT: 'x8',
      SF: '64 bits',
      WnR: 'write',
      DFSC: 'translation fault, level 3',
    });
    expect(texts('ESR_EL2', 0x9200_0087n)).toMatchObject({ S1PTW: expect.stringMatching(/^yes/) as string });
    expect(texts('ESR_EL2', 0x6230_4041n)).toMatchObject({
      EC: 'trapped MSR, MRS or system instruction',
      Op0: 'CCSIDR_EL1',
      Op1: '0x1',
      Rt: 'x2',
      Direction: 'read: MRS',
    });
    expect(texts('ESR_EL1', 0x07e0_0001n)).toMatchObject({ TI: 'WFE', COND: 'AL, always' });
    expect(Object.keys(texts('ESR_EL1', 0x0200_0000n))).toEqual(['EC', 'IL']);
  });
  it('translation registers', () => {
    expect(texts('TCR_EL1', 0x19n | (2n << 30n) | (0x19n << 16n) | (2n << 32n))).toMatchObject({
      T0SZ: 'addresses of 39 bits',
      TG0: '4 KiB',
      TG1: '4 KiB',
      IPS: '40 bits, 1 TiB',
    });
    expect(texts('MAIR_EL1', 0x00_00_00_00_00_44_04_ffn)).toMatchObject({
      Attr0: 'Normal, write-back, RW allocate',
      Attr1: 'Device-nGnRE',
      Attr2: 'Normal, non-cacheable',
      Attr3: 'Device-nGnRnE',
    });
    expect(texts('VTTBR_EL2', 0x0007_0000_4100_0000n)).toEqual({ VMID: '0x7', BADDR: '0x41000000' });
    expect(texts('PAR_EL1', 0x80fn)).toMatchObject({ F: 'failed', FST: 'translation fault, level 3' });
    expect(texts('PAR_EL1', 0xff00_0000_4000_0b80n)).toMatchObject({
      F: 'succeeded',
      PA: '0x40000000',
      ATTR: 'Normal, write-back, RW allocate',
      SH: 'inner shareable',
    });
  });
  it('what the processor is', () => {
    expect(texts('MIDR_EL1', 0x410f_d034n)).toMatchObject({ Implementer: 'Arm', PartNum: 'Cortex-A53', Revision: 'p4' });
    expect(texts('ID_AA64MMFR0_EL1', 0x1122n)).toMatchObject({
      PARange: '40 bits',
      TGran4: 'supported',
      TGran16: 'not supported',
      TGran64: 'supported',
    });
    expect(describeRegister('SCR_EL3', 0n)).toBeUndefined();
    expect(findRegister('HCR_EL2')!.encoding).toEqual([3, 4, 1, 1, 0]);
  });
});

describe('reading and writing', () => {
  const t = new TestCpu();

  it('MIDR_EL1 and MPIDR_EL1 are what EL2 says they are, at EL1', () => {
    t.prepare(1, { HCR_EL2: RW, VPIDR_EL2: 0x1234n, VMPIDR_EL2: 0x8000_0007n });
    t.run('mrs x0, midr_el1');
    t.run('mrs x1, mpidr_el1');
    expect([t.cpu.x(0), t.cpu.x(1)]).toEqual([0x1234n, 0x8000_0007n]);
    t.prepare(2);
    t.run('mrs x0, midr_el1');
    t.run('mrs x1, mpidr_el1');
    expect([t.cpu.x(0), t.cpu.x(1)]).toEqual([0x410f_d034n, 0x8000_0000n]);
  });

  it('SP_EL0 is UNDEFINED while it is in use', () => {
    t.prepare(1, { HCR_EL2: RW, SP_EL0: 0x1230n });
    t.run('mrs x0, sp_el0');
    expect(t.cpu.x(0)).toBe(0x1230n);
    t.run('msr spsel, #0');
    expect(t.exception('mrs x0, sp_el0')).toMatchObject({ type: 'Undefined' });
  });

  it('SP_EL1 is banked: EL2 sees what EL1 uses', () => {
    t.prepare(1, { HCR_EL2: RW, SP_EL1: 0x7770n });
    t.run('hvc #0');
    t.run('mrs x0, sp_el1');
    expect(t.cpu.x(0)).toBe(0x7770n);
    t.cpu.setX(0, 0x8880n);
    t.run('msr sp_el1, x0');
    t.run('eret');
    expect(t.cpu.sp).toBe(0x8880n);
  });

  it('SP_EL2 is there, but only EL3 could name it', () => {
    t.prepare(1, { HCR_EL2: RW, SP_EL2: 0x9990n });
    expect(peekRegister(t.cpu, t, 'SP_EL2')).toBe(0x9990n);
    t.prepare(2);
    expect(t.exception('mrs x0, sp_el2')).toMatchObject({ type: 'Undefined' });
    expect(t.exception('msr sp_el2, x0')).toMatchObject({ type: 'Undefined' });
  });

  it('XZR discards and writes zero', () => {
    t.prepare(1, { HCR_EL2: RW, TPIDR_EL1: 5n });
    expect(t.changes(() => t.run('mrs xzr, midr_el1'))).toEqual({ PC: PC + 4n });
    expect(t.changes(() => t.run('msr tpidr_el1, xzr'))).toEqual({ PC: PC + 8n, TPIDR_EL1: 0n });
  });

  it('CCSIDR_EL1 follows CSSELR_EL1', () => {
    t.prepare(1, { HCR_EL2: RW });
    for (const [selected, geometry] of [
      [0n, 0x700f_e01an],
      [1n, 0x201f_e00an],
      [2n, 0x707f_e07an],
      [3n, 0n],
    ] as const) {
      t.cpu.setX(0, selected);
      t.run('msr csselr_el1, x0');
      t.run('mrs x1, ccsidr_el1');
      expect(t.cpu.x(1)).toBe(geometry);
    }
  });

  it('DCZID_EL0.DZP says whether DC ZVA is possible where it is read', () => {
    const dzp = (el: 0 | 1 | 2, sctlr: bigint, hcr: bigint): bigint | undefined => {
      t.prepare(el, { HCR_EL2: RW | hcr, SCTLR_EL1: sctlr });
      return peekRegister(t.cpu, t, 'DCZID_EL0');
    };
    expect([dzp(0, 1n << 14n, 0n), dzp(0, 0n, 0n), dzp(1, 0n, 0n), dzp(1, 0n, 1n << 28n), dzp(2, 0n, 1n << 28n)]).toEqual([
      4n,
      20n,
      4n,
      20n,
      4n,
    ]);
  });

  it('tells the environment what a write may have changed, and nothing where it changed nothing', () => {
    const told: string[] = [];
    const listening = new TestCpu();
    listening.translationChanged = () => told.push('translation');
    listening.timersChanged = () => told.push('timers');
    listening.interruptsChanged = () => told.push('interrupts');
    listening.prepare(2);
    const write = (name: string): string[] => {
      told.length = 0;
      listening.cpu.setX(0, listening.cpu.x(0) + 1n);
      listening.run(`msr ${name}, x0`);
      return [...told];
    };
    expect(write('ttbr0_el1')).toEqual(['translation']);
    expect(write('hcr_el2')).toEqual(['translation', 'interrupts']);
    expect(write('cntvoff_el2')).toEqual(['timers']);
    expect(write('daif')).toEqual(['interrupts']);
    expect(write('tpidr_el2')).toEqual([]);
    told.length = 0;
    listening.run('msr ttbr0_el1, x1');
    listening.cpu.setX(1, listening.cpu.get('TTBR0_EL1'));
    told.length = 0;
    listening.run('msr ttbr0_el1, x1');
    expect(told).toEqual([]);
  });

  it('looking changes nothing, for every register at every level', () => {
    t.prepare(1, { HCR_EL2: RW, PMCR_EL0: 0x4103_3001n, PMCNTENSET_EL0: 0x8000_0000n });
    t.time = 1000;
    for (const el of [0, 1, 2] as const) {
      t.prepare(el);
      for (const { name } of systemRegisterTable) expect([name, t.changes(() => peekRegister(t.cpu, t, name))]).toEqual([name, {}]);
    }
    t.prepare(1);
    expect(peekRegister(t.cpu, t, 'PMCCNTR_EL0')).toBe(1000n);
    expect(peekRegister(t.cpu, t, 'OSLAR_EL1')).toBeUndefined();
    expect(peekRegister(t.cpu, t, 'ICC_PMR_EL1')).toBeUndefined();
  });

  it('a debugger can write what MSR can, with its masks', () => {
    t.prepare(1, { HCR_EL2: RW });
    expect(pokeRegister(t.cpu, t, 'VBAR_EL1', 0xffff_ffff_ffff_ffffn)).toBe(true);
    expect(t.cpu.get('VBAR_EL1')).toBe(0xffff_ffff_ffff_f800n);
    expect(pokeRegister(t.cpu, t, 'MIDR_EL1', 1n)).toBe(false);
    expect(pokeRegister(t.cpu, t, 'ICC_PMR_EL1', 1n)).toBe(false);
    expect(pokeRegister(t.cpu, t, 'NO_SUCH', 1n)).toBe(false);
  });

  it('operations reach the environment with their operand, at the level that may use them', () => {
    const calls: unknown[] = [];
    const machine = new TestCpu();
    machine.invalidate = (...call: unknown[]) => calls.push(call);
    machine.addressTranslate = (...call: unknown[]) => void calls.push(call);
    machine.cacheMaintenance = (...call: unknown[]) => void calls.push(call);
    machine.zeroBlock = (...call: unknown[]) => void calls.push(call);
    machine.prepare(2);
    machine.cpu.setX(3, 0x0012_0000_4000_1000n);
    for (const text of ['tlbi vae1, x3', 'tlbi alle2', 'at s12e1w, x3', 'dc civac, x3', 'ic iallu', 'dc zva, x3']) machine.run(text);
    expect(calls).toEqual([
      ['TLBI VAE1', 0x4000_1000, 0x12_0000],
      ['TLBI ALLE2', 0, 0],
      ['AT S12E1W', 0x4000_1000, 0x12_0000],
      ['DC CIVAC', 0x4000_1000, 0x12_0000],
      ['IC IALLU', 0, 0],
      [0x4000_1000, 0x12_0000],
    ]);
    expect(machine.cpu.pc).toBe(PC + 24n);
    expect(machine.prepare(1, { HCR_EL2: RW }).exception('tlbi alle2')).toMatchObject({ type: 'Undefined' });
    expect(machine.exception('at s1e3r, x3')).toMatchObject({ type: 'Undefined' });
  });

  it('a fault of an operation is its abort', () => {
    const machine = new TestCpu();
    const fault = {
      kind: 'translation',
      stage: 2,
      level: 2,
      onStage1Walk: true,
      ipa: 0x4100_0000,
      access: 'read',
      vaLow: 0x1000,
      vaHigh: 0,
    } as const;
    machine.addressTranslate = (() => fault) as never;
    machine.prepare(1, { HCR_EL2: RW | 1n });
    expect(machine.exception('at s1e1r, x3')).toMatchObject({
      type: 'DataAbort',
      to: 2,
      esr: 0x9200_01c6,
      far: 0x1000n,
      hpfar: 0x41_0000n,
      elr: PC,
    });
  });
});
