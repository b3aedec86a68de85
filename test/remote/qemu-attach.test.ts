import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../emulator/base/bytes.ts';
import { assembleProgram, elfOf, openProgram, type Program } from '../../emulator/index.ts';
import { root } from '../layering/imports.ts';
import { compareAt, firstVisits } from './same-as-qemu.ts';

/** Each copies the state of a QEMU. */
const slow = { timeout: 120_000 };

test(
  'a running QEMU shows the same as our machine at the same instant, and our machine goes on from there as QEMU would',
  slow,
  async () => {
    const image = join(root, 'firmware/prebuilt/04-stage2.elf');
    const instants = firstVisits(openProgram('04-stage2', readFileSync(image)), 20_000, 2);
    expect(await compareAt(image, instants)).toEqual(instants.map((at) => ({ at, differences: [] })));
  },
);

/** Flags that a reset leaves UNKNOWN are set. SGI 1 is active and SGI 2 pending, an SPI has its own priority and edge, and a list register holds a virtual interrupt. */
const gicV3 = `
.globl _start
_start:
  cmp x0, x0
  ldr x0, =0x08000000
  mov w1, #0x52
  str w1, [x0]
  mov w1, #2
  str w1, [x0, #0x84]
  str w1, [x0, #0x104]
  mov w1, #8
  str w1, [x0, #0xc08]
  ldr w1, =0x90a0b0c0
  str w1, [x0, #0x420]
  ldr x2, =0x080a0000
  str wzr, [x2, #0x14]
  add x3, x2, #0x10000
  mov w1, #-1
  str w1, [x3, #0x80]
  mov w1, #6
  str w1, [x3, #0x100]
  ldr w1, =0x40302010
  str w1, [x3, #0x400]
  mov x1, #0xf0
  msr icc_pmr_el1, x1
  mov x1, #4
  msr icc_bpr1_el1, x1
  mov x1, #1
  msr icc_igrpen1_el1, x1
  ldr x1, =0x01000001
  msr icc_sgi1r_el1, x1
  isb
  mrs x4, icc_iar1_el1
  ldr x1, =0x02000001
  msr icc_sgi1r_el1, x1
  mov x1, #1
  msr ich_hcr_el2, x1
  ldr x1, =0xf84c0002
  msr ich_vmcr_el2, x1
  ldr x1, =0x50a000000000001b
  msr ich_lr0_el2, x1
  isb
stop:
  b stop
`;

test('the GICv3 of a running QEMU is taken over with all that it holds', slow, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gic-v3-'));
  try {
    const image = join(folder, 'gic-v3.elf');
    const { program, problems } = assembleProgram(gicV3);
    expect(problems).toEqual([]);
    writeFileSync(image, elfOf(program!, 'gic-v3.s'));
    const instants = [gicV3.split('\n').filter((line) => line.startsWith('  ') && line !== '  b stop').length];
    const gic = ({ machine }: Program): unknown =>
      machine.board.gic.devices.map((device) => {
        const writer = new ByteWriter();
        device.save(writer);
        return [device.name, Buffer.from(writer.finish()).toString('hex')];
      });
    expect(await compareAt(image, instants, { gic: 3, also: gic })).toEqual(instants.map((at) => ({ at, differences: [] })));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
