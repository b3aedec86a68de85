/** Linux finds, reads and writes virtio devices on our board as on QEMU's, with either interface and either GIC. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runQemu } from '../firmware/qemu.ts';
import { fatDisk } from './fat-disk.ts';
import { busybox, linux, quickBoot, ramDisk, runOurs } from './guests.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-virtio-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** In the order in which one needs another. */
const modules = [
  ...['virtio_ring', 'virtio', 'virtio_mmio', 'virtio_blk', 'virtio-rng', 'virtio_console', 'failover', 'net_failover', 'virtio_net'],
  ...['nls_cp437', 'nls_ascii', 'fat', 'vfat'],
];
const init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
for module in ${modules.join(' ')}; do insmod /$module.ko; done
echo BEGIN
cat /proc/partitions
md5sum /dev/vda
mount -t vfat -o iocharset=ascii /dev/vda1 /mnt
cat /mnt/hello.txt
seq 1 20000 >/mnt/numbers.txt
umount /mnt
mount -t vfat -o iocharset=ascii /dev/vda1 /mnt
md5sum /mnt/*
umount /mnt
head -c 100 /dev/hwrng | wc -c
cat /sys/class/net/eth0/address
ifconfig eth0 10.0.0.1 up
cat /sys/class/net/eth0/carrier
echo from the virtio console >/dev/hvc0
for device in /sys/bus/virtio/devices/*; do echo $(basename $device) $(cat $device/device $device/status) $(readlink $device/driver); done
grep virtio /proc/interrupts | sed 's/: *[0-9]*/:/'
echo END
poweroff -f
`;
const disk = fatDisk('HELLO   TXT', 'Hello from the disk\n');
const virtio = [
  { kind: 'block', bytes: disk.length, readOnly: false },
  { kind: 'entropy', seed: 1 },
  { kind: 'console' },
  { kind: 'network' },
] as const;

const reported = (text: string): string => /BEGIN\r\n(.*?)END/s.exec(text)?.[1] ?? `no report in ${text.slice(-3000)}`;

describe.skipIf(!linux || !busybox)('Linux uses virtio devices', () => {
  it.each([
    ['legacy', 2],
    ['modern', 2],
    ['modern', 3],
  ] as const)('with the %s interface and a GICv%s', { timeout: 900_000 }, async (virtioVersion, gic) => {
    const initrd = ramDisk(init, modules);
    const image = join(folder, 'disk.img');
    writeFileSync(image, disk);
    const theirs = await runQemu({
      image: linux!,
      machine: `virtualization=on,gic-version=${gic}${gic === 3 ? ',its=off' : ''}`,
      args: [
        ...['-nic', 'none', '-m', '512', '-initrd', initrd, '-append', quickBoot],
        ...['-global', `virtio-mmio.force-legacy=${virtioVersion === 'legacy'}`],
        ...['-drive', `if=none,id=d,file=${image},format=raw`, '-device', 'virtio-blk-device,drive=d', '-device', 'virtio-rng-device'],
        ...['-chardev', 'null,id=c', '-device', 'virtio-serial-device', '-device', 'virtconsole,chardev=c'],
        ...['-netdev', 'hubport,id=n,hubid=0', '-device', 'virtio-net-device,netdev=n,mac=52:54:00:12:34:56'],
      ],
      timeout: 400_000,
    });
    const options = { gic, virtio, virtioVersion, append: quickBoot, initrd: { name: 'initrd', bytes: readFileSync(initrd) } };
    const ours = reported(runOurs(linux!, { ...options, drives: new Map([[0, disk]]) }, { limit: 3e9 }));
    const ofConsole = 'from the virtio console';
    expect(ours).toContain(ofConsole);
    const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line !== ofConsole);
    expect(lines(ours)).toEqual(lines(reported(theirs.text)));
    expect(ours).toContain('Hello from the disk');
  });
});
