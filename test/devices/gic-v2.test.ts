/**
 * The interrupt controller by the rules of its architecture (Arm IHI 0048B), above all where QEMU departs from them: what both do alike
 * is compared in gic-v2-qemu.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../emulator/base/bytes.ts';
import type { AccessBytes, Device, RegisterDescription } from '../../emulator/devices/device.ts';
import type { GicOutputs } from '../../emulator/devices/gic/index.ts';
import { GicV2, MsiFrame } from '../../emulator/devices/gic-v2/index.ts';

const SPURIOUS = 1023;
const OTHER_GROUP = 1022;
const MAINTENANCE = 25;
const UART = 33;

const D = { CTLR: 0, IGROUPR: 0x80, ISENABLER: 0x100, ISPENDR: 0x200, ISACTIVER: 0x300, IPRIORITYR: 0x400, SGIR: 0xf00, SPENDSGIR: 0xf20 };
const C = {
  CTLR: 0,
  PMR: 4,
  BPR: 8,
  IAR: 0xc,
  EOIR: 0x10,
  RPR: 0x14,
  HPPIR: 0x18,
  ABPR: 0x1c,
  AIAR: 0x20,
  AEOIR: 0x24,
  AHPPIR: 0x28,
  DIR: 0x1000,
};
const H = { HCR: 0, VMCR: 8, MISR: 0x10, EISR: 0x20, ELRSR: 0x30, APR: 0xf0, LR: 0x100 };
const BOTH_GROUPS = 3;
const AckCtl = 4;
const FIQEn = 8;
const EOImode = 1 << 9;

class Board {
  readonly lines = { irq: false, fiq: false, virq: false, vfiq: false };
  readonly gic = new GicV2({ outputs: [this.lines], maintenanceIntid: MAINTENANCE });
  readonly d = words(this.gic.distributor);
  readonly c = words(this.gic.cpuInterface);
  readonly h = words(this.gic.virtualControl);
  readonly v = words(this.gic.virtualCpuInterface);

  /** Both groups on, everything of any priority but the lowest passes, priorities are 0x80. */
  constructor(control = BOTH_GROUPS) {
    this.d.write(D.CTLR, BOTH_GROUPS);
    for (const cpu of [this.c, this.v]) {
      cpu.write(C.CTLR, control);
      cpu.write(C.PMR, 0xff);
    }
    this.h.write(H.HCR, 1);
    for (let i = 0; i < 288; i += 4) this.d.write(D.IPRIORITYR + i, 0x8080_8080);
  }
  enable(intid: number, { priority = 0x80, group = 0 } = {}): void {
    this.bit(D.ISENABLER, intid);
    this.gic.distributor.write(D.IPRIORITYR + intid, 1, priority);
    if (group) this.d.write(D.IGROUPR + 4 * (intid >> 5), this.d.read(D.IGROUPR + 4 * (intid >> 5)) | (1 << (intid & 31)));
  }
  bit(register: number, intid: number): void {
    this.d.write(register + 4 * (intid >> 5), (1 << (intid & 31)) >>> 0);
  }
  isActive(intid: number): boolean {
    return ((this.d.read(D.ISACTIVER + 4 * (intid >> 5)) >>> (intid & 31)) & 1) === 1;
  }
  line(intid: number, high: boolean): void {
    this.gic.line(intid).setLevel(high);
  }
  listRegister(
    n: number,
    fields: { virtual: number; state?: number; priority?: number; physical?: number; group?: number; bits19to10?: number },
  ): void {
    const { virtual, state = 1, priority = 0x80, physical, group = 0, bits19to10 = 0 } = fields;
    const hardware = physical === undefined ? 0 : 2;
    this.h.write(
      H.LR + 4 * n,
      virtual | ((physical ?? bits19to10) << 10) | (priority << 20) | (state << 28) | (group << 30) | (hardware << 30),
    );
  }
}

const words = (device: Device): { read: (offset: number) => number; write: (offset: number, value: number) => void } => ({
  read: (offset) => device.read(offset, 4),
  write: (offset, value) => device.write(offset, 4, value >>> 0),
});

