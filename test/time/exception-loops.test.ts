/** An exception loop is found where the machine repeats itself for ever, and claimed nowhere else. */
import { describe, expect, test } from 'vitest';
import { PA } from '../../emulator/base/addresses.ts';
import type { StoredRegister } from '../../emulator/cpu/index.ts';
import { exceptionLoopSentence } from '../../emulator/explain/exception-loop.ts';
import type { Subject } from '../../emulator/explain/subject.ts';
import { plain } from '../../emulator/explain/words.ts';
import { ppi, ppiIntid, spiIntid } from '../../emulator/machine/board-row.ts';
import { Choices } from '../isa/choices.ts';
import { CODE, stand, subjectOf, write } from '../explain/subjects.ts';

const VECTORS = { 1: 0x400a_0000, 2: 0x4009_0000 } as const;
const SAME = 0x200;
const LOWER = 0x400;
const RW = 1n << 31n;
const IMO = 1n << 4n;
/** No memory and no device is there. */
const NOWHERE = 0x9000_0000n;
const DATA = 0x400b_0000n;

interface Setting {
  readonly el?: 1 | 2;
  readonly hcr?: bigint;
  readonly sp?: bigint;
  readonly registers?: Partial<Record<StoredRegister, bigint>>;
  /** Handlers by level and offset. */
  readonly handlers?: readonly (readonly [el: 1 | 2, offset: number, lines: readonly string[]])[];
}
function machineWith(lines: readonly string[], { el = 2, hcr = 0n, sp = DATA, registers = {}, handlers = [] }: Setting): Subject {
  const subject = subjectOf(lines);
  const { machine } = subject;
  for (const [level, offset, handler] of handlers) write(machine, VECTORS[level] + offset, handler);
  const all = { VBAR_EL1: BigInt(VECTORS[1]), VBAR_EL2: BigInt(VECTORS[2]), HCR_EL2: RW | hcr, ...registers };
  stand(machine, el, 1, { ...all, [`SP_EL${el}`]: sp });
  machine.cpu.sp = sp;
  machine.cpu.daif = 15;
  return subject;
}
const runs = ({ timeline }: Subject, steps = 3000): string => timeline.forward(steps, { untilLoop: true });
const told = (subject: Subject): string => plain(exceptionLoopSentence(subject) ?? []);

/** Enables an interrupt at the GIC. */
function enable({ machine }: Subject, intid: number, isForwarded = true): void {
  const { bus } = machine.board;
  const put = (pa: number, value: number): boolean => bus.write(PA(pa), 4, value, 0);
  put(0x0800_0000, isForwarded ? 3 : 0);
  put(0x0800_0100 + 4 * (intid >> 5), 1 << (intid & 31));
  put(0x0801_0004, 0xff);
  put(0x0801_0000, 3);
}
/** Sets the EL1 physical timer. */
function arm({ machine }: Subject, ticks: bigint): void {
  machine.cpu.set('CNTP_CVAL_EL0', ticks);
  machine.cpu.set('CNTP_CTL_EL0', 1n);
  machine.environment.timersChanged();
}

/** Pushes to a stack that is not there. */
const pushes: Setting = { sp: NOWHERE, handlers: [[2, SAME, ['mov x9, #1', 'nop', 'stp x0, x1, [sp, #-16]!', 'eret']]] };
const toEl1 = [1, SAME, ['mov x9, #1', 'ldr x0, [x8]']] as const;

