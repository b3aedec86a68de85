/** PSCI calls that end or begin a run, against QEMU: SYSTEM_RESET, CPU_OFF; and what may count across them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';
import { forSteps } from '../../emulator/machine/machine.ts';
import { Workshop, type Built } from '../debug/build.ts';
import { runQemu } from '../firmware/qemu.ts';

const shop = new Workshop();
afterAll(() => shop.close());

/** Prints what memory and some registers hold, changes all of it, and resets the board; the third time it does what `last` says. */
const source = (last: string): string => `.global _start
_start:
  ldr x27, =0x09000000
${['data', 'zeros', 'kept'].map((name) => `  ldr x20, =${name}\n  ldr x0, [x20]\n  add x1, x0, #1\n  str x1, [x20]\n  bl print\n`).join('')}
  ldr x20, =0x40000000
  ldr w0, [x20]
  bl print
  str wzr, [x20]
  ldr x20, =0x08000000
  ldr w0, [x20]
  bl print
  mov w1, #1
  str w1, [x20]
  ldr w0, [x20, #0x400]
  bl print
  str w1, [x20, #0x400]
${['x5', 'sp']
  .map((name) => `  mov x0, ${name}\n  bl print\n`)
  .concat(
    ['sctlr_el2', 'hcr_el2', 'vbar_el2', 'tpidr_el1', 'cntvoff_el2', 'CurrentEL', 'DAIF', 'pmcntenset_el0'].map(
      (name) => `  mrs x0, ${name}\n  bl print\n`,
    ),
  )
  .join('')}
  mov x5, #5
  mov x1, #0x7000
  mov sp, x1
  movz x0, #0x8000, lsl 16
  msr hcr_el2, x0
  msr vbar_el2, x1
  msr tpidr_el1, x1
  msr cntvoff_el2, x1
  mov x1, #1
  msr pmcntenset_el0, x1
  msr daifclr, #15
  mrs x0, mpidr_el1
  mov x1, x0
  ldr x0, =0xc4000004
  mov x2, #0
  smc #0
  bl print
  ldr x0, =0xc4000003
  mrs x1, mpidr_el1
  adr x2, _start
  smc #0
  bl print
  ldr x20, =kept
  ldr x0, [x20]
  cmp x0, #3
  b.eq last
  ldr x0, =0x84000009
  smc #0
  b .
last:
  ${last}
  ldr x0, =0x84000008
  smc #0
  b .
print:
  mov w24, #60
digit:
  lsr x25, x0, x24
  and x25, x25, #15
  add x25, x25, #48
  cmp x25, #58
  b.lt put
  add x25, x25, #39
put:
  strb w25, [x27]
  subs w24, w24, #4
  b.ge digit
  mov w25, #10
  strb w25, [x27]
  ret
  .ltorg
  .data
data:
  .quad 0x1234
  .bss
zeros:
  .skip 8
  .equ kept, 0x42000000
`;

const link = (name: string, last: string): Built => shop.link(`${name}.elf`, { [`${name}.S`]: source(last) }, ['-Wl,-Ttext=0x40080000']);
const textOf = ({ timeline: { output } }: Program): string => Buffer.from(output.slice(0, output.length)).toString('latin1');
const lines = (text: string): string[] => text.trim().split(/\r?\n/);

describe('SYSTEM_RESET', () => {
  let built: Built;
  const open = (): Program => openProgram('restart.elf', built.bytes);
  beforeAll(() => {
    built = link('restart', '');
  });

  it('begins again as QEMU does: registers and devices reset, the program loaded anew, other memory kept', async () => {
    const { text } = await runQemu({ image: built.path });
    const program = open();
    program.timeline.forward(1_000_000);
    expect(program.machine.stop).toEqual({ kind: 'off', by: 2 });
    expect(lines(textOf(program))).toEqual(lines(text));
    expect(lines(text)).toHaveLength(3 * 18);
  });

  it('is an instant like any other to those who travel: equal states forwards, backwards and in slices', () => {
    const program = open();
    const { timeline, machine } = program;
    timeline.forward(1_000_000);
    const end = machine.stateHash();
    const resets = Array.from({ length: timeline.traps.length }, (_, i) => timeline.traps.get(i)).filter(
      (event) => event.kind === 'psci' && event.function === 0x8400_0009n,
    );
    expect(resets).toHaveLength(2);
    const instants = resets.flatMap(({ n }) => [n, n + 1, n + 2]);
    const hashes = instants.map((at) => {
      timeline.seek(at);
      return machine.stateHash();
    });
    timeline.seek(resets[1].n + 1);
    expect(machine.cpu).toMatchObject({ pc: program.entry, el: 2, daif: 15 });
    const sliced = open();
    for (const [i, at] of instants.entries()) {
      while (sliced.timeline.at < at) sliced.timeline.forward(Math.min(97, at - sliced.timeline.at));
      expect(sliced.machine.stateHash()).toBe(hashes[i]);
    }
    sliced.timeline.forward(1_000_000);
    expect(sliced.machine.stateHash()).toBe(end);
  });

  it('is told to those who watch memory: the loader writes it', () => {
    const { machine, image } = open();
    const seen: unknown[] = [];
    machine.watches.onReport.on((report) => {
      if (report.kind === 'memory') seen.push([report.access, report.device, report.after[0]]);
    });
    const [{ pa, bytes }] = image.segments;
    machine.run({ ...forSteps(20_000), watched: { memory: [{ pa, bytes: 1, access: 'w' }], registers: [] } });
    expect(seen).toEqual([1, 2].map(() => ['w', 'loader', bytes[0]]));
  });
});

describe('CPU_OFF', () => {
  it('stops the CPU, not the board', () => {
    const { bytes } = link('cpu-off', 'ldr x0, =0x84000002\n  smc #0');
    const { timeline, machine } = openProgram('cpu-off.elf', bytes);
    timeline.forward(1_000_000);
    expect(machine.stop).toEqual({ kind: 'cpu-off', by: 2 });
    expect(machine.stopSentence()).toMatch(/^EL2 switched off the only CPU/);
  });
});

describe('INST_RETIRED', () => {
  it('counts as it does in QEMU, and a wait counts as cycles alone', async () => {
    const counted = `ldr x0, =0x08000008
  msr pmevtyper0_el0, x0
  ldr x0, =0x08000011
  msr pmevtyper1_el0, x0
  mov x0, #3
  msr pmcntenset_el0, x0
  mov x0, #7
  msr pmcr_el0, x0
  isb
  mov x1, #1000
1: subs x1, x1, #1
  b.ne 1b
  mrs x0, pmevcntr0_el0
  bl print
  mrs x0, pmevcntr1_el0
  bl print
  mov x1, #1000
  msr cntp_tval_el0, x1
  mov x1, #1
  msr cntp_ctl_el0, x1
  ldr x20, =0x08000000
  mov w0, #0x40000000
  str w0, [x20, #0x100]
  str w1, [x20]
  add x21, x20, #0x10000
  mov w0, #0xff
  str w0, [x21, #4]
  str w1, [x21]
  msr daifset, #15
  wfi
  mrs x0, pmevcntr0_el0
  bl print
  mrs x0, pmevcntr1_el0
  lsr x0, x0, #8
  bl print
  mrs x0, pmceid0_el0
  bl print`;
    const { path, bytes } = link('retired', counted);
    const { text } = await runQemu({ image: path });
    const program = openProgram(path, bytes);
    program.timeline.forward(1_000_000);
    expect(lines(textOf(program)).slice(-5)).toEqual(lines(text).slice(-5));
    const [before, , after, cycles] = lines(text)
      .slice(-5)
      .map((line) => parseInt(line, 16));
    expect(before).toBeGreaterThan(2000);
    expect(cycles * 256).toBeGreaterThan(after + 10_000);
  });
});