describe('physical interrupts', () => {
  test('a level-sensitive one is pending while its line is high, and again after its end if it still is', () => {
    const b = new Board();
    b.enable(UART);
    b.line(UART, true);
    expect(b.lines.irq).toBe(true);
    expect(b.c.read(C.IAR)).toBe(UART);
    expect(b.lines.irq).toBe(false);
    expect(b.c.read(C.RPR)).toBe(0x80);
    b.c.write(C.EOIR, UART);
    expect(b.lines.irq).toBe(true);
    b.line(UART, false);
    expect(b.lines.irq).toBe(false);
    expect(b.c.read(C.IAR)).toBe(SPURIOUS);
  });

  test('a group that is not enabled is not acknowledged, though it is first (section 4.4.4)', () => {
    const b = new Board(BOTH_GROUPS | AckCtl);
    b.enable(UART, { group: 1 });
    b.line(UART, true);
    for (const switchOff of [() => b.d.write(D.CTLR, 1), () => b.c.write(C.CTLR, 1 | AckCtl)]) {
      switchOff();
      expect(b.lines.irq).toBe(false);
      expect([C.HPPIR, C.AHPPIR, C.IAR, C.AIAR].map((register) => b.c.read(register))).toEqual(Array(4).fill(SPURIOUS));
      b.d.write(D.CTLR, BOTH_GROUPS);
      expect(b.isActive(UART)).toBe(false);
    }
  });

  test('group 1 is acknowledged by AIAR, and by IAR only with AckCtl = 1', () => {
    const b = new Board();
    b.enable(UART, { group: 1 });
    b.line(UART, true);
    expect([b.c.read(C.HPPIR), b.c.read(C.IAR), b.c.read(C.AHPPIR)]).toEqual([OTHER_GROUP, OTHER_GROUP, UART]);
    expect(b.c.read(C.AIAR)).toBe(UART);
    b.c.write(C.AEOIR, UART);
    expect([b.isActive(UART), b.c.read(C.RPR)]).toEqual([false, 0xff]);
    b.c.write(C.CTLR, BOTH_GROUPS | AckCtl);
    expect(b.c.read(C.IAR)).toBe(UART);
  });

  test('group 0 is not for AIAR, AHPPIR and AEOIR', () => {
    const b = new Board();
    b.enable(UART);
    b.line(UART, true);
    expect([b.c.read(C.AHPPIR), b.c.read(C.AIAR)]).toEqual([SPURIOUS, SPURIOUS]);
    expect(b.c.read(C.IAR)).toBe(UART);
    b.c.write(C.AEOIR, UART);
    expect([b.isActive(UART), b.c.read(C.RPR)]).toEqual([true, 0x80]);
  });

  test('what may not preempt is spurious even where AckCtl = 0 keeps it from IAR (section 3.2.5)', () => {
    const b = new Board();
    b.enable(UART);
    b.enable(40, { group: 1 });
    b.line(UART, true);
    b.c.read(C.IAR);
    b.line(40, true);
    expect([b.c.read(C.HPPIR), b.c.read(C.IAR), b.c.read(C.AIAR)]).toEqual([OTHER_GROUP, SPURIOUS, SPURIOUS]);
  });

  test('group 0 is an FIQ with FIQEn = 1, group 1 never', () => {
    const b = new Board(BOTH_GROUPS | FIQEn);
    b.enable(UART);
    b.line(UART, true);
    expect(b.lines).toMatchObject({ irq: false, fiq: true });
    b.bit(D.IGROUPR, UART);
    expect(b.lines).toMatchObject({ irq: true, fiq: false });
  });

  test('preemption nests by group priority; each end goes back to the priority before', () => {
    const b = new Board();
    b.c.write(C.BPR, 3); // bits 7..4 decide
    b.enable(40, { priority: 0x95 });
    b.enable(41, { priority: 0x91 });
    b.enable(42, { priority: 0x8f });
    b.line(40, true);
    expect([b.c.read(C.IAR), b.c.read(C.RPR)]).toEqual([40, 0x90]);
    b.line(41, true);
    expect(b.lines.irq).toBe(false);
    b.line(42, true);
    expect(b.lines.irq).toBe(true);
    expect([b.c.read(C.IAR), b.c.read(C.RPR)]).toEqual([42, 0x80]);
    b.line(42, false);
    b.c.write(C.EOIR, 42);
    expect([b.c.read(C.RPR), b.lines.irq]).toEqual([0x90, false]);
    b.c.write(C.EOIR, 40);
    expect(b.c.read(C.IAR)).toBe(41);
  });

  test('with EOImode = 1 EOIR drops the priority and DIR deactivates', () => {
    const b = new Board(BOTH_GROUPS | EOImode);
    b.enable(UART);
    b.line(UART, true);
    b.c.read(C.IAR);
    b.c.write(C.EOIR, UART);
    expect([b.c.read(C.RPR), b.isActive(UART), b.lines.irq]).toEqual([0xff, true, false]);
    b.c.write(C.DIR, UART);
    expect([b.isActive(UART), b.lines.irq]).toEqual([false, true]);
  });

  test('an SPI that software made active is ended like any other', () => {
    const b = new Board();
    b.enable(UART);
    b.enable(40, { priority: 0x40 });
    b.bit(D.ISACTIVER, UART);
    b.line(40, true);
    expect(b.c.read(C.IAR)).toBe(40);
    b.c.write(C.EOIR, UART);
    expect([b.isActive(UART), b.isActive(40)]).toEqual([false, true]);
  });

  test('SGIs: SGIR to oneself, and SPENDSGIR of this CPU; zeros and other CPUs do nothing', () => {
    const b = new Board();
    b.d.write(D.SGIR, (2 << 24) | 5);
    expect(b.c.read(C.IAR)).toBe(5);
    b.c.write(C.EOIR, 5);
    b.d.write(D.SGIR, (1 << 24) | 5);
    b.d.write(D.SPENDSGIR, 0xfe00_fe00);
    expect(b.lines.irq).toBe(false);
    b.d.write(D.SPENDSGIR, 0x0000_0100);
    expect(b.c.read(C.IAR)).toBe(1);
  });
});