describe('a loop is told for what it is', () => {
  test.each<[string, readonly string[], Setting, RegExp]>([
    [
      'a handler that pushes to a stack that is not there',
      ['str x0, [sp]'],
      pushes,
      /: from step 3 on, the same exception repeats every 3 steps: Data abort at EL2 \(write .*\)\. Its handler takes it again before it can return\. Nothing can end this\.$/,
    ],
    [
      'a handler that returns to the instruction that faults',
      ['ldr x0, [x8]'],
      { handlers: [[2, SAME, ['mov x9, #1', 'eret']]] },
      /: from step 0 on, the same exception repeats every 3 steps: Data abort at EL2 .*\. Its handler returns to the instruction that takes it again\. Nothing/,
    ],
    [
      'a handler that asks the hypervisor and then faults',
      ['.word 0'],
      {
        el: 1,
        handlers: [
          [1, SAME, ['hvc #0', '.word 0']],
          [2, LOWER, ['eret']],
        ],
      },
      /: from step 1 on, the same 2 exceptions repeat every 3 steps: HVC from EL1 to EL2 \(hvc #0x0.*\) and Undefined at EL1 \(.*\)\. Not every handler gets as far as its return\./,
    ],
  ])('%s', (_what, lines, setting, said) => {
    const subject = machineWith(lines, setting);
    subject.machine.cpu.setX(8, NOWHERE);
    expect(runs(subject)).toBe('loop');
    expect(subject.timeline.traps.length).toBeLessThan(16);
    expect(told(subject)).toMatch(said);
    // Once more: nothing runs any more, and the recording does not grow.
    const { length } = subject.timeline.traps;
    expect(runs(subject)).toBe('loop');
    expect(subject.timeline.traps.length).toBe(length);
  });

  test('at each instant from the first of its exceptions on, and after a way back', () => {
    const subject = machineWith(['str x0, [sp]'], pushes);
    expect(runs(subject)).toBe('loop');
    const { timeline } = subject;
    const { end } = timeline;
    expect(timeline.traps.step(1)).toBe(3);
    for (let at = 0; at <= end; at++) {
      timeline.seek(at);
      expect(told(subject) !== '', `${at}`).toBe(at > 3);
    }
  });

  test('also where it comes after ten thousand other calls', () => {
    const lines = ['movz x7, #10000', 'hvc #0', 'sub x7, x7, #1', `cbnz x7, 0x${(CODE + 4).toString(16)}`, 'str x0, [sp]'];
    const handler = ['ldr x0, [x8]', 'add x0, x0, #1', 'str x0, [x8]', 'mov x0, #0', 'eret'];
    const subject = machineWith(lines, {
      el: 1,
      sp: NOWHERE,
      handlers: [
        [2, LOWER, handler],
        [1, SAME, ['stp x0, x1, [sp, #-16]!']],
      ],
    });
    subject.machine.cpu.setX(8, DATA);
    expect(runs(subject, 1_000_000)).toBe('loop');
    expect(subject.timeline.traps.step(20_000)).toBe(80_001);
    expect(subject.timeline.traps.length).toBeLessThan(20_000 + 70_000);
  });

  test('but not any more where a person changed what it stood on', () => {
    const subject = machineWith(['str x0, [sp]'], pushes);
    runs(subject);
    subject.timeline.change('x0', DATA);
    expect(told(subject)).toBe('');
    expect(runs(subject, 4)).toBe('budget');
    expect(runs(subject)).toBe('loop');
  });
});

describe('no loop is claimed', () => {
  const back = (to = CODE): string => `b 0x${to.toString(16)}`;
  test.each<[string, readonly string[], Setting]>([
    ['for calls that are answered, whatever they change', ['hvc #0', back()], { el: 1, handlers: [[2, LOWER, ['eret']]] }],
    [
      'while a handler counts in memory',
      ['ldr x0, [x8]'],
      { handlers: [[2, SAME, ['ldr x0, [x7]', 'add x0, x0, #1', 'str x0, [x7]', 'mov x0, #0', 'eret']]] },
    ],
    ['while a handler counts in a register', ['ldr x0, [x8]'], { handlers: [[2, SAME, ['add x1, x1, #1', 'eret']]] }],
    ['while a handler moves its stack', ['str x0, [x8]'], { handlers: [[2, SAME, ['sub sp, sp, #16', 'str x0, [x8]']]] }],
    ['where a handler looks at the time', ['ldr x0, [x8]'], { handlers: [[2, SAME, ['mrs x0, cntpct_el0', 'mov x0, #0', 'eret']]] }],
    ['where a handler sets a timer', ['ldr x0, [x8]'], { handlers: [[2, SAME, ['msr cntp_tval_el0, x7', 'eret']]] }],
    ['where a handler looks at a device', ['ldr x0, [x8]'], { handlers: [[2, SAME, ['ldr w0, [x6, #0x18]', 'mov x0, #0', 'eret']]] }],
    ['where a handler looks for interrupts', ['ldr x0, [x8]'], { handlers: [[2, SAME, ['mrs x0, isr_el1', 'mov x0, #0', 'eret']]] }],
  ])('%s', (_what, lines, setting) => {
    const subject = machineWith(lines, setting);
    const { cpu } = subject.machine;
    cpu.setX(6, 0x0900_0000n);
    cpu.setX(7, DATA + 64n);
    cpu.setX(8, NOWHERE);
    expect(runs(subject)).toBe('budget');
    expect(subject.timeline.traps.length).toBeGreaterThan(500);
    expect(told(subject)).toBe('');
  });
});

describe('an interrupt that can still come ends a loop', () => {
  const looping = (hcr: bigint): Subject => {
    const subject = machineWith(['ldr x0, [x8]'], { el: 1, hcr, handlers: [toEl1, [2, LOWER + 0x80, ['b .']]] });
    subject.machine.cpu.setX(8, NOWHERE);
    return subject;
  };
  const timer = ppiIntid(ppi.physicalTimer);
  test.each<[string, bigint, (subject: Subject) => void, string]>([
    ['routed to EL2, and nothing is set', IMO, () => undefined, 'loop'],
    ['routed to EL2, from a timer that is set', IMO, (subject) => (enable(subject, timer), arm(subject, 100n)), 'budget'],
    [
      'routed to EL2, from a timer of an interrupt that is not enabled',
      IMO,
      (subject) => (enable(subject, 40), arm(subject, 100n)),
      'loop',
    ],
    [
      'routed to EL2, from a timer behind a distributor that is off',
      IMO,
      (subject) => (enable(subject, timer, false), arm(subject, 100n)),
      'loop',
    ],
    ['routed to EL2, from a timer that is not set', IMO, (subject) => enable(subject, timer), 'loop'],
    ['routed to EL2, from the console', IMO, (subject) => enable(subject, spiIntid(1)), 'budget'],
    ['masked at EL1, from a timer that is set', 0n, (subject) => (enable(subject, timer), arm(subject, 100n)), 'loop'],
    ['masked at EL1, from the console', 0n, (subject) => enable(subject, spiIntid(1)), 'loop'],
  ])('%s', (_what, hcr, prepare, stop) => {
    const subject = looping(hcr);
    prepare(subject);
    expect(runs(subject, 1000)).toBe(stop);
    expect(told(subject) !== '').toBe(stop === 'loop');
    if (stop === 'loop' || subject.machine.cpu.low('CNTP_CTL_EL0') === 0) return;
    // The timer takes it out of the loop; the handler there does nothing.
    runs(subject, 3000);
    expect(subject.machine.cpu.el).toBe(2);
  });

  test('also where a handler unmasks it for a moment', () => {
    const unmasks = ['msr daifclr, #2', 'msr daifset, #2', 'ldr x0, [x8]'];
    const subject = machineWith(['ldr x0, [x8]'], {
      el: 1,
      handlers: [
        [1, SAME, unmasks],
        [1, SAME + 0x80, ['b .']],
      ],
    });
    subject.machine.cpu.setX(8, NOWHERE);
    enable(subject, timer);
    arm(subject, 100n);
    expect(runs(subject, 1000)).toBe('budget');
    runs(subject, 3000);
    expect(subject.timeline.traps.type(subject.timeline.traps.length - 1)).toBe('IRQ');
  });
});

test('whatever random handlers do, a loop that was claimed goes on', { timeout: 120_000 }, () => {
  const choices = new Choices(11);
  const pieces = [
    ...['ldr x0, [x8]', 'str x1, [x7]', 'ldr x1, [x7]', 'add x1, x1, #1', 'and x1, x1, #3', 'mov x1, #0', 'eor x2, x2, x1', 'hvc #1'],
    ...['mrs x3, cntvct_el0', 'mov x3, #0', 'and x3, x3, #0x400', 'msr daifclr, #2', 'msr daifset, #2', 'nop', 'sub sp, sp, #16'],
    ...['mov sp, x7', '.word 0', 'eret', 'eret', 'msr elr_el1, x5', 'ldr w3, [x6, #0x18]', 'tbnz x3, #10, #8', 'cbz x1, #8', 'svc #2'],
  ];
  const program = (length: number): string[] => Array.from({ length }, () => choices.of(pieces));
  const place = (lines: readonly string[], at: number): string[] =>
    lines.map((line, i) => line.replace(/#8$/, () => `0x${(at + 4 * i + 8).toString(16)}`));
  const rounds = 20 * Number(process.env['PROVE'] ?? 1);
  let claimed = 0;
  for (let round = 0; round < rounds; round++) {
    const handler = (el: 1 | 2, offset: number): readonly [1 | 2, number, readonly string[]] => {
      return [el, offset, [...place(program(choices.below(6)), VECTORS[el] + offset), 'eret']];
    };
    const handlers = [handler(1, SAME), handler(1, SAME + 0x80), handler(2, LOWER), handler(2, LOWER + 0x80), handler(2, SAME)];
    const lines = [...place(program(6), CODE), `b 0x${CODE.toString(16)}`];
    const subject = machineWith(lines, { el: 1, hcr: choices.once(2) ? IMO : 0n, handlers });
    const { machine, timeline } = subject;
    machine.cpu.setX(5, BigInt(CODE));
    machine.cpu.setX(6, 0x0900_0000n);
    machine.cpu.setX(7, DATA + 64n);
    machine.cpu.setX(8, choices.of([NOWHERE, DATA]));
    if (choices.once(2)) enable(subject, ppiIntid(ppi.physicalTimer));
    if (choices.once(2)) arm(subject, choices.bits(9));
    if (runs(subject, 2000) !== 'loop') continue;
    claimed++;
    const { traps } = timeline;
    const { first, events, steps } = timeline.loopAt(timeline.at)!;
    timeline.forward(3000);
    for (let index = first + events; index < traps.length; index++) {
      expect(traps.isAlike(index, index - events), `${round}: ${index}`).toBe(true);
      expect(traps.step(index) - traps.step(index - events), `${round}: ${index}`).toBe(steps);
    }
    expect(traps.length, `${round}`).toBeGreaterThan(first + events * Math.floor(3000 / steps));
  }
  expect(claimed).toBeGreaterThan(rounds / 6);
});
