/**
 * A bare-metal program that makes accesses to a GICv3 one after the other, at EL2 and as a guest at EL1, and sends what it has read: the same
 * program runs in QEMU and on our board. After each access it notes ISR_EL1, which shows the lines to the CPU, and the last trap.
 */
import { PA } from '../../emulator/base/addresses.ts';
import { hex } from '../../emulator/base/hex.ts';
import { assemble } from '../../emulator/isa/index.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';

export type Step =
  | { readonly kind: 'mrs'; readonly register: string }
  | { readonly kind: 'msr'; readonly register: string; readonly value: bigint }
  | { readonly kind: 'load'; readonly pa: number; readonly bytes: 1 | 4 }
  | { readonly kind: 'store'; readonly pa: number; readonly bytes: 1 | 4; readonly value: number }
  /** To a guest at EL1, or back to EL2. */
  | { readonly kind: 'level'; readonly el: 1 | 2 };

const BASE = 0x4008_0000;
const VECTORS = 0x1000;
const LOG = 0x4200_0000;
const UART = 0x0900_0000;

const words = new Map<string, number>();
/** A branch is relative to itself here, so that the same line is always the same word. */
function word(line: string): number {
  let known = words.get(line);
  if (known === undefined) words.set(line, (known = assemble(line, 0n)));
  return known;
}
/** A number in a register. */
const move = (register: string, value: bigint): string[] => {
  const parts = [0, 16, 32, 48]
    .map((shift) => ({ shift, part: Number((value >> BigInt(shift)) & 0xffffn) }))
    .filter(({ part }) => part !== 0);
  if (parts.length === 0) return [`movz ${register}, #0`];
  return parts.map(({ part, shift }, i) => `${i === 0 ? 'movz' : 'movk'} ${register}, #${part}${shift === 0 ? '' : `, lsl #${shift}`}`);
};

const note = ['mrs x0, isr_el1', 'orr x0, x0, x21, lsl #32', 'str x0, [x20], #8'];
const noteValue = ['str x0, [x20], #8'];
function code(step: Step): string[] {
  switch (step.kind) {
    case 'mrs':
      return [`mrs x0, ${step.register.toLowerCase()}`, ...noteValue, ...note];
    case 'msr':
      return [...move('x1', step.value), `msr ${step.register.toLowerCase()}, x1`, ...note];
    case 'load':
      return [...move('x2', BigInt(step.pa)), step.bytes === 4 ? 'ldr w0, [x2]' : 'ldrb w0, [x2]', ...noteValue, ...note];
    case 'store':
      return [
        ...move('x1', BigInt(step.value)),
        ...move('x2', BigInt(step.pa)),
        step.bytes === 4 ? 'str w1, [x2]' : 'strb w1, [x2]',
        ...note,
      ];
    case 'level':
      return step.el === 2
        ? ['hvc #0', ...note]
        : ['movz x0, #0x3c5', 'msr spsr_el2, x0', 'adr x0, 0xc', 'msr elr_el2, x0', 'eret', ...note];
  }
}
/** Notes the syndrome and goes on behind the instruction. */
const skip = (el: 1 | 2): string[] => [`mrs x21, esr_el${el}`, `mrs x19, elr_el${el}`, 'add x19, x19, #4', `msr elr_el${el}, x19`, 'eret'];
/** HVC goes on at EL2. */
const fromGuest = ['mrs x18, esr_el2', 'lsr x19, x18, #26', 'cmp x19, #22', 'b.ne 0xc', 'mrs x19, elr_el2', 'br x19', ...skip(2)];

/** An interrupt that is routed to EL2 is acknowledged and stays active, so that it comes only once. */
const acknowledge = (group: 0 | 1): string[] => [`mrs x21, icc_iar${group}_el1`, 'eret'];

/** Sends the log, from its start to x20, and switches off. */
const finish = [
  ...move('x1', BigInt(LOG)),
  ...move('x2', BigInt(UART)),
  'ldrb w0, [x1], #1',
  'str w0, [x2]',
  'cmp x1, x20',
  'b.ne 0xfffffffffffffff4',
  ...move('x0', 0x8400_0008n),
  'smc #0',
];

export class GicProgram {
  /** What each word of the log is. */
  private readonly notes: string[] = [];
  private readonly lines: string[];

  constructor(steps: readonly Step[]) {
    this.lines = [
      ...move('x20', BigInt(LOG)),
      'movz x21, #0',
      ...move('x0', BigInt(BASE)),
      'msr vbar_el2, x0',
      ...move('x0', BigInt(BASE + 0x800)),
      'msr vbar_el1, x0',
      ...steps.flatMap((step) => {
        const text = JSON.stringify(step, (_, value: unknown) =>
          typeof value === 'number' || typeof value === 'bigint' ? hex(value) : value,
        );
        if (step.kind === 'mrs' || step.kind === 'load') this.notes.push(text);
        this.notes.push(`lines after ${text}`);
        return code(step);
      }),
      ...finish,
    ];
  }

  private get image(): Uint8Array {
    const image = new Uint32Array(VECTORS / 4 + this.lines.length);
    const place = (at: number, lines: readonly string[]): void => image.set(lines.map(word), at / 4);
    place(0x200, skip(2));
    place(0x400, fromGuest);
    place(0x480, acknowledge(1));
    place(0x500, acknowledge(0));
    place(0xa00, skip(1));
    place(VECTORS, this.lines);
    return new Uint8Array(image.buffer);
  }
  /** With one segment. */
  get elf(): Uint8Array {
    const { image } = this;
    const file = new Uint8Array(0x1000 + image.length);
    const view = new DataView(file.buffer);
    file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    view.setUint16(16, 2, true);
    view.setUint16(18, 183, true);
    view.setUint32(20, 1, true);
    view.setBigUint64(24, BigInt(BASE + VECTORS), true);
    view.setBigUint64(32, 64n, true);
    view.setUint16(52, 64, true);
    view.setUint16(54, 56, true);
    view.setUint16(56, 1, true);
    view.setUint32(64, 1, true);
    view.setUint32(68, 7, true);
    [0x1000, BASE, BASE, image.length, image.length, 0x1000].forEach((value, i) => view.setBigUint64(72 + 8 * i, BigInt(value), true));
    file.set(image, 0x1000);
    return file;
  }

  runOurs(): Uint8Array {
    const machine = new Machine({ memoryBytes: 128 << 20, gic: 3, el2: true });
    machine.writePhysical(PA(BASE), this.image);
    machine.cpu.pc = BigInt(BASE + VECTORS);
    const sent: number[] = [];
    machine.onOutput.on(({ byte }) => sent.push(byte));
    while (!machine.stop && machine.steps < 1e7) machine.run(forSteps(1_000_000));
    return Uint8Array.from(sent);
  }

  /** The words of a log, each with what it is. */
  read(log: Uint8Array): { readonly what: string; readonly value: bigint }[] {
    const view = new DataView(log.buffer, log.byteOffset, log.length);
    return this.notes.slice(0, Math.floor(log.length / 8)).map((what, i) => ({ what, value: view.getBigUint64(8 * i, true) }));
  }
}