describe('virtual interrupts', () => {
  test('go to the guest, and its end tells the hypervisor where the list register asks for it', () => {
    const b = new Board();
    b.enable(MAINTENANCE);
    b.listRegister(2, { virtual: 26, bits19to10: 1 << 9 });
    expect(b.lines).toMatchObject({ virq: true, irq: false });
    expect(b.v.read(C.IAR)).toBe(26);
    b.v.write(C.EOIR, 26);
    expect(b.lines).toMatchObject({ virq: false, irq: true });
    expect([b.h.read(H.MISR), b.h.read(H.EISR), b.h.read(H.ELRSR)]).toEqual([1, 4, 0xb]);
    expect(b.c.read(C.IAR)).toBe(MAINTENANCE);
    b.h.write(H.LR + 8, 0);
    b.c.write(C.EOIR, MAINTENANCE);
    expect(b.lines.irq).toBe(false);
  });

  test('with HW = 1 the end deactivates the physical interrupt, which is signalled again at once if its line is high', () => {
    const b = new Board(BOTH_GROUPS | EOImode);
    b.v.write(C.CTLR, BOTH_GROUPS);
    b.enable(UART);
    b.line(UART, true);
    b.c.read(C.IAR);
    b.c.write(C.EOIR, UART);
    b.listRegister(0, { virtual: 40, physical: UART });
    expect(b.v.read(C.IAR)).toBe(40);
    expect([b.lines.irq, b.isActive(UART)]).toEqual([false, true]);
    b.v.write(C.EOIR, 40);
    expect([b.lines.irq, b.isActive(UART)]).toEqual([true, false]);
  });

  test('an SGI carries the CPU that sent it in IAR and HPPIR; two CPUs may have sent the same', () => {
    const b = new Board();
    b.listRegister(0, { virtual: 3, bits19to10: 2, priority: 0x90 });
    b.listRegister(1, { virtual: 3, bits19to10: 1, priority: 0x80 });
    expect([b.v.read(C.HPPIR), b.v.read(C.IAR)]).toEqual([(1 << 10) | 3, (1 << 10) | 3]);
    b.v.write(C.EOIR, (1 << 10) | 3);
    expect([b.h.read(H.ELRSR), b.v.read(C.IAR)]).toEqual([0xe, (2 << 10) | 3]);
  });

  test('with a physical interrupt behind it an SGI comes from no CPU', () => {
    const b = new Board();
    b.listRegister(0, { virtual: 3, physical: UART });
    expect(b.v.read(C.IAR)).toBe(3);
  });

  test('the end of one that is in no list register is counted, if it dropped a priority', () => {
    const b = new Board();
    b.enable(MAINTENANCE);
    b.h.write(H.HCR, 1 | (1 << 2));
    b.listRegister(0, { virtual: 40 });
    b.v.read(C.IAR);
    b.h.write(H.LR, 0);
    b.v.write(C.EOIR, 40);
    expect([b.h.read(H.HCR) >>> 27, b.h.read(H.MISR), b.lines.irq]).toEqual([1, 4, true]);
    b.v.write(C.EOIR, 40);
    expect(b.h.read(H.HCR) >>> 27).toBe(1);
  });

  test('five bits of priority: PMR keeps them, the binary points have minima, VMCR shows all', () => {
    const b = new Board();
    b.v.write(C.PMR, 0x8f);
    b.v.write(C.BPR, 0);
    b.v.write(C.ABPR, 0);
    expect([b.v.read(C.PMR), b.v.read(C.BPR), b.v.read(C.ABPR)]).toEqual([0x88, 2, 3]);
    expect(b.h.read(H.VMCR)).toBe(((0x11 << 27) | (2 << 21) | (3 << 18) | BOTH_GROUPS) >>> 0);
    b.h.write(H.VMCR, (0x1f << 27) | (5 << 21) | (6 << 18) | EOImode | 1);
    expect([b.v.read(C.PMR), b.v.read(C.BPR), b.v.read(C.ABPR), b.v.read(C.CTLR)]).toEqual([0xf8, 5, 6, EOImode | 1]);
  });

  test('nothing without GICH_HCR.En', () => {
    const b = new Board();
    b.listRegister(0, { virtual: 40 });
    b.h.write(H.HCR, 0);
    expect([b.lines.virq, b.v.read(C.IAR)]).toEqual([false, SPURIOUS]);
  });
});

