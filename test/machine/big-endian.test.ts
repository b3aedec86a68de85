/** Data in big-endian order (SCTLR_ELx.EE, SCTLR_EL1.E0E): one program at every level, whose results QEMU and our machine must agree on. */
import { PA } from '../../emulator/base/addresses.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { openProgram } from '../../emulator/index.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { assemble } from '../../emulator/isa/index.ts';
import { Workshop } from '../debug/build.ts';
import { runQemu } from '../firmware/qemu.ts';

const shop = new Workshop();
afterAll(() => shop.close());

const loads = [
  ...['ldrb w0', 'ldrsb x0', 'ldrh w0', 'ldrsh x0', 'ldrsh w0', 'ldr w0', 'ldrsw x0', 'ldr x0', 'ldur x0'].map((to) => `${to}, [x19]`),
  ...['ldar w0', 'ldar x0', 'ldarh w0', 'ldxr w0', 'ldaxr x0', 'ldtr w0', 'ldtrsh x0', 'ldtr x0'].map((to) => `${to}, [x19]`),
  'ldr w0, pattern',
  'ldr x0, pattern',
  'ldrsw x0, pattern',
];
const pairs = ['ldp w0, w1, [x19]', 'ldp x0, x1, [x19]', 'ldpsw x0, x1, [x19]', 'ldxp w0, w1, [x19]', 'ldaxp x0, x1, [x19]'];
const stores = [
  ...['strb w2', 'strh w2', 'str w2', 'str x2', 'stlr w2', 'stlr x2', 'sttr w2', 'sttr x2', 'sttrh w2', 'stp w2, w3', 'stp x2, x3'].map(
    (from) => `${from}, [x20]`,
  ),
  ...['ldxr w4, [x20]\n  stxr w5, w2, [x20]', 'ldxr x4, [x20]\n  stlxr w5, x2, [x20]'],
  ...['ldxp w4, w6, [x20]\n  stxp w5, w2, w3, [x20]', 'ldxp x4, x6, [x20]\n  stxp w5, x2, x3, [x20]'],
  'stp x2, x3, [x20], #16\n  str w2, [x20, #-12]!\n  sub x20, x20, #4',
];
/** Into V0 and V1, and from V2 and V3. A Q register is one element, and those of structures are each turned round. */
const vectorLoads = [
  ...['ldr b0', 'ldr h0', 'ldr s0', 'ldr d0', 'ldr q0', 'ldp s0, s1', 'ldp d0, d1', 'ldp q0, q1'].map((to) => `${to}, [x19]`),
  ...['{v0.16b}', '{v0.8h}', '{v0.4s, v1.4s}', '{v0.2d}', '{v0.s}[1]', '{v0.h}[5]'].map((list) => `ld1 ${list}, [x19]`),
  ...['ld2 {v0.4h, v1.4h}', 'ld2 {v0.d, v1.d}[1]', 'ld3 {v0.4s-v2.4s}', 'ld4 {v0.8h-v3.8h}', 'ld1r {v0.4s}', 'ld2r {v0.4h, v1.4h}'].map(
    (list) => `${list}, [x19]`,
  ),
  'ldr q0, pattern',
];
const vectorStores = [
  ...[
    'str b2',
    'str h2',
    'str s2',
    'str d2',
    'str q2',
    'stp s2, s3',
    'stp d2, d3',
    'st1 {v2.4s}',
    'st2 {v2.2s, v3.2s}',
    'st1 {v2.h}[2]',
  ].map((from) => `${from}, [x20]`),
];
/** What only memory that is Normal allows: across words and pages. */
const unaligned = ['ldr x0, [x19, #3]', 'ldr w0, [x21, #14]', 'ldr x0, [x21, #12]'];
const unalignedStores = ['str x2, [x20, #5]', 'str w2, [x21, #14]', 'stp x2, x3, [x20, #0xf8]'];

const tell = (register: string): string => `  mov x0, ${register}\n  bl print\n`;
const load = (line: string): string => `  ${line}\n  bl print\n`;
const pair = (line: string): string => `  ${line}\n  mov x22, x1\n  bl print\n${tell('x22')}`;
const vectorLoad = (line: string): string => `  ${line}\n${tell('v0.d[0]')}${tell('v0.d[1]')}${tell('v1.d[0]')}${tell('v1.d[1]')}`;
/** Bytes, so that the order of none is in question. */
const bytes = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `  mov x23, #${from + i}\n  ldrb w0, [x20, x23]\n  bl print2\n`).join('');
const store = (line: string): string => `  ${line}\n${bytes(0, 16)}`;

/** All of it; it goes on at x28. */
const exercise = (n: number, more = ''): string => `
exercise_${n}:
  adr x19, pattern
  adrp x20, area
  add x20, x20, #:lo12:area
  add x21, x20, #0xff0
  movz x2, #0x0102
  movk x2, #0x8384, lsl 16
  movk x2, #0x0506, lsl 32
  movk x2, #0xf7f8, lsl 48
  mvn x3, x2
${loads.map(load).join('')}${pairs.map(pair).join('')}${stores.map(store).join('')}
  fmov d2, x2
  mov v2.d[1], x3
  mvn v3.16b, v2.16b
${vectorLoads.map(vectorLoad).join('')}${vectorStores.map(store).join('')}${more}  br x28
`;
const more =
  unaligned.map(load).join('') +
  unalignedStores.map((line) => `  ${line}\n${bytes(0, 16)}${bytes(0xf8, 0x108)}${bytes(0xffe, 0x1002)}`).join('');

