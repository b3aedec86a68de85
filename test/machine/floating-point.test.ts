/**
 * A C program that the compiler was free to give V registers: at EL2, and at EL1 where its first use of them traps to EL1 (CPACR_EL1.FPEN)
 * and then to EL2 (CPTR_EL2.TFP), each time to a handler that switches them on. QEMU and our machine must agree on results and traps.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { openProgram, readRecording, replay, runStart, writeRecording, type Program } from '../../emulator/index.ts';
import { handlerChanges } from '../../emulator/explain/handler-changes.ts';
import { Workshop, type Built } from '../debug/build.ts';
import { sentBy } from '../firmware/both.ts';
import { traceQemu } from '../firmware/qemu.ts';

const shop = new Workshop();
afterAll(() => shop.close());

const sources = {
  'start.S': `.global _start
_start:
  adrp x0, stacks + 0x4000
  mov sp, x0
  adrp x0, vectors_el2
  msr vbar_el2, x0
  mov x0, #0x33ff
  msr cptr_el2, x0
  isb
  bl compute
  // EL1, where floating point traps to EL1 itself.
  movz x0, #0x8000, lsl 16
  msr hcr_el2, x0
  movz x0, #0x0800
  movk x0, #0x30d0, lsl 16
  msr sctlr_el1, x0
  msr cpacr_el1, xzr
  adrp x0, vectors_el1
  msr vbar_el1, x0
  adrp x0, stacks + 0x8000
  msr sp_el1, x0
  adr x0, 1f
  msr elr_el2, x0
  mov x0, #0x3c5
  msr spsr_el2, x0
  eret
1:
  bl compute
  // Where it traps to EL2.
  hvc #1
  bl compute
  hvc #2

.macro handler function, also=nop
  stp x0, x1, [sp, #-160]!
  stp x2, x3, [sp, #16]
  stp x4, x5, [sp, #32]
  stp x6, x7, [sp, #48]
  stp x8, x9, [sp, #64]
  stp x10, x11, [sp, #80]
  stp x12, x13, [sp, #96]
  stp x14, x15, [sp, #112]
  stp x16, x17, [sp, #128]
  stp x18, x30, [sp, #144]
  bl \\function
  \\also
  ldp x2, x3, [sp, #16]
  ldp x4, x5, [sp, #32]
  ldp x6, x7, [sp, #48]
  ldp x8, x9, [sp, #64]
  ldp x10, x11, [sp, #80]
  ldp x12, x13, [sp, #96]
  ldp x14, x15, [sp, #112]
  ldp x16, x17, [sp, #128]
  ldp x18, x30, [sp, #144]
  ldp x0, x1, [sp], #160
  eret
.endm
  .balign 4096
vectors_el1:
  .skip 0x200
  handler trapped_to_el1, "movi v31.16b, #0x5a"
  .balign 4096
vectors_el2:
  .skip 0x400
  handler trapped_to_el2
  .bss
  .balign 4096
stacks:
  .skip 0x8000
`,
  'main.c': `typedef unsigned long u64;
#define WITHOUT_V __attribute__((target("general-regs-only"), noinline))
#define READ(name) ({ u64 value_; __asm__ volatile("mrs %0, " #name : "=r"(value_)); value_; })
#define WRITE(name, value) __asm__ volatile("msr " #name ", %0\\n isb" ::"r"((u64)(value)) : "memory")
#define N 64

WITHOUT_V static void print(char what, u64 value)
{
  volatile unsigned char *uart = (volatile unsigned char *)0x09000000;
  *uart = what;
  *uart = ' ';
  for (int shift = 60; shift >= 0; shift -= 4)
    *uart = "0123456789abcdef"[(value >> shift) & 15];
  *uart = '\\n';
}

WITHOUT_V void trapped_to_el1(void)
{
  print('1', READ(esr_el1));
  WRITE(cpacr_el1, 3 << 20);
}

WITHOUT_V void trapped_to_el2(void)
{
  u64 esr = READ(esr_el2);
  print('2', esr);
  if (esr >> 26 == 0x07)
    WRITE(cptr_el2, 0x33ff);
  else if ((esr & 0xffff) == 1)
    WRITE(cptr_el2, 0x37ff);
  else {
    register u64 x0 __asm__("x0") = 0x84000008;
    __asm__ volatile("smc #0" ::"r"(x0));
  }
}

static u64 bits(double value)
{
  union { double value; u64 bits; } both = { value };
  return both.bits;
}
static volatile int seed = 3;
static double a[N] __attribute__((aligned(16))), b[N] __attribute__((aligned(16)));
static float f[N] __attribute__((aligned(16)));
static int w[N] __attribute__((aligned(16)));
static unsigned char bytes[N] __attribute__((aligned(16)));

void compute(void)
{
  int from = seed;
  WRITE(fpsr, 0);
  for (int i = 0; i < N; i++) {
    a[i] = (i * 37 % 101 - 50) * 0.37 + from;
    bytes[i] = i * 91 + from;
  }
  for (int i = 0; i < N; i++)
    b[i] = __builtin_sqrt(__builtin_fabs(a[i])) / (a[i] * a[i] + 0.5);
  for (int i = 0; i < N; i++)
    f[i] = (float)(a[i] * b[i] - 1.25);
  for (int i = 0; i < N; i++)
    w[i] = (int)(f[i] * 1000.0f) ^ bytes[i];
  double sum = 0, most = a[0];
  unsigned total = 0, least = ~0u;
  for (int i = 0; i < N; i++) {
    sum += a[i] * b[i] + f[i];
    most = a[i] > most ? a[i] : most;
    total += (unsigned)w[i];
    least = (unsigned)w[i] < least ? (unsigned)w[i] : least;
  }
  print('s', bits(sum));
  print('m', bits(most));
  print('t', total);
  print('l', least);
  for (int i = 0; i < N; i += 9)
    print('b', bits(b[i]));
  print('z', bits(sum / (from - 3)));
  print('f', READ(fpsr));
  print('c', READ(fpcr));
}
`,
};

const built = (): Built =>
  shop.link('floating-point.elf', sources, ['-O2', '-mstrict-align', '-fno-math-errno', '-fno-pic', '-no-pie', '-Wl,-Ttext=0x40080000']);

describe('a program that uses V registers', () => {
  const { path, bytes } = built();
  const ran = (): Program => {
    const program = openProgram(path, bytes);
    program.timeline.forward(100_000);
    return program;
  };

  it('was compiled to vector and scalar floating point', () => {
    const code = shop.run('aarch64-linux-gnu-objdump', '-d', path);
    for (const instruction of [/fmla\s+v\d+\.2d/, /fsqrt\s+v\d+\.2d/, /fcvtzs\s+v\d+\.4s/, /ldr\s+q\d+/, /fadd\s+d\d+/, /fdiv\s+d\d+/])
      expect(code).toMatch(instruction);
  });

  it('prints and traps as in QEMU, at EL2 and EL1', { timeout: 60_000 }, async () => {
    const theirs = await traceQemu({ image: path });
    const program = ran();
    expect(program.machine.stop).toMatchObject({ kind: 'off' });
    expect(sentBy(program).split('\n')).toEqual(theirs.text.replaceAll('\r', '').split('\n'));
    const { traps } = program.timeline;
    const ours = Array.from({ length: traps.length }, (_, i) => traps.get(i)).filter((event) => event.kind === 'exception');
    const taken = ours.map(({ from, to, esr }) => ({ from, to, esr }));
    expect(taken).toEqual(
      theirs.events.flatMap((event) => (event.kind === 'exception' ? [{ from: event.from, to: event.to, esr: event.esr }] : [])),
    );
    // FP access to EL1, HVC #1, FP access to EL2, HVC #2.
    expect(taken.slice(0, 4).map(({ to, esr }) => [to, esr! >>> 26])).toEqual([
      [1, 0x07],
      [2, 0x16],
      [2, 0x07],
      [2, 0x16],
    ]);
  });

  it('is told of where it writes one: to a breakpoint, and in the story of a trap', () => {
    const program = ran();
    const { timeline, machine } = program;
    const index = Array.from({ length: timeline.traps.length }, (_, i) => i).find((i) => timeline.traps.get(i).kind === 'exception')!;
    const [entry, exit] = [timeline.traps.get(index), timeline.traps.get(index + 1)];
    expect(exit.kind).toBe('return');
    const { registers } = handlerChanges(program, entry.n + 1, exit.n + 1, 1);
    const of = (name: string): unknown => registers.find((register) => register.name === name);
    const fives = `0x${'5a'.repeat(16)}`;
    expect(of('v31')).toMatchObject({ after: fives, text: '' });
    expect(of('CPACR_EL1')).toMatchObject({ before: '0x0', after: '0x300000' });

    timeline.seek(entry.n);
    timeline.breakpoints.set(1, { kind: 'register-write', register: 'v31' });
    expect(timeline.forward(10_000, { untilBreakpoint: true })).toBe('breakpoint');
    expect(timeline.at).toBeLessThan(exit.n);
    expect(machine.cpu.v(31)).toBe(BigInt(fives));
    expect(timeline.excursion(timeline.at - 1, () => machine.cpu.v(31), { key: 'before' })).not.toBe(BigInt(fives));
  });

  it('comes back with all its V registers: by steps back, from a recording, after a change by hand', async () => {
    const program = ran();
    const { timeline, machine } = program;
    timeline.seek(3000);
    const vectors = (): string[] => Array.from({ length: 32 }, (_, i) => machine.cpu.v(i).toString(16));
    const [before, hash] = [vectors(), machine.stateHash()];
    expect(before.filter((value) => value !== '0').length).toBeGreaterThan(8);
    timeline.seek(5000);
    expect(vectors()).not.toEqual(before);
    timeline.seek(3000);
    expect(vectors()).toEqual(before);
    expect(machine.stateHash()).toBe(hash);
    timeline.change('v9', 2n ** 127n + 5n);
    expect(machine.stateHash()).not.toBe(hash);
    const changed = vectors();
    const file = await writeRecording(runStart(program), timeline);
    const again = replay(await readRecording(file, 'floating-point.elrec'));
    again.timeline.forward(3000);
    expect(again.machine.stateHash()).toBe(machine.stateHash());
    expect(Array.from({ length: 32 }, (_, i) => again.machine.cpu.v(i).toString(16))).toEqual(changed);
    expect(changed[9]).toBe((2n ** 127n + 5n).toString(16));
  });
});