test('a message is an edge: it stays pending where the SPI is edge-triggered', () => {
  const b = new Board();
  const frame = new MsiFrame(80, [b.gic.line(80), b.gic.line(81)]);
  b.enable(80);
  b.enable(81);
  b.d.write(0xc00 + 4 * 5, 2); // 80 edge-triggered, 81 not
  frame.write(0x40, 4, 81);
  expect(b.lines.irq).toBe(false);
  frame.write(0x40, 4, 80);
  expect(b.c.read(C.IAR)).toBe(80);
});

// ---- any traffic

const windows = (gic: GicV2): readonly Device[] => gic.devices;
const SIZES = [0x1000, 0x2000, 0x1000, 0x2000];
const access = fc.record({
  window: fc.integer({ min: 0, max: 3 }),
  /** Most registers are near the start; DIR is at 0x1000. */
  offset: fc.oneof(fc.integer({ min: 0, max: 0x120 }), fc.integer({ min: 0, max: 0x1fff })),
  bytes: fc.constantFrom<AccessBytes>(1, 2, 4),
  value: fc.oneof(fc.constantFrom(0, 1, 3, 0xff, 0xffff_ffff), fc.integer({ min: 0, max: 0xffff_ffff })),
  kind: fc.constantFrom('read', 'write', 'write', 'line'),
  intid: fc.integer({ min: 16, max: 287 }),
});
type Access = typeof access extends fc.Arbitrary<infer T> ? T : never;

function perform(gic: GicV2, { window, offset, bytes, value, kind, intid }: Access): number {
  const device = windows(gic)[window];
  const at = (offset % SIZES[window]) & -bytes;
  if (kind === 'line') gic.line(intid).setLevel((value & 1) === 1);
  else if (kind === 'write') device.write(at, bytes, bytes === 4 ? value : value & (2 ** (8 * bytes) - 1));
  else return device.read(at, bytes);
  return 0;
}
const save = (gic: GicV2): Uint8Array => {
  const writer = new ByteWriter();
  for (const device of gic.devices) device.save(writer);
  return writer.finish();
};
const newGic = (): { gic: GicV2; lines: GicOutputs } => {
  const { gic, lines } = new Board();
  return { gic, lines };
};