/** No literal is loaded but those of the exercises: they would be reversed too. */
const program = `.global _start
_start:
  movz x27, #0x0900, lsl 16
  movz x9, #0x0830
  movk x9, #0x30c5, lsl 16
  orr x10, x9, #(1 << 25)
  adrp x0, vectors
  msr vbar_el2, x0
  movz x0, #0x30, lsl 16
  msr cpacr_el1, x0
  msr sctlr_el2, x10
  isb
  adr x28, 1f
  b exercise_1
1:
  // With the MMU on: the table is written in the order in which the walker reads it.
  adrp x0, table
  movz x1, #0x401
  str x1, [x0]
  movz x1, #0x705
  movk x1, #0x4000, lsl 16
  str x1, [x0, #8]
  msr ttbr0_el2, x0
  movz x1, #0xff00
  msr mair_el2, x1
  movz x1, #0x3519
  movk x1, #0x8082, lsl 16
  msr tcr_el2, x1
  isb
  orr x11, x10, #1
  msr sctlr_el2, x11
  isb
  adr x28, 2f
  b exercise_2
2:
  msr sctlr_el2, x9
  isb
  // EL1 with EE alone.
  movz x11, #0x8000, lsl 16
  msr hcr_el2, x11
  orr x12, x9, #(1 << 25)
  msr sctlr_el1, x12
  adr x28, call
  adr x26, 3f
  adr x0, exercise_1
  movz x1, #0x3c5
  b down
3:
  // EL1 with E0E alone, which concerns neither it nor its LDTR and STTR.
  orr x12, x9, #(1 << 24)
  msr sctlr_el1, x12
  adr x26, 4f
  adr x0, exercise_1
  movz x1, #0x3c5
  b down
4:
  // EL0 with E0E. TGE brings its SVC here.
  orr x11, x11, #(1 << 27)
  msr hcr_el2, x11
  adr x28, service
  adr x26, 5f
  adr x0, exercise_1
  movz x1, #0x3c0
  b down
5:
  movz x0, #8
  movk x0, #0x8400, lsl 16
  smc #0
down:
  msr elr_el2, x0
  msr spsr_el2, x1
  eret
call:
  hvc #0
service:
  svc #0
print:
  mov w24, #60
  b digit
print2:
  mov w24, #4
digit:
  lsr x25, x0, x24
  and x25, x25, #15
  add x25, x25, #48
  cmp x25, #58
  b.lt 6f
  add x25, x25, #39
6:
  strb w25, [x27]
  subs w24, w24, #4
  b.ge digit
newline:
  mov w25, #10
  strb w25, [x27]
  ret
  .balign 16
pattern:
  .byte 0x81, 0x12, 0xa3, 0x34, 0xc5, 0x56, 0xe7, 0x78, 0x99, 0x0a, 0xbb, 0x2c, 0xdd, 0x4e, 0xff, 0x60
${exercise(1)}${exercise(2, more)}
  .balign 4096
vectors:
  .skip 0x400
  br x26
  .balign 4096
  .data
  .balign 4096
table:
  .skip 4096
area:
  .skip 8192
`;

describe('big-endian data', () => {
  it('is what QEMU makes of it, at EL2 (with its MMU off and on), EL1 and EL0', { timeout: 60_000 }, async () => {
    const { path, bytes } = shop.link('big-endian.elf', { 'big-endian.S': program }, ['-Wl,-Ttext=0x40080000']);
    const { text } = await runQemu({ image: path });
    const { timeline, machine } = openProgram(path, bytes);
    timeline.forward(500_000);
    expect(machine.stop).toMatchObject({ kind: 'off' });
    const ours = Buffer.from(timeline.output.slice(0, timeline.output.length)).toString('latin1');
    expect(ours.split('\n')).toEqual(text.replaceAll('\r', '').split('\n'));
    // All five exercises to their ends: the instructions of each, the vectors' 21 loads of four doublewords and 10 stores of 16 bytes.
    expect(ours.split('\n').length).toBeGreaterThan(5 * (21 * 4 + 10 * 16));
    // 64 bits of the pattern, in the order of memory.
    expect(ours).toContain('8112a334c556e778\n');
  });

  it('is watched as the bytes that lie in memory', () => {
    const machine = new Machine({ memoryBytes: 4 << 20, gic: 2, el2: true });
    const [code, data] = [0x4010_0000, 0x4020_0000];
    const words = Uint32Array.from(['str w0, [x1]', 'ldr w2, [x1]'], (line) => assemble(line, 0n));
    machine.writePhysical(PA(code), new Uint8Array(words.buffer));
    const { cpu, environment } = machine;
    cpu.set('SCTLR_EL2', 0x32c5_0830n);
    environment.translationChanged();
    cpu.setX(0, 0x1122_3344n);
    cpu.setX(1, BigInt(data));
    cpu.pc = BigInt(code);
    const seen: unknown[] = [];
    machine.watches.onReport.on((report) => {
      if (report.kind === 'memory') seen.push([report.access, [...report.before!], [...report.after]]);
    });
    machine.run({ ...forSteps(2), watched: { memory: [{ pa: PA(data), bytes: 4, access: 'rw' }], registers: [] } });
    expect(seen).toEqual([
      ['w', [0, 0, 0, 0], [0x11, 0x22, 0x33, 0x44]],
      ['r', [0x11, 0x22, 0x33, 0x44], [0x11, 0x22, 0x33, 0x44]],
    ]);
    expect(cpu.x(2)).toBe(0x1122_3344n);
    expect(machine.peekWord(PA(data))).toBe(0x4433_2211);
  });
});
