/** Several CPUs: a program that uses all of them prints what it prints in QEMU, and its run is the same however it is cut. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { assembleProgram, elfOf } from '../../emulator/assembler/index.ts';
import { loadImage } from '../../emulator/machine/loader.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { TURN } from '../../emulator/machine/turns.ts';
import { lanesBetween } from '../../emulator/session/lanes.ts';
import { Timeline } from '../../emulator/time/timeline.ts';
import { Random } from '../devices/random.ts';
import { runQemu } from '../firmware/qemu.ts';
import { fourCpus } from './four-cpus.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-cpus-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MOST = 1_000_000;
const elfFor = (source: string): Uint8Array => elfOf(assembleProgram(source).program!, 'cpus.s', source);
function machineFor(elf: Uint8Array, gic: 2 | 3 = 2, cpus = 4): Machine {
  const options = { memoryBytes: 32 << 20, gic, el2: true, cpus };
  const machine = new Machine(options);
  machine.load(loadImage(elf, 'cpus.elf', options));
  return machine;
}

describe.each([2, 3] as const)('four CPUs with a GICv%i', (gic) => {
  const elf = elfFor(fourCpus(gic));

  it('print what they print in QEMU, and go on alike from any instant', async () => {
    const image = join(folder, `cpus${gic}.elf`);
    writeFileSync(image, elf);
    const settings = gic === 3 ? ',gic-version=3,its=off' : '';
    const theirs = runQemu({ image, machine: `virtualization=on${settings}`, args: ['-m', '32', '-smp', '4'], isFree: true });
    const machine = machineFor(elf, gic);
    let text = '';
    machine.onOutput.on(({ byte }) => (text += String.fromCharCode(byte)));
    const took = new Set<number>();
    machine.onEvent.on(({ kind, cpu }) => {
      if (kind === 'exception') took.add(cpu);
    });
    expect(machine.run(forSteps(MOST))).toBe('end');
    expect(machine.stop).toMatchObject({ kind: 'off' });
    expect([...took].sort()).toEqual([0, 1, 2, 3]);

    // In pieces, some of them with a way through the saved state of another machine.
    const random = new Random(gic);
    let other = machineFor(elf, gic);
    while (!other.stop) {
      other.run(forSteps(1 + random.below(3 * TURN)));
      if (random.below(20) > 0) continue;
      const next = machineFor(elf, gic);
      next.resume(other.saveState(), [...other.storedPages()]);
      other = next;
    }
    expect(other.steps).toBe(machine.steps);
    expect(other.stateHash()).toBe(machine.stateHash());
    expect(text.replaceAll('\r', '')).toBe((await theirs).text.replaceAll('\r', ''));
  });
});

const start = (cpu: number, entry: string): string => `
  ldr x0, =0xc4000003
  mov x1, #${cpu}
  adr x2, ${entry}
  mov x3, #0
  smc #0`;

describe('turns', () => {
  it('a step back leads to the CPU that was about to execute, and forward again to the same states', () => {
    const timeline = new Timeline(machineFor(elfFor(fourCpus(2))));
    const { machine } = timeline;
    timeline.forward(30_000);
    expect(timeline.traps.line(0)).toMatchObject({ cpu: 0, kind: 'psci' });
    expect(lanesBetween(timeline.traps, 2, 0, 30_000, 100, 3).lanes).toEqual([{ el: 2, vmid: 0 }]);
    const seen: [number, number, string][] = [];
    for (let at = 30_000; at > 26_000; at -= 613) {
      timeline.seek(at);
      seen.push([at, machine.core.index, machine.stateHash()]);
    }
    expect(new Set(seen.map(([, index]) => index)).size).toBeGreaterThan(1);
    for (const [at, index, hash] of seen.toReversed()) {
      timeline.seek(at);
      expect([machine.core.index, machine.stateHash()]).toEqual([index, hash]);
    }
  });

  it('a store by another CPU makes a store-exclusive fail, and is an event for the CPU that had marked the place', () => {
    const elf = elfFor(`.global _start
_start:${start(1, 'other')}
  adr x20, place
  mov x9, #0
again:
  ldxr x1, [x20]
wait:
  ldr x2, [x20, #8]
  cbz x2, wait
  mov x5, #7
  stxr w3, x5, [x20]
  ldr x4, [x20]
done:
  wfe
  b done
other:
  adr x0, place
  mov x1, #3
  str x1, [x0]
  mov x1, #1
  str x1, [x0, #8]
  b .
.balign 64
place: .quad 0, 0
`);
    const machine = machineFor(elf, 2, 2);
    machine.run(forSteps(20 * TURN));
    const { cpu } = machine.cores[0];
    expect([cpu.x(3), cpu.x(4)]).toEqual([1n, 3n]);
  });

  it('stops at a breakpoint whichever CPU comes there, and each once', () => {
    const elf = elfFor(`.global _start
_start:${[1, 2, 3].map((cpu) => start(cpu, 'common')).join('')}
common:
  mrs x0, mpidr_el1
  nop
stay:
  b stay
`);
    const machine = machineFor(elf);
    const target = loadImage(elf, 'cpus.elf', { memoryBytes: 32 << 20, gic: 2, el2: true }).entry;
    let common = target;
    while (machine.fetchWord(common) !== 0xd53800a0) common = (common + 4n) as typeof common;
    const came: number[] = [];
    const limit = { ...forSteps(10 * TURN), breakpoints: new Set([common]) };
    while (machine.run(limit) === 'breakpoint') {
      expect(machine.cpu.pc).toBe(common);
      came.push(machine.core.index);
    }
    expect(came).toEqual([0, 1, 2, 3]);
  });

  it('with all CPUs waiting time goes on to the next timer, of whichever CPU', () => {
    const elf = elfFor(`.global _start
_start:${start(1, 'second')}
  wfi
  b .
second:
  mov x0, #0x2000
  msr cnthp_tval_el2, x0
  mov x0, #1
  msr cnthp_ctl_el2, x0
  ldr x1, =0x08000000
  mov w0, #1
  str w0, [x1]
  mov w0, #0x4000000
  str w0, [x1, #0x100]
  ldr x1, =0x08010000
  mov w0, #0xf0
  str w0, [x1, #4]
  mov w0, #1
  str w0, [x1]
  mov x0, #0x10
  msr hcr_el2, x0
  wfi
  ldr x0, =0x84000002
  smc #0
`);
    const machine = machineFor(elf, 2, 2);
    expect(machine.run(forSteps(100_000))).toBe('idle');
    expect(machine.isIdle).toBe(true);
    expect(machine.ns).toBeGreaterThan(0x2000 * 16);
    expect(machine.steps).toBeLessThan(100);
  });
});
