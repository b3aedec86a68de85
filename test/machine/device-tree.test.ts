import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFdt, writeFdt } from '../../emulator/machine/fdt.ts';
import type { DeviceTreeOptions } from '../../emulator/machine/board-row.ts';
import { deviceTreeBlob, deviceTreeBytes, nameOrder } from '../../emulator/machine/device-tree.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'elscope-dtb-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** The blob that QEMU makes. */
function qemuBlob(machine: string, more: string[]): Uint8Array {
  const file = join(folder, 'qemu.dtb');
  const settings = `virt,dtb-randomness=off,dumpdtb=${file},${machine}`;
  execFileSync('qemu-system-aarch64', ['-machine', settings, '-cpu', 'cortex-a53', '-nodefaults', '-display', 'none', ...more], {
    stdio: 'pipe',
  });
  return readFileSync(file);
}

function source(blob: Uint8Array): string {
  const file = join(folder, 'blob.dtb');
  writeFileSync(file, blob);
  return execFileSync('dtc', ['-I', 'dtb', '-O', 'dts', '-s', file], { stdio: 'pipe', encoding: 'utf8' });
}

/** The same blob with the padding cleared in which QEMU leaves old bytes. */
const clean = (blob: Uint8Array): Uint8Array => writeFdt(readFdt(blob, 'qemu.dtb'), { totalBytes: deviceTreeBytes, nameOrder });

const MiB = 1 << 20;
const cases: { title: string; machine: string; more: string[]; options: DeviceTreeOptions }[] = [
  { title: 'GICv2 and EL2', machine: 'virtualization=on', more: ['-m', '128'], options: { memoryBytes: 128 * MiB, gic: 2, el2: true } },
  {
    title: 'GICv3',
    machine: 'virtualization=on,gic-version=3,its=off',
    more: ['-m', '512'],
    options: { memoryBytes: 512 * MiB, gic: 3, el2: true },
  },
  {
    title: 'GICv3 without EL2',
    machine: 'gic-version=3,its=off',
    more: ['-m', '64'],
    options: { memoryBytes: 64 * MiB, gic: 3, el2: false },
  },
  {
    title: 'four CPUs',
    machine: 'virtualization=on',
    more: ['-m', '128', '-smp', '4'],
    options: { memoryBytes: 128 * MiB, gic: 2, el2: true, cpus: 4 },
  },
  {
    title: 'three CPUs and a GICv3',
    machine: 'virtualization=on,gic-version=3,its=off',
    more: ['-m', '128', '-smp', '3'],
    options: { memoryBytes: 128 * MiB, gic: 3, el2: true, cpus: 3 },
  },
  { title: 'no EL2', machine: 'virtualization=off', more: ['-m', '2048'], options: { memoryBytes: 2048 * MiB, gic: 2, el2: false } },
];

describe('the device tree of the board is that of QEMU', () => {
  it.each(cases)('$title', ({ machine, more, options }) => {
    const ours = deviceTreeBlob(options);
    const theirs = qemuBlob(machine, more);
    expect(source(ours)).toBe(source(theirs));
    expect(Buffer.compare(ours, clean(theirs))).toBe(0);
  });

  it('a kernel with command line and initial RAM disk', () => {
    const kernel = join(folder, 'kernel');
    const initrd = join(folder, 'initrd');
    writeFileSync(kernel, new Uint8Array(5000));
    writeFileSync(initrd, new Uint8Array(12345));
    const append = 'console=ttyAMA0 "quoted words" nokaslr';
    const theirs = qemuBlob('virtualization=on', ['-m', '256', '-kernel', kernel, '-initrd', initrd, '-append', append]);
    const start = 0x4800_0000;
    const ours = deviceTreeBlob({ memoryBytes: 256 * MiB, gic: 2, el2: true, append, initrd: { start, end: start + 12345 } });
    expect(source(ours)).toBe(source(theirs));
    expect(Buffer.compare(ours, clean(theirs))).toBe(0);
  });
});
