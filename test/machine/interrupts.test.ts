/** Interrupts from the devices and timers of the whole machine to the guest: equal to QEMU's, and the same however the run is cut. */
import { PA } from '../../emulator/base/addresses.ts';
import { hex } from '../../emulator/base/hex.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';
import { assemble } from '../../emulator/isa/index.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { ourTexts, qemuText } from '../firmware/event-text.ts';
import { keysFor, typeAtOurs, typeAtQemu } from './qemu-session.ts';

const prebuilt = (name: string): string => join(import.meta.dirname, `../../firmware/prebuilt/${name}.elf`);
const open = (name: string): Program => openProgram(name, readFileSync(prebuilt(name)));

test('hypervisor.elf, typed at, sends the same bytes and takes the same exceptions as in QEMU', { timeout: 60_000 }, async () => {
  const keys = [
    ...keysFor('guest> ', ['tick\r', 'help\r', 'peek 12345678\r', 'wfi\r']),
    { after: 'press a key: ', key: '\r' },
    ...keysFor('guest> ', ['tick\r', 'off\r']),
  ];
  const qemu = await typeAtQemu(prebuilt('hypervisor'), keys, 40_000);
  const ours = open('hypervisor');
  expect(typeAtOurs(ours, keys)).toBe(qemu.text);
  expect(qemu.text).toContain('tick: 3 so far');
  expect(ourTexts(ours)).toEqual(qemu.events.map(qemuText));
});

describe('05-interrupts, with all its timers', () => {
  const run = (slice: number): Program => {
    const program = open('05-interrupts');
    while (program.timeline.forward(slice) === 'budget');
    return program;
  };

  test('ends in the same state in one go, in slices, and travelled back and forth', () => {
    const whole = run(1e9);
    const hash = whole.machine.stateHash();
    for (const slice of [17, 4096]) {
      const sliced = run(slice);
      expect(sliced.timeline.at).toBe(whole.timeline.at);
      expect(sliced.machine.stateHash()).toBe(hash);
    }
    const { timeline, machine } = whole;
    const interrupts = Array.from({ length: timeline.traps.length }, (_, i) => i).filter((i) => timeline.traps.type(i).endsWith('IRQ'));
    expect(interrupts).toHaveLength(10);
    const around = interrupts.flatMap((i) => [timeline.traps.step(i), timeline.traps.step(i) + 40]);
    const hashes = around.map((at) => {
      timeline.seek(at);
      return machine.stateHash();
    });
    for (const [i, at] of [...around.entries()].reverse()) {
      timeline.seek(at);
      expect(machine.stateHash(), `at ${at}`).toBe(hashes[i]);
    }
    timeline.seek(timeline.end);
    expect(machine.stateHash()).toBe(hash);
  });
});

// ---- small programs at EL2, in RAM, with the MMU off

const CODE = 0x4000_0000;
const X_GICD = 'movz x0, #0x800, lsl #16';
const X_GICC = 'movz x1, #0x801, lsl #16';
const X_GICH = 'movz x2, #0x803, lsl #16';
const X_GICV = 'movz x3, #0x804, lsl #16';

/** Lines of assembly, and at VBAR_EL2 + 0x280 (IRQ at EL2 on SP_EL2) a branch to itself. */
function machineWith(lines: readonly string[]): Machine {
  const machine = new Machine();
  const place = (pa: number, source: readonly string[]): void => {
    const words = Uint32Array.from(source, (line, i) => assemble(line, BigInt(pa + 4 * i)));
    machine.writePhysical(PA(pa), new Uint8Array(words.buffer));
  };
  place(CODE, [...lines, `b ${hex(CODE + 4 * lines.length)}`]);
  place(CODE + 0x1000 + 0x280, [`b ${hex(CODE + 0x1280)}`]);
  machine.cpu.pc = BigInt(CODE);
  machine.cpu.set('VBAR_EL2', BigInt(CODE + 0x1000));
  return machine;
}
/** Runs to the first event and returns which it was, with its ELR. */
function firstException(machine: Machine, steps = 10_000): { type: string; elr: number } | undefined {
  let seen: { type: string; elr: number } | undefined;
  machine.onEvent.on((event) => {
    if (event.kind === 'exception') seen ??= { type: event.type, elr: Number(event.elr) };
  });
  machine.run({ ...forSteps(steps), untilEvent: true });
  return seen;
}

const gicOn = [X_GICD, X_GICC, 'mov w4, #1', 'str w4, [x0]', 'str w4, [x1]', 'mov w4, #0xff', 'str w4, [x1, #4]'];
const enable = (intid: number): string[] => [`mov w4, #${1 << (intid % 32)}`, 'str w4, [x0, #0x100]'];
/** HCR_EL2.IMO = 1: only then IRQs are taken at EL2. */
const takeIrqs = ['mov x4, #0x10', 'msr hcr_el2, x4', 'msr daifclr, #2'];