describe('whatever is done to it', () => {
  test('reads are 32 bits, peeks change nothing, a copy of its state goes on alike', () => {
    fc.assert(
      fc.property(fc.array(access, { maxLength: 60 }), fc.array(access, { maxLength: 20 }), (before, after) => {
        const { gic, lines } = newGic();
        for (const step of before) {
          const value = perform(gic, step);
          expect(Number.isInteger(value) && value >= 0 && value < 2 ** (8 * step.bytes)).toBe(true);
        }
        const state = save(gic);
        windows(gic).forEach((device, i) => {
          for (let offset = 0; offset < SIZES[i]; offset += 4) device.peek(offset, 4);
        });
        expect(save(gic)).toEqual(state);

        const copy = newGic();
        const reader = new ByteReader(state);
        for (const device of copy.gic.devices) device.load(reader);
        copy.gic.update();
        expect(reader.remaining).toBe(0);
        expect(save(copy.gic)).toEqual(state);
        expect(copy.lines).toEqual(lines);
        for (const step of after) expect(perform(copy.gic, step)).toBe(perform(gic, step));
        expect(copy.lines).toEqual(lines);
      }),
      { numRuns: 300 },
    );
  });

  test('a peek is what a read returns', () => {
    fc.assert(
      fc.property(fc.array(access, { maxLength: 60 }), (steps) => {
        const { gic } = newGic();
        for (const step of steps) {
          const peeked = windows(gic)[step.window].peek((step.offset % SIZES[step.window]) & -step.bytes, step.bytes);
          const value = perform(gic, step);
          if (step.kind === 'read') expect(peeked).toBe(value);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a state that is cut off is refused', () => {
    const { gic } = newGic();
    const state = save(gic);
    for (const length of [0, 1, 100, state.length - 1]) {
      const reader = new ByteReader(state.subarray(0, length), 'state');
      expect(() => {
        for (const device of gic.devices) device.load(reader);
      }).toThrow(/cut off/);
    }
  });

  test('reset goes back to power-on but for the levels of the lines', () => {
    const fresh = new GicV2({ outputs: [{ irq: false, fiq: false, virq: false, vfiq: false }], maintenanceIntid: MAINTENANCE });
    const b = new Board();
    b.enable(UART);
    b.line(UART, true);
    b.c.read(C.IAR);
    b.listRegister(0, { virtual: 40 });
    for (const device of b.gic.devices) device.reset();
    expect(b.lines).toEqual({ irq: false, fiq: false, virq: false, vfiq: false });
    fresh.line(UART).setLevel(true);
    expect(save(b.gic)).toEqual(save(fresh));
  });
});

describe('the descriptions of the registers', () => {
  const end = ({ offset, count = 1 }: RegisterDescription): number => offset + 4 * count;
  test.each(new Board().gic.devices.map((device, i) => [device.name, device, SIZES[i]] as const))('%s', (_, { registers }, size) => {
    registers.forEach((register, i) => {
      expect(end(register), register.name).toBeLessThanOrEqual(registers[i + 1]?.offset ?? size);
      let above = 32;
      for (const { name, high, low, meaning } of register.fields ?? []) {
        expect(above > high && high >= low && low >= 0, `${register.name}.${name}`).toBe(true);
        expect(meaning).toMatch(/\S/);
        above = low;
      }
    });
  });

  test('name every register that holds something after power-on', () => {
    for (const [i, device] of new GicV2({ outputs: [new Board().lines], maintenanceIntid: MAINTENANCE }).devices.entries())
      for (let offset = 0; offset < SIZES[i]; offset += 4) {
        const isDescribed = device.registers.some((register) => offset >= register.offset && offset < end(register));
        expect(isDescribed || device.peek(offset, 4) === 0, `${device.name} + 0x${offset.toString(16)}`).toBe(true);
      }
  });
});

test('there is an obstacle exactly where an interrupt that becomes pending is not signalled', () => {
  const priority = fc.integer({ min: 0, max: 31 }).map((number) => number * 8);
  const likely = fc.integer({ min: 0, max: 3 }).map((number) => number > 0);
  const settings = fc.record({
    isEnabled: likely,
    isActive: likely.map((inactive) => !inactive),
    group: fc.constantFrom(0, 1),
    priority,
    running: fc.option(priority),
    mask: fc.integer({ min: 0, max: 255 }),
    forwarded: fc.constantFrom(3, 3, 2, 1, 0),
    control: fc.constantFrom(3, 3, 2, 1, 0, BOTH_GROUPS | FIQEn, BOTH_GROUPS | AckCtl),
  });
  const seen = new Set<string>();
  fc.assert(
    fc.property(settings, ({ isEnabled, isActive, group, priority, running, mask, forwarded, control }) => {
      const board = new Board();
      if (running !== null) {
        board.enable(MAINTENANCE + 1, { priority: running });
        board.bit(D.ISPENDR, MAINTENANCE + 1);
        board.c.read(C.IAR);
      }
      if (isEnabled) board.enable(UART, { priority, group });
      if (isActive) board.bit(D.ISACTIVER, UART);
      board.c.write(C.PMR, mask);
      board.d.write(D.CTLR, forwarded);
      board.c.write(C.CTLR, control);
      const by = board.gic.obstacle(UART);
      seen.add(by?.field.replace(/\..*|\d+$/, '') ?? 'none');
      board.bit(D.ISPENDR, UART);
      expect(board.lines.irq || board.lines.fiq).toBe(by === undefined);
    }),
    // Enough for each kind of obstacle to come.
    { numRuns: 400 },
  );
  expect([...seen].sort()).toEqual(['GICC_CTLR', 'GICC_PMR', 'GICC_RPR', 'GICD_CTLR', 'GICD_ISACTIVER', 'GICD_ISENABLER', 'none']);
});
