/**
 * U-Boot, as firmware in flash, says the same on our board as on QEMU's: it probes flash, PCIe, virtio slots, GPIO and fw_cfg, reads and
 * writes a disk, and uses the clock.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFirmware } from '../../emulator/machine/loader.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { fatDisk } from './fat-disk.ts';
import { runQemu, type InputStep } from '../firmware/qemu.ts';

const file = '/usr/lib/u-boot/qemu_arm64/u-boot.bin';
const MiB = 1 << 20;
const disk = fatDisk('HELLO   TXT', 'Hello from the disk\n');
const virtio = [{ kind: 'block', bytes: disk.length, readOnly: false }] as const;
const options = { memoryBytes: 128 * MiB, gic: 2, el2: true, virtio } as const;

/** Typed at the prompt, one after the other. */
const commands = [
  'version',
  'bdinfo',
  'fdt addr 0x40000000; fdt print /chosen; fdt print /intc@8000000',
  'flinfo 2',
  'protect off all',
  'erase 0x4000000 +0x80000',
  'mw.l 0x40200000 0x12345678 0x40; mw.l 0x40200010 0xdeadbeef 4',
  'cp.b 0x40200000 0x4000100 0x100',
  'md.l 0x40000f0 8; md.l 0x4000100 10; crc32 0x4000000 0x1000',
  'cmp.b 0x40200000 0x4000100 0x100',
  'md.b 0x9000fe0 20; md.l 0xa000000 4; md.l 0x8000004 1',
  'virtio scan; virtio info; part list virtio 0; ls virtio 0:1',
  'load virtio 0:1 0x40300000 hello.txt; md.b 0x40300000 20',
  'mw.b 0x40400000 0x5a 0x400; virtio write 0x40400000 0x2000 2; virtio read 0x40500000 0x2000 2; cmp.b 0x40400000 0x40500000 0x400',
  'pci',
  'dm tree',
  'date',
  'saveenv',
  'printenv',
];
const prompt = '\n=> ';
const input: InputStep[] = [
  { after: 'Hit any key to stop autoboot', send: ' ' },
  ...commands.map((command) => ({ after: prompt, send: `${command}\r` })),
  { after: prompt, send: 'poweroff\r' },
];

function runOurs(): string {
  const machine = new Machine(options);
  machine.load({ ...loadFirmware(readFileSync(file), 'u-boot.bin', options), drives: new Map([[0, disk]]) });
  let text = '';
  machine.onOutput.on(({ byte }) => (text += String.fromCharCode(byte)));
  const steps = [...input];
  let from = 0;
  for (let slice = 0; slice < 4000; slice++) {
    const next = steps[0];
    const at = next ? text.indexOf(next.after, from) : -1;
    if (next && at >= 0) {
      from = at + next.after.length;
      machine.input(new TextEncoder().encode(next.send));
      steps.shift();
    }
    const stop = machine.run(forSteps(100_000));
    if (stop === 'end') return text;
  }
  return `${text}\n(U-Boot has not ended: ${machine.stopSentence() ?? 'it still runs'})`;
}

/** What must differ: how long the key press took and QEMU's disk, and the time of the host in an environment that was saved. */
const normal = (text: string): string =>
  text
    .replaceAll('\r', '')
    .replace(/(autoboot: ).*/, '$1')
    .replace(/(bytes read in ).*/, '$1')
    .trimEnd();

describe.skipIf(!existsSync(file))('U-Boot', () => {
  it('answers every command as on QEMU', { timeout: 120_000 }, async () => {
    const image = join(mkdtempSync(join(tmpdir(), 'u-boot-')), 'disk.img');
    writeFileSync(image, disk);
    const drive = ['-drive', `if=none,id=d,file=${image},format=raw`, '-device', 'virtio-blk-device,drive=d'];
    const args = ['-nic', 'none', '-bios', file, '-m', '128', ...drive];
    // One after the other: U-Boot in QEMU waits two seconds of its own time for a key, which pass in less than one of ours.
    const theirs = await runQemu({ args, input, timeout: 60_000, until: 'poweroff ...' });
    expect(normal(runOurs())).toBe(normal(theirs.text));
    rmSync(dirname(image), { recursive: true });
  });
});