describe('an interrupt is taken before the instruction behind', () => {
  test('the store that made it pending', () => {
    const lines = [...gicOn, ...takeIrqs, 'movz w4, #0x0200, lsl #16', 'mov w5, #0xf00', 'str w4, [x0, x5]', 'nop', 'nop'];
    expect(firstException(machineWith(lines))).toEqual({ type: 'IRQ', elr: CODE + 4 * lines.indexOf('nop') });
  });

  test('the load that made it pending: acknowledging the last pending virtual interrupt raises the maintenance interrupt (NP)', () => {
    const lines = [
      ...[...gicOn, ...takeIrqs, ...enable(25), X_GICH, X_GICV],
      // A pending virtual interrupt 40, NPIE and En, and the guest's interface switched on.
      ...['movz w4, #0x1000, lsl #16', 'add w4, w4, #40', 'str w4, [x2, #0x100]', 'mov w4, #9', 'str w4, [x2]'],
      ...['mov w4, #1', 'str w4, [x3]', 'mov w4, #0xf8', 'str w4, [x3, #4]'],
      ...['ldr w6, [x3, #0xc]', 'nop', 'nop', 'nop'],
    ];
    const machine = machineWith(lines);
    expect(firstException(machine)).toEqual({ type: 'IRQ', elr: CODE + 4 * lines.indexOf('nop') });
    expect(machine.cpu.x(6)).toBe(40n);
  });

  test('the MSR that let it through', () => {
    const lines = [
      ...gicOn,
      'mov x4, #0x10',
      'msr hcr_el2, x4',
      ...enable(30),
      'mov x4, #1',
      'msr cntp_ctl_el0, x4',
      'nop',
      'msr daifclr, #2',
    ];
    const machine = machineWith([...lines, 'nop', 'nop']);
    expect(firstException(machine)).toEqual({ type: 'IRQ', elr: CODE + 4 * lines.length });
  });
});

describe('the lines of the timers and of the performance monitors', () => {
  // CNTHP at 2^4 ticks from now: asserted exactly when the counter reaches CVAL.
  test.each([
    ['cntp', 'el0', 30],
    ['cntv', 'el0', 27],
    ['cnthp', 'el2', 26],
  ])('%s interrupts in the very step in which the counter reaches CVAL', (prefix, level, intid) => {
    const lines = [...gicOn, ...enable(intid), ...takeIrqs];
    const arm = ['mov x4, #100', `msr ${prefix}_cval_${level}, x4`, 'mov x4, #1', `msr ${prefix}_ctl_${level}, x4`];
    const machine = machineWith([...lines, ...arm]);
    let at = 0;
    machine.onEvent.on((event) => (at = event.n));
    machine.run({ ...forSteps(5000), untilEvent: true });
    expect(at).toBe(100 * 16);
    expect(machine.board.gic.distributor.peek(0x200, 4)).toBe(1 << intid);
  });

  test('a timer that is masked, or switched off, takes its line down', () => {
    const lines = ['mov x4, #1', 'msr cntp_ctl_el0, x4', 'nop', 'mov x4, #3', 'msr cntp_ctl_el0, x4', 'nop', 'nop'];
    const machine = machineWith(lines);
    const pending = (): number => machine.board.gic.distributor.peek(0x200, 4);
    machine.run(forSteps(3));
    expect(pending()).toBe(1 << 30);
    machine.run(forSteps(3));
    expect(pending()).toBe(0);
  });

  test('an overflow that PMINTENSET_EL1 lets through is INTID 23', () => {
    const lines = [
      'mov x4, #1',
      'msr pmcr_el0, x4',
      'msr pmintenset_el1, x4',
      'msr pmovsset_el0, x4',
      'nop',
      'msr pmovsclr_el0, x4',
      'nop',
    ];
    const machine = machineWith(lines);
    const pending = (): number => machine.board.gic.distributor.peek(0x200, 4);
    machine.run(forSteps(5));
    expect(pending()).toBe(1 << 23);
    machine.run(forSteps(2));
    expect(pending()).toBe(0);
  });

  test('a counter overflows at its instruction, and in WFI at its moment, though nobody looks at it', () => {
    const arm = (event: number): string[] => [
      ...['mov x4, #1', 'msr pmcr_el0, x4', 'msr pmintenset_el1, x4', 'mov x5, #0x8000000', `movk x5, #${event}`],
      ...['msr pmevtyper0_el0, x5', 'mov x5, #-100', 'msr pmevcntr0_el0, x5', 'msr pmcntenset_el0, x4'],
    ];
    const running = machineWith(arm(0x08));
    const pending = (): number => running.board.gic.distributor.peek(0x200, 4);
    // From the MSR that switches it on: it counts that instruction itself.
    running.run(forSteps(8 + 99));
    expect(pending()).toBe(0);
    running.run(forSteps(1));
    expect(pending()).toBe(1 << 23);
    const waiting = machineWith([...gicOn, ...enable(23), ...arm(0x11), 'wfi', 'nop']);
    const steps = gicOn.length + enable(23).length + 11;
    waiting.run(forSteps(steps));
    expect([waiting.steps, waiting.clock.ns]).toEqual([steps, steps - 3 + 100 + 1]);
  });

  test('WFI skips to the moment of the timer', () => {
    const arm = ['mov x4, #0x1000', 'msr cntp_cval_el0, x4', 'mov x4, #1', 'msr cntp_ctl_el0, x4'];
    const lines = [...gicOn, ...enable(30), ...arm, 'wfi', 'nop'];
    const machine = machineWith(lines);
    machine.run(forSteps(lines.length));
    expect(machine.clock.ns).toBe(0x1000 * 16 + 1);
  });

  test('WFI without a timer waits for input', () => {
    const lines = [
      ...gicOn,
      'mov w4, #2',
      'str w4, [x0, #0x104]',
      'movz x5, #0x900, lsl #16',
      'mov w4, #0x10',
      'str w4, [x5, #0x38]',
      'wfi',
      'nop',
    ];
    const machine = machineWith(lines);
    expect(machine.run(forSteps(1000))).toBe('idle');
    expect(machine.steps).toBe(lines.length - 1);
    machine.input(Uint8Array.of(0x41));
    expect(machine.run(forSteps(1))).toBe('budget');
    expect(machine.board.lines.irq).toBe(true);
    expect(machine.clock.ns).toBe(lines.length);
  });
});
